//! Letters to a real mail server: Debian's Exim, unprivileged, on loopback, with TLS and a login. What it takes stays in
//! its queue and goes with its folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{Tally, rust};
use crate::databases::{Place, Server};
use crate::exec;
use crate::packages::{self, Consent};
use crate::workspace::Workspace;

const PROGRAM: &str = "/usr/sbin/exim4";
const PACKAGE: &str = "exim4-daemon-light";
const USER: &str = "Debian-exim";
/// The tests that ask it, when the environment names it.
const TESTS: &str = "a_real_mail_server";

/// Takes letters for `example.net` and knows nobody called `nobody` there.
const CONFIGURATION: &str = "\
primary_hostname = mail.example.net
local_interfaces = 127.0.0.1
daemon_smtp_ports = PORT
spool_directory = FOLDER/spool
log_file_path = FOLDER/%slog
pid_file_path = FOLDER/pid
domainlist local_domains = example.net
exim_user = Debian-exim
exim_group = Debian-exim
never_users =
tls_advertise_hosts = *
tls_certificate = FOLDER/certificate.pem
tls_privatekey = FOLDER/key.pem
acl_smtp_rcpt = recipients
acl_smtp_data = letters
queue_only = true

begin acl
recipients:
  deny local_parts = nobody
       message = no such user
  accept domains = +local_domains
  deny message = relay not permitted
letters:
  deny condition = ${if !def:h_Message-ID:}
  accept verify = header_syntax

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{watch}}{eq{$auth3}{pass word}}}{yes}{no}}
  server_set_id = $auth2
";

pub fn run(workspace: &Workspace, consent: Consent) -> Result<Tally> {
    if !Path::new(PROGRAM).exists()
        && let Err(error) = packages::install_at_rest(&[PACKAGE], consent)
    {
        ensure!(!packages::in_ci(), "{error:#}");
        println!("skipped: a mail server cannot be installed here: {error:#}");
        return Ok(Tally::default());
    }
    packages::programs(&[("openssl", "openssl")], consent)?;
    let (server, authority) = start()?;
    let programs = rust::programs(workspace)?;
    let mut command = exec::clean(programs.get("engine").context("the tests of the engine are built")?);
    command
        .arg(TESTS)
        .env("ROUTEWARDEN_MAIL_SERVER", &server.url)
        .env("ROUTEWARDEN_MAIL_CA", authority)
        .env("ROUTEWARDEN_MAIL_LOGIN", "watch:pass word");
    let mut seen = Tally::default();
    let succeeded = exec::follow(&mut command, |line| seen.read_cargo(line))?;
    ensure!(seen.passed + seen.failed > 0, "no test asked the mail server");
    Ok(seen.judged(succeeded))
}

/// The server, and its certificate in DER.
fn start() -> Result<(Server, PathBuf)> {
    let place = Place::new("exim", USER)?;
    let folder = place.folder.clone();
    let (key, certificate, authority) =
        (folder.join("key.pem"), folder.join("certificate.pem"), folder.join("certificate.der"));
    let openssl = |args: &[&str]| exec::output(place.command("openssl", "TERM").args(args));
    let (key, pem, der) = (key.to_string_lossy(), certificate.to_string_lossy(), authority.to_string_lossy());
    openssl(&[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
        "-keyout",
        &key,
        "-out",
        &pem,
    ])?;
    openssl(&["x509", "-in", &pem, "-outform", "der", "-out", &der])?;
    let port = place.port.to_string();
    let text = CONFIGURATION.replace("FOLDER", &folder.to_string_lossy()).replace("PORT", &port);
    let configuration = folder.join("exim.conf");
    fs::write(&configuration, text)?;
    let mut server = place.command(PROGRAM, "TERM");
    server.arg("-C").arg(&configuration).arg("-bdf");
    let mut is_ready = Command::new("bash");
    is_ready.arg("-c").arg(format!("exec 3<>/dev/tcp/127.0.0.1/{port}"));
    let server = Server::start(place, server, is_ready, "TERM", format!("127.0.0.1:{port}"))?;
    Ok((server, authority))
}

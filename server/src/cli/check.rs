//! `check`: one round of checks against an address, from the shell. Needs no database and stores nothing.

use super::user::line;
use anyhow::bail;
use engine::{
    Login, SystemClock, Verdict, Watched, Workers,
    check::{self, BuildArgs, Tools},
    driver::{
        icmp::Pinger,
        resolve::{Host, Resolver},
        routeros::facts::probe_permissions,
    },
};
use model::{CheckId, CheckKind, Device, DeviceId, DeviceKind, FieldError, ProbeReport, Settings};
use std::{
    io::{Read, Write},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long sessions may take to say goodbye.
const LEAVING_MAX: Duration = Duration::from_secs(2);

#[derive(Clone, Debug, clap::Args)]
pub struct Check {
    /// IP address or host name
    pub target: String,
    /// TCP port to connect to; may be repeated
    #[arg(long = "port", value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub ports: Vec<u16>,
    /// RouterOS user to log in as
    #[arg(long, requires = "password_stdin", value_name = "NAME")]
    pub username: Option<String>,
    /// Read the RouterOS user's password from standard input (one line)
    #[arg(long, requires = "username")]
    pub password_stdin: bool,
    /// Log in over API-SSL
    #[arg(long, requires = "username")]
    pub tls: bool,
    /// Port of the RouterOS API [default: 8728, with TLS 8729]
    #[arg(long, requires = "username", value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub api_port: Option<u16>,
    /// Seconds that one check may take
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=60))]
    pub timeout: u32,
}

/// Prints what was seen, a line each; whether everything answered.
pub async fn run(asked: Check, input: &mut impl Read, output: &mut impl Write) -> anyhow::Result<bool> {
    if let Err(error) = model::address(&asked.target) {
        bail!("{:?} {}", asked.target, error.message);
    }
    let login = match &asked.username {
        Some(username) => Some(Login {
            username: username.clone(),
            password: line(input)?,
            port: asked.api_port,
            tls: asked.tls,
            pinned: None,
        }),
        None => None,
    };
    let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
    let workers = Workers::new(Arc::new(SystemClock), tracker.clone());
    let tools = Tools {
        pinger: Pinger::open(&workers, &stop),
        resolver: Resolver::default(),
        clock: workers.clock(),
        tracker: tracker.clone(),
        stop: stop.clone(),
    };
    let round = Round { watched: watched(&asked.target, login), asked, tools };
    let told = round.go(output).await;
    stop.cancel();
    tracker.close();
    // Whatever does not end in time ends with the program.
    let _ = tokio::time::timeout(LEAVING_MAX, tracker.wait()).await;
    told
}

struct Round {
    asked: Check,
    watched: Watched,
    tools: Tools,
}

impl Round {
    async fn go(&self, output: &mut impl Write) -> anyhow::Result<bool> {
        if !self.resolve(output).await? {
            return Ok(false);
        }
        let mut has_answered = self.tell(output, "ping", CheckKind::Icmp, Settings::new()).await?;
        for port in &self.asked.ports {
            let settings = Settings::from([("port".to_owned(), port.to_string())]);
            has_answered &= self.tell(output, &format!("tcp {port}"), CheckKind::Tcp, settings).await?;
        }
        if let Some(login) = &self.watched.routeros {
            let is_in = self.tell(output, "routeros", CheckKind::Routeros, Settings::new()).await?;
            has_answered &= is_in;
            if is_in {
                let report = probe_permissions(&self.asked.target, login.clone(), self.tools.runtime()).await;
                has_answered &= report.is_connected;
                tell_permissions(output, &report)?;
            }
        }
        Ok(has_answered)
    }

    async fn resolve(&self, output: &mut impl Write) -> anyhow::Result<bool> {
        let (host, began) = (Host::new(&self.asked.target), Instant::now());
        match self.tools.resolver.address(&host, self.patience()).await {
            Ok(address) => say(output, "address", &format!("{address}, {}", ms(began.elapsed())))?,
            Err(error) => {
                say(output, "address", &error.to_string())?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Asks once and says how it went; whether there was an answer.
    async fn tell(
        &self,
        output: &mut impl Write,
        name: &str,
        kind: CheckKind,
        settings: Settings,
    ) -> anyhow::Result<bool> {
        let timeout_s = self.asked.timeout;
        let check = model::Check { id: CheckId(0), kind, interval_s: timeout_s, timeout_s, settings };
        let args = BuildArgs { watched: &self.watched, check: &check, tools: &self.tools };
        let check = check::build(&args).map_err(|error: FieldError| anyhow::anyhow!("{error}"))?;
        let seen = check.probe(self.patience()).await;
        let words = match &seen.verdict {
            Verdict::Up { time_ms } => {
                let facts = seen.facts.as_ref().map(|facts| &facts.metrics);
                let about = facts.map(|metrics| {
                    let version =
                        metrics.routeros_version.as_ref().map(|version| format!("RouterOS {version}"));
                    [metrics.identity.clone(), metrics.model.clone(), version].into_iter().flatten()
                });
                let time = ms(Duration::from_secs_f32(time_ms.max(0.0) / 1000.0));
                ["answered".to_owned(), time]
                    .into_iter()
                    .chain(about.into_iter().flatten())
                    .collect::<Vec<_>>()
                    .join(", ")
            }
            Verdict::Down { why } => format!("failed: {why}"),
            Verdict::Unknown { why } => format!("could not be asked: {why}"),
        };
        say(output, name, &words)?;
        Ok(matches!(seen.verdict, Verdict::Up { .. }))
    }

    fn patience(&self) -> Duration {
        Duration::from_secs(self.asked.timeout.into())
    }
}

/// Which features the router's user may use, and what the others lack.
fn tell_permissions(output: &mut impl Write, report: &ProbeReport) -> anyhow::Result<()> {
    let feature = |key: &str| key.trim_start_matches("feature_").replace('_', " ");
    if let Some(error) = &report.error {
        say(output, "permissions", error)?;
    }
    if let Some(fingerprint) = &report.fingerprint {
        say(output, "certificate", &format!("SHA-256 {fingerprint}"))?;
    }
    let allowed: Vec<String> = report.available.iter().map(|key| feature(key)).collect();
    if !allowed.is_empty() {
        say(output, "allowed", &allowed.join(", "))?;
    }
    for missing in &report.missing {
        let policy = missing.policy.as_ref().map(|policy| format!(" (needs the policy {policy})"));
        let (name, policy) = (feature(&missing.feature), policy.unwrap_or_default());
        say(output, "refused", &format!("{name}: {}: {}{policy}", missing.command, missing.why))?;
    }
    Ok(())
}

/// One line. What a router says may hold anything, and a terminal obeys some of it.
fn say(output: &mut impl Write, name: &str, words: &str) -> anyhow::Result<()> {
    let words: String = words
        .chars()
        .map(|c| if c.is_control() || model::is_bidi_control(c) { '\u{fffd}' } else { c })
        .collect();
    Ok(writeln!(output, "{name:<12} {words}")?)
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

/// The target as a device that is never stored.
fn watched(target: &str, routeros: Option<Login>) -> Watched {
    let device = Device::new(DeviceId(0), "target", DeviceKind::Router, target);
    Watched { device, routeros }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Args, Command};
    use clap::Parser;
    use engine::driver::routeros::sim::{Personality, SimOptions, SimRouter, SimUser};
    use tokio::net::TcpListener;

    /// What is printed, and whether everything answered.
    async fn check(line: &str, input: &str) -> (String, bool) {
        let args = Args::try_parse_from(line.split_whitespace()).unwrap();
        let Some(Command::Check(asked)) = args.command else { panic!("{line}") };
        let mut output = Vec::new();
        let has_answered = run(asked, &mut input.as_bytes(), &mut output).await.unwrap();
        (String::from_utf8(output).unwrap(), has_answered)
    }

    /// The line of that name, without the name.
    fn told<'a>(output: &'a str, name: &str) -> Vec<&'a str> {
        output.lines().filter_map(|line| line.strip_prefix(name)).map(str::trim).collect()
    }

    #[tokio::test]
    async fn ports_are_tried_and_one_that_refuses_makes_the_round_a_failure() {
        let open = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = open.local_addr().unwrap().port();
        let (output, _) = check(&format!("routewarden check localhost --port {port}"), "").await;
        assert!(told(&output, "address")[0].starts_with("127.0.0.1, "), "{output}");
        assert!(told(&output, &format!("tcp {port}"))[0].starts_with("answered, "), "{output}");
        // Whether pings are allowed depends on the machine; that something is said does not.
        assert_eq!(told(&output, "ping").len(), 1, "{output}");
        drop(open);
        let (output, has_answered) = check(&format!("routewarden check 127.0.0.1 --port {port}"), "").await;
        assert_eq!(told(&output, &format!("tcp {port}")), ["failed: connection refused"]);
        assert!(!has_answered);
    }

    #[tokio::test]
    async fn a_router_is_logged_in_to_and_what_its_user_lacks_is_said() {
        let mut blind = SimUser::monitor("blind", "look-only");
        blind.policies = vec!["api", "read"];
        let users = vec![SimUser::monitor("monitor", "look-only"), blind];
        let options = SimOptions { users, ..SimOptions::default() };
        let router =
            SimRouter::start_with(Personality::V7, "127.0.0.1:0".parse().unwrap(), options).await.unwrap();
        let port = router.address().port();
        let line = |user: &str| {
            format!("routewarden check 127.0.0.1 --username {user} --password-stdin --api-port {port}")
        };
        let (output, _) = check(&line("monitor"), "look-only\n").await;
        assert!(told(&output, "routeros")[0].contains("RouterOS 7."), "{output}");
        assert!(told(&output, "allowed")[0].starts_with("resource, interfaces, "), "{output}");
        let (output, _) = check(&line("blind"), "look-only\n").await;
        assert!(told(&output, "routeros")[0].starts_with("answered, "), "{output}");
        let refused = told(&output, "refused");
        assert!(
            !refused.is_empty() && refused.iter().all(|line| line.ends_with(" policy test)")),
            "{output}"
        );
        let (output, has_answered) = check(&line("monitor"), "wrong\n").await;
        assert!(told(&output, "routeros")[0].starts_with("could not be asked: "), "{output}");
        assert!(!has_answered);
    }

    #[tokio::test]
    async fn what_cannot_be_asked_is_said_before_anything_is_sent() {
        for line in [
            "routewarden check 127.0.0.1 --username monitor",
            "routewarden check 127.0.0.1 --tls",
            "routewarden check 127.0.0.1 --port 0",
            "routewarden check 127.0.0.1 --timeout 0",
            "routewarden check",
        ] {
            assert!(Args::try_parse_from(line.split(' ')).is_err(), "{line}");
        }
        let args = Args::try_parse_from(["routewarden", "check", "no such host!"]).unwrap();
        let Some(Command::Check(asked)) = args.command else { panic!() };
        let refused = run(asked, &mut &b""[..], &mut Vec::new()).await.unwrap_err().to_string();
        assert!(refused.contains("IP address or a host name"), "{refused}");
    }
}

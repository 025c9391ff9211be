//! What was configured: who may reach the server, by what certificate, and whether the port is to be had.

use super::Finding;
use crate::{
    config::{Config, TlsFiles},
    instance::{Holder, Instance},
    web::Certificate,
};
use std::{io::ErrorKind, net::TcpListener};

/// Settings that work, and that nobody should want.
pub fn look(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !config.listen.ip().is_loopback() && config.tls.is_none() && config.trusted_proxies.is_empty() {
        findings.push(Finding::warning(
            "config",
            format!("{} is reached from other machines over plain HTTP", config.listen),
            "set tls_cert and tls_key, or listen on 127.0.0.1 behind a proxy with HTTPS and name it with trusted_proxy",
        ));
    }
    for network in config.trusted_proxies.iter().filter(|network| network.prefix_len() == 0) {
        findings.push(Finding::warning(
            "config",
            format!("trusted_proxy = {network} believes what any visitor says of their address"),
            "name the proxy's own address",
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::fine("config", format!("listens on {}", config.listen)));
    }
    findings
}

/// Whether the certificate can be used.
pub fn tls(files: Option<&TlsFiles>) -> Vec<Finding> {
    let Some(files) = files else { return Vec::new() };
    let loaded = match Certificate::load(files.clone()) {
        Ok(_) => Finding::fine("tls", format!("{} can be used", files.certificate.display())),
        Err(error) => Finding::broken(
            "tls",
            error.to_string(),
            "let tls_cert and tls_key name a pair of files in PEM form",
        ),
    };
    let mut findings = vec![loaded];
    #[cfg(unix)]
    if let Ok(data) = std::fs::metadata(&files.key) {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = data.permissions().mode();
        if mode & 0o007 != 0 {
            findings.push(Finding::warning(
                "tls",
                format!(
                    "everybody on this machine can read {} (mode {:04o})",
                    files.key.display(),
                    mode & 0o7777
                ),
                format!("run: chmod o= {}", files.key.display()),
            ));
        }
    }
    findings
}

/// Whether the port is free, or held by the server of this very folder.
pub fn port(config: &Config) -> Finding {
    let listen = config.listen;
    let error = match TcpListener::bind(listen) {
        Ok(_) => return Finding::fine("port", format!("{listen} is free")),
        Err(error) => error,
    };
    match error.kind() {
        ErrorKind::AddrInUse => match Instance::holder(&config.data_dir) {
            Ok(Holder::Process(number)) => {
                let who = number.map_or_else(String::new, |number| format!(" (process {number})"));
                Finding::fine("port", format!("{listen} is in use, and the server of this folder runs{who}"))
            }
            _ => Finding::broken(
                "port",
                format!("{listen} is in use by another program"),
                "end that program, or choose another port with --listen",
            ),
        },
        ErrorKind::PermissionDenied => Finding::broken(
            "port",
            format!("{listen} may not be used by this account"),
            "choose a port from 1024 on with --listen, or give the program CAP_NET_BIND_SERVICE",
        ),
        ErrorKind::AddrNotAvailable => Finding::broken(
            "port",
            format!("{} is no address of this machine", listen.ip()),
            "let --listen name one of its own, or 0.0.0.0 for all",
        ),
        _ => Finding::broken(
            "port",
            format!("{listen} cannot be used: {error}"),
            "choose another with --listen",
        ),
    }
}

//! `/ip/service`: where WebFig listens, if it does.

use super::super::Row;
use super::words::{flag, text, whole};
use std::net::IpAddr;

pub const PROPLIST: &[&str] =
    &["name", "port", "disabled", "invalid", "certificate", "dynamic", "connection"];

/// The address of WebFig on `host`: encrypted when that is really served, absent when neither service is on.
pub fn webfig_url(rows: &[Row], host: &str) -> Option<String> {
    let secure = enabled(rows, "www-ssl", 443);
    let plain = enabled(rows, "www", 80);
    // Without a certificate www-ssl speaks nothing that a browser accepts.
    let has_certificate = secure.is_some_and(|(row, _)| {
        text(row, "certificate").is_some_and(|certificate| certificate != "none" && certificate != "*0")
    });
    let url = |scheme: &str, (_, port): (&Row, u16), usual: u16| {
        let host = if host.parse().is_ok_and(|ip: IpAddr| ip.is_ipv6()) {
            format!("[{host}]")
        } else {
            host.to_owned()
        };
        if port == usual { format!("{scheme}://{host}/") } else { format!("{scheme}://{host}:{port}/") }
    };
    match (secure, plain) {
        (Some(secure), None) => Some(url("https", secure, 443)),
        (Some(secure), Some(_)) if has_certificate => Some(url("https", secure, 443)),
        (_, Some(plain)) => Some(url("http", plain, 80)),
        (None, None) => None,
    }
}

/// The service itself and its port. From 7.24 on the menu also lists what listens by itself (`dynamic`) and
/// every open session (`connection`) under the same names.
fn enabled<'a>(rows: &'a [Row], name: &str, usual_port: u16) -> Option<(&'a Row, u16)> {
    let is_off =
        |row: &Row| ["disabled", "invalid", "dynamic", "connection"].iter().any(|key| flag(row, key));
    let row = rows.iter().find(|row| row.text("name").is_some_and(|word| word == name) && !is_off(row))?;
    let port = match row.text("port") {
        Some(_) => u16::try_from(whole(row, "port")?).ok().filter(|port| *port > 0)?,
        None => usual_port,
    };
    Some((row, port))
}

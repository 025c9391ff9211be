//! The one typed configuration: defaults < `routewarden.toml` < environment < flags.
//!
//! A bad value stops the start with one line that names the key, the value and what was expected.
//! To add a key: a row in [`KEYS`], a field here, a line in [`Config::from_layers`].

mod kept;
mod layers;
mod public_url;
#[cfg(test)]
mod tests;

pub use layers::{BadConfig, Given, Layers, Sources};
pub use public_url::PublicUrl;

use crate::store::{file_of, folder_of};
use engine::Secret;
use ipnet::IpNet;
use std::{
    collections::BTreeMap,
    fmt,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// A key as people write it, and where it may come from.
pub struct Key {
    /// In `routewarden.toml`; as a flag with dashes.
    pub name: &'static str,
    /// The first that is set counts.
    pub environment: &'static [&'static str],
    pub default: Option<&'static str>,
}

/// Every key there is.
pub const KEYS: &[Key] = &[
    key("listen", &["ROUTEWARDEN_LISTEN"], Some("127.0.0.1:5000")),
    key("port", &["ROUTEWARDEN_PORT", "PORT"], None),
    key("data_dir", &["ROUTEWARDEN_DATA_DIR"], None),
    key("database_url", &["ROUTEWARDEN_DATABASE_URL"], None),
    key("key_file", &["ROUTEWARDEN_KEY_FILE"], None),
    key("site_dir", &["ROUTEWARDEN_SITE_DIR"], None),
    key("public_url", &["ROUTEWARDEN_PUBLIC_URL"], None),
    key("outbound_allow", &["ROUTEWARDEN_OUTBOUND_ALLOW"], Some("")),
    key("trusted_proxy", &["ROUTEWARDEN_TRUSTED_PROXY"], Some("")),
    key("syslog_listen", &["ROUTEWARDEN_SYSLOG_LISTEN"], None),
    key("session_idle_hours", &["ROUTEWARDEN_SESSION_IDLE_HOURS"], Some("24")),
    key("session_days", &["ROUTEWARDEN_SESSION_DAYS"], Some("14")),
    key("terminal_idle_minutes", &["ROUTEWARDEN_TERMINAL_IDLE_MINUTES"], Some("15")),
    key("terminal_over_http", &["ROUTEWARDEN_TERMINAL_OVER_HTTP"], Some("false")),
    key("tls_cert", &["ROUTEWARDEN_TLS_CERT"], None),
    key("tls_key", &["ROUTEWARDEN_TLS_KEY"], None),
    key("log", &["ROUTEWARDEN_LOG"], Some("warn,server=info,engine=info")),
    key("log_format", &["ROUTEWARDEN_LOG_FORMAT"], Some("text")),
    key(
        "telegram_bot_token",
        &["ROUTEWARDEN_TELEGRAM_BOT_TOKEN", "TELEGRAM_BOT_TOKEN", "TELEGRAM_TOKEN"],
        None,
    ),
    key("telegram_chat_id", &["ROUTEWARDEN_TELEGRAM_CHAT_ID", "TELEGRAM_CHAT_ID"], None),
    key(
        "bandwidth_threshold_high",
        &["ROUTEWARDEN_BANDWIDTH_THRESHOLD_HIGH", "BANDWIDTH_THRESHOLD_HIGH"],
        Some("80"),
    ),
    key(
        "bandwidth_threshold_low",
        &["ROUTEWARDEN_BANDWIDTH_THRESHOLD_LOW", "BANDWIDTH_THRESHOLD_LOW"],
        Some("1"),
    ),
    // For ever, where nothing is said.
    key("keep_samples_days", &["ROUTEWARDEN_KEEP_SAMPLES_DAYS"], None),
    key("keep_five_minutes_days", &["ROUTEWARDEN_KEEP_FIVE_MINUTES_DAYS"], None),
    key("keep_hours_days", &["ROUTEWARDEN_KEEP_HOURS_DAYS"], None),
    key("keep_logs_days", &["ROUTEWARDEN_KEEP_LOGS_DAYS"], Some("30")),
    key("logs_max_rows", &["ROUTEWARDEN_LOGS_MAX_ROWS"], Some("1000000")),
    key("logs_max_rows_each", &["ROUTEWARDEN_LOGS_MAX_ROWS_EACH"], Some("100000")),
    key("recordings_keep_days", &["ROUTEWARDEN_RECORDINGS_KEEP_DAYS"], Some("90")),
    key("recordings_quota_mb", &["ROUTEWARDEN_RECORDINGS_QUOTA_MB"], Some("1024")),
    key("recordings_session_mb", &["ROUTEWARDEN_RECORDINGS_SESSION_MB"], Some("32")),
];

/// Keys whose values are nobody's business.
const SECRET: &[&str] = &["telegram_bot_token"];

const NETWORKS: &str = "addresses or networks such as 10.0.0.0/8, comma-separated";

const fn key(name: &'static str, environment: &'static [&'static str], default: Option<&'static str>) -> Key {
    Key { name, environment, default }
}

/// How the program was told to run.
#[derive(Clone)]
pub struct Config {
    pub listen: SocketAddr,
    /// Holds `routewarden.db` and `secret.key` unless they are put elsewhere.
    pub data_dir: PathBuf,
    pub database_url: String,
    pub key_file: PathBuf,
    /// Where the browser's files are, when not in this program.
    pub site_dir: Option<PathBuf>,
    /// Where people find it, for links in messages; without it there are none.
    pub public_url: Option<PublicUrl>,
    /// Networks besides the internet in which a push service named by a browser may be.
    pub outbound_allow: Vec<IpNet>,
    /// Whose forwarded headers count.
    pub trusted_proxies: Vec<IpNet>,
    /// The certificate for HTTPS; plain HTTP without one.
    pub tls: Option<TlsFiles>,
    /// The channels of the first start; from then on they belong to the pages.
    pub telegram: Option<FirstTelegram>,
    /// Above and below which traffic is told by the rules of the first start, in Mbit/s; the same of these.
    pub bandwidth_mbps: (f64, f64),
    /// Where lines are received that routers send by syslog, over UDP and TCP; nowhere without it.
    pub syslog_listen: Option<SocketAddr>,
    /// How long a session lives without a visit, and at all.
    pub session_idle: Duration,
    pub session_length: Duration,
    /// How long a terminal may be left alone.
    pub terminal_idle: Duration,
    /// Whether terminals open over plain HTTP from other machines too: what is typed can then be read on the way.
    pub terminal_over_http: bool,
    /// How much is kept of what is remembered, and how long: what is said, by the names of the keys.
    pub kept: BTreeMap<String, String>,
    /// Which log lines are written, as `tracing` filters are written.
    pub log: String,
    pub log_format: LogFormat,
}

/// Where certificate and key are, as PEM; the certificate with the chain that leads to its root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// A bot and the chats that it tells. A clone shares the token.
#[derive(Clone, Debug)]
pub struct FirstTelegram {
    pub token: Arc<Secret<String>>,
    pub chats: Vec<String>,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

impl Config {
    /// Reads every layer; `flags` are `(key, value)`.
    pub fn load(flags: &[(&'static str, String)], sources: &Sources) -> Result<(Config, Layers), BadConfig> {
        let layers = Layers::read(flags, sources)?;
        Ok((Config::from_layers(&layers)?, layers))
    }

    /// The same with everything that is kept in `folder`, whatever was said about where.
    pub fn at(&self, folder: &Path) -> Config {
        Config {
            data_dir: folder.to_owned(),
            database_url: sqlite_in(folder),
            key_file: folder.join("secret.key"),
            ..self.clone()
        }
    }

    /// The folder that grows: that of the SQLite file, whatever other names it has, or the data folder where the
    /// database has a server of its own.
    pub fn growing_folder(&self) -> PathBuf {
        let database = file_of(&self.database_url).ok().flatten();
        let database = database.map(|file| file.canonicalize().unwrap_or(file));
        database.map_or_else(|| self.data_dir.clone(), |file| folder_of(&file).to_owned())
    }

    fn from_layers(layers: &Layers) -> Result<Config, BadConfig> {
        let data_dir = match layers.text("data_dir") {
            Some(folder) => PathBuf::from(folder),
            None => default_data_dir(),
        };
        let database_url = layers
            .parse("database_url", "a URL beginning with sqlite:, postgres:, mysql: or mariadb:", |text| {
                ["sqlite:", "postgres:", "postgresql:", "mysql:", "mariadb:"]
                    .iter()
                    .any(|scheme| text.starts_with(scheme))
                    .then(|| text.to_owned())
            })?
            .unwrap_or_else(|| sqlite_in(&data_dir));
        Ok(Config {
            listen: listen(layers)?,
            database_url,
            key_file: layers.text("key_file").map_or_else(|| data_dir.join("secret.key"), PathBuf::from),
            site_dir: layers.text("site_dir").map(PathBuf::from),
            public_url: layers.parse(
                "public_url",
                "http:// or https:// and a host, such as https://monitor.example",
                PublicUrl::parse,
            )?,
            outbound_allow: layers.parse("outbound_allow", NETWORKS, networks)?.unwrap_or_default(),
            trusted_proxies: layers.parse("trusted_proxy", NETWORKS, networks)?.unwrap_or_default(),
            tls: tls(layers)?,
            telegram: telegram(layers)?,
            bandwidth_mbps: (
                mbps(layers, "bandwidth_threshold_high", 80.0)?,
                mbps(layers, "bandwidth_threshold_low", 1.0)?,
            ),
            syslog_listen: layers.parse(
                "syslog_listen",
                "an address and port such as 0.0.0.0:514",
                |text| text.parse().ok(),
            )?,
            session_idle: hours(layers, "session_idle_hours", 1)?,
            session_length: hours(layers, "session_days", 24)?,
            terminal_idle: Duration::from_secs(60 * minutes(layers, "terminal_idle_minutes", 15)?),
            terminal_over_http: layers
                .parse("terminal_over_http", "true or false", |text| text.parse().ok())?
                .unwrap_or(false),
            kept: kept::kept(layers)?,
            log: layers.text("log").unwrap_or("info").to_owned(),
            log_format: layers
                .parse("log_format", "text or json", |text| match text {
                    "text" => Some(LogFormat::Text),
                    "json" => Some(LogFormat::Json),
                    _ => None,
                })?
                .unwrap_or(LogFormat::Text),
            data_dir,
        })
    }
}

/// Says nothing that is nobody's business.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("listen", &self.listen)
            .field("data_dir", &self.data_dir)
            .field("database_url", &masked(&self.database_url))
            .field("key_file", &self.key_file)
            .finish_non_exhaustive()
    }
}

/// Both files or none: with half of it nobody would be served as meant.
fn tls(layers: &Layers) -> Result<Option<TlsFiles>, BadConfig> {
    match (layers.text("tls_cert"), layers.text("tls_key")) {
        (Some(certificate), Some(key)) => {
            Ok(Some(TlsFiles { certificate: certificate.into(), key: key.into() }))
        }
        (None, None) => Ok(None),
        (Some(_), None) => Err(BadConfig::Alone { key: "tls_cert", missing: "tls_key" }),
        (None, Some(_)) => Err(BadConfig::Alone { key: "tls_key", missing: "tls_cert" }),
    }
}

fn mbps(layers: &Layers, key: &'static str, default: f64) -> Result<f64, BadConfig> {
    let known = |text: &str| text.parse().ok().filter(|mbps: &f64| *mbps > 0.0 && *mbps <= 1e6);
    Ok(layers.parse(key, "a number of Mbit/s above 0", known)?.unwrap_or(default))
}

/// As [`tls`].
fn telegram(layers: &Layers) -> Result<Option<FirstTelegram>, BadConfig> {
    let (token, chats) = ("telegram_bot_token", "telegram_chat_id");
    match (layers.text(token), layers.text(chats)) {
        (Some(token), Some(chats)) => {
            let chats = chats.split(',').map(str::trim).filter(|chat| !chat.is_empty()).map(str::to_owned);
            Ok(Some(FirstTelegram { token: Arc::new(Secret::new(token.to_owned())), chats: chats.collect() }))
        }
        (None, None) => Ok(None),
        (Some(_), None) => Err(BadConfig::Alone { key: token, missing: chats }),
        (None, Some(_)) => Err(BadConfig::Alone { key: chats, missing: token }),
    }
}

fn sqlite_in(folder: &Path) -> String {
    format!("sqlite://{}?mode=rwc", folder.join("routewarden.db").display())
}

/// `port` replaces the port of `listen`, unless `listen` was said in a stronger place.
fn listen(layers: &Layers) -> Result<SocketAddr, BadConfig> {
    let mut listen: SocketAddr = layers
        .parse("listen", "an address and port such as 127.0.0.1:5000", |text| text.parse().ok())?
        .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 5000)));
    if let Some(port) = layers.parse("port", "a number from 0 to 65535", |text| text.parse().ok())?
        && layers.strength("port") >= layers.strength("listen")
    {
        listen.set_port(port);
    }
    Ok(listen)
}

fn hours(layers: &Layers, key: &'static str, hours_each: u64) -> Result<Duration, BadConfig> {
    let count: Option<u64> = layers.parse(key, "a whole number from 1 to 1000", |text| {
        text.parse().ok().filter(|count| (1..=1000).contains(count))
    })?;
    Ok(Duration::from_secs(3600 * hours_each * count.unwrap_or(1)))
}

/// From 2 on: the warning comes a minute before the end.
fn minutes(layers: &Layers, key: &'static str, default: u64) -> Result<u64, BadConfig> {
    let known = |text: &str| text.parse().ok().filter(|count| (2..=1440).contains(count));
    Ok(layers.parse(key, "a whole number from 2 to 1440", known)?.unwrap_or(default))
}

fn networks(text: &str) -> Option<Vec<IpNet>> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| part.parse().ok().or_else(|| part.parse().ok().map(|host: IpAddr| IpNet::from(host))))
        .collect()
}

fn default_data_dir() -> PathBuf {
    directories::ProjectDirs::from("", "", "routewarden")
        .map_or_else(|| PathBuf::from("routewarden-data"), |dirs| dirs.data_dir().to_owned())
}

impl fmt::Display for Layers {
    /// The effective values with secrets masked, and where each came from: valid TOML.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for key in KEYS {
            match self.given(key.name) {
                Some(given) if SECRET.contains(&key.name) => {
                    writeln!(f, "{} = \"***\" # {}", key.name, given.source)?
                }
                Some(given) => writeln!(f, "{} = {:?} # {}", key.name, masked(&given.value), given.source)?,
                None => writeln!(f, "# {} is not set", key.name)?,
            }
        }
        Ok(())
    }
}

/// A URL without its passwords. Works on the text, for what no parser understands is printed too.
pub(crate) fn masked(value: &str) -> String {
    let start = value.find("://").map_or(0, |at| at + "://".len());
    let (scheme, rest) = value.split_at(start);
    let rest = match rest.rsplit_once('@') {
        Some((login, place)) => match login.split_once(':') {
            Some((name, _)) => format!("{name}:***@{place}"),
            None => rest.to_owned(),
        },
        None => rest.to_owned(),
    };
    let parts = rest.split_inclusive(['?', '&']).map(|part| match part.split_once('=') {
        Some((name, value)) if name.to_ascii_lowercase().contains("password") => {
            let end = value.strip_suffix('&').map_or("", |_| "&");
            format!("{name}=***{end}")
        }
        _ => part.to_owned(),
    });
    format!("{scheme}{}", parts.collect::<String>())
}

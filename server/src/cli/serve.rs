//! `serve`: the arguments only. Running the server is the program's own business.

use super::Flag;

#[derive(Clone, Debug, Default, clap::Args)]
pub struct Serve {
    /// Address and port [default: 127.0.0.1:5000]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// Where people find it, such as https://monitor.example: the beginning of every link in a message
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Network whose forwarded headers count; may be repeated
    #[arg(long, value_name = "CIDR")]
    pub trusted_proxy: Vec<String>,
    /// Certificate for HTTPS, PEM, with its chain; taken over when it changes
    #[arg(long, value_name = "FILE")]
    pub tls_cert: Option<String>,
    /// Private key of the certificate, PEM
    #[arg(long, value_name = "FILE")]
    pub tls_key: Option<String>,
    /// Folder of the browser's files, where they are not in this program
    #[arg(long, value_name = "DIR", hide = true)]
    pub site_dir: Option<String>,
    /// Watch simulated routers, in a folder that is gone afterwards
    #[arg(long)]
    pub demo: bool,
}

impl Serve {
    pub(super) fn flags(&self) -> Vec<Flag> {
        let proxies = (!self.trusted_proxy.is_empty()).then(|| self.trusted_proxy.join(","));
        [
            ("listen", self.listen.clone()),
            ("public_url", self.public_url.clone()),
            ("trusted_proxy", proxies),
            ("tls_cert", self.tls_cert.clone()),
            ("tls_key", self.tls_key.clone()),
            ("site_dir", self.site_dir.clone()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

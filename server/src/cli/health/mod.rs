//! `health`: asks the running server whether it is well, where no other program can: a container has none.

mod own;

use super::Flag;
use anyhow::{Context as _, bail};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};

/// The server answers in milliseconds, or the database keeps it waiting.
const DEADLINE: Duration = Duration::from_secs(5);

/// A true answer has a few hundred bytes.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

#[derive(Clone, Debug, Default, clap::Args)]
pub struct Health {
    /// Where the server listens [default: as configured]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// It listens for HTTPS [default: where a certificate is configured]
    #[arg(long)]
    pub https: bool,
}

impl Health {
    pub(super) fn flags(&self) -> Vec<Flag> {
        self.listen.clone().map(|listen| ("listen", listen)).into_iter().collect()
    }
}

/// Fails, with the reason, unless the server that listens at `listen`, for HTTPS or in the clear, is well.
pub async fn run(listen: SocketAddr, is_https: bool) -> anyhow::Result<()> {
    let address = reachable(listen);
    let answer = tokio::time::timeout(DEADLINE, ask(address, is_https))
        .await
        .with_context(|| format!("{address} did not answer within {} s", DEADLINE.as_secs()))?
        .with_context(|| format!("while asking {address}"))?;
    judge(&answer)
}

/// A server on every address is asked on this machine's own.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

async fn ask(address: SocketAddr, is_https: bool) -> io::Result<String> {
    let line = TcpStream::connect(address).await?;
    if is_https {
        converse(own::encrypted(line, address.ip()).await?, address).await
    } else {
        converse(line, address).await
    }
}

/// The whole answer. HTTP/1.0, for then its end is the connection's.
async fn converse(mut line: impl AsyncRead + AsyncWrite + Unpin, address: SocketAddr) -> io::Result<String> {
    line.write_all(format!("GET /health HTTP/1.0\r\nHost: {address}\r\n\r\n").as_bytes()).await?;
    let mut answer = Vec::new();
    line.take(ANSWER_BYTES_MAX).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn judge(answer: &str) -> anyhow::Result<()> {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    let status = head.strip_prefix("HTTP/1.").and_then(|rest| rest.split_whitespace().nth(1));
    if status == Some("200") {
        return Ok(());
    }
    let told: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let problems = told["problems"].as_array().into_iter().flatten().filter_map(|problem| problem.as_str());
    match problems.collect::<Vec<_>>().as_slice() {
        [] => bail!("expected the health of Routewarden, got {:?}", head.lines().next().unwrap_or_default()),
        problems => bail!("{}", problems.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    /// Answers the next visitor with `answer`.
    async fn told(answer: &'static str) -> anyhow::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = async {
            let (mut visitor, _) = listener.accept().await.unwrap();
            let mut request = [0; 512];
            let length = visitor.read(&mut request).await.unwrap();
            assert!(request[..length].starts_with(b"GET /health HTTP/1.0\r\n"));
            visitor.write_all(answer.as_bytes()).await.unwrap();
        };
        tokio::join!(run(address, false), server).0
    }

    #[tokio::test]
    async fn what_is_wrong_is_said() {
        let failing = "HTTP/1.1 503 Service Unavailable\r\n\r\n\
            {\"status\":\"failing\",\"problems\":[\"the database does not answer\",\"the worker x stopped\"]}";
        let error = told(failing).await.unwrap_err().to_string();
        assert_eq!(error, "the database does not answer; the worker x stopped");
        for other in ["HTTP/1.0 404 Not Found\r\n\r\n200", "SSH-2.0-OpenSSH_9 200\r\n", ""] {
            let error = told(other).await.unwrap_err().to_string();
            assert!(error.starts_with("expected the health"), "{error}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_server_is_given_up_on() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        for is_https in [false, true] {
            let error = run(listener.local_addr().unwrap(), is_https).await.unwrap_err().to_string();
            assert!(error.contains("did not answer within 5 s"), "{error}");
        }
    }

    #[test]
    fn a_server_on_every_address_is_asked_on_this_machine() {
        for (listen, asked) in
            [("0.0.0.0:5000", "127.0.0.1:5000"), ("[::]:80", "[::1]:80"), ("192.0.2.1:1", "192.0.2.1:1")]
        {
            assert_eq!(reachable(listen.parse().unwrap()), asked.parse().unwrap());
        }
    }
}

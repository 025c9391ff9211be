//! The driver against simulated routers, well-behaved and hostile.

mod faults;
mod hostile;
mod session;
mod silence;
mod tls;
mod wire;

use super::sim::{Personality, SimOptions, SimRouter};
use super::{AskError, Command, Disconnect, Ended, Endpoint, Runtime, Session};
use crate::SystemClock;
use crate::driver::resolve::Resolver;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Nothing here takes this long unless it is broken.
const WITHIN: Duration = Duration::from_secs(10);

const ANYWHERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

fn runtime() -> Runtime {
    let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
    Runtime { clock: Arc::new(SystemClock), resolver: Resolver::default(), tracker, stop }
}

async fn router(personality: Personality) -> SimRouter {
    SimRouter::start(personality, ANYWHERE).await.unwrap()
}

async fn router_with(options: SimOptions) -> SimRouter {
    SimRouter::start_with(Personality::V7, ANYWHERE, options).await.unwrap()
}

fn endpoint(router: &SimRouter) -> Endpoint {
    Endpoint { host: "127.0.0.1".into(), login: router.login() }
}

fn session(router: &SimRouter) -> Session {
    Session::new(endpoint(router), runtime())
}

fn identity() -> Command {
    Command::new("/system/identity/print").proplist(&["name"])
}

/// Asks for the router's name.
async fn name(session: &Session) -> Result<String, AskError> {
    let answer = session.ask(identity(), WITHIN).await?;
    Ok(answer.rows[0].text("name").unwrap().into_owned())
}

/// Looks again and again until there is something to see.
async fn until<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    let mut ticks = tokio::time::interval(Duration::from_millis(5));
    let looking = async {
        loop {
            ticks.tick().await;
            if let Some(seen) = look() {
                return seen;
            }
        }
    };
    timeout(WITHIN, looking).await.unwrap_or_else(|_| panic!("never happened: {what}"))
}

/// Waits until the session's history says so.
async fn ended(session: &Session, is_expected: impl Fn(&Ended) -> bool) -> Ended {
    until("the session ends for the expected reason", || session.endings().into_iter().find(&is_expected))
        .await
}

fn why(error: AskError) -> Disconnect {
    match error {
        AskError::Disconnected(why) => why,
        other => panic!("not a lost session: {other:?}"),
    }
}

//! `routewarden`: the one program.

use anyhow::Context as _;
use std::net::SocketAddr;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().init();
    let mut words = std::env::args().skip_while(|word| word != "--listen").skip(1);
    let listen: SocketAddr = words.next().as_deref().unwrap_or("127.0.0.1:5000").parse()?;
    let site = server::web::assets::Site::new(std::env::var_os("ROUTEWARDEN_SITE_DIR").map(Into::into));
    let router = server::web::router(server::web::AppState::new(site));
    let listener =
        tokio::net::TcpListener::bind(listen).await.with_context(|| format!("while binding {listen}"))?;
    tracing::info!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, router).await.context("while serving")
}

//! `serve --demo`: a small provider's network that exists only in this process, and a server watching it.
//!
//! Nothing leaves the machine: routers are simulated, tunnels are listeners, all on loopback addresses.

mod drama;
mod network;

use crate::{
    accounts::Passwords,
    app::{self, RunningApp, Surroundings},
    config::Config,
    own_log::OwnLog,
    store::Origin,
};
use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use engine::{Secret, SystemClock};
use network::Network;
use std::{fs, path::PathBuf, sync::Arc};

/// The one account of a demo.
pub const NAME: &str = "admin";
/// Random bytes of its password, which is another one in every run: an admin can ask any address.
const PASSWORD_BYTES: usize = 9;

/// A running demo. Its folder is gone when it is dropped.
pub struct Demo {
    pub running: RunningApp,
    /// For the one account.
    pub password: Secret<String>,
    network: Network,
    _folder: Folder,
}

impl Demo {
    /// Builds the network, writes it into a database of its own, and starts the program on it.
    pub async fn start(config: &Config, own_log: Option<OwnLog>) -> anyhow::Result<Demo> {
        let folder = Folder::create()?;
        let config = config.at(&folder.0);
        let network = Network::start().await.context("while starting the simulated network")?;
        let (vault, store) = app::open(&config, Origin::Server, Arc::new(SystemClock)).await?;
        let password = random_password()?;
        let hash = Passwords::default().hash(password.clone()).await;
        let hash = hash.map_err(|_| anyhow::anyhow!("the demo's password could not be hashed"))?;
        store.users().create_first_admin(NAME, hash).await?;
        network.write(&store, &vault).await.context("while writing the simulated network down")?;
        store.close().await?;
        let surroundings = Surroundings { is_local_only: true, own_log, ..Surroundings::default() };
        let running = app::start(&config, surroundings).await?;
        Ok(Demo { running, password, network, _folder: folder })
    }

    /// Lets things happen in the network, for as long as it is polled.
    pub async fn play(&mut self) {
        drama::play(&mut self.network).await;
    }
}

fn random_password() -> anyhow::Result<Secret<String>> {
    let mut bytes = [0; PASSWORD_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("the system has no randomness: {error}"))?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
}

/// A folder for one run.
struct Folder(PathBuf);

impl Folder {
    fn create() -> anyhow::Result<Folder> {
        let mut word = [0; 8];
        getrandom::fill(&mut word)
            .map_err(|error| anyhow::anyhow!("the system has no randomness: {error}"))?;
        // Others use the same temporary folder: the name cannot be guessed and taken, nor its content read.
        let path = std::env::temp_dir().join(format!("routewarden-demo-{:016x}", u64::from_ne_bytes(word)));
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path).with_context(|| format!("while making the folder {}", path.display()))?;
        Ok(Folder(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left behind is in the system's temporary folder.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_folder_of_a_demo_is_its_own_and_nobody_elses() {
        use std::os::unix::fs::PermissionsExt;
        let (one, other) = (Folder::create().unwrap(), Folder::create().unwrap());
        assert_ne!(one.0, other.0);
        let mode = fs::metadata(&one.0).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{mode:o}");
        let path = one.0.clone();
        drop(one);
        assert!(!path.exists());
    }
}

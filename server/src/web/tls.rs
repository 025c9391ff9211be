//! HTTPS with the operator's own certificate, which is taken over when its files change.
//!
//! A new certificate that cannot be used leaves the old one in place, and the log says why.

use crate::config::TlsFiles;
use arc_swap::ArcSwap;
use engine::Duty;
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::interval,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use zeroize::Zeroizing;

/// Between two looks at the files.
const LOOK: Duration = Duration::from_secs(10);

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadCertificate {
    #[error("{} cannot be read: {why}", .file.display())]
    Unreadable { file: PathBuf, why: io::Error },
    #[error("{} holds no certificate in PEM form", .0.display())]
    NoCertificate(PathBuf),
    #[error("{} holds no private key in PEM form", .0.display())]
    NoKey(PathBuf),
    #[error("certificate and key do not go together: {0}")]
    Unfit(#[from] rustls::Error),
}

/// The certificate in use.
pub struct Certificate {
    files: TlsFiles,
    current: ArcSwap<Loaded>,
}

struct Loaded {
    bytes: Bytes,
    config: Arc<ServerConfig>,
}

/// What the files held.
#[derive(PartialEq, Eq)]
struct Bytes {
    certificate: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
}

/// What could not be used the last time.
#[derive(PartialEq, Eq)]
enum Refused {
    /// For this reason.
    Unread(String),
    Unfit(Bytes),
}

impl Certificate {
    pub fn load(files: TlsFiles) -> Result<Certificate, BadCertificate> {
        let bytes = Bytes::read(&files)?;
        let config = configured(&files, &bytes)?;
        Ok(Certificate { files, current: ArcSwap::from_pointee(Loaded { bytes, config }) })
    }

    /// Agrees on encryption with whoever connected.
    pub async fn accept<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) -> io::Result<TlsStream<S>> {
        TlsAcceptor::from(self.current.load().config.clone()).accept(stream).await
    }

    /// Looks at the files now and then, until told to stop.
    pub async fn follow(&self, duty: Duty) -> anyhow::Result<()> {
        let mut tick = interval(LOOK);
        let mut refused = None;
        while duty.stop.run_until_cancelled(tick.tick()).await.is_some() {
            let looked = self.look(&mut refused);
            if let Err(error) = looked {
                tracing::error!(%error, "the new certificate cannot be used; the old one stays");
                duty.failed(error);
            }
            duty.ran();
        }
        Ok(())
    }

    /// Takes over what the files hold now, if that is new; says once why it cannot be used.
    fn look(&self, refused: &mut Option<Refused>) -> Result<(), BadCertificate> {
        self.judge(Bytes::read(&self.files), refused)
    }

    /// Remembers what was judged, not what the files hold by then: the key of a new certificate may have come
    /// meanwhile.
    fn judge(
        &self,
        read: Result<Bytes, BadCertificate>,
        refused: &mut Option<Refused>,
    ) -> Result<(), BadCertificate> {
        let (this, error) = match read {
            Err(error) => (Refused::Unread(error.to_string()), error),
            Ok(bytes) if bytes == self.current.load().bytes => {
                *refused = None;
                return Ok(());
            }
            Ok(bytes) => match configured(&self.files, &bytes) {
                Ok(config) => {
                    tracing::info!(file = %self.files.certificate.display(), "a new certificate is in use");
                    self.current.store(Arc::new(Loaded { bytes, config }));
                    *refused = None;
                    return Ok(());
                }
                Err(error) => (Refused::Unfit(bytes), error),
            },
        };
        let is_news = refused.as_ref() != Some(&this);
        *refused = Some(this);
        if is_news { Err(error) } else { Ok(()) }
    }
}

impl Bytes {
    fn read(files: &TlsFiles) -> Result<Bytes, BadCertificate> {
        let read = |file: &Path| {
            std::fs::read(file).map_err(|why| BadCertificate::Unreadable { file: file.to_owned(), why })
        };
        Ok(Bytes { certificate: read(&files.certificate)?, key: Zeroizing::new(read(&files.key)?) })
    }
}

/// How to serve with what the files held.
fn configured(files: &TlsFiles, bytes: &Bytes) -> Result<Arc<ServerConfig>, BadCertificate> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&bytes.certificate)
        .collect::<Result<_, _>>()
        .map_err(|_| BadCertificate::NoCertificate(files.certificate.clone()))?;
    if chain.is_empty() {
        return Err(BadCertificate::NoCertificate(files.certificate.clone()));
    }
    let key =
        PrivateKeyDer::from_pem_slice(&bytes.key).map_err(|_| BadCertificate::NoKey(files.key.clone()))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder {
        folder: tempfile::TempDir,
        files: TlsFiles,
    }

    impl Folder {
        fn new() -> Folder {
            let folder = tempfile::tempdir().unwrap();
            let files =
                TlsFiles { certificate: folder.path().join("cert.pem"), key: folder.path().join("key.pem") };
            let made = Folder { folder, files };
            made.renew();
            made
        }

        fn renew(&self) {
            let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
            std::fs::write(&self.files.certificate, made.cert.pem()).unwrap();
            std::fs::write(&self.files.key, made.signing_key.serialize_pem()).unwrap();
        }
    }

    #[test]
    fn a_renewed_certificate_is_taken_over_and_a_broken_one_leaves_the_old_in_place() {
        let folder = Folder::new();
        let certificate = Certificate::load(folder.files.clone()).unwrap();
        let (mut refused, in_use) = (None, || certificate.current.load().bytes.certificate.clone());
        let first = in_use();
        certificate.look(&mut refused).unwrap();
        assert!(in_use() == first, "nothing changed");
        folder.renew();
        certificate.look(&mut refused).unwrap();
        let second = in_use();
        assert!(second != first, "the new one is in use");
        std::fs::write(&folder.files.certificate, "half a fil").unwrap();
        assert!(certificate.look(&mut refused).is_err());
        assert!(certificate.look(&mut refused).is_ok(), "said once");
        std::fs::remove_file(&folder.files.key).unwrap();
        assert!(certificate.look(&mut refused).is_err());
        assert!(certificate.look(&mut refused).is_ok(), "said once, too");
        assert!(in_use() == second, "the old one stays");
        folder.renew();
        certificate.look(&mut refused).unwrap();
        assert!(in_use() != second);
    }

    #[test]
    fn a_key_that_comes_while_its_certificate_is_being_refused_is_taken_at_the_next_look() {
        let folder = Folder::new();
        let certificate = Certificate::load(folder.files.clone()).unwrap();
        let (mut refused, old_key) = (None, std::fs::read(&folder.files.key).unwrap());
        folder.renew();
        let new_key = std::fs::read(&folder.files.key).unwrap();
        std::fs::write(&folder.files.key, old_key).unwrap();
        let half_renewed = Bytes::read(&folder.files);
        std::fs::write(&folder.files.key, &new_key).unwrap();
        assert!(certificate.judge(half_renewed, &mut refused).is_err());
        certificate.look(&mut refused).unwrap();
        assert!(*certificate.current.load().bytes.key == new_key);
    }

    #[test]
    fn what_is_wrong_with_a_certificate_is_said_with_its_file() {
        let folder = Folder::new();
        let load = |certificate: &str, key: &str| {
            let files = TlsFiles {
                certificate: folder.folder.path().join(certificate),
                key: folder.folder.path().join(key),
            };
            Certificate::load(files).err().map(|error| error.to_string()).unwrap_or_default()
        };
        assert!(load("missing.pem", "key.pem").contains("missing.pem cannot be read"));
        assert!(load("key.pem", "key.pem").contains("key.pem holds no certificate"));
        assert!(load("cert.pem", "cert.pem").contains("cert.pem holds no private key"));
        let other = Folder::new();
        std::fs::copy(&other.files.key, folder.folder.path().join("other.pem")).unwrap();
        assert!(load("cert.pem", "other.pem").contains("do not go together"));
    }
}

//! API-SSL: TLS to a router whose certificate nobody signed. Trust is the SHA-256 of the leaf, pinned.
//!
//! The first certificate seen is accepted and reported; another one later is a hard stop before anything
//! of ours is sent. The handshake still proves that the router holds the certificate's key.

use super::cause::Disconnect;
use super::connect::broken;
use parking_lot::Mutex;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{AlertDescription, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use sha2::{Digest, Sha256};
use std::io;
use std::sync::{Arc, LazyLock};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| Arc::new(ring::default_provider()));

/// Shakes hands and gives the fingerprint seen, which equals `pinned` when there is one.
pub(super) async fn handshake(
    tcp: TcpStream,
    pinned: Option<String>,
) -> Result<(TlsStream<TcpStream>, String), Disconnect> {
    let pin = Arc::new(Pin { pinned, seen: Mutex::new(None) });
    let config = ClientConfig::builder_with_provider(PROVIDER.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| Disconnect::Tls(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(pin.clone())
        .with_no_client_auth();
    // Routers are reached by address: the name takes no part in the trust.
    let mut config = config;
    config.enable_sni = false;
    let name = ServerName::from(tcp.peer_addr().map_err(broken)?.ip());
    match TlsConnector::from(Arc::new(config)).connect(name, tcp).await {
        Ok(stream) => Ok((stream, pin.seen.lock().take().unwrap_or_default())),
        Err(error) => Err(pin.changed().unwrap_or_else(|| explain(error))),
    }
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn explain(error: io::Error) -> Disconnect {
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else {
        // The connection ended, as it may without TLS too.
        return broken(error);
    };
    let why = match tls {
        Error::AlertReceived(AlertDescription::HandshakeFailure) => {
            "the router has no certificate for api-ssl, so it offers only anonymous encryption, which anyone \
             in between could read. Create a certificate on the router and assign it to the service api-ssl"
                .into()
        }
        Error::InvalidMessage(_) => "this port does not speak TLS; is it the plain API port?".into(),
        other => other.to_string(),
    };
    Disconnect::Tls(why)
}

/// Accepts one certificate, or the first one.
#[derive(Debug)]
struct Pin {
    pinned: Option<String>,
    seen: Mutex<Option<String>>,
}

impl Pin {
    fn changed(&self) -> Option<Disconnect> {
        let (pinned, seen) = (self.pinned.clone()?, self.seen.lock().clone()?);
        (pinned != seen).then_some(Disconnect::CertificateChanged { pinned, seen })
    }
}

impl ServerCertVerifier for Pin {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        *self.seen.lock() = Some(hex(&Sha256::digest(leaf.as_ref())));
        match self.changed() {
            Some(_) => Err(Error::General("the certificate changed".into())),
            None => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, leaf, signature, &PROVIDER.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, leaf, signature, &PROVIDER.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        PROVIDER.signature_verification_algorithms.supported_schemes()
    }
}

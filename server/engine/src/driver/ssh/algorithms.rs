//! What is offered to a device: what is safe today, and behind a switch of the device what old RouterOS needs.

use super::{MESSAGES_WAITING, PACKET_BYTES, SshError, WINDOW_BYTES};
use model::SshHostKey;
use russh::{
    Preferred, SshId, cipher,
    client::{Config, GexParams},
    compression, kex,
    keys::{Algorithm, HashAlg},
    mac,
};
use std::{borrow::Cow, time::Duration};

/// After so long without a word the device is asked whether it is there; not answering three of them ends it.
const KEEPALIVE: Duration = Duration::from_secs(20);
const KEEPALIVES_MAX: usize = 3;

/// What old RouterOS (before 7, without `strong-crypto`) needs: SHA-1 in key exchange, signatures and MACs, CBC.
const OLD_KEX: &[kex::Name] = &[kex::DH_G14_SHA1, kex::DH_GEX_SHA1];
const OLD_MACS: &[mac::Name] = &[mac::HMAC_SHA1_ETM, mac::HMAC_SHA1];
const OLD_CIPHERS: &[cipher::Name] = &[cipher::AES_256_CBC, cipher::AES_192_CBC, cipher::AES_128_CBC];

pub(super) fn config(has_legacy: bool, pinned: Option<&SshHostKey>) -> Result<Config, SshError> {
    let mut preferred = Preferred { key: keys(has_legacy, pinned).into(), ..Preferred::DEFAULT };
    preferred.compression = Cow::Borrowed(&[compression::NONE]);
    if has_legacy {
        preferred.kex = [&*preferred.kex, OLD_KEX].concat().into();
        preferred.mac = [&*preferred.mac, OLD_MACS].concat().into();
        preferred.cipher = [&*preferred.cipher, OLD_CIPHERS].concat().into();
    }
    // Group 14, which everybody takes, has 2048 bits too; old RouterOS has none larger.
    let gex = GexParams::new(2048, if has_legacy { 2048 } else { 3072 }, 8192)?;
    Ok(Config {
        client_id: SshId::Standard(Cow::Borrowed("SSH-2.0-Routewarden")),
        window_size: WINDOW_BYTES,
        maximum_packet_size: PACKET_BYTES,
        channel_buffer_size: MESSAGES_WAITING,
        preferred,
        keepalive_interval: Some(KEEPALIVE),
        keepalive_max: KEEPALIVES_MAX,
        gex,
        nodelay: true,
        ..Config::default()
    })
}

/// The kind of the pinned key comes first: a device that got one of another kind besides is still the same.
fn keys(has_legacy: bool, pinned: Option<&SshHostKey>) -> Vec<Algorithm> {
    let is_pinned = |algorithm: &Algorithm| {
        let name = match algorithm {
            Algorithm::Rsa { .. } => "ssh-rsa",
            other => other.as_str(),
        };
        pinned.is_some_and(|pinned| pinned.algorithm == name)
    };
    let sha1 = Algorithm::Rsa { hash: None };
    let mut keys: Vec<_> = Preferred::DEFAULT
        .key
        .iter()
        .filter(|algorithm| has_legacy || **algorithm != sha1)
        .cloned()
        .collect();
    keys.sort_by_key(|algorithm| !is_pinned(algorithm));
    keys
}

/// The hash with which an RSA key of ours signs, where the device does not say which it takes.
pub(super) const RSA_HASH: Option<HashAlg> = Some(HashAlg::Sha256);

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(has_legacy: bool) -> String {
        let config = config(has_legacy, None).unwrap();
        let names =
            |list: &[&dyn AsRef<str>]| list.iter().map(|name| name.as_ref().to_owned()).collect::<Vec<_>>();
        let preferred = &config.preferred;
        let kex = names(&preferred.kex.iter().map(|name| name as &dyn AsRef<str>).collect::<Vec<_>>());
        let mac = names(&preferred.mac.iter().map(|name| name as &dyn AsRef<str>).collect::<Vec<_>>());
        let cipher = names(&preferred.cipher.iter().map(|name| name as &dyn AsRef<str>).collect::<Vec<_>>());
        let squeeze =
            names(&preferred.compression.iter().map(|name| name as &dyn AsRef<str>).collect::<Vec<_>>());
        [kex, mac, cipher, squeeze].concat().join(" ")
    }

    #[test]
    fn what_is_old_is_offered_only_behind_the_switch_and_compression_never() {
        let (safe, old) = (offered(false), offered(true));
        for word in ["sha1", "-cbc"] {
            assert!(!safe.contains(word), "{safe}");
            assert!(old.contains(word), "{old}");
        }
        assert!(safe.contains("kex-strict-c-v00@openssh.com"));
        for offered in [safe, old] {
            assert!(!offered.contains("zlib"), "{offered}");
        }
    }

    #[test]
    fn the_kind_of_the_pinned_key_is_asked_for_first() {
        let pinned =
            |algorithm: &str| SshHostKey { algorithm: algorithm.into(), fingerprint: "SHA256:x".into() };
        let first = |pinned: &SshHostKey| keys(false, Some(pinned))[0].to_string();
        assert_eq!(first(&pinned("ssh-rsa")), "rsa-sha2-512");
        assert_eq!(first(&pinned("ecdsa-sha2-nistp256")), "ecdsa-sha2-nistp256");
        assert_eq!(keys(false, None)[0].to_string(), "ssh-ed25519");
        assert!(!keys(false, None).contains(&Algorithm::Rsa { hash: None }));
        assert!(keys(true, None).contains(&Algorithm::Rsa { hash: None }));
    }
}

//! The commands that prepare a router: a group that may look and not change, a user bound to our
//! address, and a certificate for the encrypted API. RouterOS 6.43 and later, 7 alike.
//!
//! Pure text for both sides. Never contains a password: the person replaces [`PASSWORD_PLACEHOLDER`].

use std::net::IpAddr;

/// What stands where the password belongs.
pub const PASSWORD_PLACEHOLDER: &str = "CHANGE-THIS-PASSWORD";
/// What stands where our own address belongs, when it is not known.
pub const ADDRESS_PLACEHOLDER: &str = "ADDRESS-OF-ROUTEWARDEN";
/// Everything that watching needs, and nothing that changes a router: `read` for the values, `api`
/// for the way in, `test` for the second-by-second rates.
pub const POLICY: &str = "read,api,test";

/// The commands for a terminal of the router, in order.
pub fn onboarding(username: &str, monitor_address: &str) -> String {
    let user = quoted(username);
    let from = match monitor_address.trim().parse::<IpAddr>() {
        Ok(address) => address.to_string(),
        Err(_) => ADDRESS_PLACEHOLDER.to_owned(),
    };
    format!(
        "# 1. A group that can look at everything and change nothing, and a user that only works from {from}.\n\
         /user group add name=routewarden policy={POLICY}\n\
         /user add name={user} group=routewarden address={from} password=\"{PASSWORD_PLACEHOLDER}\"\n\
         \n\
         # 2. A certificate for the encrypted API: without one the router offers no encryption worth the name.\n\
         # Signing takes some seconds. Wait for the prompt before the next line.\n\
         /certificate add name=routewarden-ca common-name=routewarden-ca key-usage=key-cert-sign,crl-sign days-valid=3650\n\
         /certificate sign routewarden-ca\n\
         /certificate add name=routewarden-api common-name=routewarden-api \
         key-usage=digital-signature,key-encipherment,tls-server days-valid=3650\n\
         /certificate sign routewarden-api ca=routewarden-ca\n\
         \n\
         # 3. The encrypted API on port 8729.\n\
         /ip service set api-ssl certificate=routewarden-api disabled=no\n\
         \n\
         # Only where encryption is impossible, the plain API on port 8728 instead of steps 2 and 3:\n\
         # /ip service set api disabled=no\n"
    )
}

/// A RouterOS string: `"`, `\`, `$` and `?` have a meaning of their own inside the quotes.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars().filter(|c| !c.is_control()) {
        if matches!(c, '"' | '\\' | '$' | '?') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_may_look_and_not_change() {
        let text = onboarding("monitor", "192.0.2.7");
        assert!(text.contains("/user group add name=routewarden policy=read,api,test\n"));
        for granted in ["write", "sensitive", "policy=policy", "full", "reboot", "ftp"] {
            assert!(!text.contains(granted), "{granted}");
        }
    }

    #[test]
    fn the_user_only_works_from_our_address() {
        let only_from = |address| onboarding("monitor", address);
        assert!(only_from("192.0.2.7").contains(" address=192.0.2.7 "));
        assert!(only_from(" 2001:db8::7 ").contains(" address=2001:db8::7 "));
        for unknown in ["", "router.example.net", "1.2.3.4 group=full"] {
            assert!(only_from(unknown).contains(" address=ADDRESS-OF-ROUTEWARDEN "), "{unknown}");
        }
    }

    #[test]
    fn a_name_cannot_smuggle_a_command_in() {
        let text = onboarding("a\" group=full\n/system reboot; $x", "192.0.2.7");
        assert!(text.contains("/user add name=\"a\\\" group=full/system reboot; \\$x\" group=routewarden "));
        assert!(!text.lines().any(|line| line.starts_with("/system")));
    }

    #[test]
    fn the_encrypted_api_gets_a_certificate_before_it_is_switched_on() {
        let text = onboarding("monitor", "192.0.2.7");
        let signed = text.find("/certificate sign routewarden-api").unwrap();
        assert!(signed < text.find("/ip service set api-ssl certificate=routewarden-api").unwrap());
    }
}

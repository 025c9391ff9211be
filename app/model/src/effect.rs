//! What a command for devices does, judged from its words alone: only what surely looks and changes nothing counts as reading.
//!
//! A list of what is known to be harmless, never of what is harmful: RouterOS completes abbreviated words, and its
//! values may hold commands. What is missing here costs a confirmation, and nothing else. All of it is about RouterOS,
//! and holds on no other device: what only reads here is asked of nothing else unless somebody confirmed it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Words that are only ever menus of RouterOS; one that is a command somewhere must not be here.
const MENUS: &str = "\
    aaa access-list active active-peers address address-list arp bgp bonding bridge cache caps-man capsman \
    certificate channel client clock cloud community configuration connection datapath dhcp-client dhcp-relay \
    dhcp-server disk dns eoip ethernet file filter firewall gre health history host identity instance \
    interface ip ipip ipsec ipv6 irq l2tp-client l2tp-server layer7-protocol lease license list log logging \
    lte mangle mdb member nat neighbor netwatch network nexthop note ntp ospf ovpn-client ovpn-server package \
    peers policy pool port ppp pppoe-client pppoe-server pptp-client pptp-server profile queue radio radius \
    raw registration-table remote-cap resource romon route routerboard routing rule scheduler script secret \
    security security-profiles server service session settings sfp simple snmp sstp-client sstp-server static \
    switch system table tool traffic-flow tree upnp user vlan vrf vrrp vxlan watchdog wifi wifiwave2 \
    wireguard wireless";

/// Words that change something wherever they are a command. None of them may stand in what counts as reading, not even
/// as a value: a second pair of eyes on the rules below.
const CHANGING: &str = "\
    add apply cancel clear disable do downgrade edit enable execute fetch flush format generate import \
    install kill load move reboot redo release remove renew reset reset-configuration restore run save send \
    set setup shutdown sign start stop undo uninstall unset upgrade upload";

/// What a command does to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandEffect {
    /// It looks, and changes nothing.
    Reads,
    /// It may change something, or nobody knows.
    Changes,
}

impl CommandEffect {
    pub fn word(self) -> &'static str {
        match self {
            CommandEffect::Reads => "reads",
            CommandEffect::Changes => "changes",
        }
    }
}

/// What a command does. In doubt it changes.
pub fn command_effect(command: &str) -> CommandEffect {
    if is_reading(command) { CommandEffect::Reads } else { CommandEffect::Changes }
}

fn is_reading(command: &str) -> bool {
    // Script, another command, a command inside of a value, or a shell's.
    let is_script = |c: char| c.is_control() || ";[]{}()<>$\\`'|&#".contains(c);
    if command.contains(is_script) || words_in(command).any(|word| is_in(CHANGING, &word)) {
        return false;
    }
    // Menus may be parted by blanks or by strokes, but what follows the verb only by blanks.
    let Some(path) = command.trim_start().strip_prefix('/') else { return false };
    let mut rest = path.trim_start_matches('/');
    loop {
        let (word, after) = rest.split_at(rest.find([' ', '/']).unwrap_or(rest.len()));
        if !is_in(MENUS, word) {
            let arguments: Vec<&str> = after.split_whitespace().collect();
            let is_plain = after.is_empty() || after.starts_with(' ');
            return is_plain
                && !arguments.iter().any(|word| word.starts_with(['/', ':']))
                && reads(word, &arguments);
        }
        rest = after.trim_start_matches([' ', '/']);
    }
}

/// Whether a word is in such a list.
fn is_in(list: &str, word: &str) -> bool {
    list.split(' ').any(|one| one == word)
}

/// Every word, whatever stands around it.
fn words_in(command: &str) -> impl Iterator<Item = String> {
    let parts = command.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    parts.filter(|word| !word.is_empty()).map(str::to_ascii_lowercase)
}

fn reads(verb: &str, arguments: &[&str]) -> bool {
    match verb {
        "print" => reads_as_print(arguments),
        "export" => arguments.iter().all(|word| EXPORT.contains(word)),
        "ping" => reads_as_ping(arguments),
        "monitor" | "monitor-traffic" => reads_as_monitor(arguments),
        _ => false,
    }
}

/// Not `show-sensitive`, which is better asked for twice, nor `file`. RouterOS 6 exports secrets without being asked
/// for them: answers hold secrets whatever stands here, and are guarded as terminals are.
const EXPORT: &[&str] = &["hide-sensitive", "compact", "verbose", "terse"];

/// `print`, with how it is drawn and what narrows it down, but not into a file nor without end.
fn reads_as_print(arguments: &[&str]) -> bool {
    const FLAGS: &str = "active as-value brief count-only detail disabled dynamic invalid running show-ids static stats \
        stats-detail terse value-list without-paging";
    // What may stand in a condition and still be taken for a parameter, by its beginning too.
    const REFUSED: &str = "append file follow follow-only interval on-error";
    let (before, condition) = match arguments.iter().position(|word| *word == "where") {
        Some(at) => arguments.split_at(at),
        None => (arguments, &[][..]),
    };
    let is_known =
        |word: &str| is_in(FLAGS, word) || word.starts_with("proplist=") || word.starts_with("from=");
    let is_refused = |word: &str| {
        let word = word.trim_start_matches(['(', '!', '"']);
        let name = word.split(['=', '~', '<', '>', '!', ')', '"']).next().unwrap_or_default();
        let is_begun = |refused: &str| refused.starts_with(name) || name.starts_with(refused);
        !name.is_empty() && REFUSED.split(' ').any(is_begun)
    };
    before.iter().all(|word| is_known(word)) && !condition.iter().any(|word| is_refused(word))
}

/// `ping`, a few times: each parameter once, for of several nobody knows which one counts.
fn reads_as_ping(arguments: &[&str]) -> bool {
    const KNOWN: &str = "address count size src-address interface vrf routing-table ttl";
    let Some((target, options)) = arguments.split_first() else { return false };
    let is_known = |word: &str| word.split_once('=').is_some_and(|(name, _)| is_in(KNOWN, name));
    let counts = |word: &str| {
        word.strip_prefix("count=").and_then(|n| n.parse().ok()).is_some_and(|n: u32| (1..=20).contains(&n))
    };
    let name = |word: &&str| word.split_once('=').map_or("address", |(name, _)| name).to_owned();
    let names: BTreeSet<String> = arguments.iter().map(name).collect();
    (is_known(target) || !target.contains('='))
        && options.iter().all(|word| is_known(word))
        && names.len() == arguments.len()
        && !arguments.iter().any(|word| word.contains('"'))
        && arguments.iter().any(|word| counts(word))
}

/// `monitor`, once.
fn reads_as_monitor(arguments: &[&str]) -> bool {
    let is_known = |word: &str| match word.split_once('=') {
        Some((name, _)) => matches!(name, "interface" | "numbers"),
        None => !word.contains('"'),
    };
    arguments.contains(&"once") && arguments.iter().all(|word| is_known(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_surely_looks_and_changes_nothing_reads() {
        for reads in [
            "/ip address print",
            "/ip/address/print",
            "/ip/address/print detail where interface=ether1",
            "/interface print where !disabled and name~\"^ether\"",
            "/ip address print from=*1",
            "/interface print stats-detail without-paging",
            "/system resource print",
            "/system/identity/print",
            "/ip firewall filter print stats where comment~\"from office\" and disabled=no",
            "/log print where message~\"login failure\"",
            "/user print count-only",
            "/ip route print proplist=dst-address,gateway where active",
            "/export",
            "/export hide-sensitive",
            "/ip firewall export terse",
            "/ping 192.0.2.1 count=3",
            "/tool ping address=192.0.2.1 count=20 src-address=192.0.2.2",
            "/interface monitor-traffic ether1 once",
            "/interface ethernet monitor ether1,ether2 once",
        ] {
            assert_eq!(command_effect(reads), CommandEffect::Reads, "{reads}");
        }
    }

    #[test]
    fn everything_else_may_change_something() {
        for changes in [
            "",
            "/",
            "/ip address",
            "uptime",
            "cat /etc/shadow",
            "/system reboot",
            "/system reboot print",
            "/system script run print",
            "/ip address set print disabled=yes",
            "/ip address add address=192.0.2.1/24 interface=print",
            "/ip address print; /system reboot",
            "/ip address print\n/system reboot",
            "/ip address print\r/system reboot",
            "/ip address print where [/system reboot]",
            "/ip address print where name=$x",
            "/ip address print | reboot",
            "/ip address print && reboot",
            "/ip address print file=all",
            "/ip address print fil=all",
            "/ip address print file",
            "/ip address print where disabled=no file=all",
            "/ip address print where disabled=no fi=all",
            "/ip address print where (fi=all)",
            "/ip address print where name=set",
            "/log print follow",
            "/log print follow-only",
            "/log print where fol",
            "/interface print interval=1",
            "/ip address print /system reboot",
            "/ip address print do=\"/system reboot\"",
            "/ip address print wh name=a",
            ":put [/system reboot]",
            ":log info print",
            ":execute print",
            "/export show-sensitive",
            "/export hide-sensitive file=x",
            "/export fi=x",
            "/ping 192.0.2.1",
            "/ping 192.0.2.1 count=21",
            "/ping 192.0.2.1 count=3 count=4000000",
            "/ping 192.0.2.1 count=3 size=64 size=65000",
            "/ping 192.0.2.1 address=192.0.2.2 count=3",
            "/ping \"192.0.2.1 count=3\"",
            "/ping 192.0.2.1 size=\"64 count=3\"",
            // What a shell would obey, and what is no command of RouterOS for want of a stroke.
            "/ip address print where x>/etc/passwd",
            "/ip address print where x<in",
            "/ip address print where x >(rm -rf ~)",
            "/ip address print where (x)",
            "/ip address print where comment='x'",
            "ip address print where x>/etc/passwd",
            "ip address print",
            "ip/address/print",
            "ping 192.0.2.1 count=3 size=>(halt)",
            "ping 192.0.2.1 count=3",
            "interface monitor once >f",
            "script print",
            "export",
            "/ping count=3 do=x",
            "/interface monitor-traffic ether1",
            "/interface monitor-traffic ether1 once do=\"x\"",
            "/ip address printer",
            "/ip address print/remove",
            "/ip address remove numbers=0 print",
            "/user set admin password=x",
            "/unknown print",
        ] {
            assert_eq!(command_effect(changes), CommandEffect::Changes, "{changes:?}");
        }
    }

    fn one_of(list: &'static str) -> impl Strategy<Value = &'static str> {
        proptest::sample::select(list.split(' ').collect::<Vec<_>>())
    }

    /// Pieces that commands are made of, harmless ones and others.
    fn piece() -> impl Strategy<Value = String> {
        prop_oneof![
            one_of(MENUS).prop_map(str::to_owned),
            proptest::sample::select(
                &[
                    "print",
                    "export",
                    "ping",
                    "monitor",
                    "once",
                    "where",
                    "detail",
                    "count=3",
                    "a=b",
                    "192.0.2.1"
                ][..]
            )
            .prop_map(str::to_owned),
            "[a-z0-9=\"~()!<>.:-]{0,8}",
        ]
    }

    fn parted() -> impl Strategy<Value = String> {
        proptest::sample::select(&[" ", "/", " /", "  ", "=", "\"", "(", ","][..]).prop_map(str::to_owned)
    }

    proptest! {
        /// Wherever a changing verb stands as a word, nothing counts as reading.
        #[test]
        fn with_a_changing_verb_in_it_nothing_reads(
            before in proptest::collection::vec((piece(), parted()), 0..6),
            verb in one_of(CHANGING),
            is_shouted: bool,
            after in proptest::collection::vec((parted(), piece()), 0..6),
        ) {
            let mut command = String::from("/");
            for (piece, gap) in &before {
                command.push_str(piece);
                command.push_str(gap);
            }
            // A hyphen at the seam makes another word of it.
            prop_assume!(!command.ends_with('-'));
            command.push_str(&if is_shouted { verb.to_uppercase() } else { verb.to_owned() });
            for (gap, piece) in &after {
                command.push_str(gap);
                command.push_str(piece);
            }
            prop_assert_eq!(command_effect(&command), CommandEffect::Changes, "{}", command);
        }

        /// Whatever is put into a reading command that could begin another one, it reads no more.
        #[test]
        fn nothing_that_begins_another_command_reads(
            at in 0usize..40,
            mark in proptest::sample::select(&[
                ";", "[", "]", "{", "}", "(", ")", "<", ">", "'", "#", "$", "\\", "`", "|", "&", "\n", "\r", "\0",
            ][..]),
        ) {
            let mut command = "/ip address print detail where disabled=no".to_owned();
            command.insert_str(at, mark);
            prop_assert_eq!(command_effect(&command), CommandEffect::Changes);
        }

        #[test]
        fn any_text_is_judged(text: String) {
            command_effect(&text);
        }

        /// The verb that is found is one of the few: everything else, whatever it is called, asks.
        #[test]
        fn an_unknown_verb_does_not_read(verb in "[a-z]{2,12}", arguments in "[a-z0-9= ]{0,20}") {
            prop_assume!(!is_in(MENUS, &verb));
            prop_assume!(!["print", "export", "ping", "monitor"].contains(&verb.as_str()));
            let command = format!("/ip address {verb} {arguments}");
            prop_assert_eq!(command_effect(&command), CommandEffect::Changes, "{}", command);
        }
    }

    #[test]
    fn no_menu_is_a_verb() {
        for word in MENUS.split(' ') {
            assert!(!is_in(CHANGING, word), "{word}");
        }
        for list in [MENUS, CHANGING] {
            assert!(list.split(' ').is_sorted_by(|one, next| one < next), "{list}");
        }
    }
}

//! Against OpenSSH and Dropbear, which nobody here wrote.

use super::{
    add,
    peers::{self, Kind, PASSWORD, Peer, USER},
};
use crate::fixture::{App, Client, Terminal, TerminalSays};
use engine::{
    Secret,
    driver::{
        resolve::Resolver,
        ssh::{Beyond, Endpoint, NobodyToAsk, SshError, SshLogin, connect},
    },
};
use model::{FromTerminal, TERMINAL_AHEAD_MAX, TerminalEnd, ToTerminal};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{process::Command, time::Duration};

const PROMPT: &str = "ready$ ";

/// A terminal at its first prompt; the host key is trusted as it comes.
async fn prompt(admin: &Client, name: &str, ssh: Value) -> (i64, Terminal) {
    let id = add(admin, name, ssh).await;
    let mut terminal = Terminal::greeted(admin, id).await;
    let asked = terminal.next_word().await;
    let Some(ToTerminal::HostKey { fingerprint, .. }) = asked else { panic!("{asked:?}") };
    terminal.say(&FromTerminal::Trust { fingerprint }).await;
    terminal.until_open().await;
    terminal.until_drawn(PROMPT).await;
    (id, terminal)
}

fn by_password(peer: &Peer) -> Value {
    json!({"username": USER, "password": PASSWORD, "port": peer.port})
}

#[tokio::test]
async fn a_key_or_a_password_opens_a_terminal_of_the_size_of_the_page_that_follows_it() {
    let app = App::start().await;
    let admin = app.admin().await;
    for (kind, peer) in peers::all() {
        let by_key = json!({"username": USER, "private_key": peer.private_key, "port": peer.port});
        for (how, ssh) in [("key", by_key), ("password", by_password(&peer))] {
            let (_, mut terminal) = prompt(&admin, &format!("{kind:?} {how}"), ssh).await;
            terminal.type_in(b"stty size; echo $TERM\r").await;
            let drawn = terminal.until_drawn("xterm-256color").await;
            assert!(drawn.contains("30 100"), "{kind:?} {how}: {drawn:?}");
            terminal.say(&FromTerminal::Resize { columns: 132, rows: 43 }).await;
            terminal.type_in(b"stty size\r").await;
            terminal.until_drawn("43 132").await;
            terminal.type_in(b"exit 3\r").await;
            assert_eq!(
                terminal.end().await,
                Some(TerminalEnd::Closed { exit_code: Some(3) }),
                "{kind:?} {how}"
            );
        }
    }
}

#[tokio::test]
async fn a_wrong_password_lets_somebody_type_the_right_one() {
    let app = App::start().await;
    let admin = app.admin().await;
    for (kind, peer) in peers::all() {
        let ssh = json!({"username": USER, "password": "wrong", "port": peer.port});
        let id = add(&admin, &format!("{kind:?}"), ssh).await;
        let mut terminal = Terminal::greeted(&admin, id).await;
        let Some(ToTerminal::HostKey { fingerprint, .. }) = terminal.next_word().await else {
            panic!("no key")
        };
        terminal.say(&FromTerminal::Trust { fingerprint }).await;
        let asked = terminal.next_word().await;
        assert!(matches!(asked, Some(ToTerminal::Ask { .. })), "{kind:?}: {asked:?}");
        terminal.say(&FromTerminal::Answers(vec![USER.to_owned(), PASSWORD.to_owned()])).await;
        terminal.until_open().await;
        terminal.until_drawn(PROMPT).await;
    }
}

/// Most bytes that a person sees of a flood once Ctrl-C was pressed: what is on its way (`web/terminal/relay.rs` counts
/// 224 KiB), what the device's own buffers hold, and a few turns in which the key waits beside the flood.
const AFTER_INTERRUPT_MAX: usize = 512 * 1024;

/// Reads, and says that it was drawn only when the server waits for that: so much as can be is on its way.
async fn read_late(terminal: &mut Terminal, ahead: &mut u32) -> Vec<u8> {
    let Some(TerminalSays::Bytes(bytes)) = terminal.hear().await else { panic!("it ended") };
    *ahead += u32::try_from(bytes.len()).unwrap();
    if *ahead + 32 * 1024 > TERMINAL_AHEAD_MAX {
        terminal.say(&FromTerminal::Drawn { bytes: std::mem::take(ahead) }).await;
    }
    bytes
}

#[tokio::test]
async fn an_interrupt_reaches_a_flood_before_much_more_of_it_comes() {
    let app = App::start().await;
    let admin = app.admin().await;
    for (kind, peer) in peers::all() {
        let (_, mut terminal) = prompt(&admin, &format!("{kind:?}"), by_password(&peer)).await;
        terminal.draws = false;
        terminal.type_in(b"yes flooding\r").await;
        let (mut before, mut ahead) = (0, 0);
        while before < 2_000_000 {
            before += read_late(&mut terminal, &mut ahead).await.len();
        }
        terminal.type_in(b"\x03").await;
        let (mut after, mut tail) = (0, Vec::new());
        while !String::from_utf8_lossy(&tail).contains(PROMPT) {
            let bytes = read_late(&mut terminal, &mut ahead).await;
            after += bytes.len();
            assert!(
                after <= AFTER_INTERRUPT_MAX,
                "{kind:?}: {after} bytes after the interrupt, and no prompt"
            );
            tail.extend(bytes);
            let cut = tail.len().saturating_sub(64);
            tail.drain(..cut);
        }
        println!("{kind:?}: {after} bytes after the interrupt");
        terminal.draws = true;
        terminal.say(&FromTerminal::Drawn { bytes: ahead }).await;
        terminal.type_in(b"echo st''ill\r").await;
        terminal.until_drawn("still").await;
    }
}

#[tokio::test]
async fn a_megabyte_that_is_pasted_arrives_byte_for_byte() {
    let app = App::start().await;
    let admin = app.admin().await;
    let pasted: Vec<u8> =
        (0..1_048_576_u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let sum: String = Sha256::digest(&pasted).iter().map(|byte| format!("{byte:02x}")).collect();
    for (kind, peer) in peers::all() {
        let (_, mut terminal) = prompt(&admin, &format!("{kind:?}"), by_password(&peer)).await;
        terminal.type_in(b"stty raw -echo; echo be''gin; head -c 1048576 | sha256sum; stty sane\r").await;
        terminal.until_drawn("begin").await;
        for part in pasted.chunks(32 * 1024) {
            terminal.type_in(part).await;
        }
        let drawn = terminal.until_drawn(&sum).await;
        assert!(drawn.contains(&sum), "{kind:?}");
    }
}

#[tokio::test]
async fn a_megabyte_of_lines_that_are_read_one_by_one_arrives_whole() {
    let app = App::start().await;
    let admin = app.admin().await;
    let lines: String =
        (0..16_384).map(|line| format!("/ip address add comment=\"строка {line:024}\"\n")).collect();
    let sum: String = Sha256::digest(&lines).iter().map(|byte| format!("{byte:02x}")).collect();
    // As a terminal pastes them.
    let pasted = lines.replace('\n', "\r");
    for (kind, peer) in peers::all() {
        let (_, mut terminal) = prompt(&admin, &format!("{kind:?}"), by_password(&peer)).await;
        let count = format!("stty -echo; echo be''gin; head -c {} | sha256sum; stty echo\r", lines.len());
        terminal.type_in(count.as_bytes()).await;
        terminal.until_drawn("begin").await;
        for part in pasted.as_bytes().chunks(16 * 1024) {
            terminal.type_in(part).await;
        }
        let drawn = terminal.until_drawn(&sum).await;
        assert!(drawn.contains(&sum), "{kind:?}");
    }
}

#[tokio::test]
async fn one_command_runs_to_its_end_or_to_its_bound() {
    for (kind, peer) in peers::all() {
        let resolver = Resolver::default();
        let mut endpoint =
            Endpoint { host: "127.0.0.1".to_owned(), port: peer.port, pinned: None, has_legacy: false };
        let Err(SshError::HostKeyUnknown(key)) = connect(&resolver, &endpoint).await else {
            panic!("{kind:?}")
        };
        endpoint.pinned = Some(key);
        let run_to = async |command: &str, key: &str, (beyond, within): (Beyond, u64)| {
            let private_key = Some(Secret::new(key.to_owned()));
            let login = SshLogin { username: USER.to_owned(), password: None, private_key };
            let mut connection = connect(&resolver, &endpoint).await?;
            connection.sign_in(&login, &mut NobodyToAsk).await?;
            connection.run(command, (1000, beyond), Duration::from_secs(within)).await
        };
        let run = async |command: &str, key: &str| run_to(command, key, (Beyond::Cut, 20)).await;
        let ran = run("echo out; echo err >&2; exit 5", &peer.private_key).await.unwrap();
        assert_eq!(
            (ran.output.as_slice(), ran.errors.as_slice()),
            (&b"out\n"[..], &b"err\n"[..]),
            "{kind:?}"
        );
        assert_eq!((ran.exit_code, ran.is_cut), (Some(5), false), "{kind:?}");
        let ran = run("yes", &peer.private_key).await.unwrap();
        assert_eq!((ran.output.len(), ran.is_cut, ran.is_late), (1000, true, false), "{kind:?}");

        // What may change something is not ended in the middle for what it prints, but for its time.
        let key = &peer.private_key;
        let long = "yes | head -n 100000; exit 5";
        let ran = run_to(long, key, (Beyond::ThrowAway, 20)).await.unwrap();
        assert_eq!((ran.output.len(), ran.is_cut, ran.exit_code), (1000, true, Some(5)), "{kind:?}");
        let ran = run_to("yes", key, (Beyond::ThrowAway, 1)).await.unwrap();
        assert_eq!((ran.output.len(), ran.is_cut, ran.is_late), (1000, true, true), "{kind:?}");

        // Keys in the other forms that people have.
        let at = |name: &str| peer.folder.path().join(name);
        for (name, make) in [
            ("rsa", vec!["-t", "rsa", "-b", "2048", "-m", "PEM"]),
            ("pkcs8", vec!["-t", "rsa", "-b", "2048", "-m", "PKCS8"]),
            ("ecdsa", vec!["-t", "ecdsa"]),
        ] {
            let made =
                Command::new("ssh-keygen").args(["-q", "-N", ""]).args(make).arg("-f").arg(at(name)).output();
            assert!(made.unwrap().status.success());
            let known = at("home/.ssh/authorized_keys");
            let all = std::fs::read_to_string(&known).unwrap()
                + &std::fs::read_to_string(at(&format!("{name}.pub"))).unwrap();
            std::fs::write(&known, all).unwrap();
            let key = std::fs::read_to_string(at(name)).unwrap();
            let ran = run("echo in", &key).await;
            assert_eq!(ran.map(|ran| ran.output), Ok(b"in\n".to_vec()), "{kind:?} {name}");
        }
        assert_eq!(kind == Kind::OpenSsh, peer.folder.path().join("sshd_config").exists());
    }
}

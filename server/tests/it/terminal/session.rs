//! From the host key to the last word.

use super::{add, add_known, add_trusted, greeted_as, trusted};
use crate::fixture::{App, Client, SSH_PASSWORD, SSH_USER, SshSim, Terminal, TerminalSays, eventually};
use model::{
    FromTerminal, LoginAsked, LoginAskedFor, SshHostKey, TERMINAL_AHEAD_MAX, TERMINAL_ANSWER, TerminalEnd,
    TerminalQuestion, TerminalStep, ToTerminal,
};
use serde_json::{Value, json};
use std::time::Duration;

async fn device(admin: &Client, id: i64) -> Value {
    admin.get(&format!("/api/devices/{id}")).await.accepted().json()
}

/// Acts and details of the audit log, the newest first.
async fn audited(admin: &Client) -> Vec<(String, String)> {
    let log = admin.get("/api/audit?limit=20").await.accepted().json();
    let text = |entry: &Value, field: &str| entry[field].as_str().unwrap_or_default().to_owned();
    let entries = log["entries"].as_array().unwrap();
    entries.iter().map(|entry| (text(entry, "act"), text(entry, "detail"))).collect()
}

#[tokio::test]
async fn the_first_host_key_is_pinned_once_somebody_compared_it_and_nothing_is_said_before() {
    let app = App::start().await;
    let admin = app.admin().await;
    let sim = SshSim::start(1).await;
    let id = add_known(&admin, "edge-1", sim.port).await;

    let mut terminal = Terminal::greeted(&admin, id).await;
    let host = format!("127.0.0.1:{}", sim.port);
    let (algorithm, fingerprint) = ("ssh-ed25519".to_owned(), sim.fingerprint.clone());
    assert_eq!(terminal.next_word().await, Some(ToTerminal::HostKey { host, algorithm, fingerprint }));
    terminal.say(&FromTerminal::Trust { fingerprint: "SHA256:other".to_owned() }).await;
    assert_eq!(terminal.end().await, Some(TerminalEnd::HostKeyNotConfirmed));
    assert_eq!(device(&admin, id).await["host_key"], Value::Null);
    assert_eq!(sim.logins(), 0, "no password went to whom nobody knew");

    let mut terminal = Terminal::greeted(&admin, id).await;
    terminal.next_word().await.unwrap();
    terminal.say(&FromTerminal::Trust { fingerprint: sim.fingerprint.clone() }).await;
    terminal.until_open().await;
    let drawn = terminal.until_drawn("> ").await;
    assert!(drawn.contains("xterm-256color 100x30"), "{drawn:?}");
    terminal.type_in("привет 🦊".as_bytes()).await;
    terminal.until_drawn("привет 🦊").await;
    terminal.say(&FromTerminal::Resize { columns: 132, rows: 43 }).await;
    terminal.until_drawn("now 132x43").await;
    terminal.type_in(b"exit\r").await;
    assert_eq!(terminal.end().await, Some(TerminalEnd::Closed { exit_code: Some(7) }));

    let seen = device(&admin, id).await;
    assert_eq!(seen["host_key"]["fingerprint"], sim.fingerprint.as_str());
    assert_eq!(seen["host_key"]["pinned_by"], crate::fixture::ADMIN);
    Terminal::prompted(&admin, id).await;
    let log = audited(&admin).await;
    let place = format!("{SSH_USER}@127.0.0.1:{}", sim.port);
    let has = |act: &str, part: &str| log.iter().any(|(of, detail)| of == act && detail.contains(part));
    assert!(has("host_key_accepted", &sim.fingerprint), "{log:?}");
    assert!(has("terminal_failed", "the host key was not confirmed"), "{log:?}");
    assert!(has("terminal_opened", &place), "{log:?}");
    assert!(has("terminal_ended", "the device ended it with 7"), "{log:?}");
}

#[tokio::test]
async fn a_changed_host_key_is_a_hard_stop_until_an_admin_accepts_it_and_both_are_audited() {
    let app = App::start().await;
    let admin = app.admin().await;
    let (before, now) = (SshSim::start(1).await, SshSim::start(2).await);
    let id = add_known(&admin, "edge-1", now.port).await;
    let accept = async |fingerprint: &str| {
        let key = json!({"algorithm": "ssh-ed25519", "fingerprint": fingerprint});
        admin.post(&format!("/api/devices/{id}/host-key"), &key).await
    };
    accept(&before.fingerprint).await.accepted();
    let mut terminal = Terminal::greeted(&admin, id).await;
    let key = |fingerprint: &str| SshHostKey {
        algorithm: "ssh-ed25519".to_owned(),
        fingerprint: fingerprint.to_owned(),
    };
    let end = TerminalEnd::HostKeyChanged {
        host: format!("127.0.0.1:{}", now.port),
        pinned: key(&before.fingerprint),
        seen: key(&now.fingerprint),
    };
    assert_eq!(terminal.end().await, Some(end));
    assert_eq!(now.logins(), 0);
    for wrong in ["", "SHA256:short", "MD5:00", &format!("{}\n", now.fingerprint)] {
        accept(wrong).await.has_status(400);
    }
    let form = [
        ("id", id.to_string()),
        ("algorithm", "ssh-ed25519".into()),
        ("fingerprint", now.fingerprint.clone()),
    ];
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    admin.call("pin_host_key", &form).await.accepted();
    Terminal::prompted(&admin, id).await;
    let log = audited(&admin).await;
    let told = format!("ssh-ed25519 {} instead of {}", now.fingerprint, before.fingerprint);
    assert!(log.contains(&("host_key_accepted".to_owned(), told)), "{log:?}");
}

#[tokio::test]
async fn what_somebody_gives_up_is_audited_as_that_whatever_was_asked() {
    let app = App::start().await;
    let admin = app.admin().await;
    let sim = SshSim::start(1).await;
    let unknown = add_known(&admin, "edge-1", sim.port).await;
    let unnamed = add_trusted(&admin, "edge-2", &sim).await;
    let login = json!({"username": SSH_USER, "password": null, "port": sim.port});
    admin.put(&format!("/api/devices/{unnamed}"), &json!({"ssh": login})).await.accepted();
    for (id, name, is_key) in [(unknown, "edge-1", true), (unnamed, "edge-2", false)] {
        let mut terminal = Terminal::greeted(&admin, id).await;
        let asked = terminal.next_word().await;
        assert_eq!(matches!(asked, Some(ToTerminal::HostKey { .. })), is_key, "{asked:?}");
        terminal.say(&FromTerminal::GiveUp).await;
        let is_told = |seen: &Value| {
            let is_it = |entry: &&Value| entry["act"] == "terminal_failed" && entry["subject"] == name;
            let told = seen["entries"].as_array().and_then(|all| all.iter().find(is_it));
            told.is_some_and(|entry| entry["detail"] == "somebody gave it up")
        };
        eventually("it is audited", &admin, "/api/audit?limit=20", is_told).await;
    }
    assert_eq!(device(&admin, unknown).await["host_key"], Value::Null);
    assert_eq!(sim.logins(), 0);
}

#[tokio::test]
async fn a_login_that_is_not_stored_is_asked_for_and_kept_nowhere() {
    let (_app, admin, sim, id) = trusted().await;
    let mut terminal =
        greeted_as(&admin, id, json!({"username": SSH_USER, "password": null, "port": sim.port})).await;
    let (none, typed) = (LoginAskedFor::NoneStored, LoginAskedFor::TypedRefused);
    let steps = [
        (["", "nobody was named"], (SSH_USER, none)),
        (["nobody", "wrong"], (SSH_USER, none)),
        ([SSH_USER, SSH_PASSWORD], ("nobody", typed)),
    ];
    for (answers, (username, why)) in steps {
        let asked = terminal.next_word().await;
        let Some(ToTerminal::Ask { title, questions, login }) = asked else { panic!("{asked:?}") };
        assert_eq!(title, "edge-1");
        assert_eq!(login, Some(LoginAsked { username: username.to_owned(), why }));
        assert_eq!(questions.iter().map(|one| one.is_shown).collect::<Vec<_>>(), [true, false]);
        terminal.say(&FromTerminal::Answers(answers.map(str::to_owned).into())).await;
    }
    terminal.until_open().await;
    let ssh = &device(&admin, id).await["ssh"];
    assert_eq!((&ssh["has_password"], &ssh["has_private_key"]), (&json!(false), &json!(false)));

    let mut other = Terminal::greeted(&admin, id).await;
    for _ in 0..3 {
        assert!(matches!(other.next_word().await, Some(ToTerminal::Ask { .. })));
        other.say(&FromTerminal::Answers(vec!["nobody".to_owned(), "wrong".to_owned()])).await;
    }
    assert_eq!(other.end().await, Some(TerminalEnd::LoginRefused));
}

#[tokio::test]
async fn a_stored_login_that_is_refused_is_named_and_another_can_be_typed_more_than_once() {
    let (_app, admin, sim, id) = trusted().await;
    let mut terminal =
        greeted_as(&admin, id, json!({"username": "former", "password": "s3cret-former", "port": sim.port}))
            .await;
    let (stored, typed) = (LoginAskedFor::StoredRefused, LoginAskedFor::TypedRefused);
    let steps = [
        (["former", "mistyped"], ("former", stored)),
        ([SSH_USER, "mistyped"], ("former", typed)),
        ([SSH_USER, SSH_PASSWORD], (SSH_USER, typed)),
    ];
    for (answers, (username, why)) in steps {
        let asked = terminal.next_word().await;
        let Some(ToTerminal::Ask { login, .. }) = asked else { panic!("{asked:?}") };
        assert_eq!(login, Some(LoginAsked { username: username.to_owned(), why }));
        terminal.say(&FromTerminal::Answers(answers.map(str::to_owned).into())).await;
    }
    terminal.until_open().await;
}

#[tokio::test]
async fn what_the_device_asks_is_asked_at_the_terminal_and_its_words_are_tamed() {
    let (_app, admin, sim, id) = trusted().await;
    let mut terminal =
        greeted_as(&admin, id, json!({"username": "asked", "password": "unused", "port": sim.port})).await;
    let question = |text: &str, is_shown| TerminalQuestion { text: text.to_owned(), is_shown };
    let questions = vec![question("Code:", true), question("PIN\u{fffd}]0;x\u{fffd}:", false)];
    let title = "Two things".to_owned();
    assert_eq!(terminal.next_word().await, Some(ToTerminal::Ask { title, questions, login: None }));
    terminal.say(&FromTerminal::Answers(vec!["123456".to_owned(), "0000".to_owned()])).await;
    terminal.until_open().await;
    terminal.until_drawn("Authorised people only.\u{fffd}[31m\r\n").await;
}

#[tokio::test]
async fn a_device_sends_no_faster_than_the_page_draws_and_nothing_is_lost() {
    let (_app, admin, _sim, id) = trusted().await;
    let mut terminal = Terminal::prompted(&admin, id).await;
    terminal.until_drawn("> ").await;
    terminal.draws = false;
    terminal.type_in(b"flood\r").await;
    let (mut ahead, mut total) = (0_u32, 0);
    while total < 1_000_000 {
        let Some(TerminalSays::Bytes(bytes)) = terminal.hear().await else { panic!("it ended at {total}") };
        assert!(bytes.iter().all(|byte| *byte == b'x'));
        total += bytes.len();
        ahead += u32::try_from(bytes.len()).unwrap();
        assert!(ahead <= TERMINAL_AHEAD_MAX, "{ahead} bytes ahead");
        // Drawn only when the server had to stop for it.
        if ahead + 32 * 1024 > TERMINAL_AHEAD_MAX {
            terminal.say(&FromTerminal::Drawn { bytes: ahead }).await;
            ahead = 0;
        }
    }
    assert_eq!(total, 1_000_000);
    terminal.draws = true;
    terminal.say(&FromTerminal::Drawn { bytes: ahead }).await;
    terminal.type_in(b"still there").await;
    terminal.until_drawn("still there").await;
}

#[tokio::test]
async fn a_long_paste_comes_through_byte_for_byte_while_its_echo_comes_back() {
    let (_app, admin, _sim, id) = trusted().await;
    let mut terminal = Terminal::prompted(&admin, id).await;
    terminal.until_drawn("> ").await;
    let script: Vec<u8> = (0..1_048_576_u32).map(|index| b'a' + u8::try_from(index % 23).unwrap()).collect();
    for part in script.chunks(32 * 1024) {
        terminal.type_in(part).await;
    }
    let mut echoed = Vec::new();
    while echoed.len() < script.len() {
        match terminal.hear().await {
            Some(TerminalSays::Bytes(bytes)) => echoed.extend(bytes),
            other => panic!("{other:?} after {} bytes", echoed.len()),
        }
    }
    assert!(echoed == script, "what came back is not what was typed");
}

#[tokio::test]
async fn a_terminal_left_alone_is_warned_and_ended_and_one_that_is_stayed_in_goes_on() {
    let app = App::with(&[("ROUTEWARDEN_TERMINAL_IDLE_MINUTES", "15")]).await;
    app.with_accounts().await;
    let admin = app.admin().await;
    let sim = SshSim::start(1).await;
    let id = add_trusted(&admin, "edge-1", &sim).await;
    let mut terminal = Terminal::prompted(&admin, id).await;
    terminal.until_drawn("> ").await;
    for comes_back in [true, false] {
        let mut words = pass(&mut terminal, 14 * 60).await;
        if words.is_empty() {
            words.extend(terminal.word().await);
        }
        assert_eq!(words, [ToTerminal::Idle { seconds_left: 60 }]);
        if comes_back {
            terminal.say(&FromTerminal::Stay).await;
            terminal.type_in(b"here").await;
            terminal.until_drawn("here").await;
        }
    }
    // What the screen itself says reaches the device, and is nobody's presence.
    terminal.send(TERMINAL_ANSWER, b"nobody").await;
    terminal.until_drawn("nobody").await;
    assert_eq!(pass(&mut terminal, 60).await, [ToTerminal::Ended(TerminalEnd::Idle)]);
}

/// Lets so much time pass in which nothing is typed, in steps: a page that says nothing at all for long is gone.
/// What was said meanwhile.
async fn pass(terminal: &mut Terminal, seconds: u16) -> Vec<ToTerminal> {
    let mut words = Vec::new();
    for step in 0..seconds / 20 {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(20)).await;
        tokio::time::resume();
        terminal.say(&FromTerminal::Resize { columns: 80 + step, rows: 24 }).await;
        let mut answer = String::new();
        while !answer.contains("now") {
            match terminal.hear().await {
                Some(TerminalSays::Bytes(bytes)) => answer += &String::from_utf8(bytes).unwrap(),
                Some(TerminalSays::Word(word)) => words.push(word),
                None => return words,
            }
        }
    }
    words
}

#[tokio::test]
async fn whoever_loses_the_right_loses_the_open_terminal_at_once_and_the_server_s_end_ends_it_too() {
    let mut app = App::start().await;
    let (admin, staying) = (app.admin().await, app.admin().await);
    let sim = SshSim::start(1).await;
    let id = add_trusted(&admin, "edge-1", &sim).await;
    let (mut ending, mut going_on) =
        (Terminal::prompted(&admin, id).await, Terminal::prompted(&staying, id).await);
    admin.call("log_out", &[]).await.accepted();
    assert_eq!(ending.end().await, Some(TerminalEnd::NotAllowed));
    going_on.until_drawn("> ").await;
    going_on.type_in(b"still").await;
    going_on.until_drawn("still").await;
    let (end, ()) = tokio::join!(going_on.end(), app.stop());
    assert_eq!(end, Some(TerminalEnd::Stopping));
}

#[tokio::test]
async fn a_device_that_is_not_there_or_breaks_off_is_told_with_its_reason() {
    let (_app, admin, sim, id) = trusted().await;
    let mut terminal = Terminal::prompted(&admin, id).await;
    let place = format!("127.0.0.1:{}", sim.port);
    drop(sim);
    let end = terminal.end().await;
    assert!(
        matches!(&end, Some(TerminalEnd::Lost { why }) if why.contains("ended the connection")),
        "{end:?}"
    );
    let mut terminal = Terminal::greeted(&admin, id).await;
    let end = terminal.end().await;
    let Some(TerminalEnd::Unreached { host, why }) = end else { panic!("{end:?}") };
    assert_eq!(host, place);
    assert!(why.contains("refused"), "{why}");
}

#[tokio::test]
async fn whoever_leaves_before_the_terminal_is_there_is_noted_all_the_same() {
    let (_app, admin, sim, id) = trusted().await;
    let mut terminal =
        greeted_as(&admin, id, json!({"username": "slow", "password": SSH_PASSWORD, "port": sim.port})).await;
    while terminal.word().await != Some(ToTerminal::Step(TerminalStep::SigningIn)) {}
    let noted = |wanted: &'static str| {
        move |log: &Value| log["entries"].as_array().unwrap().iter().any(|entry| entry["act"] == wanted)
    };
    eventually("it is noted", &admin, "/api/audit?limit=5", noted("terminal_opened")).await;
    drop(terminal);
    eventually("its end is noted", &admin, "/api/audit?limit=5", noted("terminal_ended")).await;
}

#[tokio::test]
async fn secrets_go_in_and_never_come_out_and_what_get_gave_may_be_put_back() {
    let app = App::start().await;
    let admin = app.admin().await;
    let id = add(&admin, "edge-1", json!({"username": "netadmin", "password": "planted-77a1"})).await;
    let path = format!("/api/devices/{id}");
    let first = device(&admin, id).await;
    assert_eq!(
        (&first["ssh"]["set"], &first["ssh"]["has_password"], &first["ssh"]["port"]),
        (&json!(true), &json!(true), &Value::Null)
    );
    assert!(!first.to_string().contains("planted"));
    admin.put(&path, &first).await.accepted();
    assert_eq!(device(&admin, id).await["ssh"], first["ssh"], "nothing was changed");
    let moved = admin.put(&path, &json!({"ip_address": "192.0.2.7"})).await.has_status(400);
    assert!(moved.text.contains("ssh.password"), "{}", moved.text);
    let moved =
        admin.put(&path, &json!({"ssh": {"username": "netadmin", "port": 2222}})).await.has_status(400);
    assert!(moved.text.contains("ssh.password"), "{}", moved.text);
    for (key, why) in [
        ("ssh-ed25519 AAAA someone@here", "a public key"),
        ("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n", "encrypted"),
        ("nonsense", "no private key"),
    ] {
        let login = json!({"username": "netadmin", "private_key": key});
        let answer = admin.put(&path, &json!({"ssh": login})).await.has_status(400);
        assert!(answer.text.contains("ssh.private_key") && answer.text.contains(why), "{}", answer.text);
    }
    admin.put(&path, &json!({"ssh": null})).await.accepted();
    assert_eq!(device(&admin, id).await["ssh"], Value::Null);
}

#[tokio::test]
async fn what_is_left_out_of_a_login_stays_and_an_empty_secret_is_refused() {
    let app = App::start().await;
    let admin = app.admin().await;
    let login =
        json!({"username": "netadmin", "password": "planted-88b2", "port": 2222, "legacy_algorithms": true});
    let id = add(&admin, "edge-1", login).await;
    let path = format!("/api/devices/{id}");
    for secret in ["password", "private_key"] {
        let mut login = json!({"username": "other"});
        login[secret] = json!("");
        let refused = admin.put(&path, &json!({ "ssh": login })).await.has_status(400);
        assert!(refused.text.contains(&format!("ssh.{secret}: must not be empty")), "{}", refused.text);
        let mut body = json!({"name": "edge-2", "ip_address": "127.0.0.1", "device_type": "server"});
        body["ssh"] = login;
        let refused = admin.post("/api/devices", &body).await.has_status(400);
        assert!(refused.text.contains(&format!("ssh.{secret}")), "{}", refused.text);
    }
    let renamed = admin.put(&path, &json!({"ssh": {"username": "other"}})).await.accepted().json();
    let ssh = &renamed["ssh"];
    assert_eq!((&ssh["username"], &ssh["port"]), (&json!("other"), &json!(2222)), "{ssh}");
    assert_eq!((&ssh["has_password"], &ssh["legacy_algorithms"]), (&json!(true), &json!(true)), "{ssh}");
    let plain = json!({"username": "other", "password": null, "port": null, "legacy_algorithms": false});
    let plain = admin.put(&path, &json!({ "ssh": plain })).await.accepted().json();
    let ssh = &plain["ssh"];
    assert_eq!((&ssh["has_password"], &ssh["port"]), (&json!(false), &Value::Null), "{ssh}");
    assert_eq!(ssh["legacy_algorithms"], json!(false), "{ssh}");
}

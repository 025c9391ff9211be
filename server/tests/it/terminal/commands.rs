//! One command for many devices: who may, what is asked first, what comes back, and what is written down of it.

use super::{
    add, add_known, add_trusted,
    peers::{self, Kind, PASSWORD, Peer, USER},
};
use crate::fixture::{ADMIN, App, Client, SSH_USER, SshKind, SshSim, VIEWER, eventually};
use engine::driver::{
    resolve::Resolver,
    ssh::{Endpoint, SshError, connect},
};
use serde_json::{Value, json};
use std::time::Duration;

async fn begin(admin: &Client, wish: Value) -> i64 {
    let begun = admin.post("/api/commands", &wish).await.has_status(202).json();
    assert_eq!(begun["run"]["state"], "running", "{begun}");
    begun["run"]["id"].as_i64().unwrap()
}

/// The run once it is over.
async fn ended(admin: &Client, id: i64) -> Value {
    let path = format!("/api/commands/{id}");
    eventually("it ends", admin, &path, |seen| seen["run"]["state"] != "running").await["run"].clone()
}

fn answer<'a>(run: &'a Value, name: &str) -> &'a Value {
    let answers = run["answers"].as_array().unwrap();
    answers.iter().find(|answer| answer["name"] == name).unwrap_or_else(|| panic!("{name} is not in {run}"))
}

/// What a field of every answer says, by the devices' names.
fn each<'a>(run: &'a Value, field: &str) -> Vec<&'a str> {
    let answers = run["answers"].as_array().unwrap().iter();
    answers.map(|answer| answer[field].as_str().unwrap_or_default()).collect()
}

/// Acts, subjects and details of the audit log that are about commands, the oldest first.
async fn audited(admin: &Client) -> Vec<(String, String, String)> {
    let log = admin.get("/api/audit?limit=100").await.accepted().json();
    let text = |entry: &Value, field: &str| entry[field].as_str().unwrap_or_default().to_owned();
    let entries = log["entries"].as_array().unwrap().iter().rev();
    let told = entries.map(|entry| (text(entry, "act"), text(entry, "subject"), text(entry, "detail")));
    told.filter(|(act, ..)| act.starts_with("command_")).collect()
}

#[tokio::test]
async fn many_are_asked_and_each_answer_is_told_and_written_down() {
    let app = App::start().await;
    let admin = app.admin().await;
    let (one, other) = (SshSim::start(1).await, SshSim::start(2).await);
    let unknown = SshSim::start(3).await;
    let ready = [add_trusted(&admin, "a", &one).await, add_trusted(&admin, "b", &other).await];
    let not_ready = [
        add_known(&admin, "c", unknown.port).await,
        add(&admin, "d", json!({"username": SSH_USER, "port": 1})).await,
    ];
    let devices = [ready, not_ready].concat();
    let command = "/system identity print";
    // None of them is RouterOS.
    let id = begin(&admin, json!({"devices": devices, "command": command, "confirm": 4})).await;
    let run = ended(&admin, id).await;
    assert_eq!(
        (&run["state"], &run["effect"], &run["by"]),
        (&"finished".into(), &"reads".into(), &ADMIN.into())
    );
    assert_eq!((&run["asked"], &run["answered"], &run["failed"]), (&4.into(), &2.into(), &2.into()), "{run}");
    assert_eq!(each(&run, "outcome"), ["answered", "answered", "not_ready", "not_ready"]);
    assert_eq!(answer(&run, "a")["output"], format!("{SSH_USER} ran {command}"));
    assert_eq!(answer(&run, "a")["exit_code"], 0);
    assert!(answer(&run, "c")["told"].as_str().unwrap().contains("host key"), "{run}");
    assert!(answer(&run, "d")["told"].as_str().unwrap().contains("login"), "{run}");
    assert_eq!((one.commands(), other.commands()), (1, 1));
    assert_eq!(unknown.connections(), 0, "nobody connects to whom nobody has accepted");

    let log = audited(&admin).await;
    let has = |act: &str, subject: &str, part: &str| {
        log.iter().any(|(of, on, detail)| of == act && on == subject && detail.contains(part))
    };
    assert!(has("command_started", "", "/system identity print: 4 devices: a, b, c, d"), "{log:?}");
    assert!(has("command_run", "a", &format!("run {id}: /system identity print: answered")), "{log:?}");
    assert!(has("command_run", "b", &format!("run {id}: /system identity print: answered")), "{log:?}");
    assert!(has("command_started", "", &format!("run {id}: /system")), "{log:?}");
    assert!(
        has("command_ended", "", &format!("run {id} finished: /system identity print: 2 of 4")),
        "{log:?}"
    );
    assert!(has("command_ended", "", "2 of 4 answered, 2 failed, 0 cancelled"), "{log:?}");

    let list = admin.get("/api/commands").await.accepted().json();
    assert_eq!((&list["total"], &list["runs"][0]["id"]), (&1.into(), &id.into()));
    assert_eq!(list["runs"][0]["answers"], Value::Null);
}

#[tokio::test]
async fn what_may_change_something_wants_the_number_of_devices_and_is_refused_without() {
    let app = App::start().await;
    let admin = app.admin().await;
    let sim = SshSim::start(1).await;
    let device = add_trusted(&admin, "edge", &sim).await;
    let wish =
        |command: &str, confirm: Value| json!({"devices": [device], "command": command, "confirm": confirm});
    for confirm in [Value::Null, json!(0), json!(2)] {
        let refused = admin.post("/api/commands", &wish("/system reboot", confirm)).await.has_status(400);
        assert!(refused.text.contains("confirm"), "{}", refused.text);
    }
    for (wrong, field) in [
        (json!({"devices": [], "command": "/ip address print"}), "devices"),
        (json!({"devices": [device, device], "command": "/ip address print"}), "devices"),
        (json!({"devices": (1..=1001).collect::<Vec<_>>(), "command": "/ip address print"}), "devices"),
        (wish(" ", Value::Null), "command"),
        (wish("/ip address print\n/system reboot", Value::Null), "command"),
        (wish(&"x".repeat(401), json!(1)), "command"),
        (json!({"devices": [device], "command": "x", "confirmed": 1}), "confirmed"),
    ] {
        let refused = admin.post("/api/commands", &wrong).await.has_status(400);
        assert!(refused.text.contains(field), "{field}: {}", refused.text);
    }
    let unknown = json!({"devices": [device, 999_999], "command": "/ip address print"});
    let refused = admin.post("/api/commands", &unknown).await.has_status(400);
    assert!(refused.text.contains("there is no device 999999"), "{}", refused.text);
    let unsure = admin.post("/api/commands", &wish("/system reboot", Value::Null)).await;
    assert!(unsure.text.contains("on 1 device:"), "{}", unsure.text);
    assert_eq!(sim.connections(), 0);
    assert_eq!(admin.get("/api/commands").await.json()["total"], 0);

    let run = ended(&admin, begin(&admin, wish("/system reboot", json!(1))).await).await;
    assert_eq!((&run["effect"], &run["answered"]), (&"changes".into(), &1.into()), "{run}");
}

#[tokio::test]
async fn secrets_in_a_command_reach_the_device_and_nobody_else() {
    let app = App::start().await;
    let admin = app.admin().await;
    let sim = SshSim::start(1).await;
    let device = add_trusted(&admin, "edge", &sim).await;
    let command = "/user set ani password=hunter2";
    let id = begin(&admin, json!({"devices": [device], "command": command, "confirm": 1})).await;
    let run = ended(&admin, id).await;
    assert_eq!(run["command"], "/user set ani password=***");
    assert_eq!(answer(&run, "edge")["output"], format!("{SSH_USER} ran {command}"), "the device was told it");
    let log = audited(&admin).await;
    assert_eq!(log.len(), 3);
    for (_, _, detail) in log {
        assert!(detail.contains("password=***") && !detail.contains("hunter2"), "{detail}");
    }
}

#[tokio::test]
async fn a_changed_host_key_stops_it_for_that_device_before_anything_is_sent() {
    let app = App::start().await;
    let admin = app.admin().await;
    let (sim, impostor) = (SshSim::start(1).await, SshSim::start(2).await);
    let right = add_trusted(&admin, "right", &sim).await;
    let wrong = add_known(&admin, "wrong", impostor.port).await;
    let key = json!({"algorithm": "ssh-ed25519", "fingerprint": sim.fingerprint});
    admin.post(&format!("/api/devices/{wrong}/host-key"), &key).await.accepted();
    let run = begin(&admin, json!({"devices": [wrong, right], "command": "/ip address print", "confirm": 2}));
    let run = run.await;
    let run = ended(&admin, run).await;
    assert_eq!(each(&run, "outcome"), ["answered", "host_key_changed"]);
    let told = answer(&run, "wrong")["told"].as_str().unwrap();
    assert!(told.contains(&sim.fingerprint) && told.contains(&impostor.fingerprint), "{told}");
    assert_eq!((impostor.logins(), impostor.commands()), (0, 0));
}

#[tokio::test]
async fn what_a_device_prints_is_plain_text_and_bounded_and_never_a_formula() {
    let app = App::start().await;
    let admin = app.admin().await;
    let sim = SshSim::start(1).await;
    let device = add_trusted(&admin, "=edge", &sim).await;
    let ran = async |command: &str| {
        let wish = json!({"devices": [device], "command": command, "confirm": 1});
        let id = begin(&admin, wish).await;
        (id, ended(&admin, id).await)
    };
    let (_, wild) = ran("wild").await;
    assert_eq!(answer(&wild, "=edge")["output"], "<img src=x onerror=alert(1)>");

    let (_, flood) = ran("flood").await;
    let cut = answer(&flood, "=edge");
    assert_eq!((&cut["cut"], cut["output"].as_str().unwrap().len()), (&true.into(), 64 * 1024));
    assert_eq!(cut["exit_code"], 0, "it went on to its end: {}", cut["told"]);

    let (id, _) = ran("forge").await;
    let forged = admin.get(&format!("/api/commands/{id}/answers.txt")).await.accepted();
    assert!(forged.text.contains("\n| ## other (answered)\n| all is well\n"), "{}", forged.text);
    assert_eq!(forged.text.matches("\n## ").count(), 1, "{}", forged.text);

    let (_, refused) = ran("refuse").await;
    assert_eq!(answer(&refused, "=edge")["told"], "failed: the device runs no commands by SSH");

    let (id, code) = ran("code").await;
    assert_eq!((&code["answered"], &code["failed"]), (&1.into(), &0.into()), "{code}");
    assert_eq!(answer(&code, "=edge")["exit_code"], 3);

    let csv = admin.get(&format!("/api/commands/{id}/answers.csv")).await.accepted();
    let mut lines = csv.text.lines();
    assert_eq!(lines.next(), Some("device,outcome,told,seconds,exit_code,cut,output"));
    let line = lines.next().unwrap();
    assert!(
        line.starts_with("'=edge,answered,ended with code 3,") && line.ends_with(",3,false,it went wrong"),
        "{line}"
    );
    assert!(csv.header("content-disposition").contains(&format!("command-{id}.csv")));
    let text = admin.get(&format!("/api/commands/{id}/answers.txt")).await.accepted();
    assert!(
        text.text.contains("# code\n")
            && text.text.contains("## =edge (ended with code 3)\n| it went wrong\n"),
        "{}",
        text.text
    );
}

#[tokio::test]
async fn whoever_cancels_ends_it_and_what_has_not_begun_does_not() {
    let app = App::start().await;
    let admin = app.admin().await;
    let sim = SshSim::start(1).await;
    let mut devices = Vec::new();
    for number in 0..20 {
        devices.push(add_trusted(&admin, &format!("r{number:02}"), &sim).await);
    }
    let id = begin(&admin, json!({"devices": devices, "command": "hang", "confirm": 20})).await;
    // Sixteen hang, and four wait for their turn.
    sim.until_commands(16).await;
    let path = format!("/api/commands/{id}");
    admin.delete(&path).await.has_status(202);
    let run = ended(&admin, id).await;
    assert_eq!(run["state"], "cancelled");
    let told = each(&run, "told");
    assert_eq!(told.iter().filter(|told| **told == "cut off: it may still go on").count(), 16, "{told:?}");
    assert_eq!(told.iter().filter(|told| **told == "not asked: cancelled").count(), 4, "{told:?}");
    assert_eq!(sim.commands(), 16);
    // Who it was is written down, once.
    admin.delete(&path).await.has_status(202);
    let log = audited(&admin).await;
    let cancelled: Vec<_> = log.iter().filter(|(act, ..)| act == "command_cancelled").collect();
    assert_eq!(cancelled, [&("command_cancelled".to_owned(), String::new(), format!("run {id}: hang"))]);
    assert!(log.iter().any(|(.., told)| told.starts_with(&format!("run {id} cancelled: hang: "))), "{log:?}");
    admin.delete("/api/commands/999").await.has_status(404);
    admin.get("/api/commands/x").await.has_status(404);
}

#[tokio::test]
async fn a_run_ends_with_the_session_or_the_role_that_began_it() {
    let app = App::start().await;
    let admin = app.admin().await;
    let sim = SshSim::start(1).await;
    let device = add_trusted(&admin, "edge", &sim).await;
    admin
        .call("create_user", &[("name", "boss"), ("role", "admin"), ("password", crate::fixture::PASSWORD)])
        .await
        .accepted();
    let users = admin.call("load_users", &[]).await.accepted().json();
    let boss =
        users.as_array().unwrap().iter().find(|user| user["name"] == "boss").unwrap()["id"].to_string();
    for (how, count) in [("logged out", 1), ("demoted", 2)] {
        let other = app.logged_in("boss").await;
        let id = begin(&other, json!({"devices": [device], "command": "hang", "confirm": 1})).await;
        sim.until_commands(count).await;
        match how {
            "logged out" => other.call("log_out", &[]).await.accepted(),
            _ => {
                let form = [("id", boss.as_str()), ("role", "viewer"), ("enabled", "true")];
                admin.call("update_user", &form).await.accepted()
            }
        };
        let run = ended(&admin, id).await;
        assert_eq!((&run["state"], &run["by"]), (&"withdrawn".into(), &"boss".into()), "{how}");
        assert_eq!(answer(&run, "edge")["told"], "cut off: it may still go on", "{how}");
    }
}

#[tokio::test]
async fn only_an_admin_whose_password_is_fresh_may() {
    let (app, clock) = App::at_standstill().await;
    app.with_accounts().await;
    let admin = app.admin().await;
    let sim = SshSim::of(SshKind::Router, 1).await;
    let device = add_trusted(&admin, "edge", &sim).await;
    let wish = json!({"devices": [device], "command": "/ip address print"});
    let viewer = app.viewer().await;
    for client in [viewer, app.token(ADMIN, "read").await, app.token(VIEWER, "write").await] {
        client.post("/api/commands", &wish).await.has_status(403);
        client.get("/api/commands").await.has_status(403);
        client.get("/api/commands/1").await.has_status(403);
        client.delete("/api/commands/1").await.has_status(403);
        client.get("/api/commands/1/answers.csv").await.has_status(403);
    }
    app.anonymous().post("/api/commands", &wish).await.has_status(401);
    let program = app.token(ADMIN, "write").await;
    clock.forward(Duration::from_secs(12 * 3600));
    let late = admin.post("/api/commands", &wish).await.has_status(403);
    assert!(late.text.contains("password_needed"), "{}", late.text);
    assert_eq!(sim.connections(), 0);
    // A program has no password to give.
    let run = ended(&program, begin(&program, wish).await).await;
    assert_eq!(run["answered"], 1, "{run}");
    // What was answered takes the same; that there was something does not.
    let path = format!("/api/commands/{}", run["id"]);
    for of in ["", "/answers.csv", "/answers.txt"] {
        let late = admin.get(&format!("{path}{of}")).await.has_status(403);
        assert!(late.text.contains("password_needed"), "{of}: {}", late.text);
    }
    admin.get("/api/commands").await.accepted();
    admin.delete(&path).await.has_status(202);
}

#[tokio::test]
async fn who_reads_answers_that_others_asked_for_is_written_down_once_and_who_takes_a_file_always() {
    let app = App::start().await;
    let admin = app.admin().await;
    let sim = SshSim::start(1).await;
    let device = add_trusted(&admin, "edge", &sim).await;
    let id = begin(&admin, json!({"devices": [device], "command": "id", "confirm": 1})).await;
    ended(&admin, id).await;
    let seen = async || {
        let log = audited(&admin).await.into_iter();
        log.filter(|(act, ..)| act == "command_seen").map(|(.., told)| told).collect::<Vec<_>>()
    };
    assert!(seen().await.is_empty(), "who asked is known");
    let other = app.token(ADMIN, "write").await;
    let path = format!("/api/commands/{id}");
    for _ in 0..2 {
        other.get(&path).await.accepted();
    }
    assert_eq!(seen().await, [format!("run {id}: id: answers")]);
    admin.get(&format!("{path}/answers.csv")).await.accepted();
    other.get(&format!("{path}/answers.txt")).await.accepted();
    let (answers, file) = (format!("run {id}: id: answers"), format!("run {id}: id: file"));
    assert_eq!(seen().await, [answers, file.clone(), file]);
}

#[tokio::test]
async fn what_nobody_confirmed_is_sent_to_routeros_alone() {
    let app = App::start().await;
    let admin = app.admin().await;
    let (server, router) = (SshSim::start(1).await, SshSim::of(SshKind::Router, 2).await);
    let devices = [add_trusted(&admin, "a", &server).await, add_trusted(&admin, "b", &router).await];
    let wish = json!({"devices": devices, "command": "/ip address print"});
    let run = ended(&admin, begin(&admin, wish).await).await;
    assert_eq!(each(&run, "outcome"), ["failed", "answered"], "{run}");
    let told = answer(&run, "a")["told"].as_str().unwrap();
    assert!(told.contains("it is not RouterOS"), "{told}");
    assert_eq!((server.logins(), server.commands(), router.commands()), (0, 0, 1), "not even a login");
    let wish = json!({"devices": devices, "command": "/ip address print", "confirm": 2});
    let run = ended(&admin, begin(&admin, wish).await).await;
    assert_eq!((&run["answered"], &run["effect"]), (&2.into(), &"reads".into()), "{run}");
}

#[tokio::test]
async fn as_many_run_at_once_as_may_and_no_more() {
    let app = App::start().await;
    let admin = app.admin().await;
    let sim = SshSim::start(1).await;
    let device = add_trusted(&admin, "edge", &sim).await;
    let wish = json!({"devices": [device], "command": "hang", "confirm": 1});
    let mut runs = Vec::new();
    for _ in 0..4 {
        runs.push(begin(&admin, wish.clone()).await);
    }
    let refused = admin.post("/api/commands", &wish).await.has_status(429);
    assert!(refused.header("retry-after").parse::<u64>().is_ok());
    assert!(refused.text.contains("4 are being run already"), "{}", refused.text);
    let log = audited(&admin).await;
    assert!(log.iter().any(|(_, _, detail)| detail.ends_with(": 1 device: edge")), "{log:?}");
    for id in &runs {
        admin.delete(&format!("/api/commands/{id}")).await.has_status(202);
        ended(&admin, *id).await;
    }
    begin(&admin, wish).await;
}

#[tokio::test]
async fn routeros_is_asked_for_plain_lines_behind_the_name_and_plainly_when_it_refuses_that() {
    let app = App::start().await;
    let admin = app.admin().await;
    for (kind, name, connections) in [
        (SshKind::Server, SSH_USER.to_owned(), 1),
        (SshKind::Router, format!("{SSH_USER}+cet1000w"), 1),
        (SshKind::LiteralRouter, SSH_USER.to_owned(), 2),
    ] {
        let sim = SshSim::of(kind, 1).await;
        let device = add_trusted(&admin, &format!("{kind:?}"), &sim).await;
        let wish = json!({"devices": [device], "command": "/ip address print", "confirm": 1});
        let run = ended(&admin, begin(&admin, wish).await).await;
        let answer = &run["answers"][0];
        assert_eq!(answer["output"], format!("{name} ran /ip address print"), "{kind:?}");
        assert_eq!(
            answer["outcome"], "answered",
            "{kind:?}: RouterOS tells no exit code, and that is no failure"
        );
        assert_eq!(sim.connections(), connections, "{kind:?}");
    }
}

#[tokio::test]
async fn a_suffix_that_somebody_wrote_stays() {
    let app = App::start().await;
    let admin = app.admin().await;
    let sim = SshSim::of(SshKind::Router, 1).await;
    let login = json!({"username": format!("{SSH_USER}+ct80w"), "password": crate::fixture::SSH_PASSWORD, "port": sim.port});
    let device = add(&admin, "edge", login).await;
    let key = json!({"algorithm": "ssh-ed25519", "fingerprint": sim.fingerprint});
    admin.post(&format!("/api/devices/{device}/host-key"), &key).await.accepted();
    let run = ended(&admin, begin(&admin, json!({"devices": [device], "command": "/export"})).await).await;
    assert_eq!(run["answers"][0]["output"], format!("{SSH_USER}+ct80w ran /export"));
}

/// The key that a real server shows.
async fn host_key(peer: &Peer) -> model::SshHostKey {
    let endpoint =
        Endpoint { host: "127.0.0.1".to_owned(), port: peer.port, pinned: None, has_legacy: false };
    match connect(&Resolver::default(), &endpoint).await {
        Err(SshError::HostKeyUnknown(key)) => key,
        other => panic!("{:?}", other.err()),
    }
}

#[tokio::test]
async fn servers_that_nobody_here_wrote_answer_side_by_side() {
    let app = App::start().await;
    let admin = app.admin().await;
    let peers = peers::all();
    let mut devices = Vec::new();
    for (kind, peer) in &peers {
        let by_key = json!({"username": USER, "private_key": peer.private_key, "port": peer.port});
        let by_password = json!({"username": USER, "password": PASSWORD, "port": peer.port});
        let wrong = json!({"username": USER, "password": "wrong", "port": peer.port});
        for (how, ssh) in [("key", by_key), ("password", by_password), ("wrong", wrong)] {
            let id = add(&admin, &format!("{kind:?} {how}"), ssh).await;
            let key = serde_json::to_value(host_key(peer).await).unwrap();
            admin.post(&format!("/api/devices/{id}/host-key"), &key).await.accepted();
            devices.push(id);
        }
    }
    if devices.is_empty() {
        return;
    }
    let command = "id -un; printf '\\033[31mred\\033[0m\\r\\n'; echo gone >&2; exit 4";
    let wish = json!({"devices": devices, "command": command, "confirm": devices.len()});
    let run = ended(&admin, begin(&admin, wish).await).await;
    for (kind, _) in &peers {
        for how in ["key", "password"] {
            let answer = answer(&run, &format!("{kind:?} {how}"));
            assert_eq!(answer["output"], format!("{USER}\nred\ngone"), "{kind:?} {how}");
            assert_eq!(answer["exit_code"], 4, "{kind:?} {how}");
        }
        let refused = answer(&run, &format!("{kind:?} wrong"));
        assert_eq!(refused["told"], "failed: the device refused the login", "{kind:?}");
    }
    // One that is killed has no code of its own.
    let openssh: Vec<_> =
        peers.iter().zip(devices.chunks(3)).filter(|((kind, _), _)| *kind == Kind::OpenSsh).collect();
    for (_, ids) in openssh {
        let wish = json!({"devices": [ids[0]], "command": "kill -9 $$", "confirm": 1});
        let run = ended(&admin, begin(&admin, wish).await).await;
        assert_eq!((&run["answered"], &run["answers"][0]["exit_code"]), (&1.into(), &255.into()), "{run}");
    }
}

#[tokio::test]
async fn over_plain_http_from_elsewhere_a_command_runs_by_explicit_setting_only() {
    for (allowed, environment) in [(false, vec![]), (true, vec![("ROUTEWARDEN_TERMINAL_OVER_HTTP", "true")])]
    {
        let app = App::with(&environment).await;
        app.with_accounts().await;
        let admin = app.admin().await;
        let sim = SshSim::start(1).await;
        let device = add_trusted(&admin, "edge", &sim).await;
        // What a proxy adds makes it no visit from this machine.
        let wish = admin
            .request(reqwest::Method::POST, "/api/commands")
            .header("x-forwarded-for", "203.0.113.9")
            .json(&json!({"devices": [device], "command": "/ip address print"}));
        let answer = crate::fixture::Answer::of(wish).await;
        assert_eq!(answer.status == 202, allowed, "{}", answer.text);
        if !allowed {
            assert!(answer.text.contains("terminal_over_http"), "{}", answer.text);
            assert_eq!(sim.connections(), 0);
        }
        // One that was begun where it may be.
        let wish = json!({"devices": [device], "command": "id", "confirm": 1});
        let path = format!("/api/commands/{}", begin(&admin, wish).await);
        for of in ["", "/answers.csv", "/answers.txt"] {
            let reading = admin
                .request(reqwest::Method::GET, &format!("{path}{of}"))
                .header("x-forwarded-for", "203.0.113.9");
            let answer = crate::fixture::Answer::of(reading).await;
            assert_eq!(answer.status == 200, allowed, "{of}: {}", answer.text);
        }
    }
}

//! Secrets planted in a run of the real program, and hunted for in all that it stores, logs and answers.

mod factor;
mod hunt;
mod live;
mod own_log;
mod printed;
mod program;

use crate::fixture::{ADMIN, Answer, Client, VIEWER, eventually};
use engine::driver::routeros::sim::{Personality, SimOptions, SimRouter, SimUser};
use hunt::Hunt;
use program::{Program, run};
use reqwest::Method;
use serde_json::{Value, json};
use server::web::policy::{Kind, RULES};
use std::path::Path;

/// The dashboard's file and the key of its passwords; the first of its users' hashes.
const DASHBOARD: &[u8] = include_bytes!("../../../src/import/database/testdata/routers.sqlite");
const FERNET_KEY: &str = include_str!("../../../src/import/database/testdata/fernet.key");
const BCRYPT_HASH: &str = "$2b$12$nObJ8lnrZRtdplAc96YkL.TP4dPUTFP3wCIICcJNjRes768ErCCy2";

/// What the database is copied into while the server runs.
const BACKUP: &str = "backup.db";

/// Everything that left the program.
#[derive(Default)]
struct Ears(Vec<(String, Vec<u8>)>);

impl Ears {
    fn hear(&mut self, place: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.0.push((place.into(), bytes.into()));
    }

    /// Body and headers, but for the cookies, which are the one way of a session's id.
    fn answer(&mut self, place: &str, answer: &Answer) {
        let headers = answer.headers.iter().filter(|(name, _)| *name != "set-cookie");
        let headers: Vec<_> = headers.map(|(name, value)| format!("{name}: {value:?}\n")).collect();
        self.hear(place, headers.concat() + &answer.text);
    }

    /// Calls a function, as the pages do.
    async fn call(&mut self, client: &Client, function: &str, form: &[(&str, &str)]) -> Answer {
        let answer = client.call(function, form).await;
        self.answer(&format!("the answer to {function}"), &answer);
        answer
    }

    fn tell(&mut self, folder: &Path, words: &[&str], input: &str) -> String {
        let output = run(folder, words, input);
        self.hear(format!("standard error of {words:?}"), output.stderr);
        self.hear(format!("standard output of {words:?}"), output.stdout.clone());
        String::from_utf8(output.stdout).unwrap()
    }
}

/// The cookie of this name, as the browser keeps it.
fn cookie(client: &Client, name: &str) -> String {
    let all = client.cookie();
    let value = all.split("; ").find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    value.unwrap_or_else(|| panic!("no {name} in {all}")).to_owned()
}

async fn router(password: &str, tls: bool) -> SimRouter {
    let options =
        SimOptions { users: vec![SimUser::monitor("monitor", password)], tls, ..SimOptions::default() };
    SimRouter::start_with(Personality::V7, "127.0.0.1:0".parse().unwrap(), options).await.unwrap()
}

fn device(name: &str, router: &SimRouter, password: &str) -> Value {
    json!({
        "name": name, "ip_address": "127.0.0.1", "device_type": "router",
        "checks": [{"kind": "routeros", "interval_seconds": 5}],
        "routeros": {
            "username": "monitor", "password": password,
            "port": router.address().port(), "tls": router.fingerprint().is_some(),
        },
    })
}

#[tokio::test]
async fn no_secret_is_found_in_what_is_stored_logged_or_answered() {
    let folder = tempfile::tempdir().unwrap();
    let (mut hunt, mut ears) = (Hunt::default(), Ears::default());
    write_certificate(folder.path(), &mut hunt);
    let program = Program::serve(folder.path()).await;
    let code = program.said("From another machine it asks for this code: ").await;
    hunt.plant("the setup code", &code);
    let key = std::fs::read_to_string(folder.path().join("data/secret.key")).unwrap();
    hunt.plant("the vault's key", key.split_whitespace().last().unwrap());

    let admin = people(&program.base, &mut hunt, &mut ears).await;
    let routers = fleet(&admin, &mut hunt, &mut ears).await;
    live::listen(folder.path(), &admin, &mut hunt, &mut ears).await;
    command_line(folder.path(), &routers, &mut hunt, &mut ears).await;
    walk(&admin, &mut hunt, &mut ears).await;
    own_log::read(folder.path(), &admin, &mut hunt, &mut ears).await;

    assert!(hunt.count() >= 20, "{}", hunt.count());
    let files = ["data/routewarden.db", "data/routewarden.db-wal", BACKUP];
    search_database(folder.path(), &mut hunt, &files);
    let log = program.stop().await;
    search_database(folder.path(), &mut hunt, &["data/routewarden.db"]);
    assert!(log.windows(5).filter(|word| word == b"TRACE").count() > 100, "the log tells everything");
    // The socket's library tells every message at this level, and so a ticket at the moment in which it is used up.
    hunt.search("the log", &log, &["the setup code", live::USED_TICKET]);
    for (place, bytes) in &ears.0 {
        // What is made for somebody is told once, to whom it is for.
        let allowed: &[&str] = match place.as_str() {
            "the answer to create_token" => &["a token made in the browser"],
            "the answer to ticket" => &["a ticket"],
            "the answer to offer_second_factor" => &[factor::SECRET, factor::PICTURE],
            "the answer to accept_second_factor" => &[factor::CODE],
            place if place.contains("standard output of [\"token\"") => &["a token made in the shell"],
            _ => &[],
        };
        hunt.search(place, bytes, allowed);
    }
    hunt.found_nothing();
}

fn search_database(folder: &Path, hunt: &mut Hunt, files: &[&str]) {
    for file in files {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        assert!(bytes.len() > 10_000, "{file} holds something");
        // Kept until its owner's first login, as the only thing that can judge it.
        hunt.search(file, &bytes, &["an imported bcrypt hash"]);
    }
}

fn write_certificate(folder: &Path, hunt: &mut Hunt) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let pem = made.signing_key.serialize_pem();
    hunt.plant("the TLS key", pem.lines().nth(1).unwrap());
    std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), pem).unwrap();
}

/// Accounts, logins that fail and succeed, changed passwords, tokens.
async fn people(base: &str, hunt: &mut Hunt, ears: &mut Ears) -> Client {
    let admins = hunt.plant("the admin's password", "pl4nted & admin's = word");
    let first = hunt.plant("the viewer's first password", "pl4nted <viewer> \"one\"");
    let second = hunt.plant("the viewer's next password", "pl4nted viewer/two+two?");
    let own = hunt.plant("the viewer's own password", "pl4nted viewer%three;");
    let wrong = hunt.plant("a password mistyped", "pl4nted mistyped #word");
    let admin = Client::new(base);
    ears.call(&admin, "set_up", &[("code", ""), ("name", ADMIN), ("password", &admins)]).await.accepted();
    ears.call(&admin, "log_in", &[("name", ADMIN), ("password", &admins)]).await.accepted();
    let made =
        ears.call(&admin, "create_user", &[("name", VIEWER), ("role", "viewer"), ("password", &first)]).await;
    let id = made.accepted().json()["id"].to_string();
    ears.call(&admin, "set_user_password", &[("id", &id), ("password", &second)]).await.accepted();
    let viewer = Client::new(base);
    ears.call(&viewer, "log_in", &[("name", VIEWER), ("password", &second)]).await.accepted();
    ears.call(&viewer, "change_password", &[("old", &second), ("new", &own)]).await.accepted();
    ears.call(&viewer, "log_in", &[("name", VIEWER), ("password", &own)]).await.accepted();
    // Before the wrong password, after which every stranger waits.
    factor::take(&viewer, &own, hunt, ears).await;
    ears.call(&Client::new(base), "log_in", &[("name", VIEWER), ("password", &wrong)]).await.has_status(400);
    let token =
        ears.call(&viewer, "create_token", &[("name", "test"), ("scope", "read")]).await.accepted().json();
    hunt.plant("a token made in the browser", token.as_str().unwrap());
    for (client, session, browser) in [
        (&admin, "the admin's session", "the admin's known browser"),
        (&viewer, "the viewer's session", "the viewer's known browser"),
    ] {
        hunt.plant(session, cookie(client, "__Host-sid"));
        hunt.plant(browser, cookie(client, "known"));
    }
    admin
}

/// Routers with logins, by every way in.
async fn fleet(admin: &Client, hunt: &mut Hunt, ears: &mut Ears) -> Vec<SimRouter> {
    let plain = hunt.plant("a router's password", "pl4nted router 'plain'");
    let encrypted = hunt.plant("a router's password by TLS", "pl4nted router \\tls\\");
    let next = hunt.plant("a router's next password", "pl4nted router next &amp;");
    let refused = hunt.plant("a router's password that it refuses", "pl4nted router no{no}");
    let tried = hunt.plant("a password that was only tried", "pl4nted router [tried]");
    let routers =
        vec![router(&plain, false).await, router(&encrypted, true).await, router(&next, false).await];
    let add = async |name: &str, router: &SimRouter, password: &str| {
        admin.post("/api/devices", &device(name, router, password)).await.has_status(201)
    };
    ears.answer("POST /api/devices", &add("plain", &routers[0], &plain).await);
    ears.answer("POST /api/devices", &add("encrypted", &routers[1], &encrypted).await);
    let made = add("changing", &routers[2], &refused).await;
    eventually("it refuses the login", admin, "/api/devices", |seen| {
        seen["devices"].as_array().unwrap().iter().filter(|device| device["state"] == "up").count() == 2
    })
    .await;
    let change = json!({"routeros": {
        "username": "monitor", "password": next, "port": routers[2].address().port(),
    }});
    let path = format!("/api/devices/{}", made.json()["id"]);
    ears.answer("PUT /api/devices", &admin.put(&path, &change).await.accepted());
    admin.post("/api/refresh", &json!({})).await;
    let probe = json!({"id": null, "address": "127.0.0.1", "login": {
        "username": "monitor", "password": tried, "port": routers[0].address().port(), "tls": false,
    }});
    ears.answer("the answer to probe_routeros", &admin.post("/api/probe_routeros", &probe).await.accepted());
    // Refused, each with what was wrong.
    for broken in [json!({"name": 5}), json!({"routeros": {"username": 5}}), json!({"colour": "red"})] {
        let mut body = device("broken", &routers[0], &plain);
        body.as_object_mut().unwrap().extend(broken.as_object().unwrap().clone());
        ears.answer("POST /api/devices", &admin.post("/api/devices", &body).await);
    }
    let whole = device("cut", &routers[0], &plain).to_string();
    let half = whole[..whole.find("plain").unwrap()].to_owned();
    let request = admin.request(Method::POST, "/api/devices").header("content-type", "application/json");
    ears.answer("POST /api/devices", &Answer::of(request.body(half)).await);
    routers
}

/// What the shell is told and tells.
async fn command_line(folder: &Path, routers: &[SimRouter], hunt: &mut Hunt, ears: &mut Ears) {
    let added = hunt.plant("a password told in the shell", "pl4nted shell ~user~");
    ears.tell(
        folder,
        &["user", "add", "citra", "--role", "viewer", "--password-stdin"],
        &format!("{added}\n"),
    );
    ears.tell(folder, &["user", "list"], "");
    let token = ears.tell(folder, &["token", "create", "--user", "citra", "--name", "shell"], "");
    hunt.plant("a token made in the shell", token.trim());
    let imported = hunt.plant("a password imported", "pl4nted imported ^word");
    let list = json!({"devices": [
        {"name": "imported", "ip_address": "127.0.0.1", "device_type": "router",
         "routeros": {"username": "monitor", "password": imported, "port": 9}},
    ]});
    std::fs::write(folder.join("list.json"), list.to_string()).unwrap();
    ears.tell(folder, &["import", "list.json"], "");
    std::fs::write(folder.join("list.csv"), format!("name,ip_address,routeros_password\nx,y z,{imported}\n"))
        .unwrap();
    ears.tell(folder, &["import", "list.csv"], "");
    hunt.plant("the key of an imported file", FERNET_KEY.trim());
    hunt.plant("an imported bcrypt hash", BCRYPT_HASH);
    std::fs::write(folder.join("routers.db"), DASHBOARD).unwrap();
    std::fs::write(folder.join("fernet"), FERNET_KEY).unwrap();
    ears.tell(folder, &["import", "routers.db", "--fernet-key-file", "fernet"], "");
    let checked = hunt.plant("a password for one check", "pl4nted check `word`");
    let port = routers[0].address().port().to_string();
    let check = ["check", "127.0.0.1", "--username", "monitor", "--password-stdin", "--api-port", &port];
    ears.tell(folder, &check, &format!("{checked}\n"));
    let database = hunt.plant("the database's password", "pl4nted-database-word");
    for url in [
        format!("postgres://rw:{database}@127.0.0.1:1/rw"),
        format!("mariadb://rw:{database}@127.0.0.1:x/rw"),
    ] {
        ears.tell(folder, &["config", "--database-url", &url], "");
        ears.tell(folder, &["user", "list", "--database-url", &url], "");
        ears.tell(folder, &["serve", "--listen", "127.0.0.1:0", "--database-url", &url], "");
    }
    ears.tell(folder, &["verify-audit"], "");
    ears.tell(folder, &["backup", BACKUP], "");
}

/// Every page, every function and every route that only looks.
async fn walk(admin: &Client, hunt: &mut Hunt, ears: &mut Ears) {
    let devices = admin.get("/api/devices").await.accepted().json();
    let list = devices["devices"].as_array().unwrap();
    assert!(list.len() > 3, "{devices}");
    for rule in RULES {
        let is_reading = rule.method == "GET" || rule.path.contains("/load_") || rule.path == "/api/reload";
        if !is_reading || rule.kind == Kind::Socket {
            // Whatever it says to nothing at all. The socket is listened to in [`live`].
            if rule.path != "/api/log_out" && !rule.path.contains("{id}") {
                let answer = admin.post(rule.path, &json!({})).await;
                ears.answer(&format!("{} {}", rule.method, rule.path), &answer);
            }
            continue;
        }
        for device in list {
            let id = device["id"].to_string();
            let path = rule.path.replace("{id}", &id).replace("{name}", device["name"].as_str().unwrap());
            let answer = match rule.method {
                "GET" if rule.kind == Kind::Page => admin.visit(&path).await,
                "GET" => admin.get(&path).await,
                _ => admin.call(path.trim_start_matches("/api/"), &[("id", &id), ("limit", "100")]).await,
            };
            ears.answer(&format!("{} {path}", rule.method), &answer);
        }
    }
    let ticket = admin.call("ticket", &[("purpose", "live")]).await.accepted();
    ears.answer("the answer to ticket", &ticket);
    hunt.plant("a ticket", ticket.json().as_str().unwrap());
}

//! The audit log over the REST interface.

use crate::fixture::{ADMIN, App, VIEWER};

#[tokio::test]
async fn an_admin_reads_who_did_what_page_by_page() {
    let app = App::start().await;
    let admin = app.admin().await;
    let all = admin.get("/api/audit").await.accepted().json();
    assert_eq!(all["success"], true);
    let entries = all["entries"].as_array().unwrap();
    assert_eq!(all["total"], entries.len());
    assert_eq!((&entries[0]["act"], &entries[0]["subject"]), (&"logged_in".into(), &ADMIN.into()));
    assert_eq!((&entries[0]["via"], &entries[0]["address"]), (&"browser".into(), &"127.0.0.1".into()));
    assert_eq!(entries[0]["who"], ADMIN, "whoever logged in");
    let acts: Vec<_> = entries.iter().rev().map(|entry| entry["act"].as_str().unwrap()).collect();
    assert_eq!(acts, ["set_up", "user_created", "logged_in"]);

    let page = admin.get("/api/audit?limit=1&offset=1").await.accepted().json();
    assert_eq!(page["entries"].as_array().unwrap().as_slice(), &entries[1..2]);
    assert_eq!(page["total"], all["total"]);
    let logins = admin.get(&format!("/api/audit?act=logged_in&who={ADMIN}")).await.accepted().json();
    assert_eq!(logins["total"], 1);
    let by_act = admin.get("/api/audit?act=user_created&who=ani.lestari").await.accepted().json();
    assert_eq!((&by_act["total"], &by_act["entries"][0]["subject"]), (&1.into(), &VIEWER.into()));
}

#[tokio::test]
async fn what_the_filter_does_not_know_is_refused_by_name() {
    let app = App::start().await;
    let admin = app.admin().await;
    for (query, named) in [
        ("act=danced", "act"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=x", "limit: must be a whole number"),
        ("limit=-1", "limit: must be a whole number, and not negative"),
        ("offset=-1", "offset"),
        ("when=now", "when"),
        ("who=%00", "who"),
    ] {
        let answer = admin.get(&format!("/api/audit?{query}")).await.has_status(400);
        assert!(answer.text.contains(named), "{query}: {}", answer.text);
    }
    let past = admin.get(&format!("/api/audit?offset={}", u64::MAX)).await.accepted().json();
    assert_eq!(past["entries"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn a_viewer_and_a_token_that_only_reads_see_none_of_it() {
    let app = App::start().await;
    app.viewer().await.get("/api/audit").await.has_status(403);
    app.token(ADMIN, "read").await.get("/api/audit").await.has_status(403);
    app.token(ADMIN, "write").await.get("/api/audit").await.accepted();
}

#[tokio::test]
async fn entries_are_found_by_more_than_who_and_what_and_go_on_where_a_page_ended() {
    let app = App::start().await;
    let admin = app.admin().await;
    let total = async |query: &str| {
        admin.get(&format!("/api/audit?{query}")).await.accepted().json()["total"].clone()
    };
    assert_eq!(total("text=BUDI").await, 1);
    assert_eq!(total("text=%25").await, 0);
    assert_eq!(total("subject=budi.santoso").await, 1);
    assert_eq!(total("subject=budi").await, 0);
    assert_eq!(total("from=2020-01-01T00:00:00Z&to=2021-01-01T00:00:00Z").await, 0);
    assert_eq!(total("from=2020-01-01T00:00:00Z").await, 3);
    let first = admin.get("/api/audit?limit=2").await.accepted().json();
    let before = first["entries"][1]["id"].to_string();
    let rest = admin.get(&format!("/api/audit?before={before}")).await.accepted().json();
    assert_eq!(rest["entries"][0]["act"], "set_up");
    for (query, named) in
        [("from=soon", "from"), ("to=never", "to"), ("text=%00", "text"), ("before=x", "before")]
    {
        let answer = admin.get(&format!("/api/audit?{query}")).await.has_status(400);
        assert!(answer.text.contains(named), "{query}: {}", answer.text);
    }
}

#[tokio::test]
async fn the_whole_log_is_a_file_in_which_nothing_is_a_formula_and_nothing_is_lost() {
    let app = App::start().await;
    let admin = app.admin().await;
    let device = serde_json::json!({"name": "=1+1", "ip_address": "192.0.2.1", "device_type": "server"});
    admin.post("/api/devices", &device).await.has_status(201);
    let (_, store) = app.command_line().await;
    for number in 0..1_205 {
        store.audit().note(model::Act::LoggedIn, Some(&format!("n{number}")), None).await.unwrap();
    }
    let file = admin.get("/api/audit.csv").await.accepted();
    assert!(file.header("content-type").starts_with("text/csv"));
    assert!(file.header("content-disposition").contains("audit.csv"));
    assert_eq!(file.text.lines().count(), 1 + 1_205 + 4);
    assert!(file.text.contains(",device_created,'=1+1,"), "{}", file.text.lines().last().unwrap());
    let list: Vec<serde_json::Value> =
        serde_json::from_str(&admin.get("/api/audit.json").await.accepted().text).unwrap();
    assert_eq!(list.len(), 1_205 + 4);
    assert!(list.windows(2).all(|pair| pair[0]["id"].as_i64() > pair[1]["id"].as_i64()));
    let none = admin.get("/api/audit.json?text=nowhere").await.accepted();
    assert_eq!(none.json(), serde_json::json!([]));
    let some = admin.get("/api/audit.csv?act=device_created").await.accepted();
    assert_eq!(some.text.lines().count(), 2);
    app.viewer().await.get("/api/audit.csv").await.has_status(403);
    admin.get("/api/audit.csv?act=danced").await.has_status(400);
}

#[tokio::test]
async fn the_chain_is_checked_when_an_admin_asks_and_the_page_says_how_it_was() {
    let app = App::start().await;
    let admin = app.admin().await;
    assert!(admin.get("/api/audit").await.accepted().json()["chain"]["checked"].is_null());
    app.viewer().await.post("/api/audit/check", &serde_json::json!({})).await.has_status(403);
    admin.post("/api/audit/check", &serde_json::json!({})).await.has_status(202);
    let is_checked = |log: &serde_json::Value| {
        log["chain"]["checked"]["entries"].is_u64() && log["chain"]["checking"].is_null()
    };
    let log = crate::fixture::eventually("it is checked", &admin, "/api/audit", is_checked).await;
    let chain = &log["chain"];
    assert_eq!(chain["checked"]["fault"], serde_json::Value::Null);
    let head = chain["checked"]["head"].as_str().unwrap();
    let page = admin.visit("/admin/audit").await.accepted();
    assert!(page.text.contains(head), "{}", page.text);
    assert!(page.text.contains("budi.santoso"));
    let filtered = admin.visit("/admin/audit?text=nowhere").await.accepted();
    assert!(!filtered.text.contains("<b>budi.santoso</b>"), "{}", filtered.text);
    app.viewer().await.visit("/admin/audit").await.has_status(403);
}

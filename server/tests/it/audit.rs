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
    let acts: Vec<_> = entries.iter().rev().map(|entry| entry["act"].as_str().unwrap()).collect();
    assert_eq!(acts, ["set_up", "user_created", "logged_in"]);

    let page = admin.get("/api/audit?limit=1&offset=1").await.accepted().json();
    assert_eq!(page["entries"].as_array().unwrap().as_slice(), &entries[1..2]);
    assert_eq!(page["total"], all["total"]);
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
        ("limit=x", "limit"),
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

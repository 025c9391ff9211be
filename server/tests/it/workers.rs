//! How the program's own workers are, for admins.

use crate::fixture::{ADMIN, App};

#[tokio::test]
async fn an_admin_sees_every_worker_and_what_it_does() {
    let app = App::start().await;
    let answer = app.admin().await.get("/api/workers").await.accepted().json();
    let workers = answer["workers"].as_array().unwrap();
    assert_eq!(answer["total"], workers.len());
    let names: Vec<_> = workers.iter().map(|worker| worker["name"].as_str().unwrap()).collect();
    assert!(names.is_sorted(), "{names:?}");
    for name in ["changes", "journal", "live", "schedule", "sessions", "visits", "web"] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    let web = workers.iter().find(|worker| worker["name"] == "web").unwrap();
    assert!(web["last_run"].is_string(), "it has just let somebody in: {web}");
    for worker in workers {
        assert_eq!((&worker["state"], &worker["restarts"]), (&"running".into(), &0.into()), "{worker}");
        assert!(worker["started_at"].as_str().unwrap().ends_with('Z'), "{worker}");
    }
    let token = app.token(ADMIN, "write").await;
    let page = token.get("/api/workers?limit=2&offset=1").await.accepted().json();
    let names_of_page: Vec<_> =
        page["workers"].as_array().unwrap().iter().map(|worker| worker["name"].as_str().unwrap()).collect();
    assert_eq!((names_of_page.as_slice(), &page["total"]), (&names[1..3], &answer["total"]));
    for bad in ["limit=0", "limit=1001", "limit=x", "colour=red"] {
        token.get(&format!("/api/workers?{bad}")).await.has_status(400);
    }
}

#[tokio::test]
async fn the_page_shows_them_in_the_visitor_s_language_and_viewers_have_none() {
    let app = App::start().await;
    let admin = app.admin().await;
    let shown = admin.call("load_workers", &[]).await.accepted().json();
    let words: serde_json::Value =
        serde_json::from_str(include_str!("../../../app/locales/en.json")).unwrap();
    for worker in shown.as_array().unwrap() {
        let key = format!("worker_does_{}", worker["name"].as_str().unwrap());
        assert!(words[&key].is_string(), "{key} is no text");
    }
    for (language, word) in [
        ("en", "writes down what was seen"),
        ("id", "mencatat apa yang terlihat"),
        ("ru", "записывает увиденное"),
    ] {
        let page = admin.request(reqwest::Method::GET, "/admin/workers").header("accept", "text/html");
        let page = crate::fixture::Answer::of(page.header("accept-language", language)).await.accepted();
        assert!(page.text.contains("journal") && page.text.contains(word), "{language}: {}", page.text);
    }
    let viewer = app.viewer().await;
    viewer.visit("/admin/workers").await.has_status(403);
    viewer.get("/api/workers").await.has_status(403);
    app.token(ADMIN, "read").await.get("/api/workers").await.has_status(403);
}

//! What a visitor's browser is given: pages, headers, errors, and the way to where they belong.

use crate::fixture::{Answer, App};
use reqwest::Method;
use tokio::task::JoinSet;

#[tokio::test]
async fn before_the_first_admin_every_page_leads_to_the_set_up_and_afterwards_it_is_gone() {
    let app = App::fresh().await;
    let visitor = app.anonymous();
    for path in ["/", "/login", "/admin/users"] {
        assert_eq!(visitor.visit(path).await.has_status(303).header("location"), "/setup", "{path}");
    }
    visitor.visit("/setup").await.accepted();

    let app = App::start().await;
    for client in [app.anonymous(), app.viewer().await, app.admin().await] {
        client.visit("/setup").await.has_status(404);
    }
    assert_eq!(app.anonymous().visit("/").await.has_status(303).header("location"), "/login");
}

#[tokio::test]
async fn a_page_lets_in_only_scripts_with_the_nonce_of_this_answer() {
    let app = App::start().await;
    let viewer = app.viewer().await;
    let nonce = |answer: &Answer| {
        let policy = answer.header("content-security-policy").to_owned();
        for rule in [
            "default-src 'none'",
            "'wasm-unsafe-eval'",
            "style-src 'self' 'unsafe-inline'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "connect-src 'self'",
        ] {
            assert!(policy.contains(rule), "{rule} is missing: {policy}");
        }
        let script = policy.split(';').find(|rule| rule.trim().starts_with("script-src")).unwrap().to_owned();
        assert!(!script.contains("unsafe-inline") && !script.contains("'unsafe-eval'"), "{script}");
        script.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned()
    };
    let (first, second) = (viewer.visit("/").await.accepted(), viewer.visit("/").await.accepted());
    assert_ne!(nonce(&first), nonce(&second));
    for tag in first.text.split("<script").skip(1) {
        let tag = tag.split('>').next().unwrap();
        assert!(
            tag.contains(&format!("nonce=\"{}\"", nonce(&first))),
            "<script{tag}> has not this answer's nonce"
        );
    }
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_keep_it_where_it_belongs() {
    let app = App::start().await;
    let viewer = app.viewer().await;
    for path in ["/", "/login", "/api/status", "/health", "/nothing/here", "/pkg/none.js"] {
        let answer = viewer.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert!(!answer.header("referrer-policy").is_empty(), "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_told_in_the_form_that_was_asked_for() {
    let app = App::start().await;
    let viewer = app.viewer().await;
    let json = viewer.get("/nothing").await.has_status(404).json();
    assert_eq!((&json["success"], &json["error"]["code"]), (&false.into(), &"not_found".into()));
    let page = viewer.visit("/nothing").await.has_status(404);
    assert!(
        page.header("content-type").starts_with("text/html") && page.text.contains("<html"),
        "{}",
        page.text
    );
    let page = viewer.visit("/admin/users").await.has_status(403);
    assert!(page.header("content-type").starts_with("text/html"), "{}", page.text);
    assert!(!page.text.contains(crate::fixture::ADMIN), "a viewer's 403 shows no accounts");
}

#[tokio::test]
async fn the_page_of_what_does_not_exist_says_so_in_its_status_too() {
    let app = App::start().await;
    let admin = app.admin().await;
    for path in [
        "/devices/99999",
        "/devices/nothing",
        "/history/99999",
        "/history/nothing",
        "/router/nothing/terminal",
        "/admin/routers/99999",
        "/admin/recordings/99999",
    ] {
        let page = admin.visit(path).await;
        let words = ["No such device", "This no longer exists"];
        assert!(words.iter().any(|words| page.text.contains(words)), "{path}: {}", page.text);
        assert!(page.header("content-type").starts_with("text/html"), "{path}");
        assert_eq!(page.status, 404, "{path}");
    }
    for path in ["/history", "/admin/routers", "/admin/routers/new", "/admin/recordings"] {
        assert_eq!(admin.visit(path).await.status, 200, "{path}");
    }
    app.viewer().await.visit("/admin/routers/99999").await.has_status(403);
}

#[tokio::test]
async fn no_path_leads_out_of_the_folder_of_files() {
    let app = App::start().await;
    let visitor = app.anonymous();
    for path in [
        "/../secret.key",
        "/..%2fsecret.key",
        "/%2e%2e/secret.key",
        "/pkg/..%5c..%5csecret.key",
        "/pkg/%00.js",
        "/.%2e/.%2e/etc/passwd.txt",
        "//etc/passwd.x",
    ] {
        let answer = Answer::of(visitor.request(Method::GET, path)).await;
        assert!(matches!(answer.status.as_u16(), 400 | 404), "{path}: {}", answer.status);
    }
}

#[tokio::test]
async fn a_body_of_more_than_a_mebibyte_is_refused() {
    let app = App::start().await;
    let admin = app.admin().await;
    let big = serde_json::json!({"name": "x".repeat(1024 * 1024 + 1)});
    admin.post("/api/devices", &big).await.has_status(413);
}

#[tokio::test]
async fn over_https_the_cookie_is_bound_to_host_and_scheme() {
    let app = App::with(&[("ROUTEWARDEN_TRUSTED_PROXY", "127.0.0.1")]).await;
    let code = app.setup_code.clone().unwrap();
    let visitor = app.anonymous();
    let form = [("code", code.as_str()), ("name", "ani"), ("password", crate::fixture::PASSWORD)];
    let request = visitor.request(Method::POST, "/api/set_up").form(&form);
    let answer = Answer::of(request.header("x-forwarded-proto", "https")).await.accepted();
    let cookies: Vec<_> =
        answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    let session = cookies.iter().find(|cookie| cookie.starts_with("__Host-sid=")).expect("a session cookie");
    for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(session.contains(part), "{session}");
    }
    assert!(!answer.header("strict-transport-security").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_page_is_lost_when_many_are_drawn_at_once() {
    let app = App::start().await;
    let (_router, id) = app.with_router("edge-1").await;
    let admin = app.admin().await;
    let paths = [
        "/".to_owned(),
        format!("/devices/{id}"),
        "/history".to_owned(),
        format!("/history/{id}"),
        "/admin/routers".to_owned(),
        format!("/admin/routers/{id}"),
    ];
    let mut visits = JoinSet::new();
    for number in 0..80 {
        let (admin, path) = (admin.clone(), paths[number % paths.len()].clone());
        visits.spawn(async move { (admin.visit(&path).await, path) });
    }
    for (answer, path) in visits.join_all().await {
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn what_a_browser_keeps_for_later_names_devices_and_no_addresses_and_needs_no_other_file() {
    let app = App::start().await;
    let body = serde_json::json!({"name": "BDG <b>", "ip_address": "192.0.2.77", "device_type": "tunnel", "port": 9,
        "location": "Bandung", "enabled": false});
    app.admin().await.post("/api/devices", &body).await.has_status(201);
    let page = app.viewer().await.visit("/offline").await.accepted();
    let policy = page.header("content-security-policy");
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    assert!(page.text.contains(&format!("<script nonce=\"{nonce}\"")), "{policy}");
    assert!(policy.contains("default-src 'none'") && !policy.contains("'self'"), "{policy}");
    assert!(page.text.contains("BDG &lt;b&gt;") && page.text.contains("Bandung"), "{}", page.text);
    assert!(!page.text.contains("192.0.2.77") && !page.text.contains("/pkg/"), "{}", page.text);
    assert_eq!(page.header("cache-control"), "no-store", "only the page's own script keeps it");
    let nobody = app.anonymous().visit("/offline").await;
    assert_eq!(nobody.has_status(303).header("location"), "/login");
}

#[tokio::test]
async fn the_service_worker_may_ask_this_server_and_is_looked_for_anew_each_time() {
    let public = concat!(env!("CARGO_MANIFEST_DIR"), "/../public");
    let app = App::with(&[("ROUTEWARDEN_SITE_DIR", public)]).await;
    let worker = app.anonymous().get("/sw.js").await.accepted();
    assert!(worker.header("content-type").starts_with("text/javascript"));
    assert_eq!(worker.header("cache-control"), "no-cache");
    assert_eq!(worker.header("content-security-policy"), "default-src 'none'; connect-src 'self'");
    let other = app.anonymous().get("/device.js").await.accepted();
    assert!(other.header("content-security-policy").starts_with("default-src 'none'; frame-ancestors"));
}

//! Whatever changes something is refused to every page that is not ours.

use crate::fixture::{Answer, App};
use reqwest::Method;
use server::web::policy::RULES;

#[tokio::test]
async fn no_other_site_can_act_in_the_name_of_an_admin() {
    let app = App::start().await;
    let admin = app.admin().await;
    for rule in RULES.iter().filter(|rule| rule.method != "GET") {
        let path = rule.path.replace("{id}", "1");
        let method: Method = rule.method.parse().unwrap();
        for forged in [
            vec![("sec-fetch-site", "cross-site")],
            vec![("sec-fetch-site", "same-site")],
            vec![("sec-fetch-site", "none")],
            vec![],
            vec![("origin", "null")],
            vec![("origin", "http://evil.example")],
            // What a form of any site can send as it likes.
            vec![("sec-fetch-site", "cross-site"), ("content-type", "text/plain")],
        ] {
            let mut request = admin.bare(method.clone(), &path).body("{}");
            for (name, value) in &forged {
                request = request.header(*name, *value);
            }
            let answer = Answer::of(request).await;
            assert_eq!(answer.status, 403, "{} {} {forged:?}: {}", rule.method, rule.path, answer.text);
            assert!(answer.text.contains("cross_site"), "{}", answer.text);
        }
    }
    admin.get("/api/status").await.accepted();
}

#[tokio::test]
async fn a_browser_without_fetch_metadata_proves_itself_by_its_origin() {
    let app = App::start().await;
    let admin = app.admin().await;
    let post = || admin.bare(Method::POST, "/admin/reload-routers");
    Answer::of(post().header("origin", &app.base)).await.accepted();
    Answer::of(post().header("origin", app.base.replace("127.0.0.1", "localhost"))).await.has_status(403);
}

#[tokio::test]
async fn a_token_beside_a_cookie_exempts_from_nothing() {
    let app = App::start().await;
    let (admin, token) = (app.admin().await, app.token(crate::fixture::ADMIN, "write").await);
    let bearer = token.token_header().unwrap();
    let post = |client: &crate::fixture::Client| {
        client.bare(Method::POST, "/admin/reload-routers").header("authorization", &bearer)
    };
    Answer::of(post(&admin)).await.has_status(403);
    Answer::of(post(&app.anonymous())).await.accepted();
}

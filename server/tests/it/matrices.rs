//! Tables of what strangers try: where a socket is opened from, which cookie is given how, whose address is
//! believed, which files can be had.

use crate::fixture::{ADMIN, Answer, App, Client, LiveSocket, PASSWORD};
use reqwest::Method;
use server::{app::Surroundings, store::Wanted};

/// A proxy that is believed: this machine.
const BEHIND_A_PROXY: &[(&str, &str)] = &[("ROUTEWARDEN_TRUSTED_PROXY", "127.0.0.0/8")];

#[tokio::test]
async fn a_socket_is_opened_for_pages_of_this_very_origin() {
    let app = App::start().await;
    let viewer = app.viewer().await;
    let (base, port) = (app.base.as_str(), app.base.rsplit(':').next().unwrap());
    let same = |said: &str| vec![("origin", said.to_owned())];
    let with =
        |site: &str, said: &str| vec![("sec-fetch-site", site.to_owned()), ("origin", said.to_owned())];
    for (is_opened, said) in [
        (true, same(base)),
        (true, with("same-origin", base)),
        (false, vec![]),
        (false, same("")),
        (false, same("null")),
        (false, same("http://evil.example")),
        (false, same(&format!("http://evil.127.0.0.1:{port}"))),
        (false, same(&format!("http://127.0.0.1.evil.example:{port}"))),
        (false, same(&format!("http://127.0.0.1@evil.example:{port}"))),
        (false, same(&format!("http://evil.example#127.0.0.1:{port}"))),
        (false, same(&format!("http://localhost:{port}"))),
        (false, same("http://127.0.0.1")),
        (false, same("http://127.0.0.1:1")),
        (false, same(&format!("{base}0"))),
        (false, same(&format!("{base}/"))),
        (false, same(&format!("{base}, http://evil.example"))),
        (false, same(&base.replace("http:", "file:"))),
        (false, same(&base.replace("http:", "HTTP:"))),
        (false, same(base.trim_start_matches("http://"))),
        (false, with("cross-site", base)),
        (false, with("same-site", base)),
        (false, with("none", base)),
        (false, with("Same-Origin", base)),
        (false, with("", base)),
    ] {
        let said: Vec<_> = said.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let opened = LiveSocket::open_as(&viewer, &said).await;
        assert_eq!(opened.err(), (!is_opened).then_some(403), "{said:?}");
    }
}

#[tokio::test]
async fn a_cookie_is_as_strong_as_the_way_it_goes() {
    let plain = App::start().await;
    let proxied = App::in_surroundings(BEHIND_A_PROXY, Surroundings::default()).await;
    proxied.with_accounts().await;
    for (app, forwarded, is_strong) in [
        (&plain, None, false),
        // Anybody may write that.
        (&plain, Some("https"), false),
        (&proxied, None, false),
        (&proxied, Some("http"), false),
        (&proxied, Some("https"), true),
        (&proxied, Some("https, http"), false),
    ] {
        let mut login = app.anonymous().request(Method::POST, "/api/log_in");
        if let Some(word) = forwarded {
            login = login.header("x-forwarded-proto", word).header("x-forwarded-for", "203.0.113.9");
        }
        let answer = Answer::of(login.form(&[("name", ADMIN), ("password", PASSWORD)])).await.accepted();
        let cookies: Vec<_> =
            answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
        let about = format!("{forwarded:?}: {cookies:?}");
        let name = if is_strong { "__Host-sid=" } else { "sid=" };
        let session = cookies.iter().find(|cookie| cookie.starts_with(name)).expect(&about);
        for attribute in ["; HttpOnly", "; SameSite=Lax", "; Path=/"] {
            assert!(session.contains(attribute), "{about}");
        }
        assert!(!session.to_lowercase().contains("domain"), "{about}");
        for cookie in &cookies {
            assert_eq!(cookie.contains("; Secure"), is_strong, "{about}");
        }
    }
}

#[tokio::test]
async fn a_strong_session_is_not_taken_from_a_weak_cookie_nor_the_other_way_round() {
    let app = App::in_surroundings(BEHIND_A_PROXY, Surroundings::default()).await;
    app.with_accounts().await;
    let (_, id) = app
        .admin()
        .await
        .cookie()
        .split("; ")
        .find_map(|pair| pair.split_once("sid="))
        .map(|(name, id)| (name.to_owned(), id.to_owned()))
        .unwrap();
    for (scheme, cookie, status) in [
        ("http", format!("sid={id}"), 200),
        ("http", format!("__Host-sid={id}"), 401),
        ("https", format!("sid={id}"), 401),
        ("https", format!("__Secure-sid={id}"), 401),
        ("https", format!("__host-sid={id}"), 401),
    ] {
        let request = app.anonymous().request(Method::GET, "/api/status");
        let request = request.header("x-forwarded-proto", scheme).header("cookie", &cookie);
        assert_eq!(Answer::of(request).await.status, status, "{scheme} {cookie}");
    }
}

/// Every header by which proxies tell whom they speak for.
const FORWARDED: &[(&str, &str)] = &[
    ("x-forwarded-for", "198.51.100.7"),
    ("forwarded", "for=198.51.100.7;proto=https;host=rw.example"),
    ("x-real-ip", "198.51.100.7"),
    ("x-client-ip", "198.51.100.7"),
    ("true-client-ip", "198.51.100.7"),
    ("cf-connecting-ip", "198.51.100.7"),
    ("x-forwarded-host", "rw.example"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-user", ADMIN),
    ("remote-user", ADMIN),
    ("x-original-url", "/admin/users"),
    ("x-rewrite-url", "/admin/users"),
    ("x-http-method-override", "DELETE"),
];

#[tokio::test]
async fn what_a_stranger_forwards_changes_neither_rights_nor_throttle_nor_audit() {
    let (app, _clock) = App::at_standstill().await;
    app.with_accounts().await;
    let viewer = app.viewer().await;
    let forwarded = |client: &Client, method: Method, path: &str| {
        FORWARDED
            .iter()
            .fold(client.request(method, path), |request, (name, value)| request.header(*name, *value))
    };
    Answer::of(forwarded(&app.anonymous(), Method::GET, "/api/status")).await.has_status(401);
    Answer::of(forwarded(&viewer, Method::POST, "/api/load_users").form(&[("x", "")])).await.has_status(403);
    Answer::of(forwarded(&viewer, Method::GET, "/api/status")).await.accepted();
    // Every guess comes from an address of its own, it says.
    let mut tried = 0;
    for guess in 0..20 {
        let request = app.anonymous().request(Method::POST, "/api/log_in");
        let request = request.header("x-forwarded-for", format!("198.51.{guess}.1"));
        let answer = Answer::of(request.form(&[("name", ADMIN), ("password", "not this one either")])).await;
        tried += u32::from(answer.status != 429);
    }
    assert_eq!(tried, 1, "one network, one guess at a time");
    let (_, store) = app.command_line().await;
    let entries = store.audit().list(&Wanted { limit: 100, ..Wanted::default() }).await.unwrap();
    assert!(entries.iter().all(|entry| entry.address.as_deref() == Some("127.0.0.1")), "{entries:#?}");
}

#[tokio::test]
async fn no_path_leads_out_of_the_folder_of_the_browsers_files() {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("site");
    std::fs::create_dir_all(site.join("pkg")).unwrap();
    std::fs::write(site.join("pkg/app.css"), "body{}").unwrap();
    std::fs::write(folder.path().join("beside.txt"), "beside the site").unwrap();
    let site = site.display().to_string();
    let app = App::with(&[("ROUTEWARDEN_SITE_DIR", &site)]).await;
    let at = app.base.trim_start_matches("http://").to_owned();
    raw(&at, "/pkg/app.css").await.0.eq(&200).then_some(()).expect("the folder is served");
    let ups = [
        "..",
        "%2e%2e",
        "%2E%2E",
        ".%2e",
        "%252e%252e",
        "..%00",
        "..;",
        "..%09",
        "%c0%ae%c0%ae",
        "%uff0e%uff0e",
        "\u{ff0e}\u{ff0e}",
        "....",
        "..%20",
        "%2e%2e%00",
    ];
    let slashes = ["/", "%2f", "%2F", "%5c", "\\", "%252f", "//", "/./", "%c0%af"];
    let mut tried = 0;
    for up in ups {
        for slash in slashes {
            for begin in ["/", "/pkg/", "/pkg/app.css/", "//", "/pkg%2f"] {
                for depth in [1, 2, 3] {
                    let path = format!("{begin}{}beside.txt", format!("{up}{slash}").repeat(depth));
                    is_not_served(&at, &path).await;
                    tried += 1;
                }
            }
        }
    }
    for path in [
        format!("/{}", folder.path().join("beside.txt").display()),
        format!("//{}", folder.path().join("beside.txt").display()),
        "/etc/passwd.txt".to_owned(),
        "/pkg/..".to_owned(),
        "/pkg/.".to_owned(),
        "/file:///etc/passwd.txt".to_owned(),
        "/pkg/app.css%00.txt".to_owned(),
        "/pkg/app.css.br/../../beside.txt".to_owned(),
        "/.env".to_owned(),
        "/secret.key".to_owned(),
        "/routewarden.db".to_owned(),
        "http://127.0.0.1/../beside.txt".to_owned(),
    ] {
        is_not_served(&at, &path).await;
    }
    assert!(tried > 1_000);
}

async fn is_not_served(at: &str, path: &str) {
    let (status, text) = raw(at, path).await;
    assert!(!text.contains("beside the site") && !text.contains("root:"), "{path}: {text}");
    assert!((300..500).contains(&status), "{path}: {status} {text}");
}

/// Asks for exactly this path, which no client would send as it is.
async fn raw(at: &str, path: &str) -> (u16, String) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(at).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // It may be reset after its answer.
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or_default();
    (status, answer)
}

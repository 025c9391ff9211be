//! No page of another site may act in a person's name.
//!
//! A request that may change something must prove that a page of ours sent it: the browser's
//! `Sec-Fetch-Site`, or where it sends none (plain HTTP), an `Origin` equal to the `Host`. Programs with
//! a token and without a cookie are exempt: no browser attaches a token by itself.

use super::error::Failure;
use axum::{
    extract::Request,
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::Response,
};

/// Refuses what no page of ours sent.
pub async fn layer(request: Request, next: Next) -> Response {
    if is_safe(request.method()) || is_exempt(request.headers()) || is_ours(request.headers()) {
        next.run(request).await
    } else {
        Failure::cross_site().answer(request.headers())
    }
}

/// Such methods change nothing here.
fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// A program with a token and without a cookie.
pub fn is_exempt(headers: &HeaderMap) -> bool {
    super::caller::bearer(headers).is_some() && !headers.contains_key(header::COOKIE)
}

/// Whether a page of ours sent this.
pub fn is_ours(headers: &HeaderMap) -> bool {
    let mut sites = headers.get_all("sec-fetch-site").iter();
    match (sites.next(), sites.next()) {
        (Some(site), None) => site == "same-origin",
        (Some(_), Some(_)) => false,
        (None, _) => has_own_origin(headers),
    }
}

/// Whether `Origin` names the host that was asked: name and port, in any case of letters.
///
/// The scheme is not compared: behind a proxy we may not know our own.
fn has_own_origin(headers: &HeaderMap) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let (Some(origin), None) = (origins.next(), origins.next()) else { return false };
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else { return false };
    let Some((scheme, rest)) = origin.to_str().ok().and_then(|origin| origin.split_once("://")) else {
        return false;
    };
    let default_port = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => return false,
    };
    let bare = |name: &str| name.strip_suffix(default_port).unwrap_or(name).to_ascii_lowercase();
    !rest.is_empty() && bare(rest) == bare(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn headers(list: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in list {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        map
    }

    #[test]
    fn only_a_page_of_ours_is_believed() {
        let host = ("host", "rw.example:5000");
        for (is_believed, extra) in [
            (true, vec![("sec-fetch-site", "same-origin")]),
            (true, vec![("origin", "http://rw.example:5000")]),
            (true, vec![("origin", "http://RW.Example:5000")]),
            (false, vec![]),
            (false, vec![("sec-fetch-site", "cross-site"), ("origin", "http://rw.example:5000")]),
            (false, vec![("sec-fetch-site", "same-site")]),
            (false, vec![("sec-fetch-site", "none")]),
            (false, vec![("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")]),
            (false, vec![("origin", "null")]),
            (false, vec![("origin", "http://evil.example")]),
            (false, vec![("origin", "http://sub.rw.example:5000")]),
            (false, vec![("origin", "http://rw.example")]),
            (false, vec![("origin", "http://rw.example:5000"), ("origin", "http://evil.example")]),
            (false, vec![("origin", "file://rw.example:5000")]),
        ] {
            let mut list = vec![host];
            list.extend(&extra);
            assert_eq!(is_ours(&headers(&list)), is_believed, "{extra:?}");
        }
        assert!(has_own_origin(&headers(&[("host", "rw.example"), ("origin", "https://rw.example:443")])));
    }

    #[test]
    fn a_token_exempts_only_without_a_cookie() {
        let token = ("authorization", "Bearer x");
        assert!(is_exempt(&headers(&[token])));
        assert!(!is_exempt(&headers(&[token, ("cookie", "sid=1")])));
        assert!(!is_exempt(&headers(&[("authorization", "Basic x")])));
    }
}

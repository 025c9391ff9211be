//! The browser's files: embedded in a release, read from the folder where they are built otherwise.
//!
//! A file `x` may have a twin `x.br`, which is what browsers that take Brotli get.

use axum::{
    body::Body,
    http::{HeaderMap, Response, StatusCode, header},
};
use rust_embed::RustEmbed;
use std::{
    borrow::Cow,
    fmt::Write as _,
    path::{Component, Path, PathBuf},
    time::UNIX_EPOCH,
};

#[derive(RustEmbed)]
#[folder = "$SITE_DIR"]
struct Embedded;

/// The service worker asks our own server, under a policy of its own.
const WORKER: &str = "sw.js";
const WORKER_POLICY: &str = "default-src 'none'; connect-src 'self'";

/// Where the browser's files come from.
#[derive(Clone, Debug)]
pub enum Site {
    Embedded,
    Folder(PathBuf),
}

/// One file, and a tag that changes with it.
struct File {
    bytes: Cow<'static, [u8]>,
    tag: String,
}

impl Site {
    /// `folder` when one is named; else what this build carries.
    pub fn new(folder: Option<PathBuf>) -> Self {
        match folder {
            Some(folder) => Site::Folder(folder),
            None if cfg!(debug_assertions) => Site::Folder(PathBuf::from(env!("SITE_DIR"))),
            None => Site::Embedded,
        }
    }

    /// Answers a request for `path`, or `None` when there is no such file.
    pub async fn serve(&self, path: &str, headers: &HeaderMap) -> Option<Response<Body>> {
        let path = path.strip_prefix('/').filter(|path| is_plain(path))?;
        let takes_brotli = accepts(headers, "br");
        let (file, is_brotli) = match self.read(&format!("{path}.br")).await.filter(|_| takes_brotli) {
            Some(file) => (file, true),
            None => (self.read(path).await?, false),
        };
        Some(answer(path, file, is_brotli, headers))
    }

    async fn read(&self, path: &str) -> Option<File> {
        match self {
            Site::Embedded => {
                let file = Embedded::get(path)?;
                let mut tag = String::with_capacity(32);
                for byte in &file.metadata.sha256_hash()[..16] {
                    let _ = write!(tag, "{byte:02x}");
                }
                Some(File { bytes: file.data, tag })
            }
            Site::Folder(folder) => {
                let path = folder.join(path);
                let about = tokio::fs::metadata(&path).await.ok().filter(std::fs::Metadata::is_file)?;
                let changed = about.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
                let bytes = tokio::fs::read(&path).await.ok()?;
                Some(File { tag: format!("{:x}-{:x}", changed.as_nanos(), bytes.len()), bytes: bytes.into() })
            }
        }
    }
}

fn answer(path: &str, file: File, is_brotli: bool, headers: &HeaderMap) -> Response<Body> {
    let tag = format!("\"{}\"", file.tag);
    let is_known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|known| known.split(',').any(|known| known.trim() == tag));
    let mut answer = Response::builder()
        .header(header::ETAG, tag)
        .header(header::VARY, "accept-encoding")
        // Names carry no hash, so a browser asks each time and is told 304.
        .header(header::CACHE_CONTROL, "no-cache");
    if is_known {
        answer = answer.status(StatusCode::NOT_MODIFIED);
        return answer.body(Body::empty()).unwrap_or_default();
    }
    answer = answer.header(header::CONTENT_TYPE, content_type(path));
    if path == WORKER {
        answer = answer.header(header::CONTENT_SECURITY_POLICY, WORKER_POLICY);
    }
    if is_brotli {
        answer = answer.header(header::CONTENT_ENCODING, "br");
    }
    answer.body(Body::from(file.bytes)).unwrap_or_default()
}

/// Only names below the folder: no `..`, no second root, no backslash.
fn is_plain(path: &str) -> bool {
    let is_file = !path.is_empty() && !path.ends_with('/') && !path.contains(['\\', '\0', '%']);
    is_file && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|offer| {
        let (name, quality) = offer.trim().split_once(';').unwrap_or((offer.trim(), ""));
        name.eq_ignore_ascii_case(coding) && quality.replace(' ', "") != "q=0"
    })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, end)| end) {
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("webmanifest") => "application/manifest+json",
        Some("json") => "application/json",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

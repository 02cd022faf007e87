//! The web files inside the binary: loader, panel and console, with their compressed forms and entity tags.
//!
//! Which path means which file is decided in `edge/http.rs`.

#[cfg(feature = "web")]
mod embedded;
#[cfg(not(feature = "web"))]
mod placeholder;

#[cfg(feature = "web")]
use embedded::files;
#[cfg(not(feature = "web"))]
use placeholder::files;

use axum::body::Body;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};

/// Smaller files gain nothing from compression.
const COMPRESSED_BYTES_MIN: usize = 256;

/// How long a browser may keep a file without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caching {
    /// For good: the path names the content.
    Immutable,
    /// Five minutes: a new version arrives soon, and a busy site does not ask with every page.
    Short,
    /// Never.
    Revalidate,
}

impl Caching {
    fn value(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Immutable => "public, max-age=31536000, immutable",
            Self::Short => "public, max-age=300",
            Self::Revalidate => "no-cache",
        })
    }
}

/// A file and its compressed form.
#[derive(Debug)]
pub struct Asset {
    plain: Variant,
    compressed: Option<Variant>,
    content_type: HeaderValue,
}

#[derive(Debug)]
struct Variant {
    body: Bytes,
    tag: HeaderValue,
}

impl Variant {
    fn new(body: Bytes) -> Self {
        let digest = Sha256::digest(&body);
        let mut tag = String::from("\"");
        for byte in &digest[..16] {
            let _ = write!(tag, "{byte:02x}");
        }
        tag.push('"');
        let tag = HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""));
        Self { body, tag }
    }
}

impl Asset {
    fn new(path: &str, body: Bytes) -> Self {
        let compressed = compress(&body).ok().filter(|compressed| compressed.len() < body.len());
        Self {
            compressed: compressed.filter(|_| body.len() >= COMPRESSED_BYTES_MIN).map(Variant::new),
            plain: Variant::new(body),
            content_type: content_type(path),
        }
    }

    /// Answers a request for the file, in the form the client takes, or says that its copy is still good.
    #[must_use]
    pub fn answer(&self, method: &Method, headers: &HeaderMap, caching: Caching) -> Response<Body> {
        let compressed = self.compressed.as_ref().filter(|_| takes_gzip(headers));
        let variant = compressed.unwrap_or(&self.plain);
        let is_known = headers.get_all(IF_NONE_MATCH).iter().any(|known| names(known, &variant.tag));
        let body = if is_known || method == Method::HEAD { Body::empty() } else { Body::from(variant.body.clone()) };
        let mut response = Response::new(body);
        let answered = response.headers_mut();
        answered.insert(ETAG, variant.tag.clone());
        answered.insert(CACHE_CONTROL, caching.value());
        answered.append(VARY, HeaderValue::from_static("accept-encoding"));
        if is_known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        answered.insert(CONTENT_TYPE, self.content_type.clone());
        if compressed.is_some() {
            answered.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if method == Method::HEAD {
            answered.insert(http::header::CONTENT_LENGTH, HeaderValue::from(variant.body.len()));
        }
        response
    }
}

/// All web files, by path under the build's folder.
#[derive(Debug)]
pub struct Assets {
    files: HashMap<String, Asset>,
}

impl Assets {
    /// Unpacks and compresses what the binary holds; a few milliseconds, once.
    #[must_use]
    pub fn load() -> Self {
        let files = files().into_iter().filter(|(path, _)| is_served(path));
        Self { files: files.map(|(path, body)| (path.clone(), Asset::new(&path, body))).collect() }
    }

    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Asset> {
        self.files.get(path)
    }
}

/// Source maps and the build's own notes stay inside.
fn is_served(path: &str) -> bool {
    !path.ends_with(".map") && !path.split('/').any(|part| part.starts_with('.'))
}

fn compress(body: &[u8]) -> io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body)?;
    encoder.finish().map(Bytes::from)
}

fn content_type(path: &str) -> HeaderValue {
    HeaderValue::from_static(match path.rsplit('.').next() {
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("webp") => "image/webp",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    })
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name == "*");
        let weight = parts.find_map(|part| part.strip_prefix("q=")).and_then(|weight| weight.parse::<f32>().ok());
        is_gzip && weight.is_none_or(|weight| weight > 0.0)
    })
}

/// Whether an `If-None-Match` line names the tag (RFC 9110, section 13.1.2: compared weakly).
fn names(known: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(known), Ok(tag)) = (known.to_str(), tag.to_str()) else { return false };
    known.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    fn script() -> Asset {
        Asset::new("loader.js", Bytes::from("let a = 1;\n".repeat(100)))
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    async fn body_of(response: Response<Body>) -> Bytes {
        response.into_body().collect().await.unwrap().to_bytes()
    }

    #[tokio::test]
    async fn a_file_is_compressed_for_those_who_take_it() {
        for accepted in ["gzip", "br, GZIP;q=0.5", "*"] {
            let response = script().answer(&Method::GET, &headers(&[("accept-encoding", accepted)]), Caching::Short);
            assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
            assert_eq!(response.headers()[VARY], "accept-encoding");
            assert!(body_of(response).await.starts_with(&[0x1f, 0x8b]));
        }
        for refused in ["br", "gzip;q=0", "identity", "gzip; q=0.0"] {
            let response = script().answer(&Method::GET, &headers(&[("accept-encoding", refused)]), Caching::Short);
            assert!(!response.headers().contains_key(CONTENT_ENCODING), "{refused}");
            assert_eq!(body_of(response).await.len(), 1_100);
        }
    }

    #[tokio::test]
    async fn a_known_file_is_not_sent_again() {
        let asset = script();
        let first = asset.answer(&Method::GET, &HeaderMap::new(), Caching::Immutable);
        let tag = first.headers()[ETAG].to_str().unwrap().to_owned();
        for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
            let response = asset.answer(&Method::GET, &headers(&[("if-none-match", &known)]), Caching::Immutable);
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
            assert!(body_of(response).await.is_empty());
        }
        let response = asset.answer(
            &Method::GET,
            &headers(&[("if-none-match", &tag), ("accept-encoding", "gzip")]),
            Caching::Immutable,
        );
        assert_eq!(response.status(), StatusCode::OK, "the compressed form has a tag of its own");
    }

    #[tokio::test]
    async fn head_tells_the_length_without_the_body() {
        let response = script().answer(&Method::HEAD, &HeaderMap::new(), Caching::Short);
        assert_eq!(response.headers()["content-length"], "1100");
        assert!(body_of(response).await.is_empty());
    }

    #[test]
    fn maps_and_hidden_files_are_not_served() {
        assert!(is_served("panel/assets/panel-x1.js"));
        assert!(!is_served("panel/assets/panel-x1.js.map"));
        assert!(!is_served(".vite/manifest.json"));
    }

    #[test]
    fn the_binary_holds_loader_panel_and_console() {
        let assets = Assets::load();
        for path in ["loader.js", "panel/index.html", "console/index.html"] {
            assert!(assets.get(path).is_some(), "{path}");
        }
    }
}

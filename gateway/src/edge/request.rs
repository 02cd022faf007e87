//! What every request must look like: one host, a path that has one reading, no secret in its address.

use http::header::HOST;
use http::request::Parts;

/// Longest path; ours have under a hundred bytes.
const PATH_BYTES_MAX: usize = 1_024;

/// Names of query parameters that would put a secret into logs and histories.
const SECRETS: [&str; 12] = [
    "token",
    "ticket",
    "access_token",
    "id_token",
    "refresh_token",
    "jwt",
    "auth",
    "authorization",
    "api_key",
    "apikey",
    "secret",
    "password",
];

/// Why a request means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Malformed {
    Host,
    /// The target is not a path.
    Target,
    /// The query holds a secret; neither it nor the path is logged.
    Secret,
    Path,
}

/// The host a well-formed request is for.
pub(crate) fn check(request: &Parts) -> Result<&str, Malformed> {
    let mut hosts = request.headers.get_all(HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok()).ok_or(Malformed::Host)?;
    if hosts.next().is_some() {
        return Err(Malformed::Host);
    }
    if request.uri.authority().is_some() || request.uri.scheme().is_some() {
        return Err(Malformed::Target);
    }
    if request.uri.query().is_some_and(holds_secret) {
        return Err(Malformed::Secret);
    }
    if has_one_reading(request.uri.path()) { Ok(host) } else { Err(Malformed::Path) }
}

fn holds_secret(query: &str) -> bool {
    query.split(['&', ';']).any(|pair| {
        let name = decoded(pair.split_once('=').map_or(pair, |(name, _)| name)).to_ascii_lowercase();
        SECRETS.contains(&name.as_str())
    })
}

/// Reads `%61` as `a`; what is not such a code stays.
fn decoded(text: &str) -> String {
    let mut rest = text.as_bytes();
    let mut decoded = Vec::new();
    while let [first, behind @ ..] = rest {
        let figure = behind.get(..2).filter(|_| *first == b'%').and_then(read_hex);
        decoded.push(figure.unwrap_or(*first));
        rest = &behind[if figure.is_some() { 2 } else { 0 }..];
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn read_hex(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// Whether every layer reads the path alike: plain segments and nothing encoded, since no path of ours needs it.
fn has_one_reading(path: &str) -> bool {
    let is_short = path.len() <= PATH_BYTES_MAX;
    let is_plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._~@:+".contains(&byte));
    let is_direct = !path.contains("//") && !path.split('/').any(|segment| segment == "." || segment == "..");
    is_short && is_plain && is_direct && path.starts_with('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn parts(target: &str, hosts: &[&str]) -> Parts {
        let mut request = Request::builder().uri(target);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn verdict(target: &str) -> Result<String, Malformed> {
        check(&parts(target, &["chat.example"])).map(ToOwned::to_owned)
    }

    #[test]
    fn a_request_has_exactly_one_host() {
        assert_eq!(check(&parts("/", &["a.b"])), Ok("a.b"));
        assert_eq!(check(&parts("/", &[])), Err(Malformed::Host));
        assert_eq!(check(&parts("/", &["a.b", "a.b"])), Err(Malformed::Host));
    }

    #[test]
    fn a_target_for_another_server_is_refused() {
        assert_eq!(verdict("http://elsewhere.example/"), Err(Malformed::Target));
        assert_eq!(verdict("elsewhere.example:443"), Err(Malformed::Target));
        assert_eq!(verdict("*"), Err(Malformed::Path));
    }

    #[test]
    fn a_secret_in_the_query_is_refused_however_it_is_written() {
        for query in ["token=x", "a=b&ticket=x", "TOKEN=x", "%74oken=x", "token", "a;access_token=x"] {
            assert_eq!(verdict(&format!("/v1/socket/shop?{query}")), Err(Malformed::Secret), "{query}");
        }
        assert!(verdict("/api/v1/conversations?before=x&limit=5&tokens=no&q=%74oken").is_ok());
    }

    #[test]
    fn a_path_with_two_readings_is_refused() {
        for path in [
            "/panel/assets/../../etc/passwd",
            "/panel/assets/..",
            "/./console",
            "/panel/assets/%2e%2e/x",
            "/panel/assets/x%00.js",
            "//etc/passwd",
            "/console//x",
            "/console;x=1",
            "/console/%c0%ae",
            "/console/%2f",
            "/console/a%20b",
            "/console/a\\b",
            "/v1/panel/a,b",
        ] {
            let Ok(request) = Request::builder().uri(path).header(HOST, "a.b").body(()) else { continue };
            assert_eq!(check(&request.into_parts().0), Err(Malformed::Path), "{path}");
        }
        assert_eq!(verdict(&format!("/{}", "a".repeat(PATH_BYTES_MAX))), Err(Malformed::Path));
        assert!(verdict("/panel/assets/panel-B1_x.css").is_ok());
    }
}

//! Origins (RFC 6454): what a browser says of the page that asks, and what a site lists.
//!
//! Two origins are the same when scheme, host and port are; there are no patterns.

use std::fmt;
use std::net::Ipv6Addr;

/// The scheme of the gateway's own pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    #[default]
    Http,
    /// A proxy in front ends TLS.
    Https,
}

impl Scheme {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// An origin as browsers write it: scheme and host in lower case, the scheme's own port left out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(Box<str>);

/// Longest origin read; a host name has at most 253 bytes.
const ORIGIN_BYTES_MAX: usize = 280;

impl Origin {
    /// Reads an `http` or `https` origin; none for `null`, other schemes, and anything behind the port.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > ORIGIN_BYTES_MAX {
            return None;
        }
        let text = text.to_ascii_lowercase();
        let (scheme, authority) = text.split_once("://")?;
        let own_port = match scheme {
            "https" => "443",
            "http" => "80",
            _ => return None,
        };
        let (host, port) = split_port(authority)?;
        match port {
            Some(port) if port != own_port => Some(Self(format!("{scheme}://{host}:{port}").into())),
            Some(_) | None => Some(Self(format!("{scheme}://{host}").into())),
        }
    }

    /// The origin of pages served under `scheme` to a request with this `Host` header.
    #[must_use]
    pub fn of_host(scheme: &str, host: &str) -> Option<Self> {
        Self::parse(&format!("{scheme}://{host}"))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where pages of this origin open sockets: the same host under `ws` or `wss`.
    #[must_use]
    pub fn socket_source(&self) -> String {
        self.0.replacen("http", "ws", 1)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Host and port of a valid authority without user information.
fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    let host_len = match authority.strip_prefix('[') {
        Some(address) => address.find(']')? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, rest) = authority.split_at(host_len);
    if !(is_name(host) || is_address(host)) {
        return None;
    }
    match rest.strip_prefix(':') {
        None if rest.is_empty() => Some((host, None)),
        Some(port) if is_port(port) => Some((host, Some(port))),
        Some(_) | None => None,
    }
}

fn is_name(host: &str) -> bool {
    let is_plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
    is_plain && !host.is_empty() && !host.starts_with('.') && !host.ends_with('.')
}

fn is_address(host: &str) -> bool {
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    inner.is_some_and(|inner| inner.parse::<Ipv6Addr>().is_ok())
}

fn is_port(port: &str) -> bool {
    port.parse::<u16>().is_ok_and(|figure| figure > 0 && figure.to_string() == port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, origin: &str) {
        assert_eq!(Origin::parse(text).map(|origin| origin.to_string()).as_deref(), Some(origin));
    }

    #[test]
    fn scheme_and_host_are_compared_in_lower_case() {
        reads("HTTPS://Shop.Example.COM", "https://shop.example.com");
    }

    #[test]
    fn the_own_port_of_a_scheme_is_left_out() {
        reads("https://shop.example:443", "https://shop.example");
        reads("http://shop.example:80", "http://shop.example");
        reads("https://shop.example:80", "https://shop.example:80");
        reads("http://127.0.0.1:8081", "http://127.0.0.1:8081");
        reads("http://[::1]:8080", "http://[::1]:8080");
    }

    #[test]
    fn what_is_not_an_origin_is_refused() {
        for text in [
            "null",
            "",
            "shop.example",
            "ftp://shop.example",
            "https://",
            "https://shop.example.",
            "https://shop.example.:443",
            "https://shop.example/",
            "https://shop.example/path",
            "https://shop.example?x",
            "https://user@shop.example",
            "https://shop.example:",
            "https://shop.example:0",
            "https://shop.example:0443",
            "https://shop.example:70000",
            "https://shop.example;x",
            "https://shop example",
            "https://*.example",
            "https://a,https://b",
            "https://[::1",
        ] {
            assert_eq!(Origin::parse(text), None, "{text}");
        }
        assert_eq!(Origin::parse(&format!("https://{}", "a".repeat(300))), None);
    }

    #[test]
    fn sockets_go_to_the_same_host() {
        assert_eq!(Origin::parse("https://a.b:444").unwrap().socket_source(), "wss://a.b:444");
        assert_eq!(Origin::of_host("http", "127.0.0.1:8080").unwrap().socket_source(), "ws://127.0.0.1:8080");
    }
}

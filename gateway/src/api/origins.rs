//! Reads an origin (RFC 6454) as an administrator types it, and writes it as browsers send it.

use super::error::ApiError;
use super::limits::{ORIGIN_BYTES_MAX, ORIGINS_MAX};
use std::net::{Ipv4Addr, Ipv6Addr};

/// The origins of a site: each once, in the order given.
pub(crate) fn origins(given: &[String]) -> Result<Vec<String>, ApiError> {
    if given.len() > ORIGINS_MAX {
        return Err(ApiError::invalid(format!("a site has at most {ORIGINS_MAX} origins")));
    }
    let mut origins = Vec::new();
    for text in given {
        let origin = origin(text).map_err(|reason| {
            let shown: String = text.chars().take(80).collect();
            ApiError::invalid(format!("origin {shown:?}: {reason}"))
        })?;
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    Ok(origins)
}

/// Scheme, host and, unless it is the scheme's own, port.
pub(crate) fn origin(text: &str) -> Result<String, &'static str> {
    if text.contains('*') {
        return Err("a pattern would let strangers' pages embed the chat; name each origin");
    }
    if text.len() > ORIGIN_BYTES_MAX {
        return Err("it is too long");
    }
    let text = text.trim().to_ascii_lowercase();
    let (scheme, rest) = text.split_once("://").ok_or("it begins with https:// or http://")?;
    let default_port = match scheme {
        "https" => 443,
        "http" => 80,
        _ => return Err("it begins with https:// or http://"),
    };
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    if authority.contains(['/', '?', '#', '\\']) {
        return Err("it ends after the host or port, without a path");
    }
    if authority.contains('@') {
        return Err("it has no user name");
    }
    let (host, port) = host_and_port(authority)?;
    match port {
        Some(port) if port != default_port => Ok(format!("{scheme}://{host}:{port}")),
        Some(_) | None => Ok(format!("{scheme}://{host}")),
    }
}

fn host_and_port(authority: &str) -> Result<(String, Option<u16>), &'static str> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (inner, after) = rest.split_once(']').ok_or("an IPv6 address ends with ]")?;
        let address: Ipv6Addr = inner.parse().map_err(|_| "that is not an IPv6 address")?;
        let port = match after.strip_prefix(':') {
            Some(port) => Some(read_port(port)?),
            None if after.is_empty() => None,
            None => return Err("after ] comes a port or nothing"),
        };
        return Ok((format!("[{address}]"), port));
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(read_port(port)?)),
        None => (authority, None),
    };
    check_host(host)?;
    Ok((host.to_owned(), port))
}

fn read_port(text: &str) -> Result<u16, &'static str> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let port = text.parse().ok().filter(|port| digits && *port > 0);
    port.ok_or("a port is a number from 1 to 65535")
}

fn check_host(host: &str) -> Result<(), &'static str> {
    if !host.is_ascii() {
        return Err("write the host in ASCII, as browsers send it (xn--…)");
    }
    if host.is_empty() || host.len() > 253 || host.split('.').any(|label| !is_label(label)) {
        return Err("that is not a host name (letters, digits, hyphens, dots)");
    }
    let looks_numeric =
        host.rsplit('.').next().is_some_and(|label| label.starts_with(|first: char| first.is_ascii_digit()));
    if looks_numeric && host.parse::<Ipv4Addr>().is_err() {
        return Err("write an IPv4 address as four numbers");
    }
    Ok(())
}

fn is_label(label: &str) -> bool {
    let plain = label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte));
    plain && !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_send_it() {
        for (given, expected) in [
            ("https://Example.ORG", "https://example.org"),
            (" https://example.org/ ", "https://example.org"),
            ("https://example.org:443", "https://example.org"),
            ("http://example.org:443", "http://example.org:443"),
            ("http://localhost:8081", "http://localhost:8081"),
            ("http://127.0.0.1:8081", "http://127.0.0.1:8081"),
            ("https://[2001:DB8:0:0::1]:8443", "https://[2001:db8::1]:8443"),
            ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(origin(given).as_deref(), Ok(expected), "{given}");
        }
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for given in [
            "",
            "*",
            "https://*.example.org",
            "null",
            "example.org",
            "//example.org",
            "ftp://example.org",
            "javascript://example.org",
            "https://",
            "https://example.org/chat",
            "https://example.org?x",
            "https://example.org#x",
            "https://example.org\\x",
            "https://ada@example.org",
            "https://example.org.",
            "https://.example.org",
            "https://exa mple.org",
            "https://bücher.example",
            "https://example.org:0",
            "https://example.org:65536",
            "https://example.org:+443",
            "https://example.org:",
            "https://[::1",
            "https://[::1]x",
            "https://127.1",
            "https://-a.org",
            "https://a\0.org",
            "https://a,b.org",
            "https://a.org;script-src",
        ] {
            assert!(origin(given).is_err(), "{given}");
        }
        assert!(origin(&format!("https://{}.org", "a".repeat(300))).is_err());
    }

    #[test]
    fn a_pattern_is_refused_with_the_reason() {
        for pattern in ["*", "https://*.example.org"] {
            let refused = origins(&[pattern.to_owned()]).expect_err("refused").to_string();
            assert!(refused.ends_with("would let strangers' pages embed the chat; name each origin"), "{refused}");
        }
    }
}

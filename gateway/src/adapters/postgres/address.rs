//! Where the database is, and whether the way there is TLS.
//!
//! Without `sslmode` in the URL a database on this machine is reached in plain, any other over TLS whose certificate
//! the system's roots vouch for: an unencrypted way, or one to anybody, is never taken by default.

use super::OpenError;
use crate::adapters::limits::{CONNECT_MS_MAX, POSTGRES_SILENCE_MS_MAX};
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How to reach the database.
#[derive(Clone)]
pub(super) struct Address {
    pub config: Config,
    /// None for a way in plain.
    pub tls: Option<MakeRustlsConnect>,
}

impl Address {
    /// Reads a URL or a list of `key=value`, as libpq does.
    pub fn parse(url: &str) -> Result<Self, OpenError> {
        let mut config = Config::from_str(url).map_err(|error| OpenError::Address(error.to_string()))?;
        let mode = config.get_ssl_mode();
        let is_said = url.contains("sslmode");
        if is_said && ![SslMode::Disable, SslMode::Require].contains(&mode) {
            return Err(OpenError::Address("sslmode can be disable or require".to_owned()));
        }
        let is_tls = if is_said { mode == SslMode::Require } else { !config.get_hosts().iter().all(is_here) };
        config.ssl_mode(if is_tls { SslMode::Require } else { SslMode::Disable });
        config.application_name("halloo");
        config.connect_timeout(Duration::from_millis(CONNECT_MS_MAX));
        config.keepalives_idle(Duration::from_millis(POSTGRES_SILENCE_MS_MAX));
        config.tcp_user_timeout(Duration::from_millis(POSTGRES_SILENCE_MS_MAX));
        let tls = if is_tls { Some(connector()?) } else { None };
        Ok(Self { config, tls })
    }
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()),
    }
}

fn connector() -> Result<MakeRustlsConnect, OpenError> {
    // Whoever comes second finds the same provider installed.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let (connector, errors) = MakeRustlsConnect::with_native_certs()
        .map_err(|errors| OpenError::Address(format!("no root certificates on this machine: {errors:?}")))?;
    for error in errors {
        tracing::warn!(%error, "a root certificate cannot be read");
    }
    Ok(connector)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_tls(url: &str) -> bool {
        Address::parse(url).map(|address| address.tls.is_some()).unwrap()
    }

    #[test]
    fn a_way_off_this_machine_is_encrypted_unless_the_url_says_otherwise() {
        assert!(is_tls("postgres://halloo@db.example/halloo"));
        assert!(is_tls("host=10.0.0.3 user=halloo"));
        assert!(!is_tls("postgres://halloo@db.example/halloo?sslmode=disable"));
        for here in ["postgres://h@localhost/h", "postgres://h@127.0.0.1/h", "host=/run/postgresql user=h"] {
            assert!(!is_tls(here), "{here}");
        }
        assert!(is_tls("postgres://h@localhost/h?sslmode=require"));
    }

    #[test]
    fn a_way_that_is_only_perhaps_encrypted_is_refused() {
        assert!(Address::parse("postgres://h@db.example/h?sslmode=prefer").is_err());
    }
}

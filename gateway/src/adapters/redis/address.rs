//! Where a Redis server is, and who asks: a URL, a password's file, certificates to trust.

use super::session::Fault;
use crate::adapters::limits::{FILE_BYTES_MAX, REDIS_OPEN_MS_MAX, REDIS_REPLY_MS_MAX};
use redis::io::tcp::TcpSettings;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion, TlsCertificates,
};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How to reach one Redis server, as an operator says it.
#[derive(Clone, Default)]
pub struct RedisSettings {
    /// `redis://user:password@host:6379`, or `rediss://` for TLS. A database's number means nothing here.
    pub url: String,
    /// Holds the password, in place of the URL; read again for each connection, so that it can be changed.
    pub password_file: Option<PathBuf>,
    /// Certificates (PEM) to trust in place of the system's.
    pub ca_file: Option<PathBuf>,
}

/// Why settings of Redis cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum RedisError {
    /// The URL's text is not repeated: it may hold a password.
    #[error("the URL of Redis is not like redis://user:password@host:6379 or rediss://…")]
    Url,
    /// A certificate that is not checked protects from nobody.
    #[error("the URL of Redis asks not to check the certificate; name a file of certificates to trust instead")]
    Insecure,
    /// Certificates are of use with TLS only.
    #[error("certificates to trust are given for Redis, but its URL is not rediss://")]
    NoTls,
    /// A file that the settings name cannot be read.
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: std::io::Error },
}

/// How to reach one Redis server.
pub(super) struct Address {
    info: ConnectionInfo,
    settings: RedisSettings,
}

impl Address {
    pub fn read(settings: RedisSettings) -> Result<Self, RedisError> {
        let info = settings.url.as_str().into_connection_info().map_err(|_| RedisError::Url)?;
        if let ConnectionAddr::TcpTls { insecure, .. } = info.addr() {
            if *insecure {
                return Err(RedisError::Insecure);
            }
            // Whoever comes second finds the same provider installed.
            drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        } else if settings.ca_file.is_some() {
            return Err(RedisError::NoTls);
        }
        for path in [&settings.password_file, &settings.ca_file].into_iter().flatten() {
            read(path)?;
        }
        // No CLIENT SETINFO and no SELECT: users need no right to them.
        let redis = info.redis_settings().clone();
        let redis = redis.set_protocol(ProtocolVersion::RESP3).set_skip_set_lib_name().set_db(0);
        let tcp = TcpSettings::default().set_nodelay(true);
        Ok(Self { info: info.set_redis_settings(redis).set_tcp_settings(tcp), settings })
    }

    /// What makes connections, with passwords and certificates as they are now.
    pub async fn client(&self) -> Result<Client, Fault> {
        let mut info = self.info.clone();
        if let Some(path) = &self.settings.password_file {
            let password = tokio::fs::read_to_string(path).await.map_err(Fault::File)?;
            let redis = info.redis_settings().clone().set_password(password.trim_end_matches(['\r', '\n']));
            info = info.set_redis_settings(redis);
        }
        let Some(path) = &self.settings.ca_file else { return Ok(Client::open(info)?) };
        let root_cert = tokio::fs::read(path).await.map_err(Fault::File)?;
        Ok(Client::build_with_tls(info, TlsCertificates { client_tls: None, root_cert: Some(root_cert) })?)
    }
}

/// The limits of every connection.
pub(super) fn config() -> AsyncConnectionConfig {
    AsyncConnectionConfig::new()
        .set_connection_timeout(Some(Duration::from_millis(REDIS_OPEN_MS_MAX)))
        .set_response_timeout(Some(Duration::from_millis(REDIS_REPLY_MS_MAX)))
        // One batch is on its way at a time, and one question beside it.
        .set_pipeline_buffer_size(2)
}

fn read(path: &Path) -> Result<String, RedisError> {
    let text = || {
        let mut text = String::new();
        std::fs::File::open(path)?.take(FILE_BYTES_MAX).read_to_string(&mut text)?;
        Ok(text)
    };
    text().map_err(|error| RedisError::File { path: path.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(url: &str, ca_file: Option<&str>) -> Result<Address, RedisError> {
        Address::read(RedisSettings { url: url.to_owned(), password_file: None, ca_file: ca_file.map(PathBuf::from) })
    }

    #[test]
    fn urls_are_understood() {
        for url in
            ["redis://localhost", "redis://:word@[::1]:6380/3", "rediss://user:word@redis.example", "unix:///run/redis"]
        {
            assert!(address(url, None).is_ok(), "{url}");
        }
        assert_eq!(address("redis://localhost/3", None).unwrap().info.redis_settings().db(), 0);
    }

    #[test]
    fn what_cannot_be_followed_safely_is_refused() {
        assert!(matches!(address("http://localhost", None), Err(RedisError::Url)));
        assert!(matches!(address("rediss://localhost/#insecure", None), Err(RedisError::Insecure)));
        assert!(matches!(address("redis://localhost", Some("ca.pem")), Err(RedisError::NoTls)));
        assert!(matches!(address("rediss://localhost", Some("/no/ca.pem")), Err(RedisError::File { .. })));
    }

    #[test]
    fn a_fault_does_not_repeat_the_password() {
        let Err(fault) = address("redis://user:hidden@host:none", None) else { panic!("the port is not a number") };
        assert!(!fault.to_string().contains("hidden"));
    }
}

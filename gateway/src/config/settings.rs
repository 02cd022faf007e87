//! The list of settings: name, type, default, and what each is for.

use super::source::Sources;
use super::value::Value;
use super::{DatabaseUrl, Fault, Faults, Flags, RedisUrl, Secret};
use crate::network::Network;
use crate::origin::Origin;
use crate::origin::Scheme;
use crate::telemetry::LogFormat;
use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

/// One setting, as far as it is not a value.
pub struct Setting {
    /// Name in the file; `.` stands between a table and its key.
    pub key: &'static str,
    /// Lines of its description.
    pub doc: &'static [&'static str],
    /// The default as the file would write it; for a setting without one, an example.
    pub shown: fn() -> String,
    /// Whether it has a default.
    pub has_default: fn() -> bool,
    /// Never a flag, never printed.
    pub is_secret: bool,
    /// Also read from the file that the variable `…_FILE` names.
    pub has_file: bool,
    /// `--demo` alone means `--demo=true`.
    pub is_switch: bool,
}

macro_rules! settings {
    ($($(#[doc = $doc:literal])* $key:literal $field:ident: $type:ty = $default:expr;)*) => {
        /// All settings, checked.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Config { $($(#[doc = $doc])* pub $field: $type,)* }

        impl Setting {
            pub const ALL: &'static [Setting] = &[$(Setting {
                key: $key,
                doc: &[$($doc),*],
                shown: || { let default: $type = $default; Value::show(&default) },
                has_default: || { let default: $type = $default; Value::is_set(&default) },
                is_secret: <$type as Value>::IS_SECRET,
                has_file: <$type as Value>::HAS_FILE,
                is_switch: <$type as Value>::IS_SWITCH,
            }),*];
        }

        impl Default for Config {
            fn default() -> Self { Self { $($field: $default,)* } }
        }

        impl Config {
            fn take(sources: &mut Sources) -> Self {
                Self { $($field: sources.take($key).unwrap_or_else(|| $default),)* }
            }

            /// Each setting that has a value, as the file would write it; secrets are covered.
            #[must_use]
            pub fn shown(&self) -> Vec<(&'static str, String)> {
                let values = [$((Value::is_set(&self.$field), $key, Value::show(&self.$field))),*];
                values.into_iter().filter_map(|(is_set, key, shown)| is_set.then_some((key, shown))).collect()
            }
        }
    };
}

settings! {
    /// Where visitors and agents connect.
    "listen" listen: SocketAddr = SocketAddr::from(([0, 0, 0, 0], 8080));
    /// Where the machine's owner asks for health, figures and commands; not for the public.
    "admin_listen" admin_listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 9090));
    /// Bearer token, at least 16 characters, that the admin port asks of whoever changes something.
    /// Without one, only this machine may.
    "admin_token" admin_token: Option<Secret> = None;
    /// Folder of everything that is kept; beside Postgres, of what one node keeps for itself.
    "data" data: PathBuf = PathBuf::from("halloo-data");
    /// Postgres database (15 to 18) that keeps everything, in place of SQLite in `data`.
    /// Off this machine it is reached over TLS, unless the URL ends in ?sslmode=disable.
    "postgres" postgres: Option<DatabaseUrl> = None;
    /// Redis or Valkey server that carries what nodes say to each other, beside Postgres: redis://… or rediss://….
    /// Without one, Postgres carries that too, some tenths of a second slower.
    "redis" redis: Option<RedisUrl> = None;
    /// Another server that carries while the first is away.
    "redis_2" redis_2: Option<RedisUrl> = None;
    /// File with the password for Redis, in place of the URL; read for each connection.
    "redis_password_file" redis_password_file: Option<PathBuf> = None;
    /// File of certificates (PEM) that Redis is trusted by, in place of the system's.
    "redis_ca_file" redis_ca_file: Option<PathBuf> = None;
    /// Address under which browsers reach this deployment, without a path.
    /// Without one, the address a page was asked from is taken for it.
    "public_url" public_url: Option<PublicUrl> = None;
    /// Scheme of the gateway's own pages where `public_url` is not set: "https" when a proxy in front ends TLS.
    "scheme" scheme: Scheme = Scheme::Http;
    /// Address ranges of proxies whose X-Forwarded-For is believed.
    "trusted_proxies" trusted_proxies: Vec<Network> = Vec::new();
    /// Serves the demo: its own data folder, a demo site and agent, and the demo page on port 8081.
    "demo" demo: bool = false;

    /// "error", "warn", "info", "debug", "trace", or levels by module as in "info,gateway::edge=debug".
    "log.level" log_level: LogFilter = LogFilter("info".to_owned());
    /// "text" or "json".
    "log.format" log_format: LogFormat = LogFormat::Text;

    /// WebSocket handshakes a second; the node's cores should manage them beside their other work.
    "limits.handshakes_per_second" handshakes_per_second: NonZeroU32 = figure(2_000);
    /// Handshakes at once, as when all clients of a lost node come back.
    "limits.handshakes_burst" handshakes_burst: NonZeroU32 = figure(10_000);
    /// Handshakes a second from one address; an IPv6 /64 counts as one.
    "limits.address_handshakes_per_second" address_handshakes_per_second: NonZeroU32 = figure(10);
    /// Handshakes at once from one address.
    "limits.address_handshakes_burst" address_handshakes_burst: NonZeroU32 = figure(50);
    /// Open visitor sockets of one address; more people than this may share an office's or a carrier's.
    "limits.address_sockets_max" address_sockets_max: u32 = 50;
    /// Connections of one address that speak HTTP; sockets and trusted proxies are not counted.
    "limits.address_connections_max" address_connections_max: u32 = 256;
    /// Connections that speak HTTP, of all addresses together; each may hold some 20 KiB.
    "limits.connections_max" connections_max: u32 = 20_000;

    /// After SIGTERM: how long new connections are still taken, so that balancers learn that this node leaves.
    "drain.grace_ms" drain_grace_ms: u64 = 5_000;
    /// After SIGTERM: when the process ends at the latest.
    "drain.deadline_ms" drain_deadline_ms: u64 = 60_000;
}

/// A figure of the list above.
const fn figure(figure: u32) -> NonZeroU32 {
    match NonZeroU32::new(figure) {
        Some(figure) => figure,
        None => NonZeroU32::MIN,
    }
}

/// The deployment's own origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(pub Origin);

/// A log level or filter that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFilter(pub(super) String);

impl fmt::Display for LogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Config {
    /// Reads all sources. `environment` is every variable of the process.
    ///
    /// # Errors
    /// All faults of all sources.
    pub fn load(flags: &Flags, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, Faults> {
        let mut sources = Sources::read(flags, environment);
        let config = Self::take(&mut sources);
        let mut faults = sources.into_faults();
        config.check_together(&mut faults);
        if faults.is_empty() { Ok(config) } else { Err(Faults(faults)) }
    }

    /// What no setting shows by itself.
    fn check_together(&self, faults: &mut Vec<Fault>) {
        if self.listen == self.admin_listen && self.listen.port() != 0 {
            faults.push(Fault::new("admin_listen", "is the address of `listen`, which is public"));
        }
        if self.redis.is_some() && self.postgres.is_none() {
            faults.push(Fault::new("redis", "carries between nodes that share a database: it needs `postgres`"));
        }
        if self.redis.is_none() && (self.redis_password_file.is_some() || self.redis_ca_file.is_some()) {
            faults.push(Fault::new("redis", "is not set, but files for it are"));
        }
        if self.redis_2.is_some() && self.redis.is_none() {
            faults.push(Fault::new("redis_2", "stands in for `redis`, which is not set"));
        }
        if self.drain_grace_ms >= self.drain_deadline_ms {
            faults.push(Fault::new("drain.deadline_ms", "must be longer than `drain.grace_ms`"));
        }
    }
}

//! How each type of setting is read from text or TOML, and written.

use super::secret::Secret;
use super::server_url::{DatabaseUrl, RedisUrl};
use super::settings::{LogFilter, PublicUrl};
use crate::network::Network;
use crate::origin::Origin;
use crate::origin::Scheme;
use crate::telemetry::{LogFormat, read_level};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;

/// A value as a source gives it.
#[derive(Clone, Debug)]
pub(super) enum Given {
    /// From a flag or a variable.
    Text(String),
    Toml(toml::Value),
}

/// A type that a setting can have.
pub(super) trait Value: Sized {
    const IS_SECRET: bool = false;
    /// Whether it may hold a secret, and so be read from a file of its own.
    const HAS_FILE: bool = Self::IS_SECRET;
    const IS_SWITCH: bool = false;
    /// Reads the value, or says what is wrong in words that follow the setting's name.
    fn read(given: &Given) -> Result<Self, String>;
    /// The value as the file would write it; where there is none, an example.
    fn show(&self) -> String;
    fn is_set(&self) -> bool {
        true
    }
}

impl Given {
    fn text(&self) -> Result<&str, String> {
        match self {
            Self::Text(text) | Self::Toml(toml::Value::String(text)) => Ok(text),
            Self::Toml(other) => Err(format!("must be text in quotes, not {}", other.type_str())),
        }
    }

    fn figure<T: FromStr + TryFrom<i64>>(&self, range: &str) -> Result<T, String> {
        let figure = match self {
            Self::Text(text) => text.parse().ok(),
            Self::Toml(toml::Value::Integer(figure)) => T::try_from(*figure).ok(),
            Self::Toml(_) => None,
        };
        figure.ok_or_else(|| format!("must be a whole number {range}"))
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

impl Value for SocketAddr {
    fn read(given: &Given) -> Result<Self, String> {
        let text = given.text()?;
        text.parse().map_err(|_| format!("{text:?} is not an address and port, such as 127.0.0.1:8080 or [::]:8080"))
    }

    fn show(&self) -> String {
        quoted(&self.to_string())
    }
}

impl Value for PathBuf {
    fn read(given: &Given) -> Result<Self, String> {
        match given.text()? {
            "" => Err("must not be empty".to_owned()),
            text => Ok(text.into()),
        }
    }

    fn show(&self) -> String {
        quoted(&self.to_string_lossy())
    }
}

impl Value for bool {
    const IS_SWITCH: bool = true;

    fn read(given: &Given) -> Result<Self, String> {
        match given {
            Given::Toml(toml::Value::Boolean(value)) => Ok(*value),
            Given::Text(text) => text.parse().map_err(|_| "must be true or false".to_owned()),
            Given::Toml(_) => Err("must be true or false".to_owned()),
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Value for NonZeroU32 {
    fn read(given: &Given) -> Result<Self, String> {
        let range = "from 1 to 4294967295";
        Self::new(given.figure(range)?).ok_or_else(|| format!("must be a whole number {range}"))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Value for u32 {
    fn read(given: &Given) -> Result<Self, String> {
        given.figure("from 0 to 4294967295")
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Value for u64 {
    fn read(given: &Given) -> Result<Self, String> {
        given.figure("of milliseconds")
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Value for Option<PublicUrl> {
    fn read(given: &Given) -> Result<Self, String> {
        let text = given.text()?;
        let origin = Origin::parse(text.strip_suffix('/').unwrap_or(text));
        let origin = origin
            .ok_or_else(|| format!("{text:?} is not an address without a path, such as https://chat.example.com"))?;
        Ok(Some(PublicUrl(origin)))
    }

    fn show(&self) -> String {
        quoted(self.as_ref().map_or("https://chat.example.com", |url| url.0.as_str()))
    }

    fn is_set(&self) -> bool {
        self.is_some()
    }
}

impl Value for Option<DatabaseUrl> {
    const HAS_FILE: bool = true;

    fn read(given: &Given) -> Result<Self, String> {
        DatabaseUrl::new(given.text()?).map(Some)
    }

    fn show(&self) -> String {
        quoted(&self.as_ref().map_or("postgres://halloo@db.example.com/halloo".to_owned(), ToString::to_string))
    }

    fn is_set(&self) -> bool {
        self.is_some()
    }
}

impl Value for Option<RedisUrl> {
    const HAS_FILE: bool = true;

    fn read(given: &Given) -> Result<Self, String> {
        RedisUrl::new(given.text()?).map(Some)
    }

    fn show(&self) -> String {
        quoted(&self.as_ref().map_or("redis://redis.example.com".to_owned(), ToString::to_string))
    }

    fn is_set(&self) -> bool {
        self.is_some()
    }
}

impl Value for Option<PathBuf> {
    fn read(given: &Given) -> Result<Self, String> {
        PathBuf::read(given).map(Some)
    }

    fn show(&self) -> String {
        self.as_ref().map_or(quoted("/run/secrets/file"), PathBuf::show)
    }

    fn is_set(&self) -> bool {
        self.is_some()
    }
}

impl Value for Option<Secret> {
    const IS_SECRET: bool = true;

    fn read(given: &Given) -> Result<Self, String> {
        Secret::new(given.text()?).map(Some)
    }

    fn show(&self) -> String {
        quoted("(secret)")
    }

    fn is_set(&self) -> bool {
        self.is_some()
    }
}

impl Value for Scheme {
    fn read(given: &Given) -> Result<Self, String> {
        match given.text()? {
            "http" => Ok(Self::Http),
            "https" => Ok(Self::Https),
            other => Err(format!("{other:?} is neither \"http\" nor \"https\"")),
        }
    }

    fn show(&self) -> String {
        quoted(self.as_str())
    }
}

impl Value for Vec<Network> {
    fn read(given: &Given) -> Result<Self, String> {
        let items: Vec<String> = match given {
            Given::Text(text) => text.split(',').map(|item| item.trim().to_owned()).collect(),
            Given::Toml(toml::Value::Array(items)) => {
                items.iter().map(|item| item.as_str().unwrap_or_default().to_owned()).collect()
            }
            Given::Toml(_) => return Err("must be a list, such as [\"10.0.0.0/8\"]".to_owned()),
        };
        items.iter().map(|item| item.parse()).collect()
    }

    fn show(&self) -> String {
        let items: Vec<String> = self.iter().map(|network| quoted(&network.to_string())).collect();
        format!("[{}]", items.join(", "))
    }
}

impl Value for LogFilter {
    fn read(given: &Given) -> Result<Self, String> {
        let text = given.text()?;
        read_level(text).map_err(|error| error.to_string())?;
        Ok(Self(text.to_owned()))
    }

    fn show(&self) -> String {
        quoted(&self.0)
    }
}

impl Value for LogFormat {
    fn read(given: &Given) -> Result<Self, String> {
        match given.text()? {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            other => Err(format!("{other:?} is neither \"text\" nor \"json\"")),
        }
    }

    fn show(&self) -> String {
        quoted(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

//! What the process says of itself: log lines on standard error, and the figures of [`Metrics`].
//!
//! Logs carry ids; names, tokens and addresses at DEBUG at most, and what people write to each other never.

mod metrics;

pub use metrics::{CONTENT_TYPE, Carrier, Each, Kind, Label, Loss, Metrics, Outcome, Reason, Waiting};

use std::io;
use tracing::Subscriber;
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload;
use tracing_subscriber::{Layer, Registry};

/// How log lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// A log filter that is not one.
#[derive(Debug, thiserror::Error)]
#[error("not a log level: {0}")]
pub struct BadLevel(String);

/// Changes the log level while the process runs.
#[derive(Clone, Debug)]
pub struct LogLevel(reload::Handle<EnvFilter, Registry>);

impl LogLevel {
    /// Sets a level (`info`) or a filter by module (`info,gateway::edge=debug`).
    ///
    /// # Errors
    /// The text is neither; the level stays.
    pub fn set(&self, level: &str) -> Result<(), BadLevel> {
        let filter = read_level(level)?;
        self.0.reload(filter).map_err(|error| BadLevel(error.to_string()))
    }

    /// The filter in force.
    #[must_use]
    pub fn current(&self) -> String {
        self.0.with_current(ToString::to_string).unwrap_or_default()
    }
}

/// Reads a level or filter.
///
/// # Errors
/// The text is neither.
pub fn read_level(level: &str) -> Result<EnvFilter, BadLevel> {
    let is_word = |word: &str| ["off", "error", "warn", "info", "debug", "trace"].contains(&word);
    let level = level.trim();
    // A bare word that is no level would be taken for the name of a module, and silence all others.
    if let Some(word) = level.split(',').map(str::trim).find(|part| !part.contains('=') && !is_word(part)) {
        return Err(BadLevel(format!("{word:?}")));
    }
    EnvFilter::try_new(level).map_err(|error| BadLevel(error.to_string()))
}

/// Makes the subscriber; `main` installs it.
///
/// # Errors
/// The level cannot be read.
pub fn subscriber(level: &str, format: LogFormat) -> Result<(impl Subscriber + Send + Sync, LogLevel), BadLevel> {
    let (filter, handle) = reload::Layer::new(read_level(level)?);
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(false);
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    Ok((Registry::default().with(filter).with(lines), LogLevel(handle)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_can_be_changed_while_running() {
        let (subscriber, level) = subscriber("warn", LogFormat::Json).unwrap();
        tracing::subscriber::with_default(subscriber, || {
            assert!(!tracing::enabled!(tracing::Level::DEBUG));
            level.set("info,gateway=debug").unwrap();
            assert!(tracing::enabled!(tracing::Level::DEBUG));
            assert_eq!(level.current(), "gateway=debug,info");
        });
    }

    #[test]
    fn a_word_that_is_no_level_is_refused_and_the_level_stays() {
        let (_subscriber, level) = subscriber("warn", LogFormat::Text).unwrap();
        for word in ["verbose", "", "info,verbose", "gateway=loud"] {
            assert!(level.set(word).is_err(), "{word}");
        }
        assert_eq!(level.current(), "warn");
    }
}

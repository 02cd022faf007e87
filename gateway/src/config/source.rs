//! The sources: which value each setting was given, by whom, and what was given to no setting at all.

use super::fault::meant;
use super::value::{Given, Value};
use super::{Fault, Flags, Setting};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const PREFIX: &str = "HALLOO_";
/// Names the file of settings, as `--config` does.
const CONFIG: &str = "HALLOO_CONFIG";

/// All sources, the stronger over the weaker.
pub(super) struct Sources {
    given: BTreeMap<&'static str, (String, Given)>,
    faults: Vec<Fault>,
}

impl Sources {
    pub(super) fn read(flags: &Flags, environment: impl IntoIterator<Item = (String, String)>) -> Self {
        let environment: BTreeMap<String, String> = environment
            .into_iter()
            .filter(|(name, value)| name.starts_with(PREFIX) && !value.is_empty() && !is_of_kubernetes(name))
            .collect();
        let mut sources = Self { given: BTreeMap::new(), faults: Vec::new() };
        let file = flags.config.clone().or_else(|| environment.get(CONFIG).map(PathBuf::from));
        if let Some(path) = file {
            sources.read_file(&path);
        }
        sources.read_environment(environment);
        for (key, value) in &flags.values {
            sources.give(key, flag_name(key), Given::Text(value.clone()));
        }
        sources
    }

    /// The value of a setting; what cannot be read is a fault, and then the default stands in.
    pub(super) fn take<T: Value>(&mut self, key: &str) -> Option<T> {
        let (place, given) = self.given.remove(key)?;
        T::read(&given).map_err(|what| self.faults.push(Fault::new(place, what))).ok()
    }

    pub(super) fn into_faults(self) -> Vec<Fault> {
        self.faults
    }

    fn give(&mut self, key: &'static str, place: String, given: Given) {
        self.given.insert(key, (place, given));
    }

    fn fault(&mut self, place: impl Into<String>, what: impl Into<String>) {
        self.faults.push(Fault::new(place, what));
    }

    fn read_file(&mut self, path: &Path) {
        let shown = path.display();
        let table = match std::fs::read_to_string(path) {
            Ok(text) => text.parse::<toml::Table>(),
            Err(error) => return self.fault(shown.to_string(), format!("cannot be read: {error}")),
        };
        match table {
            Ok(table) => self.read_table(&shown.to_string(), "", table),
            Err(error) => self.fault(shown.to_string(), error.to_string().trim_end().to_owned()),
        }
    }

    fn read_table(&mut self, file: &str, prefix: &str, table: toml::Table) {
        for (name, value) in table {
            let key = format!("{prefix}{name}");
            let place = format!("{file}, {key}");
            let below = format!("{key}.");
            match (Setting::of_key(&key), value) {
                (Some(setting), value) => self.give(setting.key, place, Given::Toml(value)),
                (None, toml::Value::Table(table)) if is_table(&below) => self.read_table(file, &below, table),
                (None, _) if is_table(&below) => self.fault(place, "must be a table"),
                (None, _) => self.unknown(place, &key, Setting::ALL.iter().map(|setting| setting.key)),
            }
        }
    }

    fn read_environment(&mut self, mut environment: BTreeMap<String, String>) {
        environment.remove(CONFIG);
        for setting in Setting::ALL {
            let name = variable_name(setting.key);
            let beside = format!("{name}_FILE");
            let value = environment.remove(&name);
            let path = if setting.has_file { environment.remove(&beside) } else { None };
            match (value, path) {
                (Some(_), Some(_)) => self.fault(beside, format!("is given together with {name}")),
                (Some(value), None) => self.give(setting.key, name, Given::Text(value)),
                (None, Some(path)) => match std::fs::read_to_string(&path) {
                    Ok(text) => self.give(setting.key, beside, Given::Text(text.trim_end().to_owned())),
                    Err(error) => self.fault(beside, format!("{path:?} cannot be read: {error}")),
                },
                (None, None) => {}
            }
        }
        let known: Vec<String> = Setting::ALL.iter().map(|setting| variable_name(setting.key)).collect();
        for name in environment.into_keys() {
            self.unknown(name.clone(), &name, known.iter().map(String::as_str));
        }
    }

    fn unknown<'a>(&mut self, place: String, name: &str, known: impl Iterator<Item = &'a str>) {
        let what = match meant(name, known) {
            Some(known) => format!("no such setting; did you mean {known}?"),
            None => "no such setting".to_owned(),
        };
        self.fault(place, what);
    }
}

impl Setting {
    fn of_key(key: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|setting| setting.key == key)
    }
}

fn is_table(below: &str) -> bool {
    Setting::ALL.iter().any(|setting| setting.key.starts_with(below))
}

/// Kubernetes describes a service named `halloo` to every pod beside it.
fn is_of_kubernetes(name: &str) -> bool {
    name == "HALLOO_PORT" || name.starts_with("HALLOO_PORT_") || name.starts_with("HALLOO_SERVICE_")
}

/// `log.level` as a variable: `HALLOO_LOG__LEVEL`.
pub(super) fn variable_name(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_ascii_uppercase())
}

/// `log.level` as a flag: `--log-level`.
pub(super) fn flag_name(key: &str) -> String {
    format!("--{}", key.replace(['.', '_'], "-"))
}

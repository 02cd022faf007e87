//! The arrows between modules of the gateway point one way.
//!
//! ```text
//! protocol ← gateway-core ← ports ← switchboard ← edge, api ← app ← main
//!                           ports ← adapters  (only app sees both sides; telemetry and config are leaves)
//! ```

use crate::source::{code, identifier, without_tests, words};
use crate::tree::File;
use std::collections::BTreeSet;

/// Which modules of the gateway a module may name, beside itself and the leaves.
const ARROWS: [(&str, &[&str]); 11] = [
    ("lib", &["ports", "switchboard", "edge", "api", "adapters", "admin", "app", "cli", "config", "telemetry"]),
    ("main", &["app", "cli"]),
    ("cli", &["app", "ports", "api", "admin"]),
    ("app", &["ports", "switchboard", "edge", "api", "adapters", "admin"]),
    // Another listener, built from the edge's parts.
    ("admin", &["ports", "switchboard", "edge"]),
    ("edge", &["ports", "switchboard"]),
    ("api", &["ports", "switchboard"]),
    ("switchboard", &["ports"]),
    ("adapters", &["ports"]),
    ("ports", &[]),
    ("telemetry", &[]),
];

/// What every module may name, and what names no other.
const LEAVES: [&str; 7] = ["config", "telemetry", "limits", "clock", "chance", "network", "origin"];

/// Arrows that point the wrong way, and modules that have no place yet.
#[must_use]
pub fn faults(files: &[File]) -> Vec<String> {
    files.iter().filter(|file| file.is_rust() && !file.is_test()).flat_map(faults_of).collect()
}

fn faults_of(file: &File) -> Vec<String> {
    let Some(inside) = file.path.strip_prefix("gateway/src/") else { return Vec::new() };
    let inside = inside.trim_end_matches(".rs");
    let module = inside.split('/').next().unwrap_or(inside);
    let is_leaf = LEAVES.contains(&module);
    let allowed = ARROWS.iter().find(|(name, _)| *name == module).map(|(_, allowed)| *allowed);
    if allowed.is_none() && !is_leaf {
        return vec![format!("{}: `{module}` has no place among the arrows of tests/tidy/src/arrows.rs", file.path)];
    }
    let allowed = allowed.unwrap_or_default();
    named(&without_tests(&code(&file.text)), depth(inside))
        .into_iter()
        .filter(|name| name != module && !allowed.contains(&name.as_str()) && !LEAVES.contains(&name.as_str()))
        .filter(|name| is_module(name))
        .map(|name| format!("{}: `{module}` may not name `{name}`", file.path))
        .collect()
}

/// How many `super` lead from a file to the crate's root.
fn depth(inside: &str) -> usize {
    match inside {
        "lib" | "main" => 0,
        path => path.split('/').count(),
    }
}

fn is_module(name: &str) -> bool {
    ARROWS.iter().any(|(module, _)| *module == name)
}

/// First names of all paths that begin at the crate's root.
fn named(code: &str, depth: usize) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let root = if depth == 0 { "self::".to_owned() } else { "super::".repeat(depth) };
    // The binary names the library by its name.
    for start in ["crate::", "gateway::", &root] {
        for at in words(code, start.trim_end_matches("::")) {
            if let Some(rest) = code[at..].strip_prefix(start) {
                push_names(rest, &mut names);
            }
        }
    }
    names
}

/// The name that follows, or every first name in a group.
fn push_names(code: &str, names: &mut BTreeSet<String>) {
    let code = code.trim_start();
    let Some(group) = code.strip_prefix('{') else {
        names.insert(identifier(code).to_owned());
        return;
    };
    let mut depth = 0;
    let mut first = true;
    for (at, c) in group.char_indices() {
        match c {
            '}' if depth == 0 => return,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => first = true,
            _ if first && !c.is_whitespace() => {
                names.insert(identifier(&group[at..]).to_owned());
                first = false;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(path: &str, text: &str) -> bool {
        !faults(&[File::new(path, text)]).is_empty()
    }

    #[test]
    fn an_arrow_back_is_a_fault() {
        assert!(fault("gateway/src/ports.rs", "use crate::adapters::Sqlite;"));
        assert!(fault("gateway/src/edge/socket.rs", "fn f() { crate::api::router() }"));
        assert!(fault("gateway/src/edge.rs", "use crate::{ports::Store, adapters};"));
        assert!(fault("gateway/src/edge.rs", "use crate::{\n    ports::{self, Store},\n    app::App,\n};"));
        assert!(fault("gateway/src/edge/socket.rs", "use super::super::adapters::Memory;"));
        assert!(fault("gateway/src/adapters/sqlite/append.rs", "use crate::switchboard::desks;"));
        assert!(fault("gateway/src/main.rs", "use gateway::adapters::Sqlite;"));
        assert!(fault("gateway/src/config.rs", "use crate::ports::Store;"));
    }

    #[test]
    fn an_arrow_forward_is_none() {
        assert!(!fault("gateway/src/edge/socket.rs", "use crate::switchboard::Dispatch; use crate::edge::frames;"));
        assert!(!fault("gateway/src/app.rs", "use crate::{adapters::Sqlite, edge, api};"));
        assert!(!fault("gateway/src/ports.rs", "use crate::config::Config; // not crate::adapters"));
        assert!(!fault("gateway/src/edge/socket.rs", "use super::frames; use super::super::ports::Store;"));
        assert!(!fault("gateway/src/edge.rs", "#[cfg(test)]\nmod tests { use crate::adapters::Memory; }"));
    }

    #[test]
    fn a_module_without_a_place_is_a_fault() {
        assert!(fault("gateway/src/utils.rs", ""));
        assert!(!fault("protocol/src/utils.rs", ""));
    }
}

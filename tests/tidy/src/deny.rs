//! What `deny.toml` allows, and what the crates that are compiled in say of themselves.
//!
//! cargo-deny reads the same file and knows more; this holds the promise in every run of the tests, without it.

use crate::tree::root;
use std::collections::BTreeSet;
use std::process::Command;

/// The texts of a list in a section of `deny.toml`.
#[must_use]
pub fn list(deny: &str, section: &str, key: &str) -> BTreeSet<String> {
    let mut inside = false;
    let mut texts = BTreeSet::new();
    let mut open = false;
    for line in deny.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        if !open && line.starts_with('[') {
            inside = line == format!("[{section}]");
        }
        let begins = inside && line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
        if open || begins {
            texts.extend(line.split('"').skip(1).step_by(2).map(str::to_owned));
            open = !line.ends_with(']');
        }
    }
    texts
}

/// Each crate of others that building and testing needs, with its licence expression, from `cargo tree`.
///
/// # Panics
/// When cargo cannot tell.
#[must_use]
pub fn licences() -> Vec<(String, String)> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--workspace", "--prefix", "none", "--no-dedupe", "--format", "{p}\t{l}"])
        .args(["--target", "x86_64-unknown-linux-gnu", "--locked", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs this test, so it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let lines: BTreeSet<&str> = text.lines().filter(|line| !line.contains("(/")).collect();
    lines.into_iter().filter_map(|line| line.split_once('\t')).map(|(name, of)| (name.into(), of.into())).collect()
}

/// Whether an SPDX expression can be fulfilled with these licences alone; one that cannot be read cannot.
#[must_use]
pub fn satisfied(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = spaced.split_whitespace().peekable();
    let fulfilled = either(&mut words, allowed);
    fulfilled == Some(true) && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

/// One of several: `OR` binds less than `AND`.
fn either(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> Option<bool> {
    let mut any = both(words, allowed)?;
    while words.next_if_eq(&"OR").is_some() {
        any |= both(words, allowed)?;
    }
    Some(any)
}

fn both(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> Option<bool> {
    let mut all = one(words, allowed)?;
    while words.next_if_eq(&"AND").is_some() {
        all &= one(words, allowed)?;
    }
    Some(all)
}

/// A licence, with its exception if it has one, or a group.
fn one(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> Option<bool> {
    if words.next_if_eq(&"(").is_some() {
        let group = either(words, allowed)?;
        return words.next_if_eq(&")").map(|_| group);
    }
    let name = words.next().filter(|word| !["OR", "AND", "WITH", ")"].contains(word))?;
    if words.next_if_eq(&"WITH").is_none() {
        return Some(allowed.contains(name));
    }
    Some(allowed.contains(&format!("{name} WITH {}", words.next()?)))
}

/// Sources of crates in a `Cargo.lock` that `deny.toml` does not allow.
#[must_use]
pub fn foreign_sources(lock: &str, deny: &str) -> Vec<String> {
    let registries = list(deny, "sources", "allow-registry");
    let gits = list(deny, "sources", "allow-git");
    let sources: BTreeSet<&str> =
        lock.lines().filter_map(|line| line.strip_prefix("source = \"")?.strip_suffix('"')).collect();
    let allowed = |source: &&str| match source.split_once('+') {
        Some(("registry" | "sparse", url)) => registries.contains(url),
        Some(("git", url)) => gits.contains(url.split(['?', '#']).next().unwrap_or(url)),
        _ => false,
    };
    sources.into_iter().filter(|source| !allowed(source)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_over_lines_and_from_its_own_section() {
        let deny = "[a]\nallow = [\n  \"X\", # why\n  \"Y WITH z\",\n]\nother = [\"N\"]\n[b]\nallow = [\"M\"]\nallow-git = []\n";
        assert_eq!(Vec::from_iter(list(deny, "a", "allow")), ["X", "Y WITH z"]);
        assert_eq!(Vec::from_iter(list(deny, "b", "allow")), ["M"]);
        assert!(list(deny, "b", "allow-git").is_empty());
    }

    #[test]
    fn an_expression_is_satisfied_by_what_it_asks_for() {
        let allowed = BTreeSet::from(["A", "B", "C WITH e"].map(str::to_owned));
        for yes in ["A", "A OR X", "X/B", "X / B", "A AND B", "X OR A AND B", "(X OR A) AND B", "C WITH e OR X"] {
            assert!(satisfied(yes, &allowed), "{yes}");
        }
        for no in ["", "X", "A AND X", "A AND (X OR Y)", "C", "A WITH e", "(A", "A)", "A B", "A OR", "AND A"] {
            assert!(!satisfied(no, &allowed), "{no}");
        }
    }

    #[test]
    fn a_source_that_nobody_allowed_is_found() {
        let deny = "[sources]\nallow-registry = [\"https://r/index\"]\nallow-git = [\"https://g/ours\"]\n";
        let lock = "source = \"registry+https://r/index\"\nsource = \"git+https://g/ours?rev=1#2\"\n\
                    source = \"git+https://g/theirs#3\"\nsource = \"registry+https://other/index\"\n";
        assert_eq!(foreign_sources(lock, deny), ["git+https://g/theirs#3", "registry+https://other/index"]);
    }
}

//! Every Rust file is part of a crate: none lies about that the compiler never sees.

use crate::source::{code, identifier, words};
use crate::tree::File;
use std::collections::{BTreeMap, BTreeSet};

/// Files that no crate root leads to.
#[must_use]
pub fn faults(files: &[File]) -> Vec<String> {
    let by_path: BTreeMap<&str, &File> = files.iter().map(|file| (file.path.as_str(), file)).collect();
    let mut open: Vec<String> = roots(files);
    let mut reached = BTreeSet::new();
    while let Some(path) = open.pop() {
        if let Some(file) = by_path.get(path.as_str())
            && reached.insert(path.clone())
        {
            open.extend(modules(file).into_iter().filter(|path| by_path.contains_key(path.as_str())));
        }
    }
    let lost = files.iter().filter(|file| file.is_rust() && !reached.contains(&file.path));
    lost.map(|file| format!("{}: no crate root leads here", file.path)).collect()
}

/// What cargo takes for a root, in every folder with a manifest, and what a manifest names.
fn roots(files: &[File]) -> Vec<String> {
    let mut roots = Vec::new();
    for manifest in files.iter().filter(|file| file.path.ends_with("Cargo.toml")) {
        let folder = manifest.path.trim_end_matches("Cargo.toml");
        let named = manifest.text.lines().filter_map(|line| line.trim().strip_prefix("path = \"")?.split('"').next());
        roots.extend(named.map(|path| format!("{folder}{path}")));
        for file in files {
            if file.path.strip_prefix(folder).is_some_and(is_root) {
                roots.push(file.path.clone());
            }
        }
    }
    roots
}

fn is_root(inside: &str) -> bool {
    let parts: Vec<&str> = inside.split('/').collect();
    match parts.as_slice() {
        ["build.rs"] | ["src", "lib.rs" | "main.rs"] => true,
        ["tests" | "examples" | "benches", name] | ["src", "bin", name] => name.ends_with(".rs"),
        ["tests" | "examples" | "benches", _, "main.rs"] | ["src", "bin", _, "main.rs"] => true,
        _ => false,
    }
}

/// Where the modules that a file declares may stand.
fn modules(file: &File) -> Vec<String> {
    let code = code(&file.text);
    let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
    let stem = name.trim_end_matches(".rs");
    let mut modules = Vec::new();
    for at in words(&code, "mod") {
        let module = identifier(&code[at + 3..]);
        let after = code[at + 3..].trim_start().trim_start_matches("r#").strip_prefix(module);
        if !module.is_empty() && after.is_some_and(|after| after.trim_start().starts_with(';')) {
            modules.push(format!("{folder}/{module}.rs"));
            modules.push(format!("{folder}/{stem}/{module}.rs"));
        }
    }
    modules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_nothing_declares_is_lost() {
        let files = [
            File::new("a/Cargo.toml", ""),
            File::new("a/src/lib.rs", "mod b;\n// mod dead;\npub mod inline { }"),
            File::new("a/src/b.rs", "mod c;"),
            File::new("a/src/b/c.rs", ""),
            File::new("a/src/dead.rs", ""),
            File::new("a/src/b/dead.rs", ""),
            File::new("a/tests/it.rs", ""),
            File::new("a/examples/e.rs", ""),
        ];
        assert_eq!(
            faults(&files),
            ["a/src/dead.rs: no crate root leads here", "a/src/b/dead.rs: no crate root leads here"]
        );
    }

    #[test]
    fn a_manifest_may_name_a_root() {
        let files = [
            File::new("fuzz/Cargo.toml", "[[bin]]\nname = \"x\"\npath = \"targets/x.rs\"\n"),
            File::new("fuzz/targets/x.rs", ""),
            File::new("fuzz/targets/y.rs", ""),
        ];
        assert_eq!(faults(&files), ["fuzz/targets/y.rs: no crate root leads here"]);
    }
}

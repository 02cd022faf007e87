//! Every rule of `tidy`, over the repository as it is.
#![cfg(test)]

use std::fs;
use tidy::tree::{File, files, root};
use tidy::{arrows, deny, dependencies, form, length, reach, words};

fn check(rule: fn(&[File]) -> Vec<String>) {
    let faults = rule(&files().unwrap());
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn the_repository_is_there() {
    let files = files().unwrap();
    assert!(files.iter().filter(|file| file.is_rust()).count() > 30);
}

#[test]
fn arrows_point_one_way() {
    check(arrows::faults);
}

#[test]
fn files_say_what_they_are_for_and_silence_no_lint() {
    check(form::faults);
}

#[test]
fn files_and_functions_stay_short() {
    check(length::faults);
}

#[test]
fn every_file_is_part_of_a_crate() {
    check(reach::faults);
}

#[test]
fn no_word_tells_of_one_machine() {
    check(words::faults);
}

#[test]
fn the_rules_lean_on_next_to_nothing() {
    let manifest = fs::read_to_string(root().join("gateway/core/Cargo.toml")).unwrap();
    assert_eq!(dependencies::names(&manifest), dependencies::CORE);
}

#[test]
fn the_wire_leans_on_no_other_crate_of_ours() {
    let manifest = fs::read_to_string(root().join("protocol/Cargo.toml")).unwrap();
    assert!(dependencies::names(&manifest).iter().all(|name| !name.starts_with("gateway")));
}

#[test]
fn the_dependency_list_is_the_committed_one() {
    let path = root().join("docs/dependencies.txt");
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let now = dependencies::of_the_gateway();
    if std::env::var_os("HALLOO_WRITE_DEPENDENCIES").is_some() {
        fs::write(&path, &now).unwrap();
        return;
    }
    assert!(
        now == committed,
        "docs/dependencies.txt is out of date: read what came in, then HALLOO_WRITE_DEPENDENCIES=1 cargo test -p tidy"
    );
}

#[test]
fn no_banned_crate_is_compiled_in() {
    let banned = dependencies::banned(&fs::read_to_string(root().join("deny.toml")).unwrap());
    assert!(!banned.is_empty(), "deny.toml bans some crates");
    let tree = dependencies::of_the_gateway();
    let found: Vec<&str> =
        tree.lines().filter(|line| banned.iter().any(|name| line.split(' ').next() == Some(name))).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn every_crate_comes_under_an_allowed_licence() {
    let allowed = deny::list(&fs::read_to_string(root().join("deny.toml")).unwrap(), "licenses", "allow");
    let crates = deny::licences();
    assert!(crates.len() > 100, "cargo tells of {} crates", crates.len());
    let found: Vec<_> = crates.iter().filter(|(_, licence)| !deny::satisfied(licence, &allowed)).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_crate_comes_from_an_allowed_source() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    assert!(lock.contains("\nsource = "), "Cargo.lock names sources");
    let found = deny::foreign_sources(&lock, &fs::read_to_string(root().join("deny.toml")).unwrap());
    assert!(found.is_empty(), "{found:?}");
}

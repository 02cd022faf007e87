//! The binary from outside: what it says to a wrong command line, and what it prints. Building these tests builds
//! the binary that the tiers above start.
#![cfg(test)]

use std::process::{Command, Output};

fn halloo(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_halloo")).args(arguments).output().unwrap()
}

#[test]
fn a_wrong_command_line_ends_with_64_and_says_why() {
    let output = halloo(&["frobnicate"]);
    assert_eq!(output.status.code(), Some(64));
    assert!(String::from_utf8_lossy(&output.stderr).contains("frobnicate"));
}

#[test]
fn the_example_file_it_prints_is_the_committed_one() {
    let output = halloo(&["check-config", "--example"]);
    let committed = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/halloo.example.toml")).unwrap();
    assert_eq!(output.stdout, committed);
}

#[test]
fn every_fault_of_the_settings_is_told_at_once() {
    let output = halloo(&["check-config", "--listen", "nowhere", "--log-level", "loud"]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("nowhere") && told.contains("loud"), "{told}");
}

//! One process for one folder.

use super::{folder, open};
use crate::adapters::sqlite::{OpenError, SqliteStore};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// Names the folder that the other process opens.
const FOLDER: &str = "HALLOO_TEST_FOLDER";
/// What the other process says once it has it.
const HELD: &str = "the folder is held";

#[test]
fn a_folder_in_use_is_refused() {
    let folder = folder();
    let first = open(&folder);
    assert!(matches!(SqliteStore::open(folder.path()), Err(OpenError::InUse(_))));
    drop(first);
    assert!(SqliteStore::open(folder.path()).is_ok());
}

#[test]
fn a_folder_in_use_by_another_process_is_refused() {
    let folder = folder();
    let mut other = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "adapters::sqlite::tests::locks::the_other_process", "--nocapture"])
        .env(FOLDER, folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(other.stdout.take().unwrap());
    assert!(output.lines().any(|line| line.unwrap().contains(HELD)));
    let refused = SqliteStore::open(folder.path());
    assert!(matches!(refused, Err(OpenError::InUse(_))));
    // Killed: the system lets the lock go.
    other.kill().unwrap();
    other.wait().unwrap();
    assert!(SqliteStore::open(folder.path()).is_ok());
}

/// Holds a folder until it is killed; does nothing unless another test started it.
#[test]
fn the_other_process() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let _store = SqliteStore::open(Path::new(&folder)).unwrap();
    // Past the test harness, which holds back what a test prints.
    writeln!(std::io::stdout(), "{HELD}").unwrap();
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

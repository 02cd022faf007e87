//! The wire's second implementation, in Python, against the real gateway.
#![cfg(test)]

use gateway_tests::{Setup, root};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The Python that `scripts/install` has prepared, or a fresh one with what the client needs.
fn python(scratch: &Path) -> PathBuf {
    let prepared = root().join("target/python/bin/python");
    if prepared.exists() {
        return prepared;
    }
    let wanted = root().join("tests/python/requirements.txt");
    run(Command::new("python3").args(["-m", "venv"]).arg(scratch));
    let pip = scratch.join("bin/pip");
    run(Command::new(pip).args(["install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(wanted));
    scratch.join("bin/python")
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&output.stderr));
    output
}

#[test]
fn the_client_that_was_written_from_the_page_alone_holds_a_conversation() {
    let scratch = tempfile::tempdir().unwrap();
    let python = python(scratch.path());
    let mut server = Setup::default().prepare();
    server.add_site("shop", &[]);
    let code = server.add_agent("shop", "ada@shop.example", "Ada", 4);
    server.start();

    let mut tests = Command::new(python);
    tests.args(["-m", "unittest", "-v"]).current_dir(root().join("tests/python"));
    tests.env("PYTHONDONTWRITEBYTECODE", "1").env("HALLOO_URL", server.place("shop").origin());
    tests.env("HALLOO_SITE", "shop").env("HALLOO_CODE", code);
    let told = String::from_utf8_lossy(&run(&mut tests).stderr).into_owned();
    assert!(told.contains("\nOK") && !told.contains("skipped"), "{told}");
}

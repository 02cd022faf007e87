//! Reads a history as JSON lines, from a file or from standard input, and says what is wrong with it.
//!
//! Ends with 1 when something is, and with 2 when it cannot be read.

use history::History;
use std::fs::File;
use std::io::{BufReader, Write, stdin, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    let read = match std::env::args_os().nth(1) {
        Some(path) => match File::open(&path) {
            Ok(file) => History::read(BufReader::new(file)),
            Err(error) => return say(&[format!("{}: {error}", path.display())], 2),
        },
        None => History::read(stdin().lock()),
    };
    let history = match read {
        Ok(history) => history,
        Err(unreadable) => return say(&[unreadable.to_string()], 2),
    };
    let findings = history::check(&history);
    let mut lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    lines.push(format!(
        "{} operations, {} records, {} findings",
        history.operations.len(),
        history.truth.records.len(),
        findings.len()
    ));
    say(&lines, u8::from(!findings.is_empty()))
}

/// Says the verdict, and gives the code to end with. Whoever closed the pipe does not want to know.
fn say(lines: &[String], code: u8) -> ExitCode {
    let mut out = stdout().lock();
    for line in lines {
        if writeln!(out, "{line}").is_err() {
            break;
        }
    }
    ExitCode::from(code)
}

//! Golden files: what version 1 sends and takes, for ever readable.
//!
//! A file's name begins with what it shows: `up`, `action`, `down`, `record`, `refusal`, `close`; then the kind.
//! `newer` files hold what a newer peer may send, and what this version reads from it.
#![cfg(test)]

use protocol::{Action, CloseCode, CloseNotice, Code, Down, RecordKind, Return, Up, decode_down, decode_up};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn files() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/v1");
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        assert!(files.insert(name, value).is_none());
    }
    files
}

/// What this version understands of a frame: the frame again, or nothing where its kind is not known.
fn read(name: &str, sent: &Value) -> Value {
    let text = sent.to_string();
    match direction(name) {
        Direction::Up => up(decode_up(&text).unwrap_or_else(|error| panic!("{name}: {error}"))),
        Direction::Down => down(decode_down(&text).unwrap_or_else(|error| panic!("{name}: {error}"))),
    }
}

fn up(frame: Up) -> Value {
    let action = if let Up::Command(command) = &frame { Some(&command.action) } else { None };
    let is_known = !matches!(frame, Up::Unknown(_)) && !matches!(action, Some(Action::Unknown(_)));
    if is_known { serde_json::to_value(frame).unwrap() } else { Value::Null }
}

fn down(frame: Down) -> Value {
    let record = if let Down::Event(event) = &frame { Some(&event.record.what) } else { None };
    let is_known = !matches!(frame, Down::Unknown(_)) && !matches!(record, Some(RecordKind::Unknown(_)));
    if is_known { serde_json::to_value(frame).unwrap() } else { Value::Null }
}

enum Direction {
    Up,
    Down,
}

fn direction(name: &str) -> Direction {
    let name = name.strip_prefix("newer-").unwrap_or(name);
    if name.starts_with("up-") || name.starts_with("action-") { Direction::Up } else { Direction::Down }
}

#[test]
fn every_frame_is_read_and_written_as_it_stands() {
    for (name, frame) in files() {
        if !name.starts_with("newer-") && !name.starts_with("close-") {
            assert_eq!(read(&name, &frame), frame, "{name}");
        }
    }
}

#[test]
fn what_a_newer_peer_adds_is_passed_over() {
    let mut seen = 0;
    for (name, file) in files() {
        if name.starts_with("newer-") {
            assert_eq!(read(&name, &file["sent"]), file["read"], "{name}");
            seen += 1;
        }
    }
    assert!(seen >= 10, "the newer files are there");
}

#[test]
fn every_kind_has_a_golden_file_that_shows_it() {
    let files = files();
    let show = |name: String| files.get(&name).unwrap_or_else(|| panic!("golden/v1/{name}.json is missing"));
    for kind in Up::KINDS {
        assert!(show(format!("up-{kind}"))[kind].is_object(), "{kind}");
    }
    for kind in Down::KINDS {
        assert!(show(format!("down-{kind}"))[kind].is_object(), "{kind}");
    }
    for kind in Action::KINDS {
        assert!(show(format!("action-{kind}"))["command"]["action"][kind].is_object(), "{kind}");
    }
    for kind in RecordKind::KINDS {
        assert!(show(format!("record-{kind}"))["event"]["record"]["what"][kind].is_object(), "{kind}");
    }
    for code in Code::ALL {
        assert_eq!(show(format!("refusal-{}", code.name()))["no"]["code"], code.name());
    }
    for code in CloseCode::ALL {
        assert_eq!(show(format!("close-{}", code.code()))["code"], code.code());
    }
}

#[test]
fn every_file_shows_a_kind_that_is_known() {
    let known =
        |kinds: &[&str], rest: &str| kinds.iter().any(|kind| rest == *kind || rest.starts_with(&format!("{kind}-")));
    for name in files().keys() {
        let (what, rest) = name.split_once('-').unwrap();
        let fits = match what {
            "up" => known(Up::KINDS, rest),
            "down" => known(Down::KINDS, rest),
            "action" => known(Action::KINDS, rest),
            "record" => known(RecordKind::KINDS, rest),
            "refusal" => Code::ALL.iter().any(|code| code.name() == rest),
            "close" => CloseCode::ALL.iter().any(|code| code.code().to_string() == rest),
            "newer" => true,
            _ => false,
        };
        assert!(fits, "{name}");
    }
}

#[test]
fn refusals_say_what_their_code_says() {
    for code in Code::ALL {
        let no = &files()[&format!("refusal-{}", code.name())]["no"];
        assert_eq!(no["retryable"], code.retryable());
        assert_eq!(no["message"], code.sentence());
    }
}

#[test]
fn close_frames_ask_to_return_with_a_wait() {
    for code in CloseCode::ALL {
        let file = &files()[&format!("close-{}", code.code())];
        let notice = CloseNotice::decode(file["reason"].as_str().unwrap());
        assert_eq!(json!(notice.encode()), file["reason"]);
        assert_eq!(notice.retry_after_ms.is_some(), code.then() == Return::Resume, "{code:?}");
    }
}

#[test]
fn every_line_of_the_readme_is_a_frame() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let mut lines = 0;
    for line in readme.lines() {
        let (name, frame) = match line.split_once(' ') {
            Some(("→", frame)) => ("up-line", frame),
            Some(("←", frame)) => ("down-line", frame),
            Some(_) | None => continue,
        };
        let frame: Value = serde_json::from_str(frame).unwrap_or_else(|error| panic!("{line}: {error}"));
        let read = read(name, &frame);
        assert!(contains(&read, &frame), "{line}\nis read as\n{read}");
        lines += 1;
    }
    assert!(lines > 30, "the conversations are there");
}

/// Whether `all` has what `some` has; fields with a default may be left out.
fn contains(all: &Value, some: &Value) -> bool {
    match (all, some) {
        (Value::Object(all), Value::Object(some)) => {
            some.iter().all(|(key, value)| all.get(key).is_some_and(|all| contains(all, value)))
        }
        (all, some) => all == some,
    }
}

//! The command: it reads a history, says what is wrong with it, and ends as that went.
#![cfg(test)]

use history::{Call, Entry, History, Operation};
use protocol::ConversationId;
use std::io::Write;
use std::process::{Command, Stdio};

/// What the command says of an input, and how it ends.
fn judge(input: &[u8]) -> (String, i32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_history"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
}

fn lines(calls: &[Call]) -> Vec<u8> {
    let mut history = History::default();
    for call in calls {
        let operation = Operation { process: 1, site: 1, call: call.clone(), invoked: 1, completed: Some(2) };
        history.push(Entry::Operation(Box::new(operation)));
    }
    let mut lines = Vec::new();
    history.write(&mut lines).unwrap();
    lines
}

#[test]
fn a_clean_history_ends_well() {
    assert_eq!(judge(&lines(&[Call::Disconnect])), ("1 operations, 0 records, 0 findings\n".to_owned(), 0));
}

#[test]
fn a_finding_is_a_line_and_the_end_is_1() {
    let gap = Call::Gap { conversation: ConversationId(uuid::Uuid::from_u128(7)) };
    let (said, code) = judge(&lines(&[Call::Disconnect, gap]));
    assert_eq!(code, 1);
    assert!(
        said.starts_with("I26 RepairIdle: a gap in ConversationId(") && said.contains("(operations [1])"),
        "{said}"
    );
}

#[test]
fn what_is_no_history_is_named_and_the_end_is_2() {
    let (said, code) = judge(b"{}\n");
    assert_eq!(code, 2);
    assert!(said.starts_with("line 1: "), "{said}");
}

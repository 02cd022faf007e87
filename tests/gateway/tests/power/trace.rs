//! Reads what strace wrote: the writes and syncs of a folder's files, and when bytes went out to clients.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The database and its log; the log's index is made anew by whoever opens them.
pub const FILES: [&str; 2] = ["halloo.db", "halloo.db-wal"];

/// What has happened to the files of the folder, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Bytes that may be on the disk from now on, and are in the page cache once it ended.
    Write {
        file: String,
        /// The descriptor it was written through.
        by: u32,
        at: usize,
        bytes: Vec<u8>,
        ended: usize,
    },
    Truncate {
        file: String,
        by: u32,
        length: usize,
    },
    /// The file was made; its name is kept once the folder is synced.
    Create {
        file: String,
    },
    Remove {
        file: String,
    },
    /// A sync that has succeeded: it keeps what was written before it began.
    Sync {
        file: String,
        began: usize,
    },
    SyncFolder {
        began: usize,
    },
    /// A sync that has failed; what was written through its descriptor before it began may be gone for good.
    SyncFailed {
        file: String,
        by: u32,
        began: usize,
    },
    /// Bytes that went out to a client.
    Sent {
        socket: String,
        bytes: Vec<u8>,
    },
}

/// One call: the lines it began and ended at, its name, arguments and result.
struct Call {
    began: usize,
    ended: usize,
    name: String,
    arguments: String,
    result: i64,
}

/// All events of a folder, each at the line where it counts: syncs where they end, the others where they begin.
pub fn read(text: &str, folder: &Path) -> Vec<(usize, Event)> {
    let mut events: Vec<_> = calls(text).into_iter().filter_map(|call| event(&call, folder)).collect();
    events.sort_by_key(|(line, _)| *line);
    events
}

/// Joins calls that were interrupted by those of other threads.
fn calls(text: &str) -> Vec<Call> {
    let mut unfinished: BTreeMap<&str, (usize, String)> = BTreeMap::new();
    let mut calls = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let rest = rest.trim_start();
        let (began, whole) = if let Some(begun) = rest.strip_suffix(" <unfinished ...>") {
            unfinished.insert(thread, (number, begun.to_owned()));
            continue;
        } else if rest.starts_with("<... ") {
            let Some((began, begun)) = unfinished.remove(thread) else { continue };
            let (_, end) = rest.split_once("resumed>").expect("a resumed call");
            (began, begun + end)
        } else {
            (number, rest.to_owned())
        };
        calls.extend(call(began, number, &whole));
    }
    calls
}

/// None for signals, ends of threads, and calls that never returned.
fn call(began: usize, ended: usize, line: &str) -> Option<Call> {
    let (name, rest) = line.split_once('(')?;
    let (arguments, result) = rest.rsplit_once(" = ")?;
    let result = result.split([' ', '<']).next()?.parse().ok()?;
    // Results stand below each other, where there is room.
    let arguments = arguments.trim_end().strip_suffix(')')?;
    Some(Call { began, ended, name: name.to_owned(), arguments: arguments.to_owned(), result })
}

fn event(call: &Call, folder: &Path) -> Option<(usize, Event)> {
    let in_folder = |path: PathBuf| FILES.into_iter().find(|name| path == folder.join(name)).map(str::to_owned);
    let target = || path_of(call.arguments.split_once('<')?.1.split_once('>')?.0);
    let file = || in_folder(target()?);
    let by = || call.arguments.split_once('<')?.0.trim().parse().ok();
    match (call.name.as_str(), call.result) {
        ("pwrite64", 0..) => {
            let at = call.arguments.rsplit(", ").next()?.parse().ok()?;
            let mut bytes = quoted(&call.arguments);
            bytes.truncate(usize::try_from(call.result).ok()?);
            Some((call.began, Event::Write { file: file()?, by: by()?, at, bytes, ended: call.ended }))
        }
        ("ftruncate", 0) => {
            let length = call.arguments.rsplit(", ").next()?.parse().ok()?;
            Some((call.began, Event::Truncate { file: file()?, by: by()?, length }))
        }
        ("openat", 0..) if call.arguments.contains("O_CREAT") => {
            Some((call.ended, Event::Create { file: in_folder(path_in_quotes(&call.arguments)?)? }))
        }
        ("unlink" | "unlinkat", 0) => {
            Some((call.began, Event::Remove { file: in_folder(path_in_quotes(&call.arguments)?)? }))
        }
        ("fsync" | "fdatasync", 0) if target()? == folder => {
            Some((call.ended, Event::SyncFolder { began: call.began }))
        }
        ("fsync" | "fdatasync", 0) => Some((call.ended, Event::Sync { file: file()?, began: call.began })),
        ("fsync" | "fdatasync", _) => {
            Some((call.ended, Event::SyncFailed { file: file()?, by: by()?, began: call.began }))
        }
        ("write" | "writev" | "sendto" | "sendmsg", 1..) => {
            let socket = target()?.to_string_lossy().into_owned();
            let mut bytes = quoted(&call.arguments);
            bytes.truncate(usize::try_from(call.result).ok()?);
            socket.starts_with("socket:").then_some((call.began, Event::Sent { socket, bytes }))
        }
        _ => None,
    }
}

/// strace was asked for hexadecimal everywhere.
fn path_of(hex: &str) -> Option<PathBuf> {
    Some(PathBuf::from(String::from_utf8(unhex(hex)).ok()?))
}

fn path_in_quotes(arguments: &str) -> Option<PathBuf> {
    path_of(arguments.split('"').nth(1)?)
}

/// All that stands in quotes, one after another.
fn quoted(arguments: &str) -> Vec<u8> {
    arguments.split('"').skip(1).step_by(2).flat_map(unhex).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = text.split("\\x").skip(1);
    digits.map(|digits| u8::from_str_radix(digits, 16).expect("two hexadecimal digits")).collect()
}

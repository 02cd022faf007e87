//! The committed corpus, through each target: what the fuzzer found once does not come back.
#![cfg(test)]

use fuzz::TARGETS;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

/// Runs every file of the target's folder; an empty folder is a fault of its own.
#[track_caller]
fn replay(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of this name");
    let files = corpus(name);
    assert!(!files.is_empty(), "tests/fuzz/corpus/{name} is empty: nothing was replayed");
    let broken = files.iter().filter(|file| {
        let bytes = fs::read(file).unwrap();
        catch_unwind(|| (target.run)(&bytes)).is_err()
    });
    let broken: Vec<_> = broken.map(|file| file.file_name().unwrap().to_string_lossy().into_owned()).collect();
    assert!(broken.is_empty(), "{name}: {} does not hold for {broken:?}", target.says);
}

fn corpus(name: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

macro_rules! replays {
    ($($test:ident $target:literal;)*) => {
        $(#[test]
        fn $test() {
            replay($target);
        })*

        #[test]
        fn every_target_is_replayed() {
            let replayed = [$($target),*];
            assert!(TARGETS.iter().all(|target| replayed.contains(&target.name)));
        }
    };
}

replays! {
    what_is_known_of_bodies_holds "body";
    what_is_known_of_commands_holds "command";
    what_is_known_of_envelopes_holds "envelope";
    what_is_known_of_frames_holds "frame";
    what_is_known_of_handshakes_holds "handshake";
    what_is_known_of_nodes_holds "nodes";
    what_is_known_of_positions_holds "position";
    what_is_known_of_tokens_holds "token";
}

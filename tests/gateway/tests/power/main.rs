//! Power loss: what the real process wrote, synced and said is recorded, and its disk is rebuilt as it could be at a
//! thousand moments, without or with parts of what no sync had kept. No acknowledged message is ever missing.
#![cfg(test)]

mod cuts;
mod disk;
mod opening;
mod recording;
mod trace;
mod versions;

use gateway_tests::Chance;
use recording::Recording;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use trace::Event;

const CUTS: usize = 1_000;
/// Cuts that the real process is started on, beside.
const OPENINGS: usize = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_a_thousand_cuts_nothing_acknowledged_is_lost() {
    let seed = Chance::seed();
    println!("HALLOO_SEED={seed}");
    let recording = Recording::make(&gateway_tests::binary(), &[]).await;
    check_recording(&recording);
    let verdict = cuts::judge(&recording, CUTS, seed);
    println!("{} acknowledgements: {verdict:?}", recording.acks.len());
    assert_eq!((verdict.cuts, verdict.lossy, verdict.damaged), (CUTS, 0, 0));
    let found = opening::open(&recording, OPENINGS, seed).await;
    println!("{found} acknowledged messages found again in {OPENINGS} openings");
    assert!(found > recording.said.len(), "hardly anything was there to be found");
}

/// A disk whose syncs fail now and then, and forget what they were to keep: nothing of that was acknowledged, or it was
/// written again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_failed_syncs_nothing_acknowledged_is_lost() {
    let seed = Chance::seed();
    println!("HALLOO_SEED={seed}");
    let recording = Recording::make(&gateway_tests::binary(), &["inject=fdatasync:error=EIO:when=30+30"]).await;
    let failed = recording.events.iter().filter(|(_, event)| matches!(event, Event::SyncFailed { .. })).count();
    assert!(failed > 3, "hardly a sync has failed: {failed}");
    let verdict = cuts::judge(&recording, CUTS / 2, seed);
    println!("{failed} failed syncs, {} acknowledgements: {verdict:?}", recording.acks.len());
    assert_eq!((verdict.cuts, verdict.lossy, verdict.damaged), (CUTS / 2, 0, 0));
}

/// The judge itself: a gateway that leaves commits to the disk's leisure is found out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_does_not_sync_its_commits_is_found_out() {
    let seed = Chance::seed();
    println!("HALLOO_SEED={seed}");
    let scratch = tempfile::tempdir().unwrap();
    let careless = scratch.path().join("halloo");
    write_careless(&careless);
    let recording = Recording::make(&careless, &[]).await;
    let verdict = cuts::judge(&recording, CUTS / 5, seed);
    println!("{} acknowledgements: {verdict:?}", recording.acks.len());
    assert!(verdict.lossy > CUTS / 50, "{verdict:?}");
    assert_eq!(verdict.damaged, 0, "SQLite promises an old database, not a broken one");
}

/// Copies the binary, with `synchronous` NORMAL in place of FULL: SQLite takes its number too, which has room for the name.
fn write_careless(path: &Path) {
    let (full, normal) = (b"synchronous = FULL", b"synchronous =    1");
    let mut binary = std::fs::read(gateway_tests::binary()).unwrap();
    let places: Vec<usize> =
        binary.windows(full.len()).enumerate().filter(|(_, at)| at == full).map(|(at, _)| at).collect();
    assert!(!places.is_empty(), "the binary asks for no `synchronous = FULL`");
    for at in places {
        binary[at..at + full.len()].copy_from_slice(normal);
    }
    std::fs::write(path, binary).unwrap();
    std::fs::set_permissions(path, Permissions::from_mode(0o700)).unwrap();
}

/// The recording is worth something: it holds what clients were told, and all that a disk can do wrong.
fn check_recording(recording: &Recording) {
    let acknowledged = cuts::acknowledged(recording);
    let missing = recording.said.keys().find(|command| !acknowledged.contains(command));
    assert!(missing.is_none(), "the trace lacks an acknowledgement: {missing:?}");
    assert!(recording.said.len() > 300, "hardly anything was said: {}", recording.said.len());
    let count = |is: fn(&Event) -> bool| recording.events.iter().filter(|(_, event)| is(event)).count();
    let moved = count(|event| matches!(event, Event::Write { file, .. } if file == "halloo.db"));
    assert!(moved > 0, "no checkpoint was seen");
    let begun = count(|event| matches!(event, Event::Write { file, at: 0, .. } if file == "halloo.db-wal"));
    assert!(begun > 1, "the log did not start over: {begun}");
}

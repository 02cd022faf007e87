//! A disk that fails or is slow when asked to keep what was written: nothing is acknowledged that it has not said to
//! keep, and everybody else goes on.

use crate::crowd::{Crowd, Site};
use crate::until;
use gateway_tests::{Client, Injection, Setup, judge};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const DELAY: Duration = Duration::from_millis(300);
/// Two checkpoints of a log that is small.
const CHECKPOINT_WITHIN: Duration = Duration::from_secs(11);
/// A drain of a node with few sockets.
const STOPPED_WITHIN: Duration = Duration::from_secs(30);
/// Failures that were seen before the disk is well again: the desk is opened anew at each.
const FAILURES_MIN: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_syncs_fail_nothing_is_acknowledged_and_all_is_stored_later() {
    let mut site = Site::open(Setup::crowded());
    let crowd = Crowd::gather(&site.server, &site.place, 10).await;

    let failing = Injection::begin(site.server.pid(), "fsync,fdatasync:error=EIO");
    until("a sync has failed", Duration::from_secs(10), || failing.count() > 0).await;
    // What the disk had kept before may still be on its way to its author.
    sleep(Duration::from_millis(200)).await;
    let before = crowd.acknowledged();
    until("syncs fail again and again", Duration::from_secs(20), || failing.count() > FAILURES_MIN).await;
    assert_eq!(crowd.acknowledged(), before, "acknowledged without a sync");
    assert_eq!(crowd.ended(), 0, "somebody was sent away");
    let failed = failing.count();
    drop(failing);

    let recovered = Instant::now();
    crowd.flows().await;
    println!("{failed} syncs failed; {:?} to recover", recovered.elapsed());
    let mut talkers = crowd.settle().await;
    site.server.kill();
    site.server.start();
    for talker in &mut talkers {
        talker.client.connect().await.unwrap();
    }
    let verdict = judge(&site.place, talkers).await;
    println!("{verdict:?}");
}

/// The database file fails to sync once: what had been moved there may be gone, so the log that still holds it is
/// neither started over nor removed, and the next start moves all of it anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_failed_checkpoint_the_log_keeps_all_until_the_next_start() {
    let mut site = Site::open(Setup::crowded());
    let database = site.server.data().join("data/halloo.db");
    let log = site.server.data().join("data/halloo.db-wal");
    let crowd = Crowd::gather(&site.server, &site.place, 4).await;
    let failing = Injection::on_file(site.server.pid(), "fsync,fdatasync:error=EIO", &database);
    until("a checkpoint has failed", CHECKPOINT_WITHIN, || failing.count() > 0).await;
    drop(failing);
    until("it is told", CHECKPOINT_WITHIN, || site.server.log().contains("until the next start")).await;

    let written = || std::fs::metadata(&database).unwrap().modified().unwrap();
    let (last, length) = (written(), std::fs::metadata(&log).unwrap().len());
    // Nothing happens, for long enough that it would have.
    sleep(CHECKPOINT_WITHIN).await;
    assert_eq!(written(), last, "pages are moved on a disk that may have dropped others");
    assert!(std::fs::metadata(&log).unwrap().len() > length, "the log started over");
    let mut talkers = crowd.settle().await;
    site.server.terminate();
    assert_eq!(site.server.wait(STOPPED_WITHIN).await.code(), Some(0), "{}", site.server.log());
    assert!(log.exists(), "the log went with the process");
    site.server.start();
    until("all of it is moved", CHECKPOINT_WITHIN, || written() > last).await;
    for talker in &mut talkers {
        talker.client.connect().await.unwrap();
    }
    let verdict = judge(&site.place, talkers).await;
    println!("{verdict:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_syncs_are_slow_acknowledgements_wait_for_them_and_reading_does_not() {
    let site = Site::open(Setup::crowded());
    let crowd = Crowd::gather(&site.server, &site.place, 10).await;
    let mut visitor = Client::visitor(&site.place).await;
    let id = visitor.open("Is somebody there?").await;

    let what = format!("fsync,fdatasync:delay_enter={}", DELAY.as_micros());
    let slow = Injection::begin(site.server.pid(), &what);
    for word in ["one", "two", "three", "four"] {
        let asked = Instant::now();
        visitor.say(id, word).await.unwrap();
        assert!(asked.elapsed() >= DELAY, "acknowledged after {:?}, before a sync", asked.elapsed());
    }
    let asked = Instant::now();
    let mut again = Client::new(&site.place, visitor.who.clone());
    again.connect().await.unwrap();
    again.read_all(id).await;
    println!("read beside slow syncs in {:?}", asked.elapsed());
    crowd.flows().await;
    assert!(slow.count() > 4, "hardly a sync was slow");
    drop(slow);
    crowd.flows().await;
    assert_eq!(crowd.ended(), 0, "somebody was sent away");
    crowd.end(&site.place, vec![visitor]).await;
}

//! A wall clock that is two hours off, forwards and backwards, also in mid-run: deadlines fall due as before, and order
//! holds.

use crate::crowd::{Crowd, Site};
use crate::until;
use gateway_tests::{Client, PATIENCE, Server, Setup, SignedIn, judge, random_uuid};
use protocol::{Cause, ConversationId, RecordKind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;
use tokio::time::Instant;

const OFF_S: i64 = 2 * 3_600;
const DAY_S: i64 = 24 * 3_600;
const GRACE: Duration = Duration::from_secs(3);
/// A machine that is busy with other tests.
const LATE_MAX: Duration = Duration::from_secs(2);

/// The wall clock of a gateway.
struct WallClock {
    folder: TempDir,
}

impl WallClock {
    fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/wall_clock.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"]).arg(folder.path().join("wall_clock.so"));
        let built = compiler.arg(source).output().expect("a C compiler is there; scripts/install brings it");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let clock = Self { folder };
        clock.shift(0);
        clock
    }

    fn library(&self) -> PathBuf {
        self.folder.path().join("wall_clock.so")
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("shift")
    }

    fn shift(&self, seconds: i64) {
        use std::os::unix::fs::FileExt;
        // Written over, not made anew: the gateway has it mapped.
        let file = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(self.file()).unwrap();
        file.write_all_at(&seconds.to_ne_bytes(), 0).unwrap();
    }

    /// The gateway's wall clock against ours, in seconds, as its log tells of a sign-in.
    async fn seen(server: &Server) -> i64 {
        let told = || server.log().lines().filter(|line| line.contains("signed in")).count();
        let before = told();
        let nobody = format!("{}@other.example", random_uuid());
        server.sign_in("other", &nobody, "Nobody", 1).await;
        until("the sign-in is logged", PATIENCE, || told() > before).await;
        let log = server.log();
        let line = log.lines().rfind(|line| line.contains("signed in")).expect("a sign-in is logged");
        // 2026-11-22T14:35:05.123456Z
        let (_, time) = line.split_once('T').expect("a line is dated");
        let seconds = time[..8].split(':').fold(0, |seconds, part| seconds * 60 + part.parse::<i64>().unwrap());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let off = (seconds - i64::try_from(now).unwrap()).rem_euclid(DAY_S);
        if off > DAY_S / 2 { off - DAY_S } else { off }
    }
}

/// An agent is lost, the clock is set meanwhile, and the conversation goes back to the line: gives when.
async fn grace(bob: &Arc<SignedIn>, set: impl FnOnce()) -> Duration {
    let mut agent = Client::agent(bob).await;
    let mut visitor = Client::visitor(&bob.place).await;
    let id = visitor.open("Is somebody there?").await;
    agent.until("it is assigned", |agent| agent.transcripts.contains_key(&id)).await;
    agent.drop_socket();
    let lost = Instant::now();
    set();
    visitor.until("it waits again", |visitor| is_lost(visitor, id)).await;
    lost.elapsed()
}

fn is_lost(visitor: &Client, id: ConversationId) -> bool {
    let records = visitor.transcripts.get(&id).into_iter().flat_map(|shown| &shown.records);
    records
        .into_iter()
        .any(|record| matches!(&record.what, RecordKind::Waiting(waiting) if waiting.cause == Cause::AgentLost))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hours_off_and_back_deadlines_and_order_hold() {
    let clock = WallClock::build();
    let preload = clock.library();
    let setup = Setup::crowded()
        .set("LD_PRELOAD", preload.to_str().unwrap())
        .set("WALL_CLOCK_SHIFT", clock.file().to_str().unwrap());
    let mut site = Site::open(setup);
    site.server.add_site("other", &[]);
    site.server.run(&["site", "set", "other", "--grace-s", &GRACE.as_secs().to_string()]);
    let bob = site.server.sign_in("other", "bob@other.example", "Bob", 10).await;
    let crowd = Crowd::gather(&site.server, &site.place, 6).await;

    for off in [OFF_S, -OFF_S, OFF_S, 0] {
        let took = grace(&bob, || clock.shift(off)).await;
        let seen = WallClock::seen(&site.server).await;
        assert!((seen - off).abs() < 60, "the clock is {seen} s off instead of {off} s");
        assert!(took > GRACE - Duration::from_millis(500) && took < GRACE + LATE_MAX, "{off} s off: {took:?}");
        println!("{seen} s off: a grace of {GRACE:?} took {took:?}");
        crowd.flows().await;
    }
    assert_eq!(crowd.ended(), 0, "somebody was sent away");

    // A clock that goes back while the process is away: what is stored lies in the future.
    let mut talkers = crowd.settle().await;
    clock.shift(-OFF_S);
    site.server.kill();
    site.server.start();
    for talker in &mut talkers {
        talker.client.connect().await.unwrap();
        let id = *talker.conversations().first().unwrap();
        talker.client.say(id, "I am back.").await.unwrap();
    }
    let took = grace(&bob, || ()).await;
    assert!(took > GRACE - Duration::from_millis(500) && took < GRACE + LATE_MAX, "{took:?}");
    judge(&site.place, talkers).await;
}

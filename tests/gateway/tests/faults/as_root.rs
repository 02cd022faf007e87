//! Faults that only root can make: a disk without room, and a process that is given next to no time.

use crate::crowd::{Crowd, Site};
use crate::until;
use gateway_tests::{Client, Server, Setup};
use rusqlite::Connection;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Room for some hundred messages and their log.
const DISK: &str = "size=8m";
const REFUSALS_MIN: usize = 20;

/// Quota of a control group: so much of every 100 ms.
const CPU_US: &str = "2000";
const STARVED: Duration = Duration::from_secs(15);

/// A small file system in memory, until this is dropped.
struct SmallDisk {
    folder: PathBuf,
}

impl SmallDisk {
    fn mount(folder: &Path) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", DISK, "halloo-test"]).arg(folder).output().unwrap();
        let told = String::from_utf8_lossy(&mounted.stderr);
        assert!(mounted.status.success(), "this test mounts a tmpfs, for which it must run as root: {told}");
        Self { folder: folder.to_owned() }
    }

    /// Takes all the room there is, until the file is removed.
    fn fill(&self) -> PathBuf {
        let path = self.folder.join("filler");
        let mut filler = File::create(&path).unwrap();
        let mut bytes = vec![0; 64 * 1024];
        while !bytes.is_empty() {
            if filler.write_all(&bytes).is_err() {
                bytes.truncate(bytes.len() / 2);
            }
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a server that still runs keeps it until it ends.
        let _ = Command::new("umount").arg("--lazy").arg(&self.folder).status();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_sends_are_refused_reads_go_on_and_it_recovers_alone() {
    let mut server = Setup::crowded().prepare();
    let data = server.data().join("data");
    let disk = SmallDisk::mount(&data);
    server.add_site("shop", &[]);
    server.start();
    let place = server.place("shop");
    let site = Site { server, place };
    let crowd = Crowd::gather(&site.server, &site.place, 10).await;
    let mut reader = Client::visitor(&site.place).await;
    let id = reader.open("Is somebody there?").await;

    let filler = disk.fill();
    let refused = crowd.put_off();
    until("sends are refused", Duration::from_secs(30), || crowd.put_off() > refused).await;
    let (before, refused) = (crowd.acknowledged(), crowd.put_off());
    until("all are refused", Duration::from_secs(30), || crowd.put_off() >= refused + REFUSALS_MIN).await;
    assert_eq!(crowd.acknowledged(), before, "acknowledged without room");
    let read = reader.read_all(id).await;
    assert_eq!(read.said(), ["Is somebody there?"]);
    assert_eq!(crowd.ended(), 0, "somebody was sent away");

    std::fs::remove_file(filler).unwrap();
    let recovered = Instant::now();
    crowd.flows().await;
    println!("{:?} to recover", recovered.elapsed());
    let verdict = crowd.end(&site.place, vec![reader]).await;
    println!("{verdict:?}");
    let Site { mut server, .. } = site;
    server.kill();
    check_integrity(&data);
}

fn check_integrity(data: &Path) {
    let connection = Connection::open(data.join("halloo.db")).unwrap();
    let sound: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
}

/// A control group that is given little of a processor, until this is dropped.
struct Starved {
    group: PathBuf,
    pid: u32,
}

impl Starved {
    fn begin(server: &Server) -> Self {
        let pid = server.pid();
        let group = Path::new("/sys/fs/cgroup/cpu").join(format!("halloo-test-{pid}"));
        let starved = Self { group, pid };
        let made = std::fs::create_dir(&starved.group)
            .and_then(|()| std::fs::write(starved.group.join("cpu.cfs_quota_us"), CPU_US))
            .and_then(|()| std::fs::write(starved.group.join("cgroup.procs"), pid.to_string()));
        if let Err(error) = made {
            panic!("this test makes a control group (version 1), for which it must run as root: {error}");
        }
        starved
    }

    /// How often it had to wait for its next share.
    fn throttled(&self) -> u64 {
        let told = std::fs::read_to_string(self.group.join("cpu.stat")).unwrap();
        let line = told.lines().find_map(|line| line.strip_prefix("nr_throttled ")).unwrap();
        line.parse().unwrap()
    }
}

impl Drop for Starved {
    fn drop(&mut self) {
        // The group can be removed once nobody is in it.
        let _ = std::fs::write("/sys/fs/cgroup/cpu/cgroup.procs", self.pid.to_string());
        let _ = std::fs::remove_dir(&self.group);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn starved_of_time_it_sends_nobody_away_and_loses_nothing() {
    let site = Site::open(Setup::crowded());
    let crowd = Crowd::gather(&site.server, &site.place, 10).await;
    let starved = Starved::begin(&site.server);
    sleep(STARVED).await;
    let throttled = starved.throttled();
    assert!(throttled > 20, "it had time enough: throttled {throttled} times");
    drop(starved);
    crowd.flows().await;
    assert_eq!(crowd.ended(), 0, "somebody was sent away");
    let verdict = crowd.end(&site.place, Vec::new()).await;
    println!("throttled {throttled} times: {verdict:?}");
}

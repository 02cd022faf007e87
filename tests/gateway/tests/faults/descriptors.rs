//! No descriptor is left: who is there stays, who comes waits, the process does not spin, and it recovers alone.

use crate::crowd::{Crowd, Site};
use crate::until;
use gateway_tests::{Client, Server, Setup, Who};
use std::process::Command;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

/// Descriptors left when the newcomers arrive, and newcomers.
const LEFT: usize = 8;
const NEWCOMERS: usize = 40;
const WATCHED: Duration = Duration::from_secs(4);
/// Share of a core that a debug build may use for a dozen people who talk, and for trying to accept.
const CPU_MAX: f64 = 0.3;
/// Of USER_HZ, which Linux has fixed at 100 for programs (`man 5 proc`).
const TICK: Duration = Duration::from_millis(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_descriptors_it_keeps_whom_it_has_and_takes_the_others_later() {
    let site = Site::open(Setup::crowded());
    let crowd = Crowd::gather(&site.server, &site.place, 10).await;
    let idle = cpu_share(&site.server).await;
    let before = limit(&site.server, None);
    limit(&site.server, Some(&(open(&site.server) + LEFT).to_string()));

    let mut newcomers = Vec::new();
    for _ in 0..NEWCOMERS {
        // The kernel takes them all; how many the process takes is another matter.
        newcomers.push(TcpStream::connect(site.place.address).await.unwrap());
    }
    until("it has no descriptor left", Duration::from_secs(10), || {
        site.server.log().contains("connections cannot be accepted")
    })
    .await;
    let waiting =
        tokio::time::timeout(Duration::from_secs(2), Client::new(&site.place, Who::Visitor { token: None }).connect())
            .await;
    assert!(waiting.is_err(), "somebody was let in: {waiting:?}");
    crowd.flows().await;
    let busy = cpu_share(&site.server).await;
    assert!(busy < CPU_MAX, "it spins: {busy:.2} of a core, {idle:.2} before");
    assert_eq!(crowd.ended(), 0, "somebody was sent away");

    limit(&site.server, Some(&before));
    let recovered = Instant::now();
    let mut late = Client::visitor(&site.place).await;
    late.open("At last.").await;
    println!("{busy:.2} of a core, {idle:.2} before; {:?} to recover", recovered.elapsed());
    drop(newcomers);
    crowd.flows().await;
    assert_eq!(crowd.ended(), 0, "somebody was sent away");
    crowd.end(&site.place, vec![late]).await;
}

/// Open descriptors.
fn open(server: &Server) -> usize {
    std::fs::read_dir(format!("/proc/{}/fd", server.pid())).unwrap().count()
}

/// The soft limit of descriptors, before it is set to another one.
fn limit(server: &Server, to: Option<&str>) -> String {
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.pid())).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    if let Some(to) = to {
        let pid = server.pid().to_string();
        let set = Command::new("prlimit").args(["--pid", &pid, &format!("--nofile={to}:")]).status();
        assert!(set.expect("prlimit is there; scripts/install brings it").success());
    }
    line.split_whitespace().nth(3).unwrap().to_owned()
}

/// Share of one core that the process uses for a while.
async fn cpu_share(server: &Server) -> f64 {
    let (before, begun) = (cpu_time(server), Instant::now());
    sleep(WATCHED).await;
    (cpu_time(server) - before).as_secs_f64() / begun.elapsed().as_secs_f64()
}

fn cpu_time(server: &Server) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.pid())).unwrap();
    // The name in brackets may hold spaces; what follows does not.
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let ticks: u32 = fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u32>().unwrap()).sum();
    TICK * ticks
}

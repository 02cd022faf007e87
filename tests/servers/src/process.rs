//! Processes as the system lists them: servers, their children, and signals to all of them.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command};

/// A process with all its children.
///
/// # Panics
/// When the system does not list processes.
#[must_use]
pub fn family(parent: u32) -> Vec<u32> {
    let listed = fs::read_dir("/proc").expect("Linux lists processes in /proc");
    let pids = listed.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let children = pids.filter(|pid| parent_of(*pid) == Some(parent));
    std::iter::once(parent).chain(children).collect()
}

/// Whether a process is there.
#[must_use]
pub fn is_alive(pid: u32) -> bool {
    parent_of(pid).is_some()
}

fn parent_of(pid: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in brackets may hold spaces; what follows it does not.
    let (state, parent) = status.rsplit_once(") ")?.1.split_once(' ')?;
    let parent = parent.split(' ').next()?.parse().ok()?;
    (state != "Z").then_some(parent)
}

/// Sends a signal to processes; those that are gone are passed over.
///
/// # Panics
/// When there is no `kill`.
pub fn signal(name: &str, pids: &[u32]) {
    for pid in pids {
        let sent = Command::new("kill").args(["-s", name, "--", &pid.to_string()]).output();
        sent.expect("`kill` is part of every system");
    }
}

/// Starts a program that ends with the thread that starts it: one that lasts as long as this process.
///
/// # Panics
/// When the program cannot be started.
pub fn kept(mut command: Command) -> Child {
    let (give, take) = std::sync::mpsc::sync_channel(1);
    std::thread::spawn(move || {
        // Whoever waits for it has gone only if the process ends anyway.
        drop(give.send(command.spawn()));
        loop {
            std::thread::park();
        }
    });
    take.recv().expect("the thread says what came of it").expect("the program starts")
}

/// A port that nobody listens on.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there are free ports");
    listener.local_addr().expect("it listens").port()
}

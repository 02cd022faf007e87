//! A recorded run: people talk with the real process, and strace writes down what it does to its files and what it says.

use crate::disk::{self, Image};
use crate::trace::{self, Event};
use gateway_tests::{Client, Setup, SignedIn, Talker, Who};
use protocol::CommandId;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

const VISITORS: usize = 12;
/// Within a visitor's allowance of 5 a second, and an agent's of 20.
const VISITOR_EVERY: Duration = Duration::from_millis(210);
const AGENT_EVERY: Duration = Duration::from_millis(60);
/// Before and after a silence.
const TALKING: Duration = Duration::from_secs(4);
/// Longer than the 5 s between two checkpoints: one comes to the end of the log, which then starts over.
const SILENCE: Duration = Duration::from_secs(6);
const CALLS: &str = "openat,pwrite64,ftruncate,unlink,unlinkat,fsync,fdatasync,write,writev,sendto,sendmsg";
/// Threads whose ends stand at the end of a trace, and many more.
const THREADS_MAX: usize = 100;
const TRACED_WITHIN: Duration = Duration::from_secs(20);

/// An acknowledgement.
#[derive(Clone, Debug)]
pub struct Ack {
    /// The line of the trace at which it began to go out.
    pub line: usize,
    pub command: CommandId,
}

/// What was seen of a run.
pub struct Recording {
    /// The folder before the run.
    pub before: Image,
    pub events: Vec<(usize, Event)>,
    /// In the order in which they went out.
    pub acks: Vec<Ack>,
    pub said: BTreeMap<CommandId, String>,
    /// Visitors, and their agent.
    pub people: Vec<Talker>,
}

impl Recording {
    /// Records a run of this binary, with faults that strace is to inject.
    pub async fn make(binary: &Path, faults: &[&str]) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let calls = scratch.path().join("calls");
        let traced = format!("trace={CALLS}");
        let mut strace = vec!["strace", "-D", "-f", "--seccomp-bpf", "-y", "-xx", "-s", "1000000", "-e", &traced];
        strace.extend(faults.iter().flat_map(|fault| ["-e", *fault]));
        strace.extend(["-o", calls.to_str().unwrap()]);
        let mut server = Setup::crowded().binary(binary).under(&strace).prepare();
        server.add_site("shop", &[]);
        let code = server.add_agent("shop", "ada@shop.example", "Ada", 100);
        let folder = server.data().join("data");
        let before = disk::read(&folder);
        server.start();
        let place = server.place("shop");
        let agent = Arc::new(SignedIn::with_code(&place, &code).await);
        let mut people = Vec::new();
        let mut ada = Client::agent(&agent).await;
        for index in 0..VISITORS {
            let mut visitor = Client::connected(&place, Who::Visitor { token: None }).await;
            let id = visitor.open("Is somebody there?").await;
            visitor.catch_up().await;
            ada.until("it is assigned", |ada| ada.transcripts.contains_key(&id)).await;
            people.push(Talker::new(visitor, &format!("visitor {index}")));
        }
        people.push(Talker::new(ada, "Ada"));
        let people = talk(people).await;
        sleep(SILENCE).await;
        let people = talk(people).await;
        let pid = server.pid();
        server.kill();

        let text = whole(&calls, pid).await;
        let events = trace::read(&text, &folder);
        let acks = acks(&events);
        let said = said(&people);
        Self { before, events, acks, said, people }
    }
}

/// All talk for a while.
async fn talk(people: Vec<Talker>) -> Vec<Talker> {
    let begin = |person: Talker| {
        let is_visitor = person.client.is_visitors();
        person.talk(if is_visitor { VISITOR_EVERY } else { AGENT_EVERY })
    };
    let talking: Vec<_> = people.into_iter().map(begin).collect();
    sleep(TALKING).await;
    let mut people = Vec::new();
    for talking in talking {
        people.push(talking.stop().await);
    }
    people
}

/// The trace, once the end of the process stands in it.
async fn whole(calls: &Path, pid: u32) -> String {
    let until = Instant::now() + TRACED_WITHIN;
    let pid = format!("{pid} ");
    loop {
        let text = String::from_utf8(std::fs::read(calls).unwrap()).expect("strace writes ASCII");
        let is_end = |line: &str| line.starts_with(&pid) && line.ends_with("+++ killed by SIGKILL +++");
        if text.lines().rev().take(THREADS_MAX).any(is_end) {
            return text;
        }
        assert!(Instant::now() < until, "the trace does not end");
        sleep(Duration::from_millis(50)).await;
    }
}

/// What clients were told of their words.
fn said(people: &[Talker]) -> BTreeMap<CommandId, String> {
    let told = people.iter().flat_map(|person| &person.told).filter(|told| told.answer.is_ok());
    told.filter_map(|told| Some((told.command.id, told.words()?.to_owned()))).collect()
}

/// Finds the `ok` frames in what went out.
fn acks(events: &[(usize, Event)]) -> Vec<Ack> {
    const BEGINNING: &[u8] = br#"{"ok":{"command":"#;
    let mut streams: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    let mut acks = Vec::new();
    for (line, event) in events {
        let Event::Sent { socket, bytes } = event else { continue };
        let stream = streams.entry(socket).or_default();
        stream.extend(bytes);
        while let Some(at) = stream.windows(BEGINNING.len()).position(|window| window == BEGINNING) {
            let rest = &stream[at + BEGINNING.len()..];
            let Some(end) = rest.iter().position(|byte| *byte == b'}') else { break };
            let command = serde_json::from_slice(&rest[..=end]).expect("a command's id");
            acks.push(Ack { line: *line, command });
            stream.drain(..at + BEGINNING.len() + end);
        }
    }
    acks
}

//! Diary: what one client does, sees and is told, in the words of the checker.

use crate::outbox::Settled;
use history::{AgentRow, Answer, Audience, Call, Nanos, Operation, Principal, SiteNumber};
use protocol::{AgentState, ConversationId, Ready, Record};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Tests that keep diaries watch one site.
pub const SITE: SiteNumber = 0;

/// When this process first asked for the time, on both clocks.
static BEGUN: LazyLock<(Duration, Instant)> = LazyLock::new(|| {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).expect("this is later than 1970");
    (wall, Instant::now())
});

static PROCESSES: AtomicU32 = AtomicU32::new(0);

/// Now, on the one clock of all diaries: it never goes back, and is near the time that records carry.
#[must_use]
pub fn now() -> Nanos {
    let (wall, begun) = *BEGUN;
    u64::try_from((wall + begun.elapsed()).as_nanos()).expect("the nanoseconds of some centuries fit")
}

/// What one page load did, saw and was told.
#[derive(Debug)]
pub struct Diary {
    process: u32,
    audience: Audience,
    operations: Vec<Operation>,
    agents: Vec<AgentRow>,
}

impl Diary {
    #[must_use]
    pub fn new(audience: Audience) -> Self {
        Self {
            process: PROCESSES.fetch_add(1, Ordering::Relaxed),
            audience,
            operations: Vec::new(),
            agents: Vec::new(),
        }
    }

    /// All of it, in order of time.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// What the gateway said of the agent whose page load this is, in order of time.
    #[must_use]
    pub fn agents(&self) -> &[AgentRow] {
        &self.agents
    }

    fn note(&mut self, call: Call) {
        let now = now();
        self.note_since(now, call);
    }

    fn note_since(&mut self, invoked: Nanos, call: Call) {
        self.operations.push(Operation { process: self.process, site: SITE, call, invoked, completed: Some(now()) });
    }

    pub fn connected(&mut self, ready: &Ready) {
        let visitor = ready.visitor.as_ref().map(|visitor| Principal::Visitor(visitor.id));
        let agent = ready.agent.as_ref().map(|agent| Principal::Agent(agent.id));
        if let Some(principal) = visitor.or(agent) {
            self.note(Call::Connect { principal });
        }
        ready.agent.iter().for_each(|state| self.stands(state));
    }

    pub fn stands(&mut self, state: &AgentState) {
        let AgentState { id: agent, status, accepting, capacity, .. } = *state;
        self.agents.push(AgentRow { site: SITE, from: now(), agent, enabled: true, status, accepting, capacity });
    }

    pub fn disconnected(&mut self) {
        self.note(Call::Disconnect);
    }

    pub fn settled(&mut self, settled: &Settled) {
        let answer = match &settled.answer {
            Ok(outcome) => Answer::Ok { at: outcome.at, made: outcome.made },
            Err(refusal) => Answer::No { code: refusal.code },
        };
        let call = Call::Command { command: settled.command.clone(), sends: settled.sends, answer };
        self.note_since(settled.first_sent, call);
    }

    /// A command that is stored, though its answer never came.
    pub fn found_stored(&mut self, settled: &Settled) {
        let call = Call::Command { command: settled.command.clone(), sends: settled.sends, answer: Answer::Unknown };
        self.note_since(settled.first_sent, call);
    }

    pub fn read(&mut self, conversation: ConversationId, records: &[Record]) {
        let (audience, records) = (self.audience, records.to_vec());
        self.note(Call::Read { conversation, audience, records, last: false });
    }

    /// The final quiet read.
    pub fn read_to_the_end(&mut self, conversation: ConversationId, records: &[Record]) {
        let (audience, records) = (self.audience, records.to_vec());
        self.note(Call::Read { conversation, audience, records, last: true });
    }

    pub fn missed(&mut self, conversation: ConversationId) {
        self.note(Call::Gap { conversation });
    }

    pub fn began_anew(&mut self, conversation: ConversationId) {
        self.note(Call::Resync { conversation });
    }
}

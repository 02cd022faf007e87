//! History: everything there is to judge, and its form as JSON lines.

use crate::operation::Operation;
use crate::site::Site;
use crate::truth::{AgentRow, ConversationRow, DeskRow, Stored, Truth};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, Write};

/// Everything there is to judge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    pub sites: Vec<Site>,
    /// In the order in which they were written down; findings name them by their index.
    pub operations: Vec<Operation>,
    /// What the store holds; empty where only processes were watched.
    pub truth: Truth,
}

/// One line of a history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    Site(Site),
    Operation(Box<Operation>),
    Stored(Box<Stored>),
    Conversation(ConversationRow),
    Agent(AgentRow),
    Desk(DeskRow),
}

/// A line that is no part of a history.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("line {line}: {source}")]
    Line { line: usize, source: serde_json::Error },
    #[error("line {line}: {source}")]
    Input { line: usize, source: std::io::Error },
}

impl History {
    /// Adds one line's content.
    pub fn push(&mut self, entry: Entry) {
        match entry {
            Entry::Site(site) => self.sites.push(site),
            Entry::Operation(operation) => self.operations.push(*operation),
            Entry::Stored(stored) => self.truth.records.push(*stored),
            Entry::Conversation(row) => self.truth.conversations.push(row),
            Entry::Agent(row) => self.truth.agents.push(row),
            Entry::Desk(row) => self.truth.desks.push(row),
        }
    }

    /// Reads JSON lines; empty ones are passed over.
    ///
    /// # Errors
    /// The first line that cannot be read.
    pub fn read(input: impl BufRead) -> Result<Self, Unreadable> {
        let mut history = Self::default();
        for (text, line) in input.lines().zip(1..) {
            let text = text.map_err(|source| Unreadable::Input { line, source })?;
            if !text.trim().is_empty() {
                history.push(serde_json::from_str(&text).map_err(|source| Unreadable::Line { line, source })?);
            }
        }
        Ok(history)
    }

    /// Writes JSON lines.
    ///
    /// # Errors
    /// The output takes no more, or a record is of a kind that the wire does not know.
    pub fn write(&self, mut output: impl Write) -> std::io::Result<()> {
        for entry in self.entries() {
            serde_json::to_writer(&mut output, &entry)?;
            output.write_all(b"\n")?;
        }
        Ok(())
    }

    fn entries(&self) -> impl Iterator<Item = Entry> {
        let truth = &self.truth;
        let sites = self.sites.iter().cloned().map(Entry::Site);
        let operations = self.operations.iter().cloned().map(|operation| Entry::Operation(Box::new(operation)));
        let records = truth.records.iter().cloned().map(|stored| Entry::Stored(Box::new(stored)));
        let conversations = truth.conversations.iter().cloned().map(Entry::Conversation);
        let agents = truth.agents.iter().copied().map(Entry::Agent);
        let desks = truth.desks.iter().copied().map(Entry::Desk);
        sites.chain(operations).chain(records).chain(conversations).chain(agents).chain(desks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AgentRules, Answer, Audience, Call, Phase, Principal, TeamRules};
    use protocol::{
        Action, AgentId, Author, Body, Code, Command, CommandId, ConversationId, Made, MessageId, Number, OutboxId,
        Record, RecordKind, Said, Say, Status, TeamId, VisitorId,
    };
    use uuid::Uuid;

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn calls() -> Vec<Call> {
        let command = Command {
            id: CommandId { outbox: OutboxId(id(1)), ordinal: 1 },
            conversation: Some(ConversationId(id(2))),
            action: Action::Say(Say { body: "a\nhttps://b.example".into() }),
        };
        let made = Some(Made { message: MessageId(id(3)), number: Number(1), tail: 7, before: 0 });
        let with = |answer| Call::Command { command: command.clone(), sends: 1, answer };
        let conversation = ConversationId(id(2));
        vec![
            with(Answer::Ok { at: 5, made }),
            with(Answer::No { code: Code::Closed }),
            with(Answer::Unknown),
            Call::Read { conversation, audience: Audience::Agent, records: vec![record()], last: true },
            Call::Gap { conversation },
            Call::Resync { conversation },
            Call::Connect { principal: Principal::Visitor(VisitorId(id(4))) },
            Call::Disconnect,
            Call::Fault { name: "kill".into(), took_effect: true, felt_by: None },
            Call::Heal { name: "kill".into() },
            Call::Restore { to: 1 },
        ]
    }

    fn record() -> Record {
        let said = Said { by: Author::Visitor, body: Body("a\nhttps://b.example".into()) };
        Record { number: Number(1), tail: 7, id: MessageId(id(3)), at: 5, command: None, what: RecordKind::Said(said) }
    }

    fn history() -> History {
        let (team, agent) = (TeamId(id(5)), AgentId(id(6)));
        let rules = AgentRules { teams: [team].into(), ..AgentRules::default() };
        let site = Site {
            site: 1,
            canary: Some("canary".into()),
            teams: [(team, TeamRules { offer_ms: Some(20_000), ..TeamRules::default() })].into(),
            agents: [(agent, rules)].into(),
            open_max: 1,
            preferred_ms: 0,
            relax_ms: None,
        };
        let stored = Stored {
            site: 1,
            conversation: ConversationId(id(2)),
            record: record(),
            public: Some(Number(1)),
            author: Some(Principal::Agent(agent)),
            epoch: Some(1),
            committed: 9,
        };
        let row = ConversationRow {
            site: 1,
            from: 9,
            conversation: ConversationId(id(2)),
            visitor: VisitorId(id(4)),
            team: Some(team),
            priority: 0,
            arrival: 1,
            prefers: None,
            language: None,
        };
        let stands =
            AgentRow { site: 1, from: 0, agent, enabled: true, status: Status::Online, accepting: true, capacity: 3 };
        let desk = DeskRow { site: 1, from: 0, epoch: 1, phase: Phase::Serving };
        let operation = |call| Operation { process: 3, site: 1, call, invoked: 1, completed: Some(2) };
        History {
            sites: vec![site],
            operations: calls().into_iter().map(operation).collect(),
            truth: Truth { records: vec![stored], conversations: vec![row], agents: vec![stands], desks: vec![desk] },
        }
    }

    #[test]
    fn a_history_reads_as_it_was_written() {
        let mut lines = Vec::new();
        history().write(&mut lines).unwrap();
        assert_eq!(History::read(lines.as_slice()).unwrap(), history());
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        let unreadable = History::read("\n{\"operation\":{}}\n".as_bytes()).unwrap_err();
        assert!(unreadable.to_string().starts_with("line 2: "), "{unreadable}");
    }
}

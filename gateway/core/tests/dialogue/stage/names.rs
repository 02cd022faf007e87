//! Names of a dialogue (`v1`, `a2`, `c3`, `sales`) and the ids behind them.

use protocol::{AgentId, ConversationId, MessageId, OutboxId, SessionId, TeamId, VisitorId};
use std::collections::BTreeMap;
use uuid::Uuid;

fn id(kind: u8, number: u128) -> Uuid {
    Uuid::from_u128((u128::from(kind) << 120) | number)
}

fn number(name: &str) -> u128 {
    match name {
        "boss" => 99,
        _ => name[1..].parse().unwrap_or_else(|_| panic!("{name} is no name like v1, a2 or c3")),
    }
}

pub fn visitor(name: &str) -> VisitorId {
    assert!(name.starts_with('v'), "{name} is no visitor");
    VisitorId(id(1, number(name)))
}

pub fn agent(name: &str) -> AgentId {
    assert!(is_agent(name), "{name} is no agent");
    AgentId(id(2, number(name)))
}

pub fn conversation(name: &str) -> ConversationId {
    assert!(name.starts_with('c'), "{name} is no conversation");
    ConversationId(id(3, number(name)))
}

pub fn is_agent(name: &str) -> bool {
    name == "boss" || (name.starts_with('a') && name[1..].parse::<u8>().is_ok())
}

/// An outbox or a session has any word for a name.
pub fn outbox(name: &str) -> OutboxId {
    OutboxId(id(4, word(name)))
}

pub fn session(name: &str) -> SessionId {
    SessionId(id(5, word(name)))
}

fn word(name: &str) -> u128 {
    name.bytes().fold(0, |number, byte| number * 257 + u128::from(byte)) & ((1 << 120) - 1)
}

pub fn show_visitor(visitor: VisitorId) -> String {
    format!("v{}", visitor.0.as_u128() & 0xffff)
}

pub fn show_agent(agent: AgentId) -> String {
    match agent.0.as_u128() & 0xffff {
        99 => "boss".into(),
        number => format!("a{number}"),
    }
}

pub fn show_conversation(conversation: ConversationId) -> String {
    format!("c{}", conversation.0.as_u128() & 0xffff)
}

/// Names given along the way: teams and messages.
#[derive(Clone, Debug, Default)]
pub struct Names {
    teams: Vec<String>,
    messages: BTreeMap<String, MessageId>,
}

impl Names {
    /// The team of a name; teams sort in the order they were first named.
    pub fn team(&mut self, name: &str) -> TeamId {
        let index = self.teams.iter().position(|known| known == name).unwrap_or_else(|| {
            self.teams.push(name.to_owned());
            self.teams.len() - 1
        });
        TeamId(id(6, index as u128 + 1))
    }

    pub fn show_team(&self, team: TeamId) -> String {
        let index = (team.0.as_u128() & 0xffff) as usize;
        self.teams.get(index.wrapping_sub(1)).cloned().unwrap_or_else(|| "no-team".into())
    }

    pub fn name_message(&mut self, name: &str, message: MessageId) {
        self.messages.insert(name.to_owned(), message);
    }

    pub fn message(&self, name: &str) -> MessageId {
        self.messages.get(name).copied().unwrap_or(MessageId(id(7, 0)))
    }

    pub fn show_message(&self, message: MessageId) -> String {
        let known = self.messages.iter().find(|(_, id)| **id == message);
        known.map_or_else(|| "m?".into(), |(name, _)| name.clone())
    }
}

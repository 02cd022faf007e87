//! Conversation: where one exchange stands, and how its records are numbered.

use crate::desk::estimate::Expected;
use crate::desk::line::Turn;
use crate::desk::outboxes::Outboxes;
use crate::desk::views::Listed;
use crate::ids::Principal;
use crate::limits::PLACES_KEPT_MAX;
use crate::now::StoreTime;
use crate::stored::{Loaded, StoredCard, StoredConversation, StoredDeadline, StoredDecline, StoredState};
use protocol::{
    AgentId, CloseReason, ConversationId, MessageId, Number, Position, Row, RowState, Tail, TeamId, VisitorCard,
    VisitorId, Wait,
};
use std::collections::BTreeSet;

/// Where a conversation stands. Who serves it is part of the state, so there cannot be two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Waiting,
    Offered {
        agent: AgentId,
        lapses: StoredDeadline,
    },
    Assigned {
        agent: AgentId,
        first_reply: Option<StoredDeadline>,
    },
    Parked {
        agent: AgentId,
        wakes: Option<StoredDeadline>,
    },
    Closed {
        reason: CloseReason,
        at: StoreTime,
    },
    /// A message left while nobody was there.
    Offline,
}

impl State {
    /// The agent whose capacity it costs.
    pub fn served_by(&self) -> Option<AgentId> {
        match self {
            Self::Offered { agent, .. } | Self::Assigned { agent, .. } => Some(*agent),
            Self::Waiting | Self::Parked { .. } | Self::Closed { .. } | Self::Offline => None,
        }
    }

    /// The agent it belongs to, at a cost or not.
    pub fn holder(&self) -> Option<AgentId> {
        match self {
            Self::Offered { agent, .. } | Self::Assigned { agent, .. } | Self::Parked { agent, .. } => Some(*agent),
            Self::Waiting | Self::Closed { .. } | Self::Offline => None,
        }
    }

    pub fn assignee(&self) -> Option<AgentId> {
        match self {
            Self::Assigned { agent, .. } => Some(*agent),
            Self::Waiting | Self::Offered { .. } | Self::Parked { .. } | Self::Closed { .. } | Self::Offline => None,
        }
    }

    /// The agent whose words the visitor reads, and whom the visitor may see typing and reading.
    pub fn spoken_for(&self) -> Option<AgentId> {
        match self {
            Self::Assigned { agent, .. } | Self::Parked { agent, .. } => Some(*agent),
            Self::Waiting | Self::Offered { .. } | Self::Closed { .. } | Self::Offline => None,
        }
    }

    /// Whether the visitor has been waiting for a word in it all the time.
    pub fn is_part_of_the_wait(&self) -> bool {
        match self {
            Self::Offered { .. } | Self::Assigned { first_reply: Some(_), .. } => true,
            Self::Assigned { first_reply: None, .. }
            | Self::Waiting
            | Self::Parked { .. }
            | Self::Closed { .. }
            | Self::Offline => false,
        }
    }

    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed { .. })
    }

    /// When the state ends by itself.
    pub fn deadline(&self) -> Option<StoredDeadline> {
        match self {
            Self::Offered { lapses, .. } => Some(*lapses),
            Self::Assigned { first_reply, .. } => *first_reply,
            Self::Parked { wakes, .. } => *wakes,
            Self::Waiting | Self::Closed { .. } | Self::Offline => None,
        }
    }
}

/// One conversation.
#[derive(Clone, Debug)]
pub(crate) struct Conversation {
    pub id: ConversationId,
    pub visitor: VisitorId,
    pub state: State,
    pub team: TeamId,
    pub priority: u8,
    pub arrival: u64,
    pub preferred: Option<AgentId>,
    pub declines: Vec<StoredDecline>,
    pub head: Position,
    pub public_head: Position,
    /// Full numbers that visitors cannot see, ascending.
    pub hidden: Vec<Number>,
    pub opened_at: u64,
    pub since: u64,
    pub last_at: u64,
    pub waiting_since: StoreTime,
    pub preview: Option<String>,
    /// The message the preview shows, where this desk has seen it said.
    pub previewed: Option<MessageId>,
    pub score: Option<u8>,
    pub read_by_agents: Number,
    pub read_by_visitor: Number,
    pub card: StoredCard,
    /// Since when its agent serves it, or did until it was closed.
    pub served_since: Option<StoreTime>,
    pub outboxes: Outboxes,
    /// Since when the visitor has no socket, while that matters.
    pub absent_since: Option<StoreTime>,
    /// The place and wait that the visitor was last told.
    pub told: Option<(u32, Option<Wait>)>,
    /// What was expected of the wait at each place that was told.
    pub expected: Vec<Expected>,
    /// The lists it was last shown in.
    pub listed: BTreeSet<Listed>,
    /// Whether the lists last showed its visitor as there.
    pub shown_present: bool,
}

impl Conversation {
    pub fn turn(&self) -> Turn {
        Turn { priority: self.priority, arrival: self.arrival }
    }

    pub fn is_of(&self, principal: Principal) -> bool {
        match principal {
            Principal::Visitor(visitor) => self.visitor == visitor,
            Principal::Agent(_) => true,
        }
    }

    /// Keeps what is expected of the wait at a place, for when it has ended.
    pub fn expect(&mut self, place: u32, wait_ms: Option<u64>, at: StoreTime) {
        let is_new = self.expected.last().is_none_or(|last| last.place != place);
        if let Some(wait_ms) = wait_ms.filter(|_| is_new && self.expected.len() < PLACES_KEPT_MAX) {
            self.expected.push(Expected { place, wait_ms, at });
        }
    }

    /// Takes the next number, and the next public one where the record is public.
    /// Gives the tails that stood before it.
    pub fn advance(&mut self, tail: Tail, public: bool) -> Advanced {
        let before = self.head.tail;
        let before_public = self.public_head.tail;
        self.head = Position { number: self.head.number.next(), tail };
        if public {
            self.public_head = Position { number: self.public_head.number.next(), tail };
        } else {
            self.hidden.push(self.head.number);
        }
        assert_eq!(
            self.head.number.0,
            self.public_head.number.0 + self.hidden.len() as u64,
            "every record is public or hidden"
        );
        Advanced { number: self.head.number, public: public.then_some(self.public_head.number), before, before_public }
    }

    /// The head in the numbering of a principal.
    pub fn head_for(&self, principal: Principal) -> Position {
        match principal {
            Principal::Visitor(_) => self.public_head,
            Principal::Agent(_) => self.head,
        }
    }

    /// The public number of the last public record up to a full number.
    pub fn public_number(&self, full: Number) -> Number {
        let hidden = self.hidden.partition_point(|number| *number <= full);
        Number(full.0 - hidden as u64)
    }

    /// The full number of a public one.
    pub fn full_number(&self, public: Number) -> Number {
        let mut full = public.0;
        for number in &self.hidden {
            if number.0 <= full {
                full += 1;
            }
        }
        Number(full)
    }

    pub fn declined_by(&self, agent: AgentId, now: StoreTime) -> bool {
        self.declines.iter().any(|decline| decline.agent == agent && decline.kept.end() > now)
    }

    pub fn row(&self, present: bool) -> Row {
        Row {
            conversation: self.id,
            state: match &self.state {
                State::Waiting => RowState::Waiting,
                State::Offered { agent, .. } => RowState::Offered { agent: *agent },
                State::Assigned { agent, .. } => RowState::Assigned { agent: *agent },
                State::Parked { agent, .. } => RowState::Parked { agent: *agent },
                State::Closed { reason, .. } => RowState::Closed { reason: *reason },
                State::Offline => RowState::Offline,
            },
            visitor: VisitorCard {
                id: self.visitor,
                name: self.card.name.clone(),
                email: self.card.email.clone(),
                url: self.card.url.clone(),
                title: self.card.title.clone(),
                language: self.card.language.clone(),
                browser: self.card.browser.clone(),
                present,
            },
            team: Some(self.team),
            priority: self.priority,
            arrival: self.arrival,
            opened_at: self.opened_at,
            since: self.since,
            head: self.head.number,
            read: self.read_by_agents,
            last_at: self.last_at,
            preview: self.preview.clone(),
            score: self.score,
        }
    }

    pub fn stored(&self) -> StoredConversation {
        StoredConversation {
            id: self.id,
            visitor: self.visitor,
            state: match &self.state {
                State::Waiting => StoredState::Waiting,
                State::Offered { agent, lapses } => StoredState::Offered { agent: *agent, lapses: *lapses },
                State::Assigned { agent, first_reply } => {
                    StoredState::Assigned { agent: *agent, first_reply: *first_reply }
                }
                State::Parked { agent, wakes } => StoredState::Parked { agent: *agent, wakes: *wakes },
                State::Closed { reason, at } => StoredState::Closed { reason: *reason, at: *at },
                State::Offline => StoredState::Offline,
            },
            team: Some(self.team),
            priority: self.priority,
            arrival: self.arrival,
            preferred: self.preferred,
            declines: self.declines.clone(),
            head: self.head,
            public_head: self.public_head,
            opened_at: self.opened_at,
            since: self.since,
            last_at: self.last_at,
            waiting_since: self.waiting_since,
            preview: self.preview.clone(),
            score: self.score,
            served_since: self.served_since,
            read_by_agents: self.read_by_agents,
            read_by_visitor: self.read_by_visitor,
            card: self.card.clone(),
        }
    }

    /// Rebuilds a conversation from its rows; `None` when it is in a state this version does not know.
    pub fn load(loaded: Loaded, team_default: TeamId) -> Option<Self> {
        let row = loaded.conversation;
        let state = match row.state {
            StoredState::Waiting => State::Waiting,
            StoredState::Offered { agent, lapses } => State::Offered { agent, lapses },
            StoredState::Assigned { agent, first_reply } => State::Assigned { agent, first_reply },
            StoredState::Parked { agent, wakes } => State::Parked { agent, wakes },
            StoredState::Closed { reason, at } => State::Closed { reason, at },
            StoredState::Offline => State::Offline,
            StoredState::Unknown(_) => return None,
        };
        Some(Self {
            id: row.id,
            visitor: row.visitor,
            state,
            team: row.team.unwrap_or(team_default),
            priority: row.priority,
            arrival: row.arrival,
            preferred: row.preferred,
            declines: row.declines,
            head: row.head,
            public_head: row.public_head,
            hidden: loaded.hidden,
            opened_at: row.opened_at,
            since: row.since,
            last_at: row.last_at,
            waiting_since: row.waiting_since,
            preview: row.preview,
            previewed: None,
            score: row.score,
            read_by_agents: row.read_by_agents,
            read_by_visitor: row.read_by_visitor,
            card: row.card,
            served_since: row.served_since,
            outboxes: Outboxes::open(loaded.outboxes),
            absent_since: None,
            told: None,
            expected: Vec::new(),
            listed: BTreeSet::new(),
            shown_present: false,
        })
        .map(|mut conversation| {
            conversation.listed = Listed::lists_of(&conversation);
            conversation
        })
    }
}

/// The numbers a record was given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Advanced {
    pub number: Number,
    pub public: Option<Number>,
    pub before: Tail,
    pub before_public: Tail,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn public_and_full_numbers_are_each_others_inverse(kinds in prop::collection::vec(any::<bool>(), 1..60)) {
            let mut conversation = blank();
            let mut public = Vec::new();
            for (index, kind) in kinds.iter().enumerate() {
                let advanced = conversation.advance(u32::try_from(index).unwrap(), *kind);
                if let Some(number) = advanced.public {
                    public.push((number, advanced.number));
                }
            }
            for (number, full) in public {
                prop_assert_eq!(conversation.full_number(number), full);
                prop_assert_eq!(conversation.public_number(full), number);
            }
        }
    }

    fn blank() -> Conversation {
        let id = uuid::Uuid::nil();
        Conversation {
            id: ConversationId(id),
            visitor: VisitorId(id),
            state: State::Waiting,
            team: TeamId(id),
            priority: 0,
            arrival: 0,
            preferred: None,
            declines: Vec::new(),
            head: Position::default(),
            public_head: Position::default(),
            hidden: Vec::new(),
            opened_at: 0,
            since: 0,
            last_at: 0,
            waiting_since: StoreTime(0),
            preview: None,
            previewed: None,
            score: None,
            read_by_agents: Number(0),
            read_by_visitor: Number(0),
            card: StoredCard::default(),
            served_since: None,
            outboxes: Outboxes::default(),
            absent_since: None,
            told: None,
            expected: Vec::new(),
            listed: BTreeSet::new(),
            shown_present: false,
        }
    }
}

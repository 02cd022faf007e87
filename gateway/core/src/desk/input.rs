//! What a desk can be told.

use crate::ids::{Epoch, Principal, Socket};
use crate::settings::Settings;
use crate::stored::{Found, StoredConversation, StoredRecord};
use protocol::{
    AgentId, Command, ConversationId, FollowFrom, MessageId, Page, ReadUp, SessionId, TypingUp, View, VisitorId,
};

/// One thing that happened, in the order the desk's queue gives it.
#[derive(Clone, Debug)]
pub enum Input {
    /// A socket signed in and wants events. Answered by `Delivery::Joined`.
    Join(Box<Join>),
    /// A socket ended.
    Leave {
        socket: Socket,
    },
    /// The node sends a socket away: it is closed once its commands are answered.
    SendAway {
        socket: Socket,
    },
    /// A socket follows more conversations. Answered by `Delivery::Heads`.
    Follow {
        socket: Socket,
        follows: Vec<FollowFrom>,
    },
    Unfollow {
        socket: Socket,
        conversation: ConversationId,
    },
    /// A socket lost events and must be told where everything stands. Answered by `Delivery::Heads`.
    Lagged {
        socket: Socket,
    },
    /// A durable command. Answered by `ok` or `no` on that socket.
    Command {
        socket: Socket,
        principal: Principal,
        command: Box<Command>,
    },
    Typing {
        socket: Socket,
        typing: TypingUp,
    },
    Read {
        socket: Socket,
        read: ReadUp,
    },
    Page {
        socket: Socket,
        page: Page,
    },
    /// A visitor's socket wants to know whether agents are available.
    Availability {
        socket: Socket,
    },
    Watch {
        socket: Socket,
        view: View,
    },
    Unwatch {
        socket: Socket,
        view: View,
    },
    /// The answer to `Load::Conversation`. It names the epoch of the desk that asked, as each answer does: what an
    /// earlier desk asked for may be of yesterday.
    Loaded {
        epoch: Epoch,
        conversation: ConversationId,
        loaded: Result<Found, NotLoaded>,
    },
    /// The answer to `Load::Message`: the record as it is stored, or that the conversation has no such record.
    LoadedMessage {
        epoch: Epoch,
        conversation: ConversationId,
        message: MessageId,
        loaded: Result<Option<StoredRecord>, NotLoaded>,
    },
    /// The answer to `Load::LastAgent`; none for a visitor whom nobody has served.
    LoadedLastAgent {
        epoch: Epoch,
        visitor: VisitorId,
        loaded: Result<Option<AgentId>, NotLoaded>,
    },
    /// The answer to `Load::Closed`, the latest first.
    Closed {
        epoch: Epoch,
        socket: Socket,
        revision: u64,
        rows: Result<Vec<StoredConversation>, NotLoaded>,
    },
    /// The site's settings changed.
    Settings(Box<Settings>),
    /// Every living node has said who has joined there, or it took too long: the desk is no longer opening once all that
    /// stands in its queues is handled.
    RollCalled,
    /// A session of the agent ended: their sockets close, and those that may come back.
    SignedOut {
        agent: AgentId,
    },
}

impl Input {
    /// The desk that it answers; none for what answers nobody.
    #[must_use]
    pub fn answers(&self) -> Option<Epoch> {
        match self {
            Self::Loaded { epoch, .. }
            | Self::LoadedMessage { epoch, .. }
            | Self::LoadedLastAgent { epoch, .. }
            | Self::Closed { epoch, .. } => Some(*epoch),
            Self::Join(_)
            | Self::Leave { .. }
            | Self::SendAway { .. }
            | Self::Follow { .. }
            | Self::Unfollow { .. }
            | Self::Lagged { .. }
            | Self::Command { .. }
            | Self::Typing { .. }
            | Self::Read { .. }
            | Self::Page { .. }
            | Self::Availability { .. }
            | Self::Watch { .. }
            | Self::Unwatch { .. }
            | Self::RollCalled
            | Self::Settings(_)
            | Self::SignedOut { .. } => None,
        }
    }

    #[must_use]
    pub fn is_command(&self) -> bool {
        matches!(self, Self::Command { .. })
    }

    /// The socket it came from; none for what the shell itself says.
    #[must_use]
    pub fn socket(&self) -> Option<Socket> {
        match self {
            Self::Join(join) => Some(join.socket),
            Self::Leave { socket }
            | Self::SendAway { socket }
            | Self::Follow { socket, .. }
            | Self::Unfollow { socket, .. }
            | Self::Lagged { socket }
            | Self::Command { socket, .. }
            | Self::Typing { socket, .. }
            | Self::Read { socket, .. }
            | Self::Page { socket, .. }
            | Self::Availability { socket }
            | Self::Watch { socket, .. }
            | Self::Unwatch { socket, .. }
            | Self::Closed { socket, .. } => Some(*socket),
            Self::Loaded { .. }
            | Self::LoadedMessage { .. }
            | Self::LoadedLastAgent { .. }
            | Self::Settings(_)
            | Self::RollCalled
            | Self::SignedOut { .. } => None,
        }
    }
}

/// The store could not be read just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotLoaded;

/// A socket that joins.
#[derive(Clone, Debug)]
pub struct Join {
    pub socket: Socket,
    pub principal: Principal,
    pub session: SessionId,
    pub generation: u32,
    pub follows: Vec<FollowFrom>,
    pub page: Option<Page>,
    /// User agent, cut to a name; shown to agents.
    pub browser: Option<String>,
}

/// What the desk needs from the store before it can answer. The epoch is handed back with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    Conversation {
        epoch: Epoch,
        conversation: ConversationId,
    },
    /// One record, whose author wants to change it.
    Message {
        epoch: Epoch,
        conversation: ConversationId,
        message: MessageId,
    },
    /// The agent a visitor last spoke with, for a conversation they open.
    LastAgent {
        epoch: Epoch,
        visitor: VisitorId,
    },
    /// The closed conversations, for a list; `revision` is handed back with them.
    Closed {
        epoch: Epoch,
        socket: Socket,
        revision: u64,
    },
}

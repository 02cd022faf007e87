//! Recording: a new fact of a conversation gets its numbers, goes to the store, and to whoever follows.

use crate::chance::tail_of;
use crate::desk::Desk;
use crate::desk::clock::Moment;
use crate::desk::conversation::Advanced;
use crate::effects::{Delivery, Full, Public};
use crate::ids::{Principal, Socket};
use crate::limits::PREVIEW_CHARS_MAX;
use crate::stored::StoredRecord;
use protocol::{Author, CommandId, ConversationId, Down, Event, Made, MessageId, Record, RecordKind, Stream};

/// Whose doing a record is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Actor {
    pub socket: Socket,
    pub principal: Principal,
    pub command: CommandId,
}

impl Desk {
    /// Records something that somebody's command did. Everyone who follows is told, the sender too.
    pub(crate) fn record(&mut self, by: Actor, id: ConversationId, what: RecordKind, now: Moment) {
        let stream = stream_of(&what);
        self.add(id, Some(by), None, stream, what, now);
    }

    /// Records a change of a message, for whoever may see the message.
    pub(crate) fn record_change(
        &mut self,
        by: Actor,
        id: ConversationId,
        stream: Stream,
        what: RecordKind,
        now: Moment,
    ) {
        self.add(id, Some(by), None, stream, what, now);
    }

    /// Records words. On the sender's own socket the answer stands in place of the event.
    pub(crate) fn record_words(
        &mut self,
        by: Actor,
        id: ConversationId,
        what: RecordKind,
        now: Moment,
    ) -> Option<Made> {
        let (message, tail, advanced) = self.add(id, Some(by), Some(by.socket), stream_of(&what), what, now)?;
        let (number, before) = match by.principal {
            Principal::Visitor(_) => (advanced.public?, advanced.before_public),
            Principal::Agent(_) => (advanced.number, advanced.before),
        };
        Some(Made { message, number, tail, before })
    }

    /// Records something the gateway's own rules did.
    pub(crate) fn record_of_system(&mut self, id: ConversationId, what: RecordKind, now: Moment) {
        let stream = stream_of(&what);
        self.add(id, None, None, stream, what, now);
    }

    fn add(
        &mut self,
        id: ConversationId,
        by: Option<Actor>,
        skipped: Option<Socket>,
        stream: Stream,
        what: RecordKind,
        now: Moment,
    ) -> Option<(MessageId, protocol::Tail, Advanced)> {
        let message = self.chance.message_id(now.wall_ms);
        let tail = tail_of(message.0);
        let conversation = self.conversations.get_mut(&id)?;
        let advanced = conversation.advance(tail, stream == Stream::Public);
        conversation.last_at = now.wall_ms;
        if let Some(preview) = preview_of(&what) {
            conversation.preview = Some(preview);
            conversation.previewed = Some(message);
        }
        let record = StoredRecord {
            conversation: id,
            number: advanced.number,
            public: advanced.public,
            id: message,
            at: now.wall_ms,
            author: by.map(|by| by.principal),
            command: by.map(|by| by.command),
            what,
        };
        self.deliver(&record, advanced, skipped);
        self.batch.records.push(record);
        self.batch.touch(id);
        Some((message, tail, advanced))
    }

    fn deliver(&mut self, record: &StoredRecord, advanced: Advanced, skipped: Option<Socket>) {
        let followers = self.sockets.followers(record.conversation);
        if let Some(number) = record.public {
            let to = followers.visitors.iter().copied().filter(|to| skipped != Some(Socket::Visitor(*to)));
            let (own, others): (Vec<_>, Vec<_>) = to.partition(|to| self.is_author(Socket::Visitor(*to), record));
            let event = |own| Public(event(record, number, advanced.before_public, own));
            self.say_to_visitors(own, || event(true));
            self.say_to_visitors(others, || event(false));
        }
        let to = followers.agents.iter().copied().filter(|to| skipped != Some(Socket::Agent(*to)));
        let (own, others): (Vec<_>, Vec<_>) = to.partition(|to| self.is_author(Socket::Agent(*to), record));
        let event = |own| Full(event(record, record.number, advanced.before, own));
        self.say_to_agents(own, || event(true));
        self.say_to_agents(others, || event(false));
    }

    fn is_author(&self, socket: Socket, record: &StoredRecord) -> bool {
        record.author.is_some() && self.sockets.get(socket).map(|joined| joined.principal) == record.author
    }

    pub(crate) fn say_to_visitors(&mut self, to: Vec<crate::ids::VisitorSocket>, frame: impl FnOnce() -> Public) {
        if !to.is_empty() {
            self.batch.deliveries.push(Delivery::Visitors { to, frame: frame() });
        }
    }

    pub(crate) fn say_to_agents(&mut self, to: Vec<crate::ids::AgentSocket>, frame: impl FnOnce() -> Full) {
        if !to.is_empty() {
            self.batch.deliveries.push(Delivery::Agents { to, frame: frame() });
        }
    }

    /// Who an actor is, in a record.
    pub(crate) fn author(&self, principal: Principal) -> Author {
        match principal {
            Principal::Visitor(_) => Author::Visitor,
            Principal::Agent(id) => Author::Agent { id, name: self.roster.name(id) },
        }
    }
}

fn event(record: &StoredRecord, number: protocol::Number, before: protocol::Tail, own: bool) -> Down {
    let record_down = Record {
        number,
        tail: record.tail(),
        id: record.id,
        at: record.at,
        command: record.command.filter(|_| own),
        what: record.what.clone(),
    };
    Down::Event(Box::new(Event { conversation: record.conversation, before, record: record_down }))
}

/// The stream of a record by its kind. Visitors see nothing of notes, offers and what agents do among themselves.
///
/// A change is in the stream of its message, which its kind does not tell.
fn stream_of(what: &RecordKind) -> Stream {
    match what {
        RecordKind::Opened(_)
        | RecordKind::Waiting(_)
        | RecordKind::Assigned(_)
        | RecordKind::Said(_)
        | RecordKind::Closed(_)
        | RecordKind::Reopened(_)
        | RecordKind::Rated(_) => Stream::Public,
        RecordKind::Noted(_)
        | RecordKind::Offered(_)
        | RecordKind::Declined(_)
        | RecordKind::Lapsed(_)
        | RecordKind::Transferred(_)
        | RecordKind::Parked(_)
        | RecordKind::Edited(_)
        | RecordKind::Deleted(_)
        | RecordKind::Unknown(_) => Stream::Note,
    }
}

/// The beginning of a text, for the lists.
pub(crate) fn preview(text: &str) -> String {
    text.chars().take(PREVIEW_CHARS_MAX).collect()
}

fn preview_of(what: &RecordKind) -> Option<String> {
    match what {
        RecordKind::Said(said) => Some(preview(&said.body.0)),
        RecordKind::Opened(_)
        | RecordKind::Waiting(_)
        | RecordKind::Offered(_)
        | RecordKind::Declined(_)
        | RecordKind::Lapsed(_)
        | RecordKind::Assigned(_)
        | RecordKind::Noted(_)
        | RecordKind::Transferred(_)
        | RecordKind::Parked(_)
        | RecordKind::Closed(_)
        | RecordKind::Reopened(_)
        | RecordKind::Rated(_)
        | RecordKind::Edited(_)
        | RecordKind::Deleted(_)
        | RecordKind::Unknown(_) => None,
    }
}

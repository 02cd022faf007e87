//! Editing and deleting one's own messages. The message itself is read from the store before.

use crate::desk::Desk;
use crate::desk::clock::Moment;
use crate::desk::command::{Acted, no};
use crate::desk::recording::{Actor, preview};
use crate::ids::Principal;
use protocol::{Body, Code, ConversationId, Deleted, Edit, Edited, MessageId, RecordKind, Refusal, Said, Stream};

/// A message of the sender that may still be changed.
struct Own {
    stream: Stream,
    said: Said,
}

impl Desk {
    /// Gives a message another body. What is closed is not rewritten.
    pub(crate) fn edit(&mut self, by: Actor, id: ConversationId, edit: &Edit, now: Moment) -> Acted {
        let own = self.own_message(by, id, edit.message)?;
        if self.conversations.get(&id).is_some_and(|conversation| conversation.state.is_closed()) {
            return no(Code::Closed);
        }
        let edited = Edited { message: edit.message, by: self.author(by.principal), body: Body(edit.body.clone()) };
        self.record_change(by, id, own.stream, RecordKind::Edited(edited), now);
        let Some(conversation) = self.conversations.get_mut(&id) else { return Ok(None) };
        let shown = match conversation.previewed {
            Some(message) => message == edit.message,
            None => conversation.preview == Some(preview(&own.said.body.0)),
        };
        if shown && own.stream == Stream::Public {
            conversation.preview = Some(preview(&edit.body));
            conversation.previewed = Some(edit.message);
        }
        Ok(None)
    }

    /// Withdraws a message: its body leaves the store, and with it every edit of it. What is closed can be deleted
    /// from too: a password is as secret after the chat.
    pub(crate) fn delete(&mut self, by: Actor, id: ConversationId, message: MessageId, now: Moment) -> Acted {
        let own = self.own_message(by, id, message)?;
        let deleted = Deleted { message, by: self.author(by.principal) };
        self.record_change(by, id, own.stream, RecordKind::Deleted(deleted), now);
        self.batch.withdrawn.push((id, message));
        self.loads.empty_message(id, message);
        if let Some(conversation) = self.conversations.get_mut(&id)
            && conversation.previewed.is_none_or(|previewed| previewed == message)
        {
            conversation.preview = None;
            conversation.previewed = None;
        }
        Ok(None)
    }

    /// The message, if the sender wrote it and it still has a body. To visitors notes do not exist.
    fn own_message(&self, by: Actor, id: ConversationId, message: MessageId) -> Result<Own, Refusal> {
        let Some(Some(record)) = self.loads.message(id, message) else { return Err(Refusal::of(Code::NotFound)) };
        let stream = if record.public.is_some() { Stream::Public } else { Stream::Note };
        if matches!((by.principal, stream), (Principal::Visitor(_), Stream::Note)) {
            return Err(Refusal::of(Code::NotFound));
        }
        let Some(said) = record.what.message() else { return Err(Refusal::of(Code::Forbidden)) };
        if record.author != Some(by.principal) {
            return Err(Refusal::of(Code::Forbidden));
        }
        if said.body.0.is_empty() {
            return Err(Refusal::of(Code::Stale));
        }
        Ok(Own { stream, said: said.clone() })
    }
}

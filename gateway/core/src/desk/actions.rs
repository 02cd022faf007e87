//! Actions: one file a family of verbs. Each says what a command does, given that its id is new and that its
//! sender may ask for it.

mod changing;
mod ending;
mod own_state;
mod serving;
mod speaking;

use crate::desk::Desk;
use crate::desk::clock::Moment;
use crate::desk::command::{Acted, no};
use crate::desk::recording::Actor;
use protocol::{Action, Code, ConversationId};

impl Desk {
    /// Carries out an action on a conversation the desk holds.
    pub(crate) fn act(&mut self, by: Actor, id: ConversationId, action: &Action, now: Moment) -> Acted {
        match action {
            // The lane has a conversation already, opened under another outbox.
            Action::Open(_) => no(Code::Conflict),
            Action::Say(say) => self.say(by, id, say, now),
            Action::Note(note) => self.note(by, id, note, now),
            Action::Accept(_) => self.accept(by, id, now),
            Action::Decline(_) => self.decline(by, id, now),
            Action::Take(take) => self.take(by, id, take, now),
            Action::Transfer(transfer) => self.transfer(by, id, transfer, now),
            Action::Park(park) => self.park(by, id, park, now),
            Action::Close(close) => self.close_conversation(by, id, close, now),
            Action::Reopen(_) => self.reopen(by, id, now),
            Action::Rate(rate) => self.rate(by, id, rate, now),
            Action::Edit(edit) => self.edit(by, id, edit, now),
            Action::Delete(delete) => self.delete(by, id, delete.message, now),
            Action::Status(_) | Action::Accepting(_) | Action::Capacity(_) => no(Code::BadValue),
            Action::Unknown(_) => no(Code::UnknownType),
        }
    }
}

//! Words: what people wrote, in commands and in records.

use protocol::{Action, Author, RecordKind};

/// The body that a command asks to store as a record of its own.
pub(crate) fn of_command(action: &Action) -> Option<&str> {
    match action {
        Action::Open(open) => open.body.as_deref(),
        Action::Say(say) | Action::Note(say) => Some(&say.body),
        Action::Accept(_)
        | Action::Decline(_)
        | Action::Take(_)
        | Action::Transfer(_)
        | Action::Park(_)
        | Action::Close(_)
        | Action::Reopen(_)
        | Action::Rate(_)
        | Action::Edit(_)
        | Action::Delete(_)
        | Action::Status(_)
        | Action::Accepting(_)
        | Action::Capacity(_)
        | Action::Unknown(_) => None,
    }
}

/// The body of a record that stands for something somebody wrote.
pub(crate) fn of_record(what: &RecordKind) -> Option<&str> {
    what.message().map(|said| said.body.0.as_str())
}

/// Everything in a record that a person could read.
pub(crate) fn all_of(what: &RecordKind) -> impl Iterator<Item = &str> {
    let texts = match what {
        RecordKind::Said(said) | RecordKind::Noted(said) => [name_of(&said.by), Some(said.body.0.as_str())],
        RecordKind::Edited(edited) => [name_of(&edited.by), Some(&edited.body.0)],
        RecordKind::Transferred(transferred) => [name_of(&transferred.by), transferred.comment.as_deref()],
        RecordKind::Rated(rated) => [None, rated.comment.as_deref()],
        RecordKind::Assigned(assigned) => [None, Some(assigned.name.as_str())],
        RecordKind::Parked(parked) => [name_of(&parked.by), None],
        RecordKind::Closed(closed) => [name_of(&closed.by), None],
        RecordKind::Reopened(reopened) => [name_of(&reopened.by), None],
        RecordKind::Deleted(deleted) => [name_of(&deleted.by), None],
        RecordKind::Opened(_)
        | RecordKind::Waiting(_)
        | RecordKind::Offered(_)
        | RecordKind::Declined(_)
        | RecordKind::Lapsed(_)
        | RecordKind::Unknown(_) => [None, None],
    };
    texts.into_iter().flatten()
}

fn name_of(author: &Author) -> Option<&str> {
    match author {
        Author::Agent { name, .. } => Some(name),
        Author::Visitor | Author::System => None,
    }
}

/// Who may see a kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    Everybody,
    AgentsOnly,
    /// A change is seen by whoever sees what it changes.
    AsItsMessage,
}

pub(crate) fn reach_of(what: &RecordKind) -> Reach {
    match what {
        RecordKind::Opened(_)
        | RecordKind::Waiting(_)
        | RecordKind::Assigned(_)
        | RecordKind::Said(_)
        | RecordKind::Closed(_)
        | RecordKind::Reopened(_)
        | RecordKind::Rated(_) => Reach::Everybody,
        RecordKind::Noted(_)
        | RecordKind::Offered(_)
        | RecordKind::Declined(_)
        | RecordKind::Lapsed(_)
        | RecordKind::Transferred(_)
        | RecordKind::Parked(_) => Reach::AgentsOnly,
        RecordKind::Edited(_) | RecordKind::Deleted(_) | RecordKind::Unknown(_) => Reach::AsItsMessage,
    }
}

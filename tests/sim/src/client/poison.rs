//! Poison: words that the world's store refuses, or that break a desk; people send them now and then on purpose.

use protocol::{Action, Command, RecordKind};

/// A body that begins so is refused by the store.
pub(crate) const UNSTORABLE: &str = "unstorable";
/// A command with such a body breaks the desk that carries it out.
pub(crate) const BREAKS: &str = "breaks the desk";

pub(crate) fn is_unstorable(what: &RecordKind) -> bool {
    matches!(what, RecordKind::Said(said) if said.body.0.starts_with(UNSTORABLE))
}

pub(crate) fn breaks_desk(command: &Command) -> bool {
    matches!(&command.action, Action::Say(say) if say.body.starts_with(BREAKS))
}

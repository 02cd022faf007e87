//! Poison: words that the world's store refuses, or that break a desk; people send them now and then on purpose.

use gateway_core::desk::input::Input;
use protocol::{Action, RecordKind};

/// A body that begins so is refused by the store.
pub(crate) const UNSTORABLE: &str = "unstorable";
/// A command with such a body breaks the desk that handles it.
pub(crate) const BREAKS: &str = "breaks the desk";

pub(crate) fn is_unstorable(what: &RecordKind) -> bool {
    matches!(what, RecordKind::Said(said) if said.body.0.starts_with(UNSTORABLE))
}

pub(crate) fn breaks_desk(input: &Input) -> bool {
    let Input::Command { command, .. } = input else { return false };
    matches!(&command.action, Action::Say(say) if say.body.starts_with(BREAKS))
}

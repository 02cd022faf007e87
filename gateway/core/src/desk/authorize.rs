//! Who may do what, before any handler runs.

use crate::ids::Principal;
use protocol::{Action, Code, Refusal};

/// Whether a principal of this kind may ask for such an action at all.
///
/// That the conversation is theirs to read was asked before; that they believe in its present state is asked by
/// the action itself.
pub(crate) fn authorize(principal: Principal, action: &Action) -> Result<(), Refusal> {
    let allowed = match action {
        Action::Open(_) | Action::Rate(_) => matches!(principal, Principal::Visitor(_)),
        Action::Say(_) | Action::Close(_) | Action::Reopen(_) | Action::Edit(_) | Action::Delete(_) => true,
        Action::Note(_)
        | Action::Accept(_)
        | Action::Decline(_)
        | Action::Take(_)
        | Action::Transfer(_)
        | Action::Park(_)
        | Action::Status(_)
        | Action::Accepting(_)
        | Action::Capacity(_) => matches!(principal, Principal::Agent(_)),
        Action::Unknown(_) => return Err(Refusal::of(Code::UnknownType)),
    };
    if allowed { Ok(()) } else { Err(Refusal::of(Code::Forbidden)) }
}

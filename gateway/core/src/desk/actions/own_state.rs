//! An agent's own state: status, accepting and capacity.

use crate::desk::Desk;
use crate::desk::clock::Moment;
use crate::desk::command::{Acted, no};
use crate::desk::recording::Actor;
use crate::ids::Principal;
use crate::limits::CAPACITY_MAX;
use protocol::{Action, Code, Status};

impl Desk {
    pub(crate) fn act_on_self(&mut self, by: Actor, action: &Action, now: Moment) -> Acted {
        let Principal::Agent(id) = by.principal else { return no(Code::Forbidden) };
        let Some(agent) = self.roster.get_mut(id) else { return no(Code::Forbidden) };
        match action {
            Action::Status(set) => {
                agent.status = set.status;
                if set.status == Status::Online && std::mem::take(&mut agent.lapsed) {
                    agent.accepting = true;
                }
            }
            Action::Accepting(set) => {
                agent.accepting = set.accepting;
                agent.lapsed = false;
            }
            Action::Capacity(set) if set.capacity <= CAPACITY_MAX => agent.capacity = set.capacity,
            Action::Capacity(_) => return no(Code::BadValue),
            Action::Open(_)
            | Action::Say(_)
            | Action::Note(_)
            | Action::Accept(_)
            | Action::Decline(_)
            | Action::Take(_)
            | Action::Transfer(_)
            | Action::Park(_)
            | Action::Close(_)
            | Action::Reopen(_)
            | Action::Rate(_)
            | Action::Edit(_)
            | Action::Delete(_)
            | Action::Unknown(_) => return no(Code::BadValue),
        }
        if agent.status != Status::Online {
            self.withdraw_offers(id, now);
        }
        self.batch.touch_agent(id);
        Ok(None)
    }
}

//! Standing: the state of a conversation, as its records tell it one after another.

use protocol::{AgentId, Author, Cause, RecordKind};

/// Where a conversation stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing is stored of it yet.
    #[default]
    Unopened,
    Waiting,
    Offered(AgentId),
    Assigned(AgentId),
    Parked(AgentId),
    Closed,
    /// Reopened; the next record says for whom.
    Reopened,
    /// A message left while nobody was there.
    Offline,
}

/// Why a record may not follow where a conversation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misplaced {
    /// It makes no sense from any side.
    Impossible,
    /// It gives away what somebody has.
    Doubled(AgentId),
    /// An agent acted on what they no longer held.
    Stale(AgentId),
}

impl Standing {
    /// The agent whose capacity it costs.
    pub fn serving(self) -> Option<AgentId> {
        match self {
            Self::Offered(agent) | Self::Assigned(agent) => Some(agent),
            Self::Unopened | Self::Waiting | Self::Parked(_) | Self::Closed | Self::Reopened | Self::Offline => None,
        }
    }

    pub fn assignee(self) -> Option<AgentId> {
        match self {
            Self::Assigned(agent) => Some(agent),
            Self::Unopened
            | Self::Waiting
            | Self::Offered(_)
            | Self::Parked(_)
            | Self::Closed
            | Self::Reopened
            | Self::Offline => None,
        }
    }

    /// The agent it belongs to, at a cost or not.
    pub fn holder(self) -> Option<AgentId> {
        match self {
            Self::Offered(agent) | Self::Assigned(agent) | Self::Parked(agent) => Some(agent),
            Self::Unopened | Self::Waiting | Self::Closed | Self::Reopened | Self::Offline => None,
        }
    }

    pub fn is_open(self) -> bool {
        !matches!(self, Self::Unopened | Self::Closed)
    }

    /// Where it stands after a record, whether the record may stand there or not.
    pub fn after(self, what: &RecordKind) -> Self {
        match what {
            RecordKind::Opened(opened) if opened.offline => Self::Offline,
            RecordKind::Opened(_) | RecordKind::Waiting(_) | RecordKind::Declined(_) | RecordKind::Lapsed(_) => {
                Self::Waiting
            }
            RecordKind::Offered(offered) => Self::Offered(offered.agent),
            RecordKind::Assigned(assigned) => Self::Assigned(assigned.agent),
            RecordKind::Parked(_) => self.holder().map_or(self, Self::Parked),
            RecordKind::Closed(_) => Self::Closed,
            RecordKind::Reopened(_) => Self::Reopened,
            RecordKind::Said(_)
            | RecordKind::Noted(_)
            | RecordKind::Transferred(_)
            | RecordKind::Rated(_)
            | RecordKind::Edited(_)
            | RecordKind::Deleted(_)
            | RecordKind::Unknown(_) => self,
        }
    }

    /// Whether a record may stand behind this.
    pub fn permits(self, what: &RecordKind) -> Result<(), Misplaced> {
        let permitted = match what {
            RecordKind::Opened(_) => self == Self::Unopened,
            RecordKind::Waiting(_) => self.is_open(),
            RecordKind::Offered(_) => return self.permits_gift(),
            RecordKind::Assigned(assigned) => return self.permits_assignment(assigned.agent, assigned.cause),
            RecordKind::Declined(by) => return self.permits_answer(by.agent),
            RecordKind::Lapsed(by) => self == Self::Offered(by.agent),
            RecordKind::Said(said) => return self.permits_words(&said.by),
            RecordKind::Parked(_) => self.assignee().is_some(),
            RecordKind::Closed(_) | RecordKind::Transferred(_) => self.is_open(),
            RecordKind::Reopened(_) => self == Self::Closed,
            RecordKind::Noted(_)
            | RecordKind::Rated(_)
            | RecordKind::Edited(_)
            | RecordKind::Deleted(_)
            | RecordKind::Unknown(_) => self != Self::Unopened,
        };
        if permitted { Ok(()) } else { Err(Misplaced::Impossible) }
    }

    fn permits_assignment(self, agent: AgentId, cause: Cause) -> Result<(), Misplaced> {
        let permitted = match cause {
            Cause::Routed => return self.permits_gift(),
            Cause::Accepted => return self.permits_answer(agent),
            Cause::Woken => self == Self::Parked(agent),
            Cause::Reopened => self == Self::Reopened,
            Cause::Opened
            | Cause::Taken
            | Cause::Transferred
            | Cause::Unanswered
            | Cause::AgentLost
            | Cause::Returned
            | Cause::Unknown => self.is_open(),
        };
        if permitted { Ok(()) } else { Err(Misplaced::Impossible) }
    }

    /// The rules give or offer only what waits.
    fn permits_gift(self) -> Result<(), Misplaced> {
        match self.holder() {
            Some(holder) => Err(Misplaced::Doubled(holder)),
            None if self == Self::Waiting => Ok(()),
            None => Err(Misplaced::Impossible),
        }
    }

    /// Only who is asked may answer.
    fn permits_answer(self, agent: AgentId) -> Result<(), Misplaced> {
        if self == Self::Offered(agent) { Ok(()) } else { Err(Misplaced::Stale(agent)) }
    }

    /// Only who has a conversation may speak in it; its visitor always may.
    fn permits_words(self, by: &Author) -> Result<(), Misplaced> {
        match by {
            Author::Agent { id, .. } if self != Self::Assigned(*id) && self != Self::Parked(*id) => {
                Err(Misplaced::Stale(*id))
            }
            Author::Agent { .. } | Author::Visitor | Author::System => {
                if self.is_open() {
                    Ok(())
                } else {
                    Err(Misplaced::Impossible)
                }
            }
        }
    }
}

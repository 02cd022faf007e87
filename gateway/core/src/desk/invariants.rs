//! What must hold after every handler. A desk that breaks one stops and is opened again; it does not limp.

use crate::desk::Desk;
use crate::desk::conversation::State;

/// Above this many open conversations the whole is checked only by the tests: it would cost more than the rule.
const CHECKED_MAX: usize = 64;

impl Desk {
    pub(crate) fn check_invariants(&self) {
        if self.conversations.len() <= CHECKED_MAX {
            self.check_all();
        }
    }

    /// Checks that line, roster and conversations say the same.
    fn check_all(&self) {
        let mut waiting = 0;
        for conversation in self.conversations.values() {
            if let Some(agent) = conversation.state.served_by() {
                let serves = self.roster.get(agent).is_some_and(|agent| agent.serving.contains(&conversation.id));
                assert!(serves, "a served conversation costs its agent's capacity");
            }
            waiting += usize::from(conversation.state == State::Waiting);
            let open = self.open_of.get(&conversation.visitor).is_some_and(|ids| ids.contains(&conversation.id));
            assert_eq!(open, !conversation.state.is_closed(), "the index of open conversations is exact");
        }
        assert_eq!(waiting, self.line.len(), "every waiting conversation stands in line once");
        for agent in self.roster.iter() {
            for id in &agent.serving {
                let served_by = self.conversations.get(id).and_then(|conversation| conversation.state.served_by());
                assert_eq!(served_by, Some(agent.id), "an agent is loaded with nothing but what they serve");
            }
        }
    }
}

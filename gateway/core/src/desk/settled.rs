//! Settled: what follows when the site's settings change under an open desk.

use crate::desk::Desk;
use crate::desk::clock::Moment;
use crate::desk::conversation::State;
use crate::ids::Principal;
use crate::settings::Settings;
use protocol::{AgentId, Cause, CloseCode, ConversationId};

impl Desk {
    /// Agents may be new, gone or of other teams, teams may be gone, and times may be others.
    pub(crate) fn handle_settings(&mut self, settings: Settings, now: Moment) {
        let resized = self.roster.set_profiles(&settings);
        self.batch.agents.extend(resized);
        self.settings = settings;
        let agents: Vec<AgentId> = self.roster.iter().map(|agent| agent.id).collect();
        for id in agents {
            self.batch.shown.insert(id);
            if self.roster.is_enabled(id) {
                self.await_return(id);
            } else {
                self.dismiss(id, now);
            }
        }
        for id in self.waiting_in_line() {
            let team_is_gone =
                self.conversations.get(&id).is_some_and(|stray| !self.settings.teams.contains_key(&stray.team));
            if team_is_gone {
                self.return_to_line(id, Cause::Transferred, now);
            }
            self.note_absence(id, now);
        }
    }

    fn waiting_in_line(&self) -> Vec<ConversationId> {
        let waiting = self.conversations.values().filter(|conversation| conversation.state == State::Waiting);
        waiting.map(|conversation| conversation.id).collect()
    }

    /// A session of the agent ended: their sockets must sign in again; what they serve keeps the grace.
    pub(crate) fn close_all_of(&mut self, id: AgentId) {
        for socket in self.sockets.of_principal(Principal::Agent(id)) {
            self.close(socket, CloseCode::SignIn);
        }
    }

    /// An agent may no longer be here: their sockets end, and all they hold goes back to the line.
    fn dismiss(&mut self, id: AgentId, now: Moment) {
        for socket in self.sockets.of_principal(Principal::Agent(id)) {
            self.close(socket, CloseCode::SignIn);
            self.handle_leave(socket, now);
        }
        self.give_back_all(id, now);
        let parked = self.conversations.values().filter(|conversation| conversation.state.holder() == Some(id));
        let parked: Vec<ConversationId> = parked.map(|conversation| conversation.id).collect();
        for conversation in parked {
            self.return_to_line(conversation, Cause::AgentLost, now);
        }
    }
}

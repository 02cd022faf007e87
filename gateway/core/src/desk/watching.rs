//! Watching: agents ask for lists, and get them whole.

use crate::desk::Desk;
use crate::desk::conversation::Conversation;
use crate::desk::input::{Load, NotLoaded};
use crate::desk::roster::team_names;
use crate::desk::views::Listed;
use crate::effects::{Delivery, Full};
use crate::ids::{AgentSocket, Principal, Socket};
use crate::stored::{Loaded, StoredConversation};
use protocol::limits::VIEW_ROWS_MAX;
use protocol::{AgentId, Down, Roster, Row, View};

impl Desk {
    pub(crate) fn handle_watch(&mut self, socket: Socket, view: View) {
        let Some((agent, id)) = self.agent_of(socket) else { return };
        match Listed::of(view, id) {
            None => {
                self.views.watch_roster(agent);
                self.tell_roster(agent);
            }
            Some(list) => {
                self.views.watch(list, agent);
                self.tell_list(agent, list);
            }
        }
    }

    pub(crate) fn handle_unwatch(&mut self, socket: Socket, view: View) {
        let Some((agent, id)) = self.agent_of(socket) else { return };
        match Listed::of(view, id) {
            None => self.views.unwatch_roster(agent),
            Some(list) => self.views.unwatch(list, agent),
        }
    }

    /// The store's closed conversations arrived. How the list moved since they were asked for is laid over them: to
    /// read them again might never come to an end.
    pub(crate) fn handle_closed_list(
        &mut self,
        socket: Socket,
        revision: u64,
        rows: Result<Vec<StoredConversation>, NotLoaded>,
    ) {
        let Some((agent, _)) = self.agent_of(socket) else { return };
        let Some(moves) = self.views.answer_closed(agent, revision) else { return };
        let Ok(rows) = rows else { return self.close(socket, protocol::CloseCode::StoreAway) };
        let team = self.team_default();
        let still = rows.into_iter().filter(|row| !moves.contains_key(&row.id));
        let mut rows: Vec<Row> = still.filter_map(|row| self.closed_row(row, team)).collect();
        rows.extend(moves.into_values().flatten());
        rows.sort_by_key(|row| std::cmp::Reverse((row.since, row.conversation)));
        rows.truncate(VIEW_ROWS_MAX);
        let delivery = self.views.rows(Listed::Closed, agent, rows);
        self.batch.deliveries.push(delivery);
    }

    fn tell_roster(&mut self, agent: AgentSocket) {
        let frame = self.roster_frame();
        self.batch.deliveries.push(Delivery::Agents { to: vec![agent], frame });
    }

    /// A socket that lost changes gets its own state and its lists whole again.
    pub(crate) fn tell_lists(&mut self, agent: AgentSocket, id: AgentId) {
        if let Some(state) = self.roster.get(id).map(crate::desk::roster::Agent::state) {
            self.say_to_agents(vec![agent], || Full(Down::Agent(state)));
        }
        if self.views.roster_watchers().contains(&agent) {
            self.tell_roster(agent);
        }
        for list in [Listed::Mine(id), Listed::Line, Listed::All, Listed::Closed] {
            if self.views.is_watched_by(list, agent) {
                self.tell_list(agent, list);
            }
        }
    }

    fn tell_list(&mut self, agent: AgentSocket, list: Listed) {
        if list == Listed::Closed {
            if let Some(revision) = self.views.ask_closed(agent) {
                let (epoch, socket) = (self.epoch, Socket::Agent(agent));
                self.closed_lists.push_back(Load::Closed { epoch, socket, revision });
            }
            return;
        }
        let mut rows: Vec<Row> = self
            .conversations
            .values()
            .filter(|conversation| conversation.listed.contains(&list))
            .map(|conversation| conversation.row(self.sockets.visitor_is_here(conversation.id)))
            .collect();
        match list {
            Listed::Line => rows.sort_by_key(|row| (row.priority, row.arrival)),
            Listed::Mine(_) | Listed::All | Listed::Closed => rows.sort_by_key(|row| std::cmp::Reverse(row.last_at)),
        }
        rows.truncate(VIEW_ROWS_MAX);
        let delivery = self.views.rows(list, agent, rows);
        self.batch.deliveries.push(delivery);
    }

    pub(crate) fn roster_frame(&self) -> Full {
        Full(Down::Roster(Roster { agents: self.roster.rows(), teams: team_names(&self.settings.teams) }))
    }

    fn agent_of(&self, socket: Socket) -> Option<(AgentSocket, AgentId)> {
        match (socket, self.sockets.get(socket)?.principal) {
            (Socket::Agent(socket), Principal::Agent(id)) => Some((socket, id)),
            (Socket::Agent(_), Principal::Visitor(_)) | (Socket::Visitor(_), _) => None,
        }
    }

    fn closed_row(&self, row: StoredConversation, team: protocol::TeamId) -> Option<Row> {
        let present = self.sockets.visitor_is_here(row.id);
        let loaded = Loaded { conversation: row, hidden: Vec::new(), outboxes: Vec::new() };
        Conversation::load(loaded, team).map(|conversation| conversation.row(present))
    }
}

//! Checks that need more than one desk or more than one line.

use super::*;
use gateway_core::effects::Full;
use protocol::{AgentRow, Row, View};

impl World {
    /// Words that send an earlier command again, by the page that sent it.
    pub fn an_earlier_command(&self, number: usize) -> Option<String> {
        let index = number.checked_rem(self.sent.len())?;
        Some(format!("{} repeats {}", self.sent[index].label, index + 1))
    }

    /// Every command that is the last of its outbox is sent again: the answer is as before, and nothing is stored.
    pub fn repeat_all(&mut self) {
        let last: Vec<usize> = (0..self.sent.len()).filter(|index| self.is_settled(*index)).collect();
        for index in last {
            let (label, before) = (self.sent[index].label.clone(), self.sent[index].answer.clone());
            if !self.may_read(&label, self.sent[index].command.conversation) {
                continue;
            }
            if !self.labels.contains_key(&self.clients[&label].socket) {
                self.line(&format!("{label} joins"));
            }
            self.line(&format!("{label} repeats {}", index + 1));
            let after = self.sent.last().and_then(|sent| sent.answer.clone());
            assert_eq!(after, before, "the same again is answered as before");
            assert!(self.stored.is_empty(), "and stores nothing");
        }
    }

    /// Whoever may no longer work may not read either; and an id that was refused to one visitor may be opened by
    /// another.
    fn may_read(&mut self, label: &str, conversation: Option<ConversationId>) -> bool {
        match self.clients[label].principal {
            Principal::Agent(id) => self.site.settings(&mut self.names).agents.get(&id).is_some_and(|a| a.enabled),
            Principal::Visitor(id) => {
                let row = conversation.and_then(|conversation| self.store.conversations.get(&conversation));
                row.is_none_or(|row| row.visitor == id)
            }
        }
    }

    /// Whether a command is what its outbox's row tells of.
    fn is_settled(&self, index: usize) -> bool {
        let sent = &self.sent[index];
        let row = self.store.outboxes.get(&(sent.command.conversation, sent.command.id.outbox));
        let same = |row: &&gateway_core::stored::StoredOutbox| row.ordinal == sent.command.id.ordinal;
        match (row.filter(same).map(|row| &row.answer), &sent.answer) {
            (Some(Answer::Ok { at, .. }), Some(Down::Ok(outcome))) => *at == outcome.at,
            (Some(Answer::No(kept)), Some(Down::No(refusal))) => kept == refusal,
            _ => false,
        }
    }

    /// Every list that is watched is asked for again; the pages compare.
    pub fn check_lists(&mut self) {
        let watched: Vec<_> = self
            .clients
            .values()
            .filter(|client| client.connected)
            .flat_map(|client| client.watches.iter().map(|view| Input::Watch { socket: client.socket, view: *view }))
            .collect();
        self.turn(watched);
    }

    pub fn check_nobody_present_waits(&self) {
        self.scene(|scene| {
            for row in self.store.line() {
                assert!(!scene.present.contains(&row.id), "{} waits, and a1 has room for all", row.id);
            }
        });
    }

    /// Opens a second desk from a copy of the store, and compares what both tell a spectator.
    pub fn check_reopening(&mut self) {
        // Read marks and pages are stored by then.
        self.line("5 s pass");
        let socket = Socket::Agent(AgentSocket(1_000_000));
        let now = self.now();
        let settings = self.site.settings(&mut self.names);
        let opening = self.store.clone().open(settings, self.store_now());
        let running = spectate(self.desk.as_mut().expect("the desk is open"), socket, now);
        let reopened = spectate(&mut Desk::open(opening, 99, now), socket, now);
        assert_eq!(running, reopened);
    }
}

/// What a new page of an agent in no team is told: all rows, the line in its order, the roster.
fn spectate(desk: &mut Desk, socket: Socket, now: Now) -> (Vec<Row>, Vec<Row>, Vec<AgentRow>) {
    let principal = Principal::Agent(names::agent("boss"));
    let session = names::session("spectator");
    let join = Join { socket, principal, session, generation: 1, follows: Vec::new(), page: None, browser: None };
    desk.handle(Input::Join(Box::new(join)), now);
    for view in [View::All, View::Line, View::Roster] {
        desk.handle(Input::Watch { socket, view }, now);
    }
    let (append, gate) = desk.poll_commit(now);
    let deliveries =
        if append.is_empty() { gate.open_unwritten(&Lease::unshared()) } else { gate.open(&append.stored()) };
    let (mut lists, mut roster) = (Vec::new(), Vec::new());
    for delivery in deliveries {
        let Delivery::Agents { to, frame } = delivery else { continue };
        if to.iter().all(|to| Socket::Agent(*to) != socket) {
            continue;
        }
        match Full::frame(&frame) {
            Down::Rows(rows) => lists.push(rows.rows.clone()),
            Down::Roster(whole) => roster.clone_from(&whole.agents),
            _ => {}
        }
    }
    let without_presence = |mut rows: Vec<Row>| {
        rows.iter_mut().for_each(|row| row.visitor.present = false);
        rows
    };
    roster.iter_mut().for_each(|agent| agent.connected = false);
    let line = without_presence(lists.pop().expect("the line"));
    let all = without_presence(lists.pop().expect("all"));
    (all, line, roster)
}

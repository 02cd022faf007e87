//! Safety: what must hold at every moment, checked where something changes.

use crate::client::tab::Answered;
use crate::world::World;
use protocol::{Action, ConversationId, Head, Number, Outcome, Record, RecordKind, Refusal};

impl World {
    /// The store's own findings end the run.
    pub fn check_store(&mut self) {
        let found = self.store.sites.iter_mut().find_map(|tables| tables.faults.pop());
        if let Some(found) = found {
            self.find(found);
        }
    }

    /// What a tab shows stands in the store, at this number, for this reader.
    pub fn check_shown(&mut self, tab: usize, conversation: ConversationId, records: &[Record]) {
        let (site, principal) = (self.tabs[tab].site, self.tabs[tab].principal);
        let tables = &self.store.sites[site];
        let wrong = records.iter().find(|shown| {
            let Some(stored) = tables.record(conversation, shown.number, principal) else { return true };
            let same = (stored.id, stored.tail()) == (shown.id, shown.tail);
            let known = tables.withdrawn.contains(&shown.id) || is_edit(&stored.what);
            !same
                || !(known
                    || stored.what.message().map(|said| &said.body) == shown.what.message().map(|said| &said.body))
        });
        if let Some(wrong) = wrong {
            let found = format!("tab {tab} shows {:?} of {conversation}, which the store lacks", wrong.number);
            self.find(found);
        }
    }

    /// What a tab was told of where a conversation stands is of the stored history.
    pub fn check_head(&mut self, tab: usize, head: Head) {
        let (site, principal) = (self.tabs[tab].site, self.tabs[tab].principal);
        let Head { conversation, position } = head;
        let stored = self.store.sites[site].record(conversation, position.number, principal);
        let stands = position.number == Number(0) || stored.is_some_and(|stored| stored.tail() == position.tail);
        if !stands {
            self.find(format!("tab {tab} was told a head of {conversation} that is not stored: {position:?}"));
        }
    }

    /// `ok` says that it is stored, and a final `no` that it is not.
    pub fn check_answer(&mut self, tab: usize, answered: &Answered) {
        let wrong = match &answered.outcome {
            Ok(outcome) => self.wrong_ok(tab, answered, outcome),
            Err(refusal) => self.wrong_no(tab, answered, refusal),
        };
        if let Some(wrong) = wrong {
            self.find(wrong);
        }
    }

    fn wrong_ok(&self, tab: usize, answered: &Answered, outcome: &Outcome) -> Option<String> {
        let (site, principal) = (self.tabs[tab].site, self.tabs[tab].principal);
        let (tables, id) = (&self.store.sites[site], answered.item.id);
        let row = tables.outbox(answered.lane, id.outbox);
        if row.is_none_or(|row| row.ordinal < id.ordinal) {
            return Some(format!("tab {tab} heard ok for {id:?}, whose answer is not stored"));
        }
        let (Some(made), Some(conversation)) = (outcome.made, answered.lane) else { return None };
        let stored = tables.record(conversation, made.number, principal);
        let stands = stored
            .is_some_and(|stored| (stored.id, stored.tail(), stored.command) == (made.message, made.tail, Some(id)));
        (!stands).then(|| format!("tab {tab} heard ok for {id:?} in {conversation}, whose words are not stored"))
    }

    fn wrong_no(&self, tab: usize, answered: &Answered, refusal: &Refusal) -> Option<String> {
        let conversation = answered.lane?;
        let tables = &self.store.sites[self.tabs[tab].site];
        let says = matches!(answered.item.action, Action::Say(_) | Action::Note(_));
        let stands = tables.number_of(conversation, answered.item.id).is_some();
        (says && refusal.code.uses_ordinal() && stands)
            .then(|| format!("tab {tab} heard a final no for {:?}, whose words are stored", answered.item.id))
    }
}

fn is_edit(what: &RecordKind) -> bool {
    matches!(what, RecordKind::Edited(_))
}

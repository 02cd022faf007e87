//! Lists: what a console shows of its views, kept by changes that name the revision before them.

use protocol::{Change, ConversationId, Row, Rows, View};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub(crate) struct Lists {
    watched: BTreeSet<View>,
    held: BTreeMap<View, (u64, BTreeMap<ConversationId, Row>)>,
}

impl Lists {
    pub fn watch(&mut self, view: View) {
        self.watched.insert(view);
    }

    pub fn unwatch(&mut self, view: View) {
        self.watched.remove(&view);
        self.held.remove(&view);
    }

    pub fn watched(&self) -> Vec<View> {
        self.watched.iter().copied().collect()
    }

    pub fn is_watched(&self, view: View) -> bool {
        self.watched.contains(&view)
    }

    /// The socket is gone; the next one is told anew.
    pub fn forget(&mut self) {
        self.held.clear();
    }

    pub fn hear_rows(&mut self, rows: &Rows) {
        if self.watched.contains(&rows.view) {
            let held = rows.rows.iter().map(|row| (row.conversation, row.clone())).collect();
            self.held.insert(rows.view, (rows.revision, held));
        }
    }

    /// Whether the list must be asked for again.
    pub fn hear_change(&mut self, change: &Change) -> bool {
        if !self.watched.contains(&change.view) {
            return false;
        }
        // Between the watch and its rows.
        let Some((revision, rows)) = self.held.get_mut(&change.view) else { return false };
        if *revision != change.before {
            // A change that the rows already hold.
            let known = change.revision <= *revision;
            if !known {
                self.held.remove(&change.view);
            }
            return !known;
        }
        *revision = change.revision;
        match &change.row {
            Some(row) => rows.insert(change.conversation, row.clone()),
            None => rows.remove(&change.conversation),
        };
        false
    }

    pub fn rows(&self, view: View) -> Option<&BTreeMap<ConversationId, Row>> {
        self.held.get(&view).map(|(_, rows)| rows)
    }
}

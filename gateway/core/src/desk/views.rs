//! Views: the console's lists, kept current by changes that carry the revision before them.

use crate::desk::conversation::{Conversation, State};
use crate::effects::{Delivery, Full};
use crate::ids::AgentSocket;
use protocol::{AgentId, Change, ConversationId, Down, Row, Rows, View};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// A list, with whose it is where that matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Listed {
    Mine(AgentId),
    Line,
    All,
    Closed,
}

impl Listed {
    /// The list an agent means by a view; the roster is no list of conversations.
    pub fn of(view: View, agent: AgentId) -> Option<Self> {
        match view {
            View::Mine => Some(Self::Mine(agent)),
            View::Line => Some(Self::Line),
            View::All => Some(Self::All),
            View::Closed => Some(Self::Closed),
            View::Roster => None,
        }
    }

    pub fn view(self) -> View {
        match self {
            Self::Mine(_) => View::Mine,
            Self::Line => View::Line,
            Self::All => View::All,
            Self::Closed => View::Closed,
        }
    }

    /// The lists a conversation belongs to.
    pub fn lists_of(conversation: &Conversation) -> BTreeSet<Self> {
        let state = &conversation.state;
        if state.is_closed() {
            return BTreeSet::from([Self::Closed]);
        }
        let mut lists = BTreeSet::from([Self::All]);
        if matches!(state, State::Waiting | State::Offline) {
            lists.insert(Self::Line);
        }
        lists.extend(state.holder().map(Self::Mine));
        lists
    }
}

#[derive(Debug, Default)]
struct Watched {
    revision: u64,
    watchers: BTreeSet<AgentSocket>,
}

/// How the closed list moved while the store was asked for it: what became of a conversation, and at which revision.
type Moves = BTreeMap<ConversationId, (u64, Option<Row>)>;

/// Who watches what.
#[derive(Debug, Default)]
pub(crate) struct Views {
    lists: BTreeMap<Listed, Watched>,
    /// Those for whom the closed list is being read, and its revision when it was asked for.
    asking: BTreeMap<AgentSocket, u64>,
    /// Kept as long as somebody asks.
    moves: Moves,
    roster: BTreeSet<AgentSocket>,
}

impl Views {
    pub fn watch(&mut self, list: Listed, socket: AgentSocket) {
        self.lists.entry(list).or_default().watchers.insert(socket);
    }

    pub fn unwatch(&mut self, list: Listed, socket: AgentSocket) {
        if let Some(watched) = self.lists.get_mut(&list) {
            watched.watchers.remove(&socket);
        }
        if list == Listed::Closed {
            self.ask_no_more(socket);
        }
    }

    /// The closed list is to be read for a watcher, as it is at this revision; none while it is being read already.
    pub fn ask_closed(&mut self, socket: AgentSocket) -> Option<u64> {
        let revision = self.revision(Listed::Closed);
        match self.asking.entry(socket) {
            Entry::Vacant(asking) => Some(*asking.insert(revision)),
            Entry::Occupied(_) => None,
        }
    }

    /// The list was read: gives what moved since it was asked for; none when nobody waits for this answer.
    pub fn answer_closed(
        &mut self,
        socket: AgentSocket,
        revision: u64,
    ) -> Option<BTreeMap<ConversationId, Option<Row>>> {
        self.asking.get(&socket).filter(|asked| **asked == revision)?;
        let since = self.moves.iter().filter(|(_, (at, _))| *at > revision);
        let moves = since.map(|(id, (_, row))| (*id, row.clone())).collect();
        self.ask_no_more(socket);
        Some(moves)
    }

    fn ask_no_more(&mut self, socket: AgentSocket) {
        self.asking.remove(&socket);
        if self.asking.is_empty() {
            self.moves.clear();
        }
    }

    pub fn watch_roster(&mut self, socket: AgentSocket) {
        self.roster.insert(socket);
    }

    pub fn unwatch_roster(&mut self, socket: AgentSocket) {
        self.roster.remove(&socket);
    }

    pub fn roster_watchers(&self) -> Vec<AgentSocket> {
        self.roster.iter().copied().collect()
    }

    pub fn is_watched_by(&self, list: Listed, socket: AgentSocket) -> bool {
        self.lists.get(&list).is_some_and(|watched| watched.watchers.contains(&socket))
    }

    pub fn leave(&mut self, socket: AgentSocket) {
        self.roster.remove(&socket);
        self.ask_no_more(socket);
        for watched in self.lists.values_mut() {
            watched.watchers.remove(&socket);
        }
    }

    pub fn revision(&self, list: Listed) -> u64 {
        self.lists.get(&list).map_or(0, |watched| watched.revision)
    }

    /// All rows of a list for one watcher.
    pub fn rows(&self, list: Listed, socket: AgentSocket, rows: Vec<Row>) -> Delivery {
        let frame = Down::Rows(Rows { view: list.view(), revision: self.revision(list), rows });
        Delivery::Agents { to: vec![socket], frame: Full(frame) }
    }

    /// Tells the watchers of every list the conversation was or is in.
    pub fn change(
        &mut self,
        before: &BTreeSet<Listed>,
        after: &BTreeSet<Listed>,
        conversation: &Conversation,
        present: bool,
        deliveries: &mut Vec<Delivery>,
    ) {
        for list in before.union(after) {
            let Some(watched) = self.lists.get_mut(list) else { continue };
            let revision_before = watched.revision;
            watched.revision += 1;
            if watched.watchers.is_empty() {
                continue;
            }
            let row = after.contains(list).then(|| conversation.row(present));
            if *list == Listed::Closed && !self.asking.is_empty() {
                self.moves.insert(conversation.id, (watched.revision, row.clone()));
            }
            let change = Change {
                view: list.view(),
                before: revision_before,
                revision: watched.revision,
                conversation: conversation.id,
                row,
            };
            let to = watched.watchers.iter().copied().collect();
            deliveries.push(Delivery::Agents { to, frame: Full(Down::Change(Box::new(change))) });
        }
    }
}

//! Client: what one page knows, built from what it is told as the contract says; it panics where it must not.

use super::store::Store;
use gateway_core::ids::{Principal, Socket};
use gateway_core::stored::StoredRecord;
use protocol::{Change, ConversationId, Event, FollowFrom, Head, Number, Outcome, Position, Row, Rows, Tail, View};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug)]
pub struct Client {
    pub principal: Principal,
    pub socket: Socket,
    pub session: String,
    pub generation: u32,
    pub connected: bool,
    /// Where it stands in each conversation it follows.
    pub follows: BTreeMap<ConversationId, Position>,
    pub lists: BTreeMap<View, (u64, BTreeMap<ConversationId, Row>)>,
    pub watches: BTreeSet<View>,
}

impl Client {
    pub fn new(principal: Principal, socket: Socket, session: String) -> Self {
        Self {
            principal,
            socket,
            session,
            generation: 0,
            connected: false,
            follows: BTreeMap::new(),
            lists: BTreeMap::new(),
            watches: BTreeSet::new(),
        }
    }

    pub fn is_visitor(&self) -> bool {
        matches!(self.principal, Principal::Visitor(_))
    }

    pub fn follow_list(&self) -> Vec<FollowFrom> {
        let follow =
            |(id, position): (&ConversationId, &Position)| FollowFrom { conversation: *id, position: *position };
        self.follows.iter().map(follow).collect()
    }

    /// A record's number for this reader.
    pub fn number_of(&self, record: &StoredRecord) -> Option<Number> {
        if self.is_visitor() { record.public } else { Some(record.number) }
    }

    /// Heads: the client fetches up to them, so they must be of the stored history.
    pub fn heads(&mut self, heads: &[Head], store: &Store) {
        for head in heads {
            let found = store.of(head.conversation).iter().find(|record| {
                self.number_of(record) == Some(head.position.number) && record.tail() == head.position.tail
            });
            assert!(found.is_some() || head.position == Position::default(), "{head:?} is not of the stored history");
            let before = self.follows.insert(head.conversation, head.position);
            let ahead = before.is_some_and(|before| before.number > head.position.number);
            assert!(!ahead, "a head below what the client holds: {head:?}");
        }
    }

    pub fn event(&mut self, event: &Event) {
        let record = &event.record;
        self.apply(event.conversation, record.number, record.tail, event.before);
    }

    /// An answer to own words stands in place of the event; one that is repeated is behind the head.
    pub fn ok(&mut self, outcome: &Outcome) {
        let (Some(conversation), Some(made)) = (outcome.conversation, outcome.made) else { return };
        let behind = self.follows.get(&conversation).is_none_or(|position| position.number >= made.number);
        if !behind {
            self.apply(conversation, made.number, made.tail, made.before);
        }
    }

    fn apply(&mut self, conversation: ConversationId, number: Number, tail: Tail, before: Tail) {
        let position = self.follows.get_mut(&conversation).expect("events are told to followers only");
        assert_eq!(number, position.number.next(), "the next number, on a socket that loses nothing");
        assert_eq!(before, position.tail, "an event names the tail before it");
        *position = Position { number, tail };
    }

    /// At rest, whoever follows has been told everything.
    pub fn check_complete(&self, store: &Store) {
        for (id, position) in self.follows.iter().filter(|_| self.connected) {
            let head = store
                .of(*id)
                .iter()
                .rev()
                .find_map(|record| self.number_of(record).map(|number| Position { number, tail: record.tail() }));
            assert_eq!(*position, head.unwrap_or_default(), "{:?} lacks events of {id}", self.principal);
        }
    }

    /// A whole list: when it is told again at the same revision, it is what the changes have made of it.
    pub fn rows(&mut self, rows: &Rows) {
        let fresh: BTreeMap<_, _> = rows.rows.iter().map(|row| (row.conversation, row.clone())).collect();
        assert_eq!(fresh.len(), rows.rows.len(), "a conversation stands once in a list");
        if let Some((revision, held)) = self.lists.get(&rows.view) {
            assert_eq!(*revision, rows.revision, "a list is told again without a gap");
            assert_eq!(*held, fresh, "changes make the list that is told fresh");
        }
        self.lists.insert(rows.view, (rows.revision, fresh));
    }

    pub fn change(&mut self, change: &Change) {
        assert!(self.watches.contains(&change.view), "changes go to watchers");
        // Between the watch and the rows of a list that is read from the store.
        let Some((revision, rows)) = self.lists.get_mut(&change.view) else { return };
        assert_eq!(*revision, change.before, "a change names the revision before it");
        *revision = change.revision;
        match &change.row {
            Some(row) => rows.insert(change.conversation, row.clone()),
            None => rows.remove(&change.conversation),
        };
    }

    /// The desk is another one: lists are told anew.
    pub fn forget_lists(&mut self) {
        self.lists.clear();
    }
}

//! Referee: follows the game from the stored records alone, and knows the rules of the line.
//!
//! It checks every automatic assignment (the agent fits, has room, and nobody before in the line would have been
//! served), and after every turn that nobody waits while a fitting agent is free.

use super::store::Store;
use gateway_core::now::StoreTime;
use gateway_core::settings::{Profile, Settings};
use gateway_core::stored::{Append, StoredConversation, StoredRecord, StoredState};
use protocol::{AgentId, Cause, ConversationId, RecordKind, Status};
use std::collections::{BTreeMap, BTreeSet};

/// What the referee sees of the moment beside the records.
pub struct Scene<'a> {
    pub settings: &'a Settings,
    pub store: &'a Store,
    pub connected: &'a BTreeSet<AgentId>,
    /// Conversations whose visitor has them open.
    pub present: &'a BTreeSet<ConversationId>,
    pub now: StoreTime,
    pub opened_at: StoreTime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    Waiting,
    Offered(AgentId),
    Assigned(AgentId),
    Parked(AgentId),
    Closed,
    Offline,
}

impl Stand {
    fn of(state: &StoredState) -> Self {
        match state {
            StoredState::Waiting => Self::Waiting,
            StoredState::Offered { agent, .. } => Self::Offered(*agent),
            StoredState::Assigned { agent, .. } => Self::Assigned(*agent),
            StoredState::Parked { agent, .. } => Self::Parked(*agent),
            StoredState::Closed { .. } | StoredState::Unknown(_) => Self::Closed,
            StoredState::Offline => Self::Offline,
        }
    }

    fn held_by(self) -> Option<AgentId> {
        match self {
            Self::Parked(agent) => Some(agent),
            Self::Waiting | Self::Offered(_) | Self::Assigned(_) | Self::Closed | Self::Offline => self.served_by(),
        }
    }

    fn served_by(self) -> Option<AgentId> {
        match self {
            Self::Offered(agent) | Self::Assigned(agent) => Some(agent),
            Self::Waiting | Self::Parked(_) | Self::Closed | Self::Offline => None,
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Referee {
    stands: BTreeMap<ConversationId, Stand>,
    /// Until when an agent is not asked for a conversation again.
    refused: BTreeMap<(ConversationId, AgentId), StoreTime>,
}

impl Referee {
    /// A desk has opened: it knows the rows, and they tell who declined lately.
    pub fn reopen(&mut self, store: &Store, now: StoreTime) {
        self.stands = store.conversations.iter().map(|(id, row)| (*id, Stand::of(&row.state))).collect();
        let mut refused = BTreeMap::new();
        for row in store.conversations.values() {
            refused.extend(row.declines.iter().map(|decline| ((row.id, decline.agent), decline.kept.end())));
        }
        for (who, until) in &self.refused {
            assert!(*until <= now || refused.contains_key(who), "a decline is stored: {who:?}");
        }
        self.refused = refused;
    }

    /// Follows a stored batch.
    pub fn digest(&mut self, append: &Append, scene: &Scene<'_>) {
        for record in &append.records {
            self.follow(record, scene);
        }
        for row in &append.conversations {
            let stand = self.stands.get(&row.id).copied();
            assert_eq!(stand, Some(Stand::of(&row.state)), "the records of {} tell its state", row.id);
        }
    }

    fn follow(&mut self, record: &StoredRecord, scene: &Scene<'_>) {
        let id = record.conversation;
        let before = self.stands.get(&id).copied();
        let after = match &record.what {
            RecordKind::Opened(opened) if opened.offline => Stand::Offline,
            RecordKind::Opened(_) => Stand::Waiting,
            RecordKind::Waiting(waiting) => {
                match (waiting.cause, before) {
                    (Cause::Unanswered, Some(Stand::Assigned(agent))) => self.refuse(id, agent, scene),
                    (Cause::Transferred, Some(stand)) => {
                        stand.held_by().into_iter().for_each(|agent| self.refuse(id, agent, scene));
                    }
                    _ => {}
                }
                Stand::Waiting
            }
            RecordKind::Offered(by) => {
                self.check_routed(id, by.agent, scene);
                Stand::Offered(by.agent)
            }
            RecordKind::Declined(by) => {
                assert_eq!(before, Some(Stand::Offered(by.agent)));
                self.refuse(id, by.agent, scene);
                Stand::Waiting
            }
            RecordKind::Lapsed(by) => {
                assert_eq!(before, Some(Stand::Offered(by.agent)));
                if scene.is_online(by.agent) {
                    self.refuse(id, by.agent, scene);
                }
                Stand::Waiting
            }
            RecordKind::Assigned(assigned) => {
                match assigned.cause {
                    Cause::Routed => self.check_routed(id, assigned.agent, scene),
                    Cause::Accepted => assert_eq!(before, Some(Stand::Offered(assigned.agent))),
                    _ => {}
                }
                Stand::Assigned(assigned.agent)
            }
            RecordKind::Parked(_) => match before {
                Some(Stand::Assigned(agent)) => Stand::Parked(agent),
                other => panic!("parked from {other:?}"),
            },
            RecordKind::Closed(_) => Stand::Closed,
            RecordKind::Reopened(_) => {
                assert_eq!(before, Some(Stand::Closed));
                Stand::Closed
            }
            RecordKind::Transferred(_)
            | RecordKind::Said(_)
            | RecordKind::Noted(_)
            | RecordKind::Rated(_)
            | RecordKind::Edited(_)
            | RecordKind::Deleted(_)
            | RecordKind::Unknown(_) => before.expect("it begins with `opened`"),
        };
        self.stands.insert(id, after);
    }

    fn refuse(&mut self, id: ConversationId, agent: AgentId, scene: &Scene<'_>) {
        self.refused.insert((id, agent), scene.now.plus_ms(60_000));
    }

    fn load(&self, agent: AgentId) -> u32 {
        self.stands.values().filter(|stand| stand.served_by() == Some(agent)).count() as u32
    }

    fn waits(&self, id: ConversationId) -> bool {
        self.stands.get(&id) == Some(&Stand::Waiting)
    }

    /// An automatic assignment: to somebody who fits and has room, in the order of the line.
    fn check_routed(&self, id: ConversationId, agent: AgentId, scene: &Scene<'_>) {
        let row = &scene.store.conversations[&id];
        assert!(self.waits(id), "only those who wait are routed");
        assert!(scene.counts_as_present(id), "absent visitors are not assigned");
        assert!(self.fits(row, agent, scene), "routing asks eligible agents only: {agent} for {id}");
        let (load, capacity) = (self.load(agent), scene.capacity(agent));
        assert!(load < capacity, "no automatic assignment above capacity: {agent} has {load} of {capacity}");
        for other in scene.store.conversations.values() {
            let before = other.team == row.team && (other.priority, other.arrival) < (row.priority, row.arrival);
            let jumped = before && self.waits(other.id) && self.could_have(other, agent, scene);
            assert!(!jumped, "{} is served before {}, who waited longer", row.id, other.id);
        }
    }

    /// Nobody waits while a fitting agent is free.
    pub fn check_nobody_waits_in_vain(&self, scene: &Scene<'_>) {
        for row in scene.store.line() {
            for agent in scene.settings.agents.keys() {
                let free = self.load(*agent) < scene.capacity(*agent);
                assert!(!(free && self.could_have(row, *agent, scene)), "{} waits and {agent} is free", row.id);
            }
        }
    }

    fn could_have(&self, row: &StoredConversation, agent: AgentId, scene: &Scene<'_>) -> bool {
        scene.counts_as_present(row.id) && self.fits(row, agent, scene) && !self.waits_for_another(row, agent, scene)
    }

    fn fits(&self, row: &StoredConversation, agent: AgentId, scene: &Scene<'_>) -> bool {
        let Some(profile) = scene.settings.agents.get(&agent) else { return false };
        let relaxed = scene.settings.relax_ms.is_some_and(|ms| scene.now >= row.waiting_since.plus_ms(ms));
        let team = row.team.expect("rows name their team");
        let skills = scene.settings.teams.get(&team).is_none_or(|team| team.skills.is_subset(&profile.skills));
        let refused = self.refused.get(&(row.id, agent)).is_some_and(|until| *until > scene.now);
        scene.is_available(agent)
            && profile.teams.contains(&team)
            && (relaxed || (skills && speaks(profile, row)))
            && !refused
    }

    /// Whether it still waits for the agent it prefers.
    fn waits_for_another(&self, row: &StoredConversation, agent: AgentId, scene: &Scene<'_>) -> bool {
        let Some(preferred) = row.preferred.filter(|preferred| *preferred != agent) else { return false };
        self.fits(row, preferred, scene) && scene.now < row.waiting_since.plus_ms(scene.settings.preferred_ms)
    }
}

fn speaks(profile: &Profile, row: &StoredConversation) -> bool {
    let Some(language) = &row.card.language else { return true };
    let primary = language.split('-').next().unwrap_or_default().to_lowercase();
    profile.languages.is_empty() || profile.languages.contains(&primary)
}

impl Scene<'_> {
    fn is_online(&self, agent: AgentId) -> bool {
        let enabled = self.settings.agents.get(&agent).is_some_and(|profile| profile.enabled);
        let status = self.store.agents.get(&agent).map_or(Status::Online, |row| row.status);
        enabled && status == Status::Online && self.connected.contains(&agent)
    }

    fn is_available(&self, agent: AgentId) -> bool {
        self.is_online(agent) && self.store.agents.get(&agent).is_none_or(|row| row.accepting)
    }

    fn capacity(&self, agent: AgentId) -> u32 {
        let profile = self.settings.agents.get(&agent).map_or(0, |profile| profile.capacity);
        self.store.agents.get(&agent).map_or(profile, |row| row.capacity)
    }

    fn counts_as_present(&self, id: ConversationId) -> bool {
        self.present.contains(&id) || self.now < self.opened_at.plus_ms(10_000)
    }
}

//! Shown: at the end of a batch, lists, places, colleagues and availability are told where they changed.

use crate::desk::Desk;
use crate::desk::clock::Moment;
use crate::desk::deadlines::Due;
use crate::desk::views::Listed;
use crate::effects::{Full, Public};
use crate::ids::Principal;
use crate::limits::{PLACES_AT_ONCE, PLACES_EVERY_MS};
use protocol::{AgentId, ConversationId, Down, Place, TeamId};
use std::collections::{BTreeMap, BTreeSet};

impl Desk {
    pub(crate) fn show(&mut self, now: Moment) {
        self.show_lists();
        self.show_agents();
        self.show_availability();
        if self.line.take_changed() {
            self.tell_places(PLACES_AT_ONCE, now);
            self.remind_places(now);
        }
    }

    fn show_lists(&mut self) {
        for id in self.batch.listed.clone() {
            let present = self.sockets.visitor_is_here(id);
            let Some(conversation) = self.conversations.get_mut(&id) else { continue };
            let after = Listed::lists_of(conversation);
            let before = std::mem::replace(&mut conversation.listed, after.clone());
            conversation.shown_present = present;
            self.views.change(&before, &after, conversation, present, &mut self.batch.deliveries);
        }
    }

    fn show_agents(&mut self) {
        let shown: BTreeSet<AgentId> = std::mem::take(&mut self.batch.shown);
        if shown.is_empty() {
            return;
        }
        // The wait depends on who is there to serve.
        self.line.set_changed();
        let watchers = self.views.roster_watchers();
        if !watchers.is_empty() {
            let frame = self.roster_frame();
            self.say_to_agents(watchers, || frame);
        }
        for id in shown {
            let Some(state) = self.roster.get(id).map(crate::desk::roster::Agent::state) else { continue };
            let to = self.roster.get(id).map_or_else(Vec::new, |agent| agent.sockets.iter().copied().collect());
            self.say_to_agents(to, || Full(Down::Agent(state)));
        }
    }

    fn show_availability(&mut self) {
        let availability = self.availability();
        if availability.online != self.availability_told && !self.is_opening() {
            self.availability_told = availability.online;
            let to = self.sockets.wanting_availability();
            self.say_to_visitors(to, || Public(Down::Availability(availability)));
        }
    }

    /// The rest of the line hears of its places later, once for all changes until then.
    fn remind_places(&mut self, now: Moment) {
        if self.line.len() > PLACES_AT_ONCE as usize {
            let at = self.places_swept.plus_ms(PLACES_EVERY_MS).max(now.at);
            self.remind(at, Due::Places);
        }
    }

    pub(crate) fn sweep_places(&mut self, now: Moment) {
        self.places_swept = now.at;
        self.tell_places(u32::MAX, now);
    }

    /// Tells the first of each team's line their place and wait, where they changed.
    fn tell_places(&mut self, place_max: u32, now: Moment) {
        let slots = self.slots();
        let places: Vec<(ConversationId, TeamId, u32)> =
            self.line.places().filter(|(_, _, place)| *place <= place_max).collect();
        for (id, team, place) in places {
            let expected_ms = self.estimate.expected_ms(place, slots.get(&team).copied().unwrap_or(0));
            let wait = expected_ms.map(|ms| self.estimate.wait(place, ms));
            let Some(conversation) = self.conversations.get_mut(&id) else { continue };
            conversation.expect(place, expected_ms, now.at);
            if conversation.told == Some((place, wait)) {
                continue;
            }
            conversation.told = Some((place, wait));
            let to = self.sockets.followers(id).visitors.into_iter().collect();
            self.say_to_visitors(to, || Public(Down::Place(Place { conversation: id, place, wait })));
        }
    }

    /// How many conversations of a team are served at once by the agents now available.
    fn slots(&self) -> BTreeMap<TeamId, u32> {
        let mut slots = BTreeMap::new();
        for agent in self.roster.iter().filter(|agent| agent.is_available()) {
            for team in &agent.profile.teams {
                *slots.entry(*team).or_default() += agent.capacity;
            }
        }
        slots
    }

    /// A visitor's socket that has just followed a waiting conversation is told its place.
    pub(crate) fn tell_place_to(&mut self, principal: Principal, id: ConversationId) {
        if let (Principal::Visitor(_), Some(conversation)) = (principal, self.conversations.get_mut(&id)) {
            conversation.told = None;
            self.line.set_changed();
        }
    }
}

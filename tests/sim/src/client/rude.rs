//! Rude: what no page of ours would send.

use crate::draw::Draw;
use crate::world::World;
use crate::world::socket::FORGED;
use protocol::{
    Action, Close, CloseReason, Command, CommandId, ConversationId, Delete, MessageId, Nothing, OutboxId, Say,
    SetCapacity, Up,
};

/// How a tab greets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Manner {
    #[default]
    Plain,
    /// With a secret that nobody gave.
    Forged,
    /// With a wire of the past.
    Old,
    /// Not at all.
    Mute,
    /// As a generation that has passed.
    Stale,
}

impl World {
    /// Something goes up that should not.
    pub fn is_rude(&mut self, tab: usize) {
        let Some(wire) = self.wire_of_tab.get(&tab).copied().filter(|_| self.tabs[tab].is_ready()) else { return };
        let held: Vec<ConversationId> = self.tabs[tab].transcripts.keys().copied().collect();
        let known = self.chance.pick(&held).copied();
        let stranger = ConversationId(self.chance.id());
        match self.chance.index(14) {
            0 => self.say_up(wire, "[]".to_owned()),
            1 => self.say_up(wire, r#"{"fetch":{}}"#.to_owned()),
            2 => self.say_up(wire, r#"{"wave":{}}"#.to_owned()),
            3 => (0..3).for_each(|_| self.say_up(wire, "{".to_owned())),
            4 => self.rude_command(wire, known, Action::Say(Say { body: " ".to_owned() })),
            5 => self.rude_command(wire, Some(stranger), Action::Say(Say { body: "who is there".to_owned() })),
            6 => self.rude_command(wire, None, Action::Capacity(SetCapacity { capacity: 1_000 })),
            7 => self.rude_command(wire, known, Action::Accept(Nothing {})),
            8 => {
                let message = MessageId(self.chance.id());
                self.rude_command(wire, known, Action::Delete(Delete { message }));
            }
            9 => self.rude_command(wire, known, Action::Close(Close { reason: CloseReason::Unknown })),
            12 => self.repeats_itself(tab, wire),
            10 => (0..100).for_each(|_| self.say_up(wire, r#"{"pong":{}}"#.to_owned())),
            11 => (0..900).for_each(|_| self.say_up(wire, r#"{"pong":{}}"#.to_owned())),
            _ => {
                let manners = [Manner::Forged, Manner::Old, Manner::Mute, Manner::Stale];
                self.manners.insert(tab, manners[self.chance.index(manners.len())]);
                self.tear(wire);
            }
        }
    }

    /// Other words under the id of an earlier command.
    fn repeats_itself(&mut self, tab: usize, wire: usize) {
        let held = self.tabs[tab].transcripts.iter().next_back();
        let said =
            held.and_then(|(id, held)| held.records.iter().rev().find_map(|record| Some((*id, record.command?))));
        if let Some((conversation, id)) = said {
            let action = Action::Say(Say { body: "what was never said".to_owned() });
            self.say_up(wire, encode(&Up::Command(Box::new(Command { id, conversation: Some(conversation), action }))));
        }
    }

    fn rude_command(&mut self, wire: usize, lane: Option<ConversationId>, action: Action) {
        let id = CommandId { outbox: OutboxId(self.chance.id()), ordinal: 1 };
        self.say_up(wire, encode(&Up::Command(Box::new(Command { id, conversation: lane, action }))));
    }

    /// The secret, the wire's version and whether anything is said at all, by a tab's manner; it passes.
    pub fn take_manner(&mut self, tab: usize) -> Manner {
        self.manners.remove(&tab).unwrap_or_default()
    }
}

/// What a forged hello shows.
pub(crate) fn secret(manner: Manner) -> String {
    if manner == Manner::Forged { FORGED.to_owned() } else { "good".to_owned() }
}

/// A frame as its text.
pub(crate) fn encode(frame: &Up) -> String {
    serde_json::to_string(frame).expect("a frame is plain data with text keys")
}

//! Outbox: durable commands on their way: numbered, kept, sent one at a time a lane, and sent again until answered.

use crate::draw::Draw;
use crate::world::clock::Time;
use gateway_core::chance::Chance;
use protocol::limits::{RECONNECT_BASE_MS, RECONNECT_MS_MAX, RESEND_MS};
use protocol::{Action, Code, Command, CommandId, ConversationId, OutboxId, Refusal, Say};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A command that is not answered yet.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub id: CommandId,
    pub action: Action,
    pub invoked: Option<Time>,
    pub sends: u32,
}

/// How the first command of a lane stands with the present socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flight {
    Free,
    /// It is out; sent again then.
    Sent(Time),
    /// It was told to wait until then.
    Later(Time),
}

/// The commands of one tab for one conversation, or for none.
#[derive(Clone, Debug)]
struct Lane {
    outbox: OutboxId,
    next: u32,
    items: VecDeque<Item>,
    flight: Flight,
    tries: u32,
    /// It waits for its transcript, to look for its own commands.
    healing: bool,
}

/// The commands of one tab. It is what the browser's storage keeps.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    lanes: BTreeMap<Option<ConversationId>, Lane>,
}

/// A tab's own queue, and those it adopted.
#[derive(Debug)]
pub(crate) struct Outbox {
    queues: Vec<Queue>,
}

/// What a refusal comes to.
#[derive(Debug)]
pub(crate) enum Refused {
    /// No command of ours.
    Stranger,
    /// It goes out again later.
    Later,
    /// The lane goes on under a new outbox; whether this one had an effect is not known.
    Renumbered(Item),
    /// The lane goes on when its transcript is complete; whether this one stands is not known.
    Heal(ConversationId, Item),
    /// The visitor has another conversation open; what waited goes there.
    Moved {
        from: ConversationId,
        to: ConversationId,
        item: Item,
    },
    Final(Item),
}

impl Outbox {
    /// A page's outbox, and what is set aside: other copies of the same outboxes, which twins kept. A copy that is set
    /// aside may have been sent further than the one that is adopted.
    pub fn new(adopted: Vec<Queue>) -> (Self, Vec<(Option<ConversationId>, Item)>) {
        let mut queues = vec![Queue::default()];
        let mut aside = Vec::new();
        // Storage holds each outbox once, as it was kept last.
        let mut known = BTreeSet::new();
        for queue in adopted.into_iter().rev() {
            let (lanes, copies): (BTreeMap<_, _>, BTreeMap<_, _>) =
                queue.lanes.into_iter().partition(|(lane, held)| known.insert((*lane, held.outbox)));
            aside
                .extend(copies.into_iter().flat_map(|(key, lane)| lane.items.into_iter().map(move |item| (key, item))));
            queues.insert(1, Queue { lanes });
        }
        (Self { queues }, aside)
    }

    /// What storage keeps of a tab that ends: every queue with something in it. What is out, and which lanes wait for a
    /// transcript, only the page knew: the next one sends again, and is refused again where it must look first.
    pub fn into_queues(mut self) -> Vec<Queue> {
        self.unsend();
        self.lanes_mut().for_each(|lane| lane.healing = false);
        self.queues.retain(|queue| !queue.is_empty());
        self.queues
    }

    /// Commands that wait.
    pub fn waiting(&self) -> Vec<(Option<ConversationId>, CommandId)> {
        let lanes = self.queues.iter().flat_map(|queue| &queue.lanes);
        lanes.flat_map(|(key, lane)| lane.items.iter().map(|item| (*key, item.id))).collect()
    }

    /// How many commands wait in a lane.
    pub fn len_of(&self, lane: Option<ConversationId>) -> usize {
        self.queues.iter().filter_map(|queue| queue.lanes.get(&lane)).map(|lane| lane.items.len()).sum()
    }

    /// Gives a command its ordinal and keeps it.
    pub fn enqueue(&mut self, lane: Option<ConversationId>, action: Action, chance: &mut Chance) {
        self.queues[0].lane(lane, chance).push(action);
    }

    /// The first unanswered command of each lane, where it may go out now.
    pub fn pump(&mut self, now: Time) -> Vec<Command> {
        let mut commands = Vec::new();
        for (key, lane) in self.queues.iter_mut().flat_map(|queue| &mut queue.lanes) {
            if lane.healing || lane.due().is_some_and(|due| due > now) {
                continue;
            }
            let Some(item) = lane.items.front_mut() else { continue };
            item.invoked.get_or_insert(now);
            item.sends += 1;
            lane.flight = Flight::Sent(now + RESEND_MS);
            commands.push(Command { id: item.id, conversation: *key, action: item.action.clone() });
        }
        commands
    }

    /// The socket is gone: what is unanswered goes out again on the next one.
    pub fn unsend(&mut self) {
        for lane in self.lanes_mut() {
            if let Flight::Sent(_) = lane.flight {
                lane.flight = Flight::Free;
            }
        }
    }

    /// When `pump` has something to do again.
    pub fn due(&self) -> Option<Time> {
        let lanes = self.queues.iter().flat_map(|queue| queue.lanes.values());
        lanes.filter(|lane| !lane.items.is_empty() && !lane.healing).map(|lane| lane.due().unwrap_or(0)).min()
    }

    /// The command is durable.
    pub fn settle(&mut self, lane: Option<ConversationId>, id: CommandId) -> Option<Item> {
        self.find(lane, id)?.land()
    }

    pub fn refuse(&mut self, refusal: &Refusal, now: Time, chance: &mut Chance) -> Refused {
        let Some(id) = refusal.command else { return Refused::Stranger };
        let key = if refusal.code == Code::AlreadyOpen { self.lane_of(id) } else { Some(refusal.conversation) };
        let Some((key, lane)) = key.and_then(|key| Some((key, self.find(key, id)?))) else { return Refused::Stranger };
        if refusal.retryable {
            lane.tries += 1;
            let most = RECONNECT_MS_MAX.min(RECONNECT_BASE_MS << lane.tries.min(5));
            let pause = chance.between(0, most).max(refusal.retry_after_ms.unwrap_or(0));
            lane.flight = Flight::Later(now + pause);
            return Refused::Later;
        }
        match (refusal.code, key) {
            (Code::Conflict | Code::OutOfOrder, Some(conversation)) => {
                lane.healing = true;
                lane.flight = Flight::Free;
                lane.items.front().map_or(Refused::Stranger, |item| Refused::Heal(conversation, item.clone()))
            }
            (Code::Conflict | Code::OutOfOrder, None) => {
                let item = lane.items.front().cloned();
                lane.renumber(chance);
                item.map_or(Refused::Stranger, Refused::Renumbered)
            }
            (Code::AlreadyOpen, Some(from)) => self.move_lane(from, refusal.conversation, id, chance),
            (code, _) => {
                let item = lane.land();
                if !code.uses_ordinal() {
                    lane.renumber(chance);
                }
                item.map_or(Refused::Stranger, Refused::Final)
            }
        }
    }

    /// The transcript is complete: what stands in it is done, and the rest goes out under a new outbox.
    /// Gives what was done.
    pub fn heal(
        &mut self,
        conversation: ConversationId,
        stands: impl Fn(&Item) -> bool,
        chance: &mut Chance,
    ) -> Vec<Item> {
        let mut done = Vec::new();
        for lane in self.queues.iter_mut().filter_map(|queue| queue.lanes.get_mut(&Some(conversation))) {
            if std::mem::take(&mut lane.healing) {
                let (stood, rest) = std::mem::take(&mut lane.items).into_iter().partition(|item| stands(item));
                done.extend::<VecDeque<Item>>(stood);
                lane.items = rest;
                lane.renumber(chance);
            }
        }
        done
    }

    pub fn is_healing(&self, conversation: ConversationId) -> bool {
        self.queues.iter().filter_map(|queue| queue.lanes.get(&Some(conversation))).any(|lane| lane.healing)
    }

    /// The conversation cannot be reached; its commands are given up.
    pub fn drop_lane(&mut self, conversation: ConversationId) -> Vec<Item> {
        let lanes = self.queues.iter_mut().filter_map(|queue| queue.lanes.remove(&Some(conversation)));
        lanes.flat_map(|lane| lane.items).collect()
    }

    /// What waits in the lane of a refused open goes to the open conversation, the refused one as what it said first.
    fn move_lane(
        &mut self,
        from: ConversationId,
        to: Option<ConversationId>,
        id: CommandId,
        chance: &mut Chance,
    ) -> Refused {
        let Some(to) = to else { return Refused::Stranger };
        let mut refused = None;
        for queue in &mut self.queues {
            let has_it = queue.lanes.get(&Some(from)).is_some_and(|lane| lane.items.iter().any(|item| item.id == id));
            let Some(lane) = has_it.then(|| queue.lanes.remove(&Some(from))).flatten() else { continue };
            for item in lane.items {
                let moved = if let Action::Open(open) = &item.action {
                    open.body.clone().map(|body| Action::Say(Say { body }))
                } else {
                    Some(item.action.clone())
                };
                if let Some(action) = moved {
                    queue.lane(Some(to), chance).push(action);
                }
                if item.id == id {
                    refused = Some(item);
                }
            }
        }
        refused.map_or(Refused::Stranger, |item| Refused::Moved { from, to, item })
    }

    fn lanes_mut(&mut self) -> impl Iterator<Item = &mut Lane> {
        self.queues.iter_mut().flat_map(|queue| queue.lanes.values_mut())
    }

    /// The lane whose first command this is.
    fn find(&mut self, key: Option<ConversationId>, id: CommandId) -> Option<&mut Lane> {
        let lanes = self.queues.iter_mut().filter_map(|queue| queue.lanes.get_mut(&key));
        lanes.into_iter().find(|lane| lane.items.front().is_some_and(|item| item.id == id))
    }

    fn lane_of(&self, id: CommandId) -> Option<Option<ConversationId>> {
        let lanes = self.queues.iter().flat_map(|queue| &queue.lanes);
        let mut found = lanes.filter(|(_, lane)| lane.items.front().is_some_and(|item| item.id == id));
        found.next().map(|(key, _)| *key)
    }
}

impl Queue {
    /// What waits in it, by lane.
    pub fn items(&self) -> impl Iterator<Item = (Option<ConversationId>, &Item)> {
        self.lanes.iter().flat_map(|(key, lane)| lane.items.iter().map(|item| (*key, item)))
    }

    fn is_empty(&self) -> bool {
        self.lanes.values().all(|lane| lane.items.is_empty())
    }

    fn lane(&mut self, key: Option<ConversationId>, chance: &mut Chance) -> &mut Lane {
        self.lanes.entry(key).or_insert_with(|| Lane {
            outbox: OutboxId(chance.id()),
            next: 1,
            items: VecDeque::new(),
            flight: Flight::Free,
            tries: 0,
            healing: false,
        })
    }
}

impl Lane {
    fn push(&mut self, action: Action) {
        let id = CommandId { outbox: self.outbox, ordinal: self.next };
        self.next += 1;
        self.items.push_back(Item { id, action, invoked: None, sends: 0 });
    }

    fn due(&self) -> Option<Time> {
        match self.flight {
            Flight::Free => None,
            Flight::Sent(at) | Flight::Later(at) => Some(at),
        }
    }

    fn land(&mut self) -> Option<Item> {
        self.flight = Flight::Free;
        self.tries = 0;
        self.items.pop_front()
    }

    /// Gives the lane a new outbox, and what waits in it new ordinals.
    fn renumber(&mut self, chance: &mut Chance) {
        self.outbox = OutboxId(chance.id());
        self.next = 1;
        self.flight = Flight::Free;
        for item in std::mem::take(&mut self.items) {
            self.push(item.action);
        }
    }
}

//! Unanswered: the commands of this node's sockets, kept until the desk has answered them.
//!
//! When a site's owner or epoch changes, or something is lost on the way, they are sent again; their ids make that
//! harmless. Their order does not matter: of one lane and outbox there is one at most.

use crate::effects::Delivery;
use crate::ids::{Principal, SiteId, Socket};
use crate::limits::UNANSWERED_PER_SITE_MAX;
use crate::link::envelope::Mail;
use protocol::{Code, Command, CommandId, ConversationId, Down};
use std::collections::BTreeMap;

type Key = (Socket, CommandId, Option<ConversationId>);

#[derive(Debug, Default)]
pub(crate) struct Unanswered {
    sites: BTreeMap<SiteId, BTreeMap<Key, (Principal, Box<Command>)>>,
}

impl Unanswered {
    /// Keeps a command; false when the site has too many.
    pub fn keep(&mut self, site: SiteId, socket: Socket, principal: Principal, command: &Command) -> bool {
        let kept = self.sites.entry(site).or_default();
        let key = (socket, command.id, command.conversation);
        if kept.len() >= UNANSWERED_PER_SITE_MAX && !kept.contains_key(&key) {
            return false;
        }
        kept.insert(key, (principal, Box::new(command.clone())));
        true
    }

    /// Forgets what a delivery answers.
    pub fn settle(&mut self, site: SiteId, delivery: &Delivery) {
        match delivery {
            Delivery::Visitors { to, frame } => {
                self.settle_frame(site, to.iter().map(|to| Socket::Visitor(*to)), frame.frame());
            }
            Delivery::Agents { to, frame } => {
                self.settle_frame(site, to.iter().map(|to| Socket::Agent(*to)), frame.frame());
            }
            Delivery::Joined { .. }
            | Delivery::Heads { .. }
            | Delivery::NotFollowed { .. }
            | Delivery::Unfollowed { .. }
            | Delivery::Close { .. } => {}
        }
    }

    fn settle_frame(&mut self, site: SiteId, to: impl Iterator<Item = Socket>, frame: &Down) {
        let Some((command, lane)) = answered(frame) else { return };
        for socket in to {
            let lane = match lane {
                Lane::Of(lane) => lane,
                Lane::OfOpen => self.lane_of_open(site, socket, command),
            };
            self.take(site, socket, command, lane);
        }
    }

    /// A refusal with `already_open` names the other conversation, not its own.
    fn lane_of_open(&self, site: SiteId, socket: Socket, command: CommandId) -> Option<ConversationId> {
        let from = (socket, command, None);
        let mut kept = self.sites.get(&site)?.range(from..).take_while(|(key, _)| (key.0, key.1) == (socket, command));
        kept.find(|(_, (_, kept))| matches!(kept.action, protocol::Action::Open(_))).and_then(|(key, _)| key.2)
    }

    /// Takes a command out, if it is still kept.
    pub fn take(
        &mut self,
        site: SiteId,
        socket: Socket,
        command: CommandId,
        lane: Option<ConversationId>,
    ) -> Option<Box<Command>> {
        let kept = self.sites.get_mut(&site)?;
        let (_, command) = kept.remove(&(socket, command, lane))?;
        if kept.is_empty() {
            self.sites.remove(&site);
        }
        Some(command)
    }

    /// Takes all commands of a site out.
    pub fn take_all(&mut self, site: SiteId) -> Vec<(Socket, Box<Command>)> {
        let kept = self.sites.remove(&site).unwrap_or_default();
        kept.into_iter().map(|((socket, ..), (_, command))| (socket, command)).collect()
    }

    /// A socket ended: nobody waits for its answers.
    pub fn forget(&mut self, site: SiteId, socket: Socket) {
        if let Some(kept) = self.sites.get_mut(&site) {
            kept.retain(|(of, ..), _| *of != socket);
            if kept.is_empty() {
                self.sites.remove(&site);
            }
        }
    }

    /// All commands of a site, to be sent again.
    pub fn of(&self, site: SiteId) -> Vec<Mail> {
        let mail = |(key, (principal, command)): (&Key, &(Principal, Box<Command>))| Mail::Command {
            socket: key.0,
            principal: *principal,
            command: command.clone(),
        };
        self.sites.get(&site).into_iter().flatten().map(mail).collect()
    }

    pub fn has(&self, site: SiteId) -> bool {
        self.sites.contains_key(&site)
    }

    pub fn sites(&self) -> impl Iterator<Item = SiteId> {
        self.sites.keys().copied()
    }
}

enum Lane {
    Of(Option<ConversationId>),
    OfOpen,
}

/// The command that a frame answers.
fn answered(frame: &Down) -> Option<(CommandId, Lane)> {
    match frame {
        Down::Ok(outcome) => Some((outcome.command, Lane::Of(outcome.conversation))),
        Down::No(refusal) => {
            let open = refusal.code == Code::AlreadyOpen;
            Some((refusal.command?, if open { Lane::OfOpen } else { Lane::Of(refusal.conversation) }))
        }
        Down::Ready(_)
        | Down::Event(_)
        | Down::Heads(_)
        | Down::Records(_)
        | Down::Rows(_)
        | Down::Change(_)
        | Down::Agent(_)
        | Down::Typing(_)
        | Down::Read(_)
        | Down::Place(_)
        | Down::Availability(_)
        | Down::Ping(_)
        | Down::Roster(_)
        | Down::Unknown(_) => None,
    }
}

//! Place: where a site's desk is, as far as this node knows.

use crate::ids::{Epoch, NodeId, SiteId};
use crate::limits::MAIL_PER_OPENING_MAX;
use crate::link::effect::Owner;
use crate::link::envelope::Mail;
use std::collections::BTreeMap;

/// What this node knows and has of one site.
#[derive(Debug, Default)]
pub(crate) struct Place {
    pub row: Row,
    pub desk: Desk,
    pub reading: Reading,
    /// Mail of peers that came while the desk was not open yet.
    waiting: Vec<Mail>,
}

/// The site's ownership row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Row {
    #[default]
    Unread,
    /// None when the site was never opened.
    Read(Option<Owner>),
}

/// The site's desk on this node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Desk {
    #[default]
    None,
    Opening,
    Open(Epoch),
    LettingGo {
        epoch: Epoch,
        successor: Option<NodeId>,
    },
}

/// Whether the row is being read, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reading {
    #[default]
    Not,
    Wanted,
    /// Whom the row names says it is not the owner.
    Doubted,
}

impl Place {
    pub fn owner(&self) -> Option<Owner> {
        match self.row {
            Row::Unread => None,
            Row::Read(owner) => owner,
        }
    }

    /// Keeps mail for the desk that opens; what finds no room is sent again by its node.
    pub fn keep(&mut self, mail: Mail) {
        if self.waiting.len() < MAIL_PER_OPENING_MAX {
            self.waiting.push(mail);
        }
    }

    pub fn take_waiting(&mut self) -> Vec<Mail> {
        std::mem::take(&mut self.waiting)
    }
}

impl Owner {
    /// Whether a row is of later than another: a site is let go under the epoch it was opened with.
    pub(crate) fn is_newer_than(&self, other: &Self) -> bool {
        (self.epoch, self.node.is_none()) > (other.epoch, other.node.is_none())
    }
}

/// All sites this node has heard of. Their number is that of the deployment's sites.
#[derive(Debug, Default)]
pub(crate) struct Places {
    places: BTreeMap<SiteId, Place>,
}

impl Places {
    pub fn get(&self, site: SiteId) -> Option<&Place> {
        self.places.get(&site)
    }

    pub fn at(&mut self, site: SiteId) -> &mut Place {
        self.places.entry(site).or_default()
    }

    /// The highest epoch seen for the site.
    pub fn epoch(&self, site: SiteId) -> Option<Epoch> {
        self.get(site).and_then(Place::owner).map(|owner| owner.epoch)
    }

    pub fn desk(&self, site: SiteId) -> Desk {
        self.get(site).map_or(Desk::None, |place| place.desk)
    }

    /// Whether no desk is here, comes or goes.
    pub fn has_no_desk(&self) -> bool {
        self.places.values().all(|place| place.desk == Desk::None)
    }

    /// Sites whose desk is open here, with their epochs.
    pub fn open(&self) -> Vec<(SiteId, Epoch)> {
        let open = |(site, place): (&SiteId, &Place)| match place.desk {
            Desk::Open(epoch) => Some((*site, epoch)),
            Desk::None | Desk::Opening | Desk::LettingGo { .. } => None,
        };
        self.places.iter().filter_map(open).collect()
    }
}

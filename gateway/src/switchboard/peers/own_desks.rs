//! The desks of this node, as far as its link knows of them: started, handed mail, let go, dropped.

use crate::ports::Store;
use crate::switchboard::delivery::Courier;
use crate::switchboard::desk_loop::{DeskLoop, guarded};
use crate::switchboard::mailbox::{Mail, Overrun, Undelivered, mailbox};
use crate::switchboard::outlet::{Heart, Outlet, Released};
use crate::switchboard::peers::asks::Answer;
use crate::switchboard::peers::driver::{Driver, Orders};
use gateway_core::desk::Desk;
use gateway_core::desk::input::Input;
use gateway_core::desk::redo::Redo;
use gateway_core::ids::{Epoch, NodeId, SiteId};
use gateway_core::session::NotSubmitted;
use gateway_core::settings::Settings;
use gateway_core::stored::Opening;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

/// All desks of this node, and what desks are started with.
pub(super) struct OwnDesks {
    pub open: BTreeMap<SiteId, OwnDesk>,
    /// Batches whose culprit the next desk of the site must find.
    pub redo: BTreeMap<SiteId, Redo>,
    pub store: Arc<dyn Store>,
    pub courier: Courier,
    pub releases: mpsc::Sender<Released>,
    pub heart: Heart,
    pub answers: mpsc::Sender<Answer>,
    pub tasks: TaskTracker,
    pub count: Arc<AtomicUsize>,
}

/// One desk of this node.
pub(super) struct OwnDesk {
    epoch: Epoch,
    mail: Mail,
    orders: Orders,
    /// The version of the settings that it was told; none: those it was opened with, whose version nobody asked for.
    settings: Option<u64>,
    /// Whom it is let go to.
    pub let_go: Option<LetGo>,
}

/// A desk is on its way to somebody else, or to nobody.
#[derive(Clone, Copy, Debug)]
pub(super) struct LetGo {
    pub successor: Option<NodeId>,
}

/// Why a desk was not given an input.
#[derive(Debug)]
pub(super) enum NotHanded {
    /// A command finds too much waiting, or the store away; or what may be lost does.
    Refused(Box<Input>, NotSubmitted),
    /// Too much waits even for what is never refused: what the desk of this epoch knows is no longer true.
    Overrun(Epoch),
}

impl OwnDesks {
    /// Builds a desk of what the store has handed out, and drives it. `None` when it cannot be built.
    pub fn start(&mut self, opening: Opening) -> Option<Epoch> {
        let (site, epoch, now) = (opening.site, opening.epoch, self.courier.clock.now());
        let desk = guarded(|| Desk::open_among_peers(opening, crate::chance::seed(), now))?;
        self.courier.counts.desk_opened(desk.set_aside());
        let (mail, mailbox) = mailbox(&self.courier.counts);
        let outlet = Outlet::Link { epoch, releases: self.releases.clone(), heart: self.heart.clone() };
        let desk_loop = DeskLoop {
            site,
            store: Arc::clone(&self.store),
            courier: self.courier.clone(),
            outlet,
            mailbox,
            tasks: self.tasks.clone(),
            is_closing: false,
        };
        let orders = Orders::default();
        let redo = self.redo.remove(&site).unwrap_or_default();
        let driver = Driver { desk_loop, epoch, redo, orders: orders.clone(), answers: self.answers.clone() };
        self.tasks.spawn(driver.run(desk));
        self.open.insert(site, OwnDesk { epoch, mail, orders, settings: None, let_go: None });
        self.count.store(self.open.len(), Ordering::Relaxed);
        tracing::info!(site = site.0, epoch = epoch.0, "desk opened");
        Some(epoch)
    }

    /// Gives an input to the site's desk.
    pub fn hand(&self, site: SiteId, input: Input) -> Result<(), NotHanded> {
        // Whoever joined or asked is made known to the next desk by the link.
        let Some(desk) = self.open.get(&site) else { return Ok(()) };
        let (Input::Command { socket, .. } | Input::Typing { socket, .. } | Input::Read { socket, .. }) = input else {
            return desk.mail.put(input).map_err(|Overrun| NotHanded::Overrun(desk.epoch));
        };
        match desk.mail.post(socket, input, self.courier.clock.now().instant) {
            Ok(()) | Err(Undelivered::Closed(_)) => Ok(()),
            Err(Undelivered::Refused(input, why)) => Err(NotHanded::Refused(input, why)),
        }
    }

    /// The versions of the settings that desks were told.
    pub fn settings(&self) -> BTreeMap<SiteId, Option<u64>> {
        self.open.iter().map(|(site, desk)| (*site, desk.settings)).collect()
    }

    /// Tells a desk its settings.
    pub fn tell_settings(&mut self, site: SiteId, version: u64, settings: Settings) {
        if let Some(desk) = self.open.get_mut(&site)
            && desk.mail.put(Input::Settings(Box::new(settings))).is_ok()
        {
            // Else it is told the next time.
            desk.settings = Some(version);
        }
    }

    /// Ends the site's desk at once, with all it wanted to say.
    pub fn drop_desk(&mut self, site: SiteId) {
        if let Some(desk) = self.open.remove(&site) {
            tracing::info!(site = site.0, epoch = desk.epoch.0, "desk dropped");
            desk.orders.dropped.cancel();
            self.closed();
        }
    }

    /// Ends the site's desk after the batch in hand; `false` when there is none of this epoch.
    pub fn let_go(&mut self, site: SiteId, epoch: Epoch, successor: Option<NodeId>) -> bool {
        let Some(desk) = self.open.get_mut(&site).filter(|desk| desk.epoch == epoch) else { return false };
        desk.let_go = Some(LetGo { successor });
        desk.orders.let_go.cancel();
        true
    }

    /// A driver has ended: takes its desk out, unless it was dropped meanwhile.
    pub fn ended(&mut self, site: SiteId, epoch: Epoch) -> Option<OwnDesk> {
        self.open.get(&site).filter(|desk| desk.epoch == epoch)?;
        let ended = self.open.remove(&site);
        self.closed();
        ended
    }

    fn closed(&self) {
        self.courier.counts.desk_closed();
        self.count.store(self.open.len(), Ordering::Relaxed);
    }
}

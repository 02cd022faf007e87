//! Desks of a node that has its store to itself: which are open, opening one on first use or when a deadline is due,
//! and letting all go at the end.

use crate::ports::{Store, StoreError};
use crate::switchboard::alone::Alone;
use crate::switchboard::delivery::Courier;
use crate::switchboard::desk_loop::DeskLoop;
use crate::switchboard::mailbox::{Mail, Overrun, Undelivered, mailbox};
use crate::switchboard::outlet::Outlet;
use gateway_core::desk::input::Input;
use gateway_core::ids::{SiteId, Socket};
use gateway_core::limits::SWEEP_MS;
use gateway_core::session::NotSubmitted;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A desk that closes while we knock is opened again this often.
const KNOCKS_MAX: u32 = 3;
/// Desks opened by one sweep for one reason, so that after a long stop whoever is there is served meanwhile.
const OPENED_BY_SWEEP_MAX: usize = 64;

/// The desks of this node.
#[derive(Clone)]
pub struct Desks {
    open: Arc<Mutex<HashMap<SiteId, Mail>>>,
    store: Arc<dyn Store>,
    courier: Courier,
    tasks: TaskTracker,
    stopping: CancellationToken,
}

impl Desks {
    pub fn new(store: Arc<dyn Store>, courier: Courier) -> Self {
        Self { open: Arc::default(), store, courier, tasks: TaskTracker::new(), stopping: CancellationToken::new() }
    }

    /// The way to a site's desk; its loop is started when there is none.
    fn mail(&self, site: SiteId) -> Mail {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mail) = open.get(&site).filter(|mail| !mail.is_closed()) {
            return mail.clone();
        }
        let (mail, mailbox) = mailbox(&self.courier.counts);
        open.insert(site, mail.clone());
        let desk_loop = DeskLoop {
            site,
            store: Arc::clone(&self.store),
            courier: self.courier.clone(),
            outlet: Outlet::Here,
            mailbox,
            tasks: self.tasks.clone(),
            is_closing: false,
        };
        let alone = Alone { desk_loop, stopping: self.stopping.clone() };
        self.tasks.spawn(self.clone().drive(site, alone));
        mail
    }

    /// Runs a desk until nobody needs it. Mail that came as it closed goes to the next one.
    async fn drive(self, site: SiteId, alone: Alone) {
        let late = alone.run().await;
        self.forget(site);
        for input in late {
            if let Some(socket) = input.socket() {
                // What is refused now is sent again by its client.
                drop(self.mail(site).post(socket, input, self.courier.clock.now().instant));
            }
        }
    }

    /// Forgets a desk that has closed, unless another of the site has been opened since.
    fn forget(&self, site: SiteId) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.get(&site).is_some_and(|mail| mail.is_closed()) {
            open.remove(&site);
        }
    }

    /// Hands an input to the site's desk, opening it when need be; gives it back when it cannot be taken.
    pub fn submit(&self, site: SiteId, socket: Socket, input: Input) -> Result<(), (Box<Input>, NotSubmitted)> {
        let mut input = input;
        for _ in 0..KNOCKS_MAX {
            match self.mail(site).post(socket, input, self.courier.clock.now().instant) {
                Ok(()) => return Ok(()),
                Err(Undelivered::Refused(input, why)) => return Err((input, why)),
                Err(Undelivered::Closed(back)) => input = *back,
            }
        }
        Err((Box::new(input), NotSubmitted::Busy))
    }

    /// Opens the sites whose time runs although nobody uses them, until the node stops. For a node that has the store to
    /// itself.
    pub fn watch_deadlines(&self) {
        self.tasks.spawn(self.clone().sweep_deadlines());
    }

    async fn sweep_deadlines(self) {
        let mut ticks = tokio::time::interval(Duration::from_millis(SWEEP_MS));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut inherited = None;
        loop {
            tokio::select! {
                biased;
                () = self.stopping.cancelled() => return,
                _ = ticks.tick() => {}
            }
            if let Err(error) = self.sweep(&mut inherited).await {
                tracing::debug!(%error, "nobody knows which deadlines are due");
            }
        }
    }

    /// One look: at what the process before this one left open, and at what is due.
    async fn sweep(&self, inherited: &mut Option<Vec<SiteId>>) -> Result<(), StoreError> {
        let inherited = match inherited {
            Some(inherited) => inherited,
            None => inherited.insert(self.store.with_open().await?),
        };
        let some = inherited.split_off(inherited.len().saturating_sub(OPENED_BY_SWEEP_MAX));
        // Those that are open see to it themselves, and may all stand before the others.
        let due = self.store.due(self.len() + OPENED_BY_SWEEP_MAX).await?;
        let shut = due.into_iter().filter(|site| self.open_mail(*site).is_none()).take(OPENED_BY_SWEEP_MAX);
        shut.chain(some).for_each(|site| drop(self.mail(site)));
        Ok(())
    }

    /// The way to a site's desk, if one is open.
    fn open_mail(&self, site: SiteId) -> Option<Mail> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).get(&site).cloned()
    }

    /// Tells an open desk something that is never refused. One that has just closed reads the store when it opens.
    pub async fn tell(&self, site: SiteId, input: Input) {
        let Some(mail) = self.open_mail(site) else { return };
        if input.socket().is_none() {
            drop(mail.control.send(input).await);
        } else if mail.put(input) == Err(Overrun) {
            tracing::error!(site = site.0, "more sockets have left than may be there");
        }
    }

    pub fn len(&self) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub async fn stop(&self) {
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

//! One server for many cases of one process, as long as one of them runs, and a bystander who must not notice.

use crate::PATIENCE;
use crate::client::Client;
use crate::http::{Place, SignedIn};
use crate::server::{Server, Setup};
use protocol::{Action, ConversationId, SetStatus, Status};
use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::Mutex;

static SHARED: Mutex<Weak<Shared>> = Mutex::const_new(Weak::new());

/// A server with two sites that are served, and one that is disabled.
#[derive(Debug)]
pub struct Shared {
    server: std::sync::Mutex<Server>,
    /// `shop`, which lists `https://shop.example`.
    pub shop: Place,
    /// `other`, which lists nothing.
    pub other: Place,
    /// An agent of `shop`.
    pub agent: Arc<SignedIn>,
    /// An agent of `other`.
    pub stranger: Arc<SignedIn>,
}

impl Shared {
    /// The server that others of this process use, or a new one.
    pub async fn get() -> Arc<Self> {
        let mut slot = SHARED.lock().await;
        if let Some(shared) = slot.upgrade() {
            return shared;
        }
        let shared = Arc::new(Self::start().await);
        *slot = Arc::downgrade(&shared);
        shared
    }

    async fn start() -> Self {
        let mut server = Setup::crowded().set("HALLOO_LOG__LEVEL", "debug").prepare();
        server.add_site("shop", &["https://shop.example"]);
        server.add_site("other", &[]);
        server.add_site("disabled", &[]);
        server.run(&["site", "set", "disabled", "--enabled", "false"]);
        let agent = server.add_agent("shop", "ada@shop.example", "Ada", 100);
        let stranger = server.add_agent("other", "eve@other.example", "Eve", 100);
        server.start();
        let (shop, other) = (server.place("shop"), server.place("other"));
        let agent = Arc::new(SignedIn::with_code(&shop, &agent).await);
        let stranger = Arc::new(SignedIn::with_code(&other, &stranger).await);
        for signed_in in [&agent, &stranger] {
            // Cases take what they need; nothing is to be assigned to whoever happens to look.
            let offline = Action::Status(SetStatus { status: Status::Offline });
            Client::agent(signed_in).await.command(None, offline).await.expect("an agent may go offline");
        }
        Self { server: std::sync::Mutex::new(server), shop, other, agent, stranger }
    }

    /// All that the server has said.
    #[must_use]
    pub fn log(&self) -> String {
        self.server.lock().unwrap_or_else(PoisonError::into_inner).log()
    }

    fn is_alive(&self) -> bool {
        self.server.lock().unwrap_or_else(PoisonError::into_inner).is_alive()
    }

    /// Somebody who talks before, and must after.
    pub async fn bystander(self: &Arc<Self>) -> Bystander {
        let mut visitor = Client::visitor(&self.shop).await;
        let conversation = visitor.open("Is somebody there?").await;
        Bystander { shared: Arc::clone(self), visitor, conversation }
    }
}

/// A visitor whose socket is open all the time.
#[derive(Debug)]
pub struct Bystander {
    shared: Arc<Shared>,
    visitor: Client,
    conversation: ConversationId,
}

impl Bystander {
    /// Talks on, on the same socket.
    ///
    /// # Panics
    /// When that fails, or the process has suffered.
    pub async fn still_talks(&mut self) {
        let talking = self.visitor.say(self.conversation, "I am still here.");
        let answer = tokio::time::timeout(PATIENCE.min(Duration::from_secs(10)), talking).await;
        answer.expect("a bystander is answered").expect("a bystander may talk");
        assert!(self.shared.is_alive(), "the process has ended");
        let log = self.shared.log();
        let panic = log.lines().find(|line| line.contains("panicked"));
        assert!(panic.is_none(), "a task has panicked: {panic:?}");
    }
}

//! Sockets: the inboxes of this node, by socket. A visitor's is reached with a visitor's id only.

use crate::switchboard::inbox::Inbox;
use dashmap::DashMap;
use gateway_core::ids::{AgentSocket, NodeId, Socket, VisitorSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// All open sockets of this node that have said who they are, or are about to.
#[derive(Debug)]
pub struct Sockets {
    node: NodeId,
    visitors: DashMap<VisitorSocket, Arc<Inbox>>,
    agents: DashMap<AgentSocket, Arc<Inbox>>,
    next: AtomicU64,
}

impl Sockets {
    /// The sockets of a node; their numbers name it.
    #[must_use]
    pub fn of(node: NodeId) -> Self {
        Self { node, visitors: DashMap::new(), agents: DashMap::new(), next: AtomicU64::new(0) }
    }

    pub fn add_visitor(&self, inbox: Arc<Inbox>) -> VisitorSocket {
        let socket = VisitorSocket(self.next());
        self.visitors.insert(socket, inbox);
        socket
    }

    pub fn add_agent(&self, inbox: Arc<Inbox>) -> AgentSocket {
        let socket = AgentSocket(self.next());
        self.agents.insert(socket, inbox);
        socket
    }

    pub fn remove(&self, socket: Socket) {
        match socket {
            Socket::Visitor(socket) => {
                self.visitors.remove(&socket);
            }
            Socket::Agent(socket) => {
                self.agents.remove(&socket);
            }
        }
    }

    /// The inbox of a visitor's socket, if it is still open.
    #[must_use]
    pub fn visitor(&self, socket: VisitorSocket) -> Option<Arc<Inbox>> {
        self.visitors.get(&socket).map(|inbox| Arc::clone(&inbox))
    }

    /// The inbox of an agent's socket, if it is still open.
    #[must_use]
    pub fn agent(&self, socket: AgentSocket) -> Option<Arc<Inbox>> {
        self.agents.get(&socket).map(|inbox| Arc::clone(&inbox))
    }

    /// The inbox of either kind, for what both may be told.
    #[must_use]
    pub fn any(&self, socket: Socket) -> Option<Arc<Inbox>> {
        match socket {
            Socket::Visitor(socket) => self.visitor(socket),
            Socket::Agent(socket) => self.agent(socket),
        }
    }

    /// Every inbox, for closing them all.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Inbox>> {
        let visitors = self.visitors.iter().map(|entry| Arc::clone(entry.value()));
        let visitors: Vec<_> = visitors.collect();
        visitors.into_iter().chain(self.agents.iter().map(|entry| Arc::clone(entry.value()))).collect()
    }

    /// Open sockets of visitors and of agents.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.visitors.len(), self.agents.len())
    }

    fn next(&self) -> u64 {
        self.node.socket(self.next.fetch_add(1, Ordering::Relaxed))
    }
}

//! A load balancer as it may stand before several nodes: each connection goes to the next node that takes it. It knows
//! nothing of who came before.

use crate::http::Place;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// A node that does not take a connection in this time is passed over.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(1);

/// It forwards until it is dropped.
#[derive(Debug)]
pub struct Balancer {
    address: SocketAddr,
    nodes: Arc<Mutex<Nodes>>,
    _forwarding: JoinSet<()>,
}

#[derive(Debug, Default)]
struct Nodes {
    /// None: left out.
    addresses: Vec<Option<Node>>,
    next: usize,
}

#[derive(Clone, Debug)]
struct Node {
    address: SocketAddr,
    /// Hangs up on whoever is connected.
    out: CancellationToken,
}

impl Node {
    fn at(address: SocketAddr) -> Self {
        Self { address, out: CancellationToken::new() }
    }
}

impl Nodes {
    /// All that may be asked, the next in turn first.
    fn in_turn(&mut self) -> Vec<Node> {
        let count = self.addresses.len();
        self.next = (self.next + 1) % count.max(1);
        (0..count).filter_map(|index| self.addresses[(self.next + index) % count].clone()).collect()
    }
}

impl Balancer {
    /// Forwards to these nodes.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn before(nodes: &[SocketAddr]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let nodes = Nodes { addresses: nodes.iter().map(|address| Some(Node::at(*address))).collect(), next: 0 };
        let nodes = Arc::new(Mutex::new(nodes));
        let mut forwarding = JoinSet::new();
        forwarding.spawn(accept(listener, Arc::clone(&nodes)));
        Self { address, nodes, _forwarding: forwarding }
    }

    /// Where clients of a site connect.
    #[must_use]
    pub fn place(&self, site: &str) -> Place {
        Place { address: self.address, site: site.to_owned() }
    }

    /// Leaves a node out from now on, as a health check does, and hangs up on whoever is connected to it.
    pub fn leave_out(&self, node: usize) {
        let left = self.nodes.lock().unwrap_or_else(PoisonError::into_inner).addresses[node].take();
        left.inspect(|node| node.out.cancel());
    }

    /// Takes a node in again.
    pub fn take_in(&self, node: usize, address: SocketAddr) {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner).addresses[node] = Some(Node::at(address));
    }
}

async fn accept(listener: TcpListener, nodes: Arc<Mutex<Nodes>>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((mut client, _)) = listener.accept().await else { continue };
        while connections.try_join_next().is_some() {}
        let nodes = Arc::clone(&nodes);
        connections.spawn(async move {
            let in_turn = nodes.lock().unwrap_or_else(PoisonError::into_inner).in_turn();
            for node in in_turn {
                if let Ok(Ok(mut stream)) = timeout(CONNECT_TIME_MAX, TcpStream::connect(node.address)).await {
                    // Whichever side ends, the other is hung up on.
                    drop(node.out.run_until_cancelled(copy_bidirectional(&mut client, &mut stream)).await);
                    return;
                }
            }
        });
    }
}

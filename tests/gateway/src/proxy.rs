//! A TCP proxy on loopback that does to connections what networks do: it delays, throttles, slices, swallows, closes
//! by half, and resets. Clients talk through it; what it did is counted, so that a test sees the fault take place.
//!
//! `fault-proxy` is the same as a program.

mod connection;
mod flow;

pub use flow::{Cut, End, Flow, Tally, Way};

use crate::http::Place;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A proxy in front of one gateway; it ends when it is dropped, with all its connections.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    /// Bytes of clients.
    pub up: Arc<Way>,
    /// Bytes of the gateway.
    pub down: Arc<Way>,
    resets: watch::Sender<u64>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Listens on a free port of loopback, and passes everything on as it is.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn before(gateway: SocketAddr) -> Self {
        Self::listen(SocketAddr::from(([127, 0, 0, 1], 0)), gateway).await
    }

    /// Listens on an address.
    ///
    /// # Panics
    /// When the address is taken.
    pub async fn listen(address: SocketAddr, gateway: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.expect("the address is free");
        let address = listener.local_addr().expect("a bound socket has an address");
        let (up, down) = (Arc::<Way>::default(), Arc::<Way>::default());
        let (resets, reset) = watch::channel(0);
        let task = tokio::spawn(accept(listener, gateway, Arc::clone(&up), Arc::clone(&down), reset));
        Self { address, up, down, resets, task }
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same site, reached through this proxy.
    #[must_use]
    pub fn to(&self, place: &Place) -> Place {
        Place { address: self.address, site: place.site.clone() }
    }

    /// Resets every connection that is open now.
    pub fn reset(&self) {
        self.resets.send_modify(|resets| *resets += 1);
    }

    /// Serves until its task ends, which it never does by itself.
    pub async fn serve(mut self) {
        // Only a panic in the task ends it, and that has been printed.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, gateway: SocketAddr, up: Arc<Way>, down: Arc<Way>, reset: watch::Receiver<u64>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok((client, _)) = listener.accept().await else { continue };
        // A gateway that is away shows itself as a connection that ends at once.
        let Ok(gateway) = TcpStream::connect(gateway).await else { continue };
        let (up, down, mut reset) = (Arc::clone(&up), Arc::clone(&down), reset.clone());
        reset.mark_unchanged();
        connections.spawn(async move { connection::serve(client, gateway, &up, &down, reset).await });
        while connections.try_join_next().is_some() {}
    }
}

//! A way to the database that counts turns: how often the client speaks after the server has answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Counts over all connections together.
#[derive(Default)]
pub(super) struct Turns {
    count: AtomicUsize,
    server_spoke: AtomicBool,
}

impl Turns {
    pub fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    fn client_speaks(&self) {
        if self.server_spoke.swap(false, Ordering::SeqCst) {
            self.count.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn server_speaks(&self) {
        self.server_spoke.store(true, Ordering::SeqCst);
    }
}

/// Listens for connections to a port; gives its own.
pub(super) async fn listen(port: u16) -> (u16, Arc<Turns>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let own = listener.local_addr().unwrap().port();
    let turns = Arc::new(Turns::default());
    let counted = Arc::clone(&turns);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
            let (up, down) = (Arc::clone(&counted), Arc::clone(&counted));
            tokio::spawn(carry(from_client, to_server, move || up.client_speaks()));
            tokio::spawn(carry(from_server, to_client, move || down.server_speaks()));
        }
    });
    (own, turns)
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, speaks: impl Fn() + Send) {
    let mut bytes = vec![0; 1 << 20];
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        speaks();
        if to.write_all(&bytes[..length]).await.is_err() {
            return;
        }
    }
}

/// A way that can be turned to another server; the connections over it break then.
pub(super) struct Turned {
    pub port: u16,
    to: tokio::sync::watch::Sender<u16>,
}

impl Turned {
    pub async fn new(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let (to, turned) = tokio::sync::watch::channel(port);
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let mut turned = turned.clone();
                let port = *turned.borrow_and_update();
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                        _ = turned.changed() => {}
                    }
                });
            }
        });
        Self { port: own, to }
    }

    pub fn turn_to(&self, port: u16) {
        self.to.send_replace(port);
    }
}

//! The carrier over a table, against servers of its own.

use super::*;
use crate::adapters::limits::{PACKET_KEPT_MS, POLLED_ROWS_MAX};
use crate::adapters::postgres::PostgresStore;
use crate::ports::{Heard, PACKET_BYTES_MAX};
use servers::Postgres;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// Whatever a busy machine is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// Said until it is heard, to know that a way is there.
const HELLO: &[u8] = b"hello?";
const HELLO_EVERY: Duration = Duration::from_millis(100);

/// A node with one carrier.
struct Node {
    id: NodeId,
    carrier: Arc<TableCarrier>,
    heard: mpsc::Receiver<Heard>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Node {
    async fn at(url: &str, number: u32) -> Self {
        let (sender, heard) = mpsc::channel(10_000);
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let id = NodeId::new(number);
        let (tracker, token) = (tasks.clone(), stop.clone());
        let post = Post { deployment: Uuid::nil(), me: id, index: 2, heard: sender, tasks: tracker, stop: token };
        let carrier = TableCarrier::begin(url, post).unwrap();
        let mut node = Self { id, carrier, heard, tasks, stop };
        node.is_there().await;
        node
    }

    /// How long it takes until what the node sends is heard by itself.
    async fn is_there(&mut self) -> Duration {
        let start = Instant::now();
        loop {
            assert!(start.elapsed() < PATIENCE, "the way does not come back");
            self.carrier.send(self.id, Bytes::from_static(HELLO));
            let heard = timeout(HELLO_EVERY, self.heard.recv()).await;
            if heard.is_ok_and(|heard| heard.unwrap().packet == HELLO) {
                return start.elapsed();
            }
        }
    }

    /// Waits until the node drops what it is given.
    async fn is_away(&self) {
        let start = Instant::now();
        while self.carrier.outbound.is_open() {
            assert!(start.elapsed() < PATIENCE, "nobody notices");
            tokio::time::sleep(HELLO_EVERY).await;
        }
    }

    /// The next packet that is no greeting.
    async fn hears(&mut self) -> Bytes {
        loop {
            let heard = timeout(PATIENCE, self.heard.recv()).await.expect("a packet comes").unwrap();
            assert_eq!(heard.carrier, 2);
            if heard.packet != HELLO {
                return heard.packet;
            }
        }
    }

    fn send(&self, to: &Self, packet: &'static [u8]) {
        self.carrier.send(to.id, Bytes::from_static(packet));
    }
}

/// A new database with the tables of this version.
async fn database(server: &Postgres) -> String {
    let url = server.database();
    drop(PostgresStore::open(&url).await.unwrap());
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_talk_both_ways() {
    let url = database(Postgres::shared()).await;
    let (mut a, mut b) = (Node::at(&url, 1).await, Node::at(&url, 2).await);
    for round in 0..20_u32 {
        let packet = Bytes::copy_from_slice(&round.to_le_bytes());
        a.carrier.send(b.id, packet.clone());
        assert_eq!(b.hears().await, packet);
        b.carrier.send(a.id, packet.clone());
        assert_eq!(a.hears().await, packet);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_announcement_reaches_all() {
    let url = database(Postgres::shared()).await;
    let (mut a, mut b) = (Node::at(&url, 1).await, Node::at(&url, 2).await);
    let mut c = Node::at(&url, 3).await;
    a.carrier.announce(Bytes::from_static(b"to all"));
    for node in [&mut a, &mut b, &mut c] {
        assert_eq!(node.hears().await, "to all");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_packets_come_once_and_in_order() {
    let url = database(Postgres::shared()).await;
    let (a, mut b) = (Node::at(&url, 1).await, Node::at(&url, 2).await);
    let count = 3 * POLLED_ROWS_MAX as u32;
    for number in 0..count {
        a.carrier.send(b.id, Bytes::copy_from_slice(&number.to_le_bytes()));
    }
    for number in 0..count {
        assert_eq!(b.hears().await, number.to_le_bytes().as_slice());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packet_too_long_is_dropped_and_long_ones_come() {
    let url = database(Postgres::shared()).await;
    let (a, mut b) = (Node::at(&url, 1).await, Node::at(&url, 2).await);
    let before = a.carrier.dropped();
    a.carrier.send(b.id, Bytes::from(vec![1; PACKET_BYTES_MAX + 1]));
    assert_eq!(a.carrier.dropped(), before + 1);
    for byte in 2..5 {
        a.carrier.send(b.id, Bytes::from(vec![byte; PACKET_BYTES_MAX]));
    }
    for byte in 2..5 {
        let packet = b.hears().await;
        assert_eq!((packet.len(), packet[0]), (PACKET_BYTES_MAX, byte));
    }
}

/// The lower id is committed some two seconds after the higher ones were read.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_committed_late_is_read() {
    let server = Postgres::shared();
    let url = database(server).await;
    let (a, mut b) = (Node::at(&url, 1).await, Node::at(&url, 2).await);
    let late = tokio::task::spawn_blocking({
        let url = url.clone();
        move || {
            let insert = "INSERT INTO packet (node, packet) VALUES (2, 'late')";
            Postgres::shared().sql(&url, &format!("BEGIN; {insert}; SELECT pg_sleep(2); COMMIT"));
        }
    });
    let start = Instant::now();
    // Heard before, during and after the other's transaction, which has the lower id than most of these.
    let mut was_late = false;
    while !was_late {
        assert!(start.elapsed() < PATIENCE, "the late row is lost");
        a.send(&b, b"in time");
        was_late = b.hears().await == "late";
    }
    late.await.unwrap();
    assert!(start.elapsed() > Duration::from_secs(1), "it was not late");
}

#[tokio::test(flavor = "multi_thread")]
async fn old_rows_are_deleted() {
    let server = Postgres::shared();
    let url = database(server).await;
    let a = Node::at(&url, 1).await;
    for _ in 0..3_000 {
        a.carrier.send(NodeId::new(99), Bytes::from_static(b"to a node that is gone"));
    }
    let start = Instant::now();
    while server.sql(&url, "SELECT count(*) FROM packet") != "0" {
        assert!(start.elapsed() < PATIENCE, "rows are left");
        tokio::time::sleep(HELLO_EVERY).await;
    }
    assert!(start.elapsed() > Duration::from_millis(PACKET_KEPT_MS / 2), "rows were deleted early");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_in_a_session_that_another_node_may_get() {
    let server = Postgres::shared();
    let url = database(server).await;
    let (a, mut b) = (Node::at(&url, 1).await, Node::at(&url, 2).await);
    a.send(&b, b"there");
    b.hears().await;
    // What a session would keep can be seen from inside only; so a look at what the statements were sent as.
    let table = Table::open(&a.carrier.address, a.id).await.unwrap();
    table.write(&[(To::All, Bytes::from_static(b"one"))]).await.unwrap();
    assert_eq!(table.prepared().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_is_used_again() {
    let mut server = Postgres::start();
    let url = database(&server).await;
    let (mut a, mut b) = (Node::at(&url, 1).await, Node::at(&url, 2).await);
    server.kill();
    a.is_away().await;
    a.carrier.announce(Bytes::from_static(b"to nobody"));
    assert!(a.carrier.dropped() > 0);
    server.restart();
    a.is_there().await;
    b.is_there().await;
    a.send(&b, b"again");
    assert_eq!(b.hears().await, "again");
    a.stop.cancel();
    a.tasks.close();
    timeout(PATIENCE, a.tasks.wait()).await.expect("the carrier's task ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_server_is_noticed_and_nobody_waits_for_it() {
    let server = Postgres::start();
    let url = database(&server).await;
    let mut a = Node::at(&url, 1).await;
    server.freeze();
    let start = Instant::now();
    let before = a.carrier.dropped();
    for _ in 0..20_000 {
        a.carrier.announce(Bytes::from_static(&[1; 1_000]));
    }
    assert!(start.elapsed() < Duration::from_secs(1), "a sender waited");
    assert!(a.carrier.dropped() > before, "the queue has no end");
    a.is_away().await;
    server.thaw();
    a.is_there().await;
}

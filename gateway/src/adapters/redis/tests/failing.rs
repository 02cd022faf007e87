//! Servers that die, stand still, or are no longer what they were.

use super::*;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;

/// Within this whatever died is noticed, and some more for a busy machine.
const NOTICED: Duration = Duration::from_millis(3_000 + 1_000);
/// Within this a way that is there again is used.
const BACK: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_is_used_again_and_no_task_is_left() {
    let mut server = Redis::start();
    let (mut a, mut b) = (Node::at(&server, 1).await, Node::at(&server, 2).await);
    let tasks = Handle::current().metrics().num_alive_tasks();
    for _ in 0..3 {
        server.kill();
        a.is_away().await;
        server.restart();
        assert!(a.is_there().await < BACK);
        assert!(b.is_there().await < BACK);
        a.send(&b, b"again");
        assert_eq!(b.hears().await, "again");
    }
    assert_eq!(Handle::current().metrics().num_alive_tasks(), tasks);
    for node in [&a, &b] {
        node.stop.cancel();
        node.tasks.close();
        timeout(PATIENCE, node.tasks.wait()).await.expect("the carrier's task ends");
    }
    // The connections' own tasks are aborted, which the runtime does in its own time.
    timeout(PATIENCE, async {
        while Handle::current().metrics().num_alive_tasks() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("no task is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_comes_late_is_found() {
    let mut server = Redis::start();
    server.kill();
    let mut a = Node::start(1, DEPLOYMENT, url(&server));
    a.carrier.announce(Bytes::from_static(b"to nobody"));
    assert_eq!(a.carrier.dropped(), 1);
    server.restart();
    assert!(a.is_there().await < BACK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_that_is_cut_off_subscribes_again() {
    let server = Redis::start();
    let mut a = Node::at(&server, 1).await;
    for kind in ["pubsub", "normal"] {
        server.ask(&["client", "kill", "type", kind]);
        assert!(a.is_there().await < BACK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_server_is_noticed_and_nobody_waits_for_it() {
    let server = Redis::start();
    let mut a = Node::at(&server, 1).await;
    server.freeze();
    let start = Instant::now();
    let before = a.carrier.dropped();
    for _ in 0..20_000 {
        a.carrier.announce(Bytes::from_static(&[1; 1_000]));
    }
    assert!(start.elapsed() < Duration::from_secs(1), "a sender waited");
    assert!(a.carrier.dropped() > before, "the queue has no end");
    assert!(a.is_away().await < NOTICED);
    server.thaw();
    assert!(a.is_there().await < BACK);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_carrier_notices_a_frozen_server() {
    let server = Redis::start();
    let a = Node::at(&server, 1).await;
    server.freeze();
    assert!(a.is_away().await < NOTICED);
    server.thaw();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demoted_server_is_left() {
    let server = Redis::start();
    let mut a = Node::at(&server, 1).await;
    server.ask(&["replicaof", "127.0.0.1", "1"]);
    assert!(a.is_away().await < NOTICED);
    server.ask(&["replicaof", "no", "one"]);
    assert!(a.is_there().await < BACK);
}

/// An address that leads to two servers in turn, as a name does that is being moved.
struct TwoFaced {
    port: u16,
    /// Both ways lead to the first.
    is_moved: Arc<AtomicBool>,
    connections: Arc<AtomicUsize>,
}

impl TwoFaced {
    async fn between(ports: [u16; 2]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (is_moved, connections) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (moved, count) = (Arc::clone(&is_moved), Arc::clone(&connections));
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let turn = count.fetch_add(1, Ordering::Relaxed);
                let to = if moved.load(Ordering::Relaxed) { ports[0] } else { ports[turn % 2] };
                tokio::spawn(async move {
                    let mut far = TcpStream::connect((Ipv4Addr::LOCALHOST, to)).await.unwrap();
                    // Either end may close as it likes.
                    drop(copy_bidirectional(&mut near, &mut far).await);
                });
            }
        });
        Self { port, is_moved, connections }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_heard_is_not_taken_for_a_way() {
    let (first, second) = (Redis::start(), Redis::start());
    let faces = TwoFaced::between([first.port(), second.port()]).await;
    let settings = RedisSettings { url: format!("redis://127.0.0.1:{}", faces.port), ..RedisSettings::default() };
    let mut a = Node::start(1, DEPLOYMENT, settings);
    let start = Instant::now();
    // Subscribed at one server, publishing at the other, twice.
    while faces.connections.load(Ordering::Relaxed) < 4 {
        assert!(start.elapsed() < PATIENCE, "it does not try again");
        assert!(!a.carrier.outbound.is_open(), "taken for a way");
        tokio::time::sleep(HELLO_EVERY).await;
    }
    faces.is_moved.store(true, Ordering::Relaxed);
    a.is_there().await;
}

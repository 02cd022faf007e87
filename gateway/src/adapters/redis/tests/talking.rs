//! What a way that is there carries, and to whom.

use super::*;
use crate::ports::PACKET_BYTES_MAX;

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_talk_both_ways() {
    let server = Redis::start();
    let (mut a, mut b) = (Node::at(&server, 1).await, Node::at(&server, 2).await);
    assert_eq!(a.carrier.name(), "redis");
    for round in 0..1_000_u32 {
        let packet = Bytes::copy_from_slice(&round.to_le_bytes());
        a.carrier.send(b.id, packet.clone());
        assert_eq!(b.hears().await, packet);
        b.carrier.send(a.id, packet.clone());
        assert_eq!(a.hears().await, packet);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_announcement_reaches_all() {
    let server = Redis::start();
    let (mut a, mut b) = (Node::at(&server, 1).await, Node::at(&server, 2).await);
    let mut c = Node::at(&server, 3).await;
    a.carrier.announce(Bytes::from_static(b"to all"));
    for node in [&mut a, &mut b, &mut c] {
        assert_eq!(node.hears().await, "to all");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_deployment_is_not_heard() {
    let server = Redis::start();
    let stranger = Node::with(1, Uuid::from_u128(8), url(&server)).await;
    let mut same_number = Node::at(&server, 1).await;
    let friend = Node::at(&server, 2).await;
    stranger.carrier.send(same_number.id, Bytes::from_static(b"strange"));
    stranger.carrier.announce(Bytes::from_static(b"strange to all"));
    friend.send(&same_number, b"known");
    assert_eq!(same_number.hears().await, "known");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packet_too_long_is_dropped_and_counted() {
    let server = Redis::start();
    let (a, mut b) = (Node::at(&server, 1).await, Node::at(&server, 2).await);
    let before = a.carrier.dropped();
    a.carrier.send(b.id, Bytes::from(vec![1; PACKET_BYTES_MAX + 1]));
    assert_eq!(a.carrier.dropped(), before + 1);
    a.carrier.send(b.id, Bytes::from(vec![2; PACKET_BYTES_MAX]));
    assert_eq!(b.hears().await.len(), PACKET_BYTES_MAX);
    assert_eq!(a.carrier.dropped(), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_is_heard_as_bytes_and_harms_nothing() {
    let server = Redis::start();
    let (a, mut b) = (Node::at(&server, 1).await, Node::at(&server, 2).await);
    let carrier = Arc::clone(&b.carrier);
    let own = &carrier.channels.own;
    server.ask_with(&["publish", own], b"*3\r\n$-1\r\n\xff\0");
    assert_eq!(b.hears().await, b"*3\r\n$-1\r\n\xff\0".as_slice());
    server.ask_with(&["publish", own], &vec![0; PACKET_BYTES_MAX + 1]);
    server.ask(&["publish", own, ""]);
    a.send(&b, b"after it");
    assert_eq!(b.hears().await, "after it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_does_not_listen_misses_packets_and_stops_nobody() {
    let server = Redis::start();
    let (a, mut b) = (Node::at(&server, 1).await, Node::at(&server, 2).await);
    for _ in 0..3 {
        for _ in 0..4_000 {
            a.send(&b, b"many");
        }
        // The queue of what is sent empties before the next lot.
        b.hears().await;
    }
    while timeout(Duration::from_millis(500), b.heard.recv()).await.is_ok() {}
    a.send(&b, b"the last");
    assert_eq!(b.hears().await, "the last");
}

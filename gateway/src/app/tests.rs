//! A whole node on free ports.

use super::*;
use crate::edge::testing::{FakeStore, site};
use crate::telemetry::{LogFormat, subscriber};
use std::future::pending;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn node(grace_ms: u64) -> Node {
    let folder = tempfile::tempdir().unwrap();
    let here = SocketAddr::from(([127, 0, 0, 1], 0));
    let config = Config {
        listen: here,
        admin_listen: here,
        drain_grace_ms: grace_ms,
        data: folder.path().to_owned(),
        ..Config::default()
    };
    let store = Arc::new(FakeStore::with(vec![site("shop", &[])]));
    let (_subscriber, log_level) = subscriber("info", LogFormat::Text).unwrap();
    Node::start(&config, Kept { store, cluster: None }, log_level).await.unwrap()
}

async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_node_serves_its_two_ports_and_ends_when_nothing_is_owed() {
    let node = node(0).await;
    assert!(get(node.address, "/v1/panel/shop").await.starts_with("HTTP/1.1 200 "));
    assert!(get(node.admin_address, "/readyz").await.contains("\"ready\":true"));
    assert!(get(node.admin_address, "/metrics").await.contains("halloo_connections"));
    assert!(get(node.address, "/metrics").await.starts_with("HTTP/1.1 404 "), "not for the public");
    let (address, admin_address) = (node.address, node.admin_address);
    node.stop(pending::<()>()).await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
    assert!(TcpStream::connect(admin_address).await.is_err());
}

#[tokio::test]
async fn a_node_that_drains_is_not_ready_and_still_serves_during_its_grace() {
    let node = node(50_000).await;
    let (address, admin_address) = (node.address, node.admin_address);
    let (hurry, hurried) = tokio::sync::oneshot::channel::<()>();
    let watching = async {
        while get(admin_address, "/readyz").await.contains("\"draining\":false") {}
        assert!(get(address, "/").await.starts_with("HTTP/1.1 200 "));
        hurry.send(()).unwrap();
    };
    let (stopped, ()) = tokio::join!(node.stop(hurried), watching);
    stopped.unwrap();
}

#[tokio::test]
async fn a_taken_address_is_named() {
    let first = node(0).await;
    let config = Config { listen: first.address, ..Config::default() };
    let (_subscriber, log_level) = subscriber("info", LogFormat::Text).unwrap();
    let store = Arc::new(FakeStore::with(Vec::new()));
    let second = Node::start(&config, Kept { store, cluster: None }, log_level).await;
    let told = format!("{:#}", second.err().unwrap());
    assert!(told.starts_with(&format!("cannot listen at {}", first.address)), "{told}");
}

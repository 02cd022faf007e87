//! Connections that speak HTTP, and those that do not.

use super::*;
use axum::body::Body;
use hyper::service::service_fn;
use tokio::io::{AsyncReadExt, DuplexStream};
use tokio::time::Instant;

/// Serves one connection with an empty 200 to everything, and closes it.
fn served(stop: CancellationToken) -> (DuplexStream, impl Future<Output = ()>) {
    let (ours, theirs) = tokio::io::duplex(4096);
    let serving = async move {
        let service = service_fn(|_| Box::pin(async { Ok::<_, Infallible>(hyper::Response::new(Body::empty())) }));
        if let Some(ended) = serve(ours, service, &stop).await {
            close(ended.stream).await;
        }
    };
    (theirs, serving)
}

async fn read_all(mut peer: DuplexStream) -> String {
    let mut told = String::new();
    peer.read_to_string(&mut told).await.unwrap();
    told
}

#[tokio::test(start_paused = true)]
async fn headers_that_do_not_come_are_answered_408_after_ten_seconds() {
    let (mut peer, serving) = served(CancellationToken::new());
    peer.write_all(b"GET / HTTP/1.1\r\nhos").await.unwrap();
    let before = Instant::now();
    let (told, ()) = tokio::join!(read_all(peer), serving);
    assert!(told.starts_with("HTTP/1.1 408 "), "{told}");
    assert_eq!(before.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_says_nothing_is_closed_without_a_word() {
    let (peer, serving) = served(CancellationToken::new());
    let (told, ()) = tokio::join!(read_all(peer), serving);
    assert_eq!(told, "");
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_ends_at_once_when_asked_to_stop() {
    let stop = CancellationToken::new();
    let (mut peer, serving) = served(stop.clone());
    peer.write_all(b"GET / HTTP/1.1\r\nhost: a.b\r\n\r\n").await.unwrap();
    let before = Instant::now();
    let asking = async {
        let mut first = [0; 15];
        peer.read_exact(&mut first).await.unwrap();
        stop.cancel();
        read_all(peer).await
    };
    tokio::join!(asking, serving);
    assert!(before.elapsed() < Duration::from_secs(1));
}

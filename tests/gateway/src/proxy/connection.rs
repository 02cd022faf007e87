//! One connection through the proxy: two pipes, each a reader and a writer with a bounded queue between them.

use crate::proxy::flow::{End, Fate, Way};
use socket2::SockRef;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until};

/// Bytes of one read.
const READ_BYTES_MAX: usize = 16 * 1024;
/// Reads on their way: a delayed way holds what a long line would.
const READS_MAX: usize = 1_024;

/// Why a connection ends at once.
struct Reset;

/// Bytes, and when they are due at the other end.
type Due = (Instant, Vec<u8>);

/// Passes bytes on until both ways have ended, or the connection is reset.
pub(super) async fn serve(
    mut client: TcpStream,
    mut gateway: TcpStream,
    up: &Way,
    down: &Way,
    mut resets: watch::Receiver<u64>,
) {
    for stream in [&client, &gateway] {
        // A stream that is gone shows itself at the first read.
        let _ = stream.set_nodelay(true);
    }
    let reset = {
        let (client_read, client_write) = client.split();
        let (gateway_read, gateway_write) = gateway.split();
        tokio::select! {
            ended = async { tokio::try_join!(pipe(client_read, gateway_write, up), pipe(gateway_read, client_write, down)) } => ended.is_err(),
            changed = resets.changed() => changed.is_ok(),
        }
    };
    if reset {
        for stream in [&client, &gateway] {
            let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
        }
    }
}

async fn pipe(from: ReadHalf<'_>, to: WriteHalf<'_>, way: &Way) -> Result<(), Reset> {
    let (sent, due) = mpsc::channel(READS_MAX);
    tokio::try_join!(read(from, way, sent), write(to, way, due)).map(|_| ())
}

async fn read(mut from: ReadHalf<'_>, way: &Way, sent: mpsc::Sender<Due>) -> Result<(), Reset> {
    let mut bytes = vec![0; READ_BYTES_MAX];
    loop {
        let count = match from.read(&mut bytes).await {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(_) => return Err(Reset),
        };
        match way.take(&bytes[..count]) {
            Fate::Passes { delay } => {
                if sent.send((Instant::now() + delay, bytes[..count].to_vec())).await.is_err() {
                    return Ok(());
                }
            }
            Fate::Swallowed => {}
            Fate::Ends(End::HalfClose) => return Ok(()),
            Fate::Ends(End::Reset) => return Err(Reset),
        }
    }
}

async fn write(mut to: WriteHalf<'_>, way: &Way, mut due: mpsc::Receiver<Due>) -> Result<(), Reset> {
    while let Some((at, bytes)) = due.recv().await {
        sleep_until(at).await;
        let flow = way.flow();
        for piece in bytes.chunks(flow.piece_bytes()) {
            // Even a sleep of no time takes a millisecond.
            if let Some(time) = flow.time_of(piece.len()) {
                sleep(time).await;
            }
            to.write_all(piece).await.map_err(|_| Reset)?;
            way.count_piece();
        }
    }
    // Where the peer is gone there is nobody to tell.
    let _ = to.shutdown().await;
    Ok(())
}

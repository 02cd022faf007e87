//! One HTTP/1.1 connection: its limits, its end, and the answer to headers that do not come.
//!
//! hyper parses and writes; what is done with a request is the service's business.

use crate::edge::farewell::hang_up;
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::poll_fn;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

/// For the headers of a request, and for an idle connection to send the next one.
const HEADERS_MS_MAX: u64 = 10_000;
const HEADERS_MAX: usize = 100;
/// Request line and headers; browsers stay under 8 KiB.
const HEADER_BYTES_MAX: usize = 16 * 1024;
/// Read and write buffers of one connection.
const BUFFER_BYTES_MAX: usize = 64 * 1024;
/// A connection this old is asked to end behind its request, and is cut when it does not: nobody reads for ever.
const AGE_MS_MAX: u64 = 300_000;
const AGE_GRACE_MS: u64 = 60_000;

const TIMED_OUT: &[u8] = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// A connection on which no more HTTP is spoken.
pub(crate) struct Ended<T, S> {
    pub(crate) stream: T,
    /// What was read behind the last request.
    pub(crate) leftover: Bytes,
    pub(crate) service: S,
}

/// Speaks HTTP until the peer or the service ends it; after `stop` the request in hand is the last one.
///
/// Gives the stream back, still open for writing, unless it broke.
pub(crate) async fn serve<T, S, B>(stream: T, service: S, stop: &CancellationToken) -> Option<Ended<T, S>>
where
    T: AsyncRead + AsyncWrite + Unpin,
    S: Service<hyper::Request<Incoming>, Response = hyper::Response<B>, Error = Infallible> + Unpin,
    S::Future: Unpin,
    B: hyper::body::Body + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut connection = builder().serve_connection(TokioIo::new(stream), service);
    let mut is_ending = false;
    let mut age = Box::pin(tokio::time::sleep(Duration::from_millis(AGE_MS_MAX)));
    let mut stopped = Box::pin(stop.cancelled());
    let end = loop {
        tokio::select! {
            end = poll_fn(|cx| connection.poll_without_shutdown(cx)) => break end,
            () = &mut stopped, if !is_ending => {
                is_ending = true;
                std::pin::Pin::new(&mut connection).graceful_shutdown();
            }
            () = &mut age => {
                if is_ending {
                    return None;
                }
                is_ending = true;
                std::pin::Pin::new(&mut connection).graceful_shutdown();
                age.as_mut().reset(tokio::time::Instant::now() + Duration::from_millis(AGE_GRACE_MS));
            }
        }
    };
    let parts = connection.into_parts();
    let mut stream = parts.io.into_inner();
    match end {
        Ok(()) => {}
        Err(error) if error.is_timeout() && !parts.read_buf.is_empty() => {
            let writing = stream.write_all(TIMED_OUT);
            tokio::time::timeout(Duration::from_millis(AGE_GRACE_MS), writing).await.ok()?.ok()?;
        }
        Err(error) => tracing::debug!(%error, "connection ended"),
    }
    Some(Ended { stream, leftover: parts.read_buf, service: parts.service })
}

/// Ends a connection so that its last answer arrives.
pub(crate) async fn close<T: AsyncRead + AsyncWrite + Unpin>(mut stream: T) {
    hang_up(&mut stream).await;
}

fn builder() -> http1::Builder {
    let mut builder = http1::Builder::new();
    // Without a timer hyper's time limits are silently off.
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(HEADERS_MS_MAX))
        .max_headers(HEADERS_MAX)
        .max_header_size(HEADER_BYTES_MAX)
        .max_buf_size(BUFFER_BYTES_MAX);
    builder
}

#[cfg(test)]
mod tests;

//! One WebSocket of a well-behaved client: frames up, frames down, and why it ended.

use crate::http::Place;
use futures_util::{SinkExt, StreamExt};
use protocol::{CloseNotice, Down, SUBPROTOCOL, Up, decode_down};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::ClientRequestBuilder;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// Why a socket ended: the close frame's code and reason, or nothing where it just broke.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    pub code: Option<u16>,
    pub reason: String,
}

impl Ended {
    /// The wait that the close asks for.
    #[must_use]
    pub fn retry_after_ms(&self) -> Option<u64> {
        CloseNotice::decode(&self.reason).retry_after_ms
    }
}

/// A socket that has been opened.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
}

impl Socket {
    /// Opens a visitor's socket.
    ///
    /// # Errors
    /// The gateway is away or refuses.
    pub async fn of_visitor(place: &Place) -> Result<Self, Ended> {
        Self::open(place, &format!("/v1/socket/{}", place.site)).await
    }

    /// Opens an agent's socket.
    ///
    /// # Errors
    /// The gateway is away or refuses.
    pub async fn of_agent(place: &Place) -> Result<Self, Ended> {
        Self::open(place, "/v1/socket").await
    }

    async fn open(place: &Place, path: &str) -> Result<Self, Ended> {
        let stream = TcpStream::connect(place.address).await.map_err(|_| Ended::default())?;
        stream.set_nodelay(true).map_err(|_| Ended::default())?;
        let address = format!("ws://{}{path}", place.address).parse().expect("an address of our own making");
        let request =
            ClientRequestBuilder::new(address).with_header("Origin", place.origin()).with_sub_protocol(SUBPROTOCOL);
        match client_async(request, stream).await {
            Ok((stream, _)) => Ok(Self { stream }),
            Err(_) => Err(Ended::default()),
        }
    }

    /// Sends a frame.
    ///
    /// # Errors
    /// The socket has ended.
    pub async fn send(&mut self, frame: &Up) -> Result<(), Ended> {
        self.send_text(&serde_json::to_string(frame).expect("a frame is plain data")).await
    }

    /// Sends a text message as it is.
    ///
    /// # Errors
    /// The socket has ended.
    pub async fn send_text(&mut self, text: &str) -> Result<(), Ended> {
        match self.stream.send(Message::text(text)).await {
            Ok(()) => Ok(()),
            // Why it ended may still stand in what was not read yet.
            Err(_) => Err(self.end().await),
        }
    }

    /// The next frame. Cancel safe.
    ///
    /// # Errors
    /// The socket has ended.
    ///
    /// # Panics
    /// When the gateway sends what is no frame.
    pub async fn next(&mut self) -> Result<Down, Ended> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => {
                    return Ok(decode_down(&text).unwrap_or_else(|error| panic!("{error}: {text}")));
                }
                Some(Ok(Message::Close(frame))) => {
                    let frame = frame.map(|frame| (u16::from(frame.code), frame.reason.to_string()));
                    let (code, reason) = frame.unzip();
                    return Err(Ended { code, reason: reason.unwrap_or_default() });
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_))) => {}
                Some(Err(_)) | None => return Err(Ended::default()),
            }
        }
    }

    /// Reads to the end, and says why it ended.
    pub async fn end(&mut self) -> Ended {
        loop {
            if let Err(ended) = self.next().await {
                return ended;
            }
        }
    }

    /// Leaves with a close frame, and waits for the gateway's.
    ///
    /// # Errors
    /// The socket broke before.
    pub async fn leave(mut self) -> Result<(), tungstenite::Error> {
        self.stream.close(None).await?;
        while let Some(read) = self.stream.next().await {
            read?;
        }
        Ok(())
    }
}

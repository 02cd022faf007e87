//! One life of the way over Redis: two connections, until either fails or an echo goes missing.

use super::RedisCarrier;
use super::address::config;
use super::ear::Ear;
use crate::adapters::limits::{
    ECHO_EVERY_MS, PUBLISHED_BYTES_MAX, PUBLISHED_PACKETS_MAX, REDIS_OPEN_MS_MAX, REDIS_REPLY_MS_MAX,
};
use crate::adapters::outbound::To;
use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use redis::{RedisError, Value};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// Why a way was lost, or not found.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("{0}")]
    Redis(#[from] RedisError),
    #[error("a file of the settings: {0}")]
    File(std::io::Error),
    #[error("no connection in time")]
    Slow,
    #[error("the subscription has ended")]
    Ended,
    /// The subscription is dead, or the two connections lead to two servers.
    #[error("what was published was not heard")]
    Deaf,
    /// What is published there does not reach those who are at the primary.
    #[error("the server is a replica")]
    Replica,
}

/// Two connections that carry what is sent.
pub(super) struct Session<'a> {
    carrier: &'a RedisCarrier,
    publisher: MultiplexedConnection,
    subscriber: MultiplexedConnection,
    ear: Arc<Ear>,
    /// Echoes sent so far.
    sent: u64,
}

impl<'a> Session<'a> {
    /// Connects, subscribes, and hears its own echo.
    pub async fn open(carrier: &'a RedisCarrier) -> Result<Self, Fault> {
        let opened = timeout(Duration::from_millis(REDIS_OPEN_MS_MAX), Self::begin(carrier));
        opened.await.unwrap_or(Err(Fault::Slow))
    }

    async fn begin(carrier: &'a RedisCarrier) -> Result<Self, Fault> {
        let client = carrier.address.client().await?;
        let ear = Ear::new(&carrier.channels, &carrier.inbound);
        let hearing = config().set_push_sender(Arc::clone(&ear));
        let mut subscriber = client.get_multiplexed_async_connection_with_config(&hearing).await?;
        subscriber.subscribe(&[&carrier.channels.own, &carrier.channels.shared]).await?;
        let publisher = client.get_multiplexed_async_connection_with_config(&config()).await?;
        let mut session = Self { carrier, publisher, subscriber, ear, sent: 0 };
        session.ask().await?;
        while session.ear.echoes() == 0 {
            session.ear.stirred.notified().await;
            session.check_end()?;
        }
        Ok(session)
    }

    /// Carries what waits until something fails.
    pub async fn run(mut self) -> Fault {
        loop {
            if let Err(fault) = self.serve().await {
                return fault;
            }
        }
    }

    async fn serve(&mut self) -> Result<(), Fault> {
        let mut turn = interval(Duration::from_millis(ECHO_EVERY_MS));
        turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
        turn.tick().await;
        // What was sent at the last turn; it has had a whole turn to come back by the next but one.
        let mut due = 0;
        loop {
            tokio::select! {
                biased;
                () = self.ear.stirred.notified() => self.check_end()?,
                _ = turn.tick() => {
                    if self.ear.echoes() < due {
                        return Err(Fault::Deaf);
                    }
                    due = self.sent;
                    self.ask().await?;
                }
                batch = self.carrier.outbound.take(PUBLISHED_PACKETS_MAX, PUBLISHED_BYTES_MAX) => {
                    self.publish(batch).await?;
                }
            }
        }
    }

    fn check_end(&self) -> Result<(), Fault> {
        if self.ear.has_ended() { Err(Fault::Ended) } else { Ok(()) }
    }

    /// Asks both connections whether they live, the server what it is, and sends an echo.
    async fn ask(&mut self) -> Result<(), Fault> {
        let mut questions = redis::pipe();
        questions.cmd("HELLO").arg(3).cmd("PUBLISH").arg(&self.carrier.channels.own).arg(b"").ignore();
        let ping = redis::cmd("PING");
        let limit = Duration::from_millis(REDIS_REPLY_MS_MAX);
        let answers = async {
            tokio::try_join!(
                questions.query_async::<(Value,)>(&mut self.publisher),
                ping.query_async::<Value>(&mut self.subscriber)
            )
        };
        let ((hello,), _) = timeout(limit, answers).await.map_err(|_| Fault::Slow)??;
        self.sent += 1;
        let missed = self.carrier.inbound.take_missed();
        if missed > 0 {
            tracing::warn!(carrier = self.carrier.name, missed, "packets that came were dropped");
        }
        if is_replica(&hello) { Err(Fault::Replica) } else { Ok(()) }
    }

    async fn publish(&mut self, batch: Vec<(To, Bytes)>) -> Result<(), Fault> {
        let mut commands = redis::pipe();
        for (to, packet) in &batch {
            commands.cmd("PUBLISH").arg(self.carrier.channels.of(*to)).arg(packet.as_ref()).ignore();
        }
        let limit = Duration::from_millis(REDIS_REPLY_MS_MAX);
        timeout(limit, commands.query_async::<()>(&mut self.publisher)).await.map_err(|_| Fault::Slow)??;
        Ok(())
    }
}

/// What the server says of itself when it is greeted.
fn is_replica(hello: &Value) -> bool {
    let Value::Map(said) = hello else { return false };
    let role = said.iter().find(|(key, _)| is_text(key, "role"));
    role.is_some_and(|(_, role)| is_text(role, "replica") || is_text(role, "slave"))
}

fn is_text(value: &Value, text: &str) -> bool {
    if let Value::BulkString(said) = value {
        return said == text.as_bytes();
    }
    matches!(value, Value::SimpleString(said) if said == text)
}

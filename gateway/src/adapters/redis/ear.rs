//! What a subscribed connection hears. It is called by the connection's own task and never waits.

use super::channels::Channels;
use crate::adapters::inbound::Inbound;
use bytes::Bytes;
use redis::aio::{AsyncPushSender, SendError};
use redis::{PushInfo, PushKind, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::sync::Notify;

/// Sorts what comes: packets go to the node, echoes are counted.
pub(super) struct Ear {
    own: String,
    shared: String,
    inbound: Arc<Inbound>,
    echoes: AtomicU64,
    /// An echo was heard, or the connection has ended.
    pub stirred: Notify,
    ended: AtomicBool,
}

impl Ear {
    pub fn new(channels: &Channels, inbound: &Arc<Inbound>) -> Arc<Self> {
        Arc::new(Self {
            own: channels.own.clone(),
            shared: channels.shared.clone(),
            inbound: Arc::clone(inbound),
            echoes: AtomicU64::new(0),
            stirred: Notify::new(),
            ended: AtomicBool::new(false),
        })
    }

    /// Echoes heard: packets without a byte on the node's own channel, which nobody else sends.
    pub fn echoes(&self) -> u64 {
        self.echoes.load(Ordering::Acquire)
    }

    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    fn hear(&self, data: Vec<Value>) {
        let Ok([Value::BulkString(channel), Value::BulkString(packet)]) = <[Value; 2]>::try_from(data) else { return };
        if channel == self.own.as_bytes() && packet.is_empty() {
            self.echoes.fetch_add(1, Ordering::AcqRel);
            self.stirred.notify_one();
        } else if channel == self.own.as_bytes() || channel == self.shared.as_bytes() {
            self.inbound.bring(Bytes::from(packet));
        }
    }
}

impl AsyncPushSender for Ear {
    fn send(&self, info: PushInfo) -> Result<(), SendError> {
        if info.kind == PushKind::Message {
            self.hear(info.data);
        } else if info.kind == PushKind::Disconnection || info.kind == PushKind::Unsubscribe {
            self.ended.store(true, Ordering::Release);
            self.stirred.notify_one();
        }
        Ok(())
    }
}

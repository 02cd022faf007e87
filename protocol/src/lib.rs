//! The wire of `halloo.v1`: what visitors, agents and the gateway say to each other.
//!
//! Frames are JSON text, one object with a single key that names the kind:
//! `{"command":{…}}`, `{"event":{…}}`.
//! A kind or a field that a reader does not know is passed over, so either side may be newer.
//! This crate holds types, limits and decoding only; who may say what, and what follows, is decided in
//! `gateway-core`.

mod body;
mod close;
mod command;
mod decode;
mod down;
mod ids;
pub mod limits;
mod position;
mod record;
mod refusal;
mod row;
#[cfg(feature = "schema")]
pub mod schema;
mod text;
mod up;

pub use body::{Body, Node, Nothing, nodes};
pub use close::{CloseCode, CloseNotice, Return};
pub use command::*;
pub use decode::{DecodeError, decode_down, decode_up};
pub use down::*;
pub use ids::*;
pub use position::{Head, Number, Position, Tail};
pub use record::*;
pub use refusal::{Code, Refusal};
pub use row::{AgentRow, Row, RowState, Status, VisitorCard};
pub use text::{TextError, clean, clean_body, clean_optional};
pub use up::*;

/// Version of the wire that this crate speaks; `hello.protocol` names it.
pub const PROTOCOL: u16 = 1;

/// WebSocket subprotocol offered by clients and selected by the gateway (RFC 6455, section 1.9).
pub const SUBPROTOCOL: &str = "halloo.v1";

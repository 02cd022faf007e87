//! Why a command or a frame was refused.

use crate::ids::{CommandId, ConversationId};
use serde::{Deserialize, Serialize};

macro_rules! refusals {
    ($($name:ident $wire:literal, $retryable:literal, $sentence:literal;)*) => {
        /// Why something was refused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum Code {
            $(#[doc = $sentence] #[serde(rename = $wire)] $name,)*
            /// A code of a newer peer.
            #[serde(other, rename = "unknown")]
            Unknown,
        }

        impl Code {
            /// Every code that this version sends.
            pub const ALL: &[Code] = &[$(Code::$name),*];

            /// Whether the same command may be sent again; a final refusal means it was not stored.
            #[must_use]
            pub const fn retryable(self) -> bool {
                match self { $(Self::$name => $retryable,)* Self::Unknown => false }
            }

            /// Whether the refused command has used up its ordinal, so that the next command takes the next one.
            ///
            /// It has where the desk refused it for good and keeps that answer in the outbox's row.
            /// It has not where the same command may come again, where no node would ever take such content,
            /// or where the outbox's row was left alone.
            #[must_use]
            pub const fn uses_ordinal(self) -> bool {
                match self {
                    Self::Forbidden
                    | Self::Stale
                    | Self::AlreadyOpen
                    | Self::Closed
                    | Self::Unstorable
                    | Self::Internal => true,
                    Self::Busy
                    | Self::Unavailable
                    | Self::RateLimited
                    | Self::BadJson
                    | Self::BadFrame
                    | Self::UnknownType
                    | Self::BadText
                    | Self::BadValue
                    | Self::NotFound
                    | Self::Conflict
                    | Self::OutOfOrder
                    | Self::Unknown => false,
                }
            }

            /// A sentence for people who write clients.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* Self::Unknown => "unknown refusal" }
            }

            /// The name on the wire.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $wire,)* Self::Unknown => "unknown" }
            }
        }
    };
}

refusals! {
    Busy "busy", true, "a queue is full; send it again";
    Unavailable "unavailable", true, "the store cannot be reached; send it again";
    RateLimited "rate_limited", true, "too many frames; send it again later";
    BadJson "bad_json", false, "not one JSON object, or nested too deep";
    BadFrame "bad_frame", false, "a field is missing or of another type";
    UnknownType "unknown_type", false, "this kind of frame or action is not known here";
    BadText "bad_text", false, "text is empty, too long, or holds a character that is not allowed";
    BadValue "bad_value", false, "a value is out of its range";
    NotFound "not_found", false, "no such conversation for this principal";
    Forbidden "forbidden", false, "this principal may not do that";
    Conflict "conflict", false, "the same command id came with other content";
    OutOfOrder "out_of_order", false, "the ordinal is not the next one of this outbox";
    Stale "stale", false, "the command names a state that has passed";
    AlreadyOpen "already_open", false, "this visitor has an open conversation";
    Closed "closed", false, "the conversation is closed";
    Unstorable "unstorable", false, "the store refuses this content";
    Internal "internal", false, "a fault of the gateway; the command was not carried out";
}

/// `no`: a command or a frame was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refusal {
    pub code: Code,
    /// Whether the same command may be sent again.
    pub retryable: bool,
    /// A sentence for people who write clients; never shown to visitors as it is.
    pub message: String,
    /// The refused command, where the frame was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandId>,
    /// The lane of that command; with `already_open`, the conversation that is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
    /// Wait at least this long before sending it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl Refusal {
    /// A refusal of `code` with its own sentence, of no particular command.
    #[must_use]
    pub fn of(code: Code) -> Self {
        Self {
            code,
            retryable: code.retryable(),
            message: code.sentence().to_owned(),
            command: None,
            conversation: None,
            retry_after_ms: None,
        }
    }

    /// The same, naming the refused command.
    #[must_use]
    pub fn command(self, command: CommandId) -> Self {
        Self { command: Some(command), ..self }
    }

    /// The same, naming a conversation.
    #[must_use]
    pub fn conversation(self, conversation: Option<ConversationId>) -> Self {
        Self { conversation, ..self }
    }

    /// The same, naming the shortest wait.
    #[must_use]
    pub fn retry_after_ms(self, ms: u64) -> Self {
        Self { retry_after_ms: Some(ms), ..self }
    }
}

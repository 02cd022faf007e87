//! From text to frames: depth first, then one key that names the kind.

use crate::body::Node;
use crate::command::Action;
use crate::down::Down;
use crate::limits::JSON_DEPTH_MAX;
use crate::record::RecordKind;
use crate::refusal::Code;
use crate::up::Up;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use std::fmt;

/// Why a text is not a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not JSON, not one object, or nested too deep.
    #[error("not one JSON object, or nested too deep")]
    Json,
    /// JSON, but a field is missing, double or of another type.
    #[error("a field is missing or of another type")]
    Frame,
}

impl DecodeError {
    /// The code of the refusal that answers it.
    #[must_use]
    pub fn code(self) -> Code {
        match self {
            Self::Json => Code::BadJson,
            Self::Frame => Code::BadFrame,
        }
    }
}

/// Reads a client's frame. A kind that is not known comes back as [`Up::Unknown`].
pub fn decode_up(text: &str) -> Result<Up, DecodeError> {
    decode(text)
}

/// Reads the gateway's frame. A kind that is not known comes back as [`Down::Unknown`].
pub fn decode_down(text: &str) -> Result<Down, DecodeError> {
    decode(text)
}

fn decode<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, DecodeError> {
    if is_too_deep(text.as_bytes()) {
        return Err(DecodeError::Json);
    }
    serde_json::from_str(text).map_err(|_| {
        let is_object = text.trim_start().starts_with('{') && serde_json::from_str::<IgnoredAny>(text).is_ok();
        if is_object { DecodeError::Frame } else { DecodeError::Json }
    })
}

/// Whether arrays and objects nest deeper than the limit.
///
/// Most frames have fewer brackets than the limit, which one pass without branches shows.
fn is_too_deep(bytes: &[u8]) -> bool {
    let opened = bytes.iter().filter(|byte| matches!(byte, b'{' | b'[')).count();
    opened > JSON_DEPTH_MAX && depth(bytes) > JSON_DEPTH_MAX
}

fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0usize, 0, false, false);
    for byte in bytes {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'{' | b'[') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            (true | false, _) => {}
        }
    }
    deepest
}

macro_rules! tolerant {
    ($frame:ident { $($key:literal => $variant:ident,)* }) => {
        impl $frame {
            /// Names on the wire of the kinds that this version knows.
            pub const KINDS: &[&str] = &[$($key),*];
        }

        impl<'de> Deserialize<'de> for $frame {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Frame;

                impl<'de> Visitor<'de> for Frame {
                    type Value = $frame;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("an object with one key that names the kind")
                    }

                    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                        let Some(kind) = map.next_key::<String>()? else {
                            return Err(A::Error::custom("an empty object"));
                        };
                        let frame = match kind.as_str() {
                            $($key => $frame::$variant(map.next_value()?),)*
                            _ => {
                                map.next_value::<IgnoredAny>()?;
                                $frame::Unknown(kind)
                            }
                        };
                        match map.next_key::<IgnoredAny>()? {
                            None => Ok(frame),
                            Some(_) => Err(A::Error::custom("more than one key")),
                        }
                    }
                }

                deserializer.deserialize_map(Frame)
            }
        }
    };
}

tolerant!(Up {
    "hello" => Hello,
    "pong" => Pong,
    "command" => Command,
    "fetch" => Fetch,
    "follow" => Follow,
    "unfollow" => Unfollow,
    "typing" => Typing,
    "read" => Read,
    "page" => Page,
    "availability" => Availability,
    "watch" => Watch,
    "unwatch" => Unwatch,
});

tolerant!(Action {
    "open" => Open,
    "say" => Say,
    "note" => Note,
    "accept" => Accept,
    "decline" => Decline,
    "take" => Take,
    "transfer" => Transfer,
    "park" => Park,
    "close" => Close,
    "reopen" => Reopen,
    "rate" => Rate,
    "edit" => Edit,
    "delete" => Delete,
    "status" => Status,
    "accepting" => Accepting,
    "capacity" => Capacity,
});

tolerant!(RecordKind {
    "opened" => Opened,
    "waiting" => Waiting,
    "offered" => Offered,
    "declined" => Declined,
    "lapsed" => Lapsed,
    "assigned" => Assigned,
    "said" => Said,
    "noted" => Noted,
    "transferred" => Transferred,
    "parked" => Parked,
    "closed" => Closed,
    "reopened" => Reopened,
    "rated" => Rated,
    "edited" => Edited,
    "deleted" => Deleted,
});

tolerant!(Node {
    "text" => Text,
    "link" => Link,
    "break" => Break,
});

tolerant!(Down {
    "ready" => Ready,
    "ping" => Ping,
    "ok" => Ok,
    "no" => No,
    "event" => Event,
    "heads" => Heads,
    "records" => Records,
    "typing" => Typing,
    "read" => Read,
    "place" => Place,
    "availability" => Availability,
    "rows" => Rows,
    "change" => Change,
    "roster" => Roster,
    "agent" => Agent,
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Nothing, Number};

    #[test]
    fn a_kind_that_is_not_known_is_passed_over() {
        assert_eq!(decode_up(r#"{"wave":{"hand":[1,2]}}"#), Ok(Up::Unknown("wave".into())));
        assert_eq!(decode_down(r#"{"wave":1}"#), Ok(Down::Unknown("wave".into())));
    }

    #[test]
    fn fields_that_are_not_known_are_passed_over() {
        assert_eq!(decode_up(r#"{"pong":{"__proto__":{"a":1},"constructor":2}}"#), Ok(Up::Pong(Nothing {})));
    }

    #[test]
    fn what_is_no_object_is_bad_json() {
        for text in ["", "[]", "null", "7", "\"x\"", "{", r#"{"pong":{}} x"#, r#"{"pong":{}"#] {
            assert_eq!(decode_up(text), Err(DecodeError::Json), "{text}");
        }
    }

    #[test]
    fn wrong_fields_are_a_bad_frame() {
        for text in [
            "{}",
            r#"{"fetch":{}}"#,
            r#"{"pong":{},"ping":{}}"#,
            r#"{"watch":{"view":7}}"#,
            r#"{"page":{"title":"\ud800"}}"#,
        ] {
            assert_eq!(decode_up(text), Err(DecodeError::Frame), "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_before_it_is_parsed() {
        let deep = |levels: usize| format!(r#"{{"x":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
        assert_eq!(decode_up(&deep(15)), Ok(Up::Unknown("x".into())));
        assert_eq!(decode_up(&deep(16)), Err(DecodeError::Json));
        assert_eq!(decode_up(&deep(10_000)), Err(DecodeError::Json));
        let brackets_in_text = format!(r#"{{"x":"{}"}}"#, "[\\\"".repeat(100));
        assert_eq!(decode_up(&brackets_in_text), Ok(Up::Unknown("x".into())));
    }

    #[test]
    fn numbers_that_javascript_cannot_hold_are_refused() {
        let read = |number: &str| {
            decode_up(&format!(
                r#"{{"read":{{"conversation":"01890a5d-ac96-774b-bcce-b302099a8057","number":{number}}}}}"#
            ))
        };
        assert!(read(&Number::MAX.to_string()).is_ok());
        for number in ["9007199254740993", "-0", "-1", "1.5", "NaN", "\"1\""] {
            assert!(read(number).is_err(), "{number}");
        }
        assert!(read("1e400").is_err());
    }
}

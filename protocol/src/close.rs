//! Close codes: why a socket ended, and whether to come back.

use serde::{Deserialize, Serialize};

/// What a client does after a close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Return {
    /// Resume after back-off, or after the close's `retry_after_ms` where it names one.
    Resume,
    /// Fetch a new token or ticket once, then resume.
    Renew,
    /// Reload the page once.
    Reload,
    /// Forget local state, then stop.
    Wipe,
    /// Stop until the user acts.
    Stop,
}

macro_rules! codes {
    ($(#[doc = $meaning:literal] $name:ident = $code:literal, $then:ident;)*) => {
        /// Why the gateway closed a socket (RFC 6455, section 7.4; 4000 to 4999 are private use).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum CloseCode { $(#[doc = $meaning] $name,)* }

        impl CloseCode {
            /// Every code, in the order of its figure.
            pub const ALL: &[CloseCode] = &[$(CloseCode::$name),*];

            /// The figure that stands in the close frame.
            #[must_use]
            pub const fn code(self) -> u16 { match self { $(Self::$name => $code,)* } }

            /// What the client does next.
            #[must_use]
            pub const fn then(self) -> Return { match self { $(Self::$name => Return::$then,)* } }

            /// A sentence for people who write clients.
            #[must_use]
            pub const fn meaning(self) -> &'static str { match self { $(Self::$name => $meaning.trim_ascii(),)* } }

            /// The code with this figure, where this version knows it.
            #[must_use]
            pub const fn of(figure: u16) -> Option<Self> {
                match figure { $($code => Some(Self::$name),)* _ => None }
            }
        }
    };
}

codes! {
    /// Normal end.
    Normal = 1000, Stop;
    /// The other side leaves.
    Away = 1001, Stop;
    /// Breach of RFC 6455.
    Protocol = 1002, Stop;
    /// Binary frames are not taken.
    Binary = 1003, Stop;
    /// Text that is not UTF-8.
    NotUtf8 = 1007, Stop;
    /// A frame or message over the limit; that send is dropped.
    TooBig = 1009, Resume;
    /// A fault of the gateway.
    Internal = 1011, Resume;
    /// The node restarts or drains.
    Restart = 1012, Resume;
    /// The node sheds load.
    Overload = 1013, Resume;
    /// Third bad message, or a second hello.
    BadMessage = 4400, Stop;
    /// Sign-in failed, expired or was revoked; or a frame came before hello.
    SignIn = 4401, Renew;
    /// This principal may not be here.
    Forbidden = 4403, Stop;
    /// No such site.
    UnknownSite = 4404, Stop;
    /// No hello, no pong, or an unfinished message, in time.
    Timeout = 4408, Resume;
    /// A newer generation of the same session took over.
    Superseded = 4409, Stop;
    /// The conversation or the visitor was erased.
    Erased = 4410, Wipe;
    /// The reader was too slow for too long.
    SlowReader = 4413, Resume;
    /// The client's protocol is too old.
    OldProtocol = 4426, Reload;
    /// The allowance was overrun for too long; resume after at least 30 s.
    RateLimited = 4429, Resume;
    /// The store is away, so sign-in cannot be checked.
    StoreAway = 4503, Resume;
}

/// The reason of a close frame: JSON text of at most 123 bytes (RFC 6455, section 5.5), or nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CloseNotice {
    /// Come back after this long; overrides back-off. Present wherever the gateway asks the client to return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl CloseNotice {
    /// The reason as it stands in the close frame.
    #[must_use]
    pub fn encode(self) -> String {
        match self.retry_after_ms {
            Some(ms) => format!(r#"{{"retry_after_ms":{ms}}}"#),
            None => String::new(),
        }
    }

    /// Reads a reason; one that is empty or of another make says nothing.
    #[must_use]
    pub fn decode(reason: &str) -> Self {
        serde_json::from_str(reason).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_finds_its_code() {
        for code in CloseCode::ALL {
            assert_eq!(CloseCode::of(code.code()), Some(*code));
        }
        assert_eq!(CloseCode::of(1006), None);
    }

    #[test]
    fn a_notice_is_read_back_and_fits_a_close_frame() {
        for retry_after_ms in [None, Some(0), Some(u64::MAX)] {
            let notice = CloseNotice { retry_after_ms };
            assert_eq!(CloseNotice::decode(&notice.encode()), notice);
            assert!(notice.encode().len() <= 123);
        }
    }

    #[test]
    fn a_reason_of_another_make_says_nothing() {
        for reason in ["", "going away", "[]", r#"{"retry_after_ms":"soon"}"#] {
            assert_eq!(CloseNotice::decode(reason), CloseNotice::default(), "{reason}");
        }
    }
}

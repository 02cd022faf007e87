//! Limits that both ends of the wire must know. Inner limits live in `gateway-core`.

/// One limit as the generated pages show it.
#[cfg(feature = "schema")]
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub name: &'static str,
    pub value: u64,
    /// What it bounds, and why there.
    pub meaning: &'static str,
}

/// Declares the constants, and once more as a table for the generated pages.
macro_rules! limits {
    ($($(#[doc = $doc:literal])+ pub const $name:ident: $type:ty = $value:expr;)*) => {
        $($(#[doc = $doc])+ pub const $name: $type = $value;)*

        /// Every limit, in the order of this file.
        #[cfg(feature = "schema")]
        pub const ALL: &[Limit] =
            &[$(Limit { name: stringify!($name), value: $name as u64, meaning: concat!($($doc),+) }),*];
    };
}

limits! {
    /// Longest frame and message in bytes: eight visitor bodies with room for escapes; more is an attack.
    pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;
    /// Fragments of one message; browsers send one, proxies a few.
    pub const FRAGMENTS_MAX: u32 = 64;
    /// Age of an unfinished message; 64 KiB over a very slow line takes less.
    pub const UNFINISHED_MESSAGE_MS_MAX: u64 = 10_000;
    /// RFC 6455 control frames a second; ours are JSON, so a client needs next to none.
    pub const CONTROL_FRAMES_PER_SECOND_MAX: u32 = 10;
    /// JSON nesting; the deepest frame of the protocol has 7 levels.
    pub const JSON_DEPTH_MAX: usize = 16;

    /// Visitor's body in UTF-8 bytes after decoding: about two printed pages.
    pub const VISITOR_BODY_BYTES_MAX: usize = 8 * 1024;
    /// Agent's body in UTF-8 bytes: canned replies and pasted logs are longer.
    pub const AGENT_BODY_BYTES_MAX: usize = 16 * 1024;
    /// Names of people, teams and sites.
    pub const NAME_BYTES_MAX: usize = 256;
    /// RFC 5321, section 4.5.3.1.3: a path is at most 256 octets with its brackets.
    pub const EMAIL_BYTES_MAX: usize = 254;
    /// Page title shown to an agent.
    pub const TITLE_BYTES_MAX: usize = 512;
    /// Page address shown to an agent; longer ones are refused by many servers too.
    pub const URL_BYTES_MAX: usize = 2_048;
    /// Comment beside a rating, a close or a transfer.
    pub const COMMENT_BYTES_MAX: usize = 2_048;
    /// Search words.
    pub const QUERY_BYTES_MAX: usize = 256;
    /// Visitor token or agent ticket.
    pub const TOKEN_BYTES_MAX: usize = 512;
    /// Language tag; RFC 5646, section 4.4.1 recommends room for 35.
    pub const LOCALE_BYTES_MAX: usize = 35;

    /// Conversations named by one hello or follow.
    pub const FOLLOWS_MAX: usize = 256;
    /// Records in one fetched page.
    pub const PAGE_RECORDS_MAX: usize = 100;
    /// Bytes of bodies in one fetched page; one more record may cross it.
    pub const PAGE_BYTES_MAX: usize = 64 * 1024;
    /// Rows of one view.
    pub const VIEW_ROWS_MAX: usize = 200;

    /// Time for the first frame.
    pub const HELLO_MS_MAX: u64 = 5_000;
    /// Shortest time between two server pings.
    pub const PING_MS_MIN: u64 = 20_000;
    /// Longest time between two server pings; the spread keeps sockets from beating together.
    pub const PING_MS_MAX: u64 = 25_000;
    /// Time for the answer to a ping.
    pub const PONG_MS_MAX: u64 = 10_000;
    /// Silence after which a client closes and resumes: one ping and its answer lost.
    pub const CLIENT_SILENCE_MS_MAX: u64 = 40_000;
    /// Time after which a client sends an unanswered command again.
    pub const RESEND_MS: u64 = 5_000;
    /// Reconnect delay is random(0, min(max, base × 2^n)): this is the base, a blink on the first try.
    pub const RECONNECT_BASE_MS: u64 = 1_000;
    /// Reconnect delay at most: half a minute is about what a person waits before reloading.
    pub const RECONNECT_MS_MAX: u64 = 30_000;
    /// Stability after which n returns to 0.
    pub const RECONNECT_STABLE_MS: u64 = 60_000;
    /// Typing shown without news.
    pub const TYPING_MS: u64 = 6_000;
    /// A client says that it types at most this often.
    pub const TYPING_EVERY_MS_MIN: u64 = 2_000;
    /// Ratings run from 1 to this.
    pub const SCORE_MAX: u8 = 5;
}

//! Limits of the REST API and of sign-in, each with its reason. Wire limits live in `protocol::limits`.

use std::time::Duration;

/// Longest request body: a canned reply with room; nothing here is uploaded.
pub(crate) const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Rows of one page of any list.
pub(crate) const PAGE_ROWS_MAX: usize = 100;
/// Rows where the caller names no limit.
pub(crate) const PAGE_ROWS_DEFAULT: usize = 50;

/// Shortest password: below it, guessing at the speed the limits below allow is worth a try.
pub(crate) const PASSWORD_BYTES_MIN: usize = 10;
/// Longest password: more adds nothing and costs time to read.
pub(crate) const PASSWORD_BYTES_MAX: usize = 1_024;
/// Passwords hashed at once, at 19 MiB each: 76 MiB, and no more cores than a small machine has.
pub(crate) const HASHES_AT_ONCE: usize = 4;
/// Requests that wait for their turn to hash; about a second's work. The next is told to come back.
pub(crate) const HASHES_WAITING_MAX: usize = 32;
/// Wait named when the line for hashing is full.
pub(crate) const HASHES_RETRY_AFTER_S: u64 = 2;
/// Wait named when the store is away.
pub(crate) const STORE_RETRY_AFTER_S: u64 = 2;

/// Wrong passwords of one account before each further try has to wait.
pub(crate) const FAILURES_FREE: u32 = 5;
/// First wait; each further failure doubles it.
pub(crate) const FAILURE_DELAY_MS: u64 = 1_000;
/// Longest wait: 60 guesses an hour are useless to a guesser, and whoever owns the account still gets in.
pub(crate) const FAILURE_DELAY_MS_MAX: u64 = 60_000;
/// Failures are forgotten after this long without another.
pub(crate) const FAILURES_FORGOTTEN_MS: u64 = 3_600_000;
/// Counters for accounts; emails share one by a keyed hash, so the memory is fixed (1.5 MiB).
pub(crate) const ACCOUNT_SLOTS: usize = 65_536;
/// Sign-ins one address may try at once: an office behind one address starts its shift together.
pub(crate) const ADDRESS_BURST: u64 = 30;
/// Afterwards one in this time.
pub(crate) const ADDRESS_INTERVAL_MS: u64 = 2_000;
/// Counters for addresses, shared in the same way (128 KiB).
pub(crate) const ADDRESS_SLOTS: usize = 16_384;

/// A browser's session.
pub(crate) const SESSION_LIFE: Duration = Duration::from_secs(30 * 24 * 3_600);
/// A link that signs an agent in: time to read mail after a holiday week.
pub(crate) const SIGN_IN_CODE_LIFE: Duration = Duration::from_secs(7 * 24 * 3_600);
/// The link that creates the first operator; a new one is printed at each start.
pub(crate) const SETUP_CODE_LIFE: Duration = Duration::from_secs(24 * 3_600);
/// A ticket for one socket: long enough for a slow handshake.
pub(crate) const TICKET_LIFE: Duration = Duration::from_secs(30);

/// Origins of one site; each one lengthens the `frame-ancestors` header of every panel.
pub(crate) const ORIGINS_MAX: usize = 64;
/// One origin: the longest host name has 253 octets (RFC 1035).
pub(crate) const ORIGIN_BYTES_MAX: usize = 300;
/// A site's public key.
pub(crate) const SITE_KEY_BYTES_MAX: usize = 64;
/// First words in the panel.
pub(crate) const GREETING_BYTES_MAX: usize = 1_024;
/// Teams, agents and canned replies of one site: lists of them are answered whole.
pub(crate) const TEAMS_MAX: usize = 200;
pub(crate) const AGENTS_MAX: usize = 2_000;
pub(crate) const CANNED_MAX: usize = 1_000;
/// What an agent types after `/`.
pub(crate) const SHORTCUT_BYTES_MAX: usize = 64;
/// Skills or languages of one agent or team.
pub(crate) const TAGS_MAX: usize = 50;
/// One skill.
pub(crate) const TAG_BYTES_MAX: usize = 64;
/// Capacity of an agent whose site named none: most people follow four chats at most.
pub(crate) const CAPACITY_DEFAULT: u32 = 4;
/// Longest grace for a dropped agent.
pub(crate) const GRACE_S_MAX: u64 = 3_600;
/// Longest time an absent visitor keeps the place.
pub(crate) const ABSENT_S_MAX: u64 = 24 * 3_600;
/// Longest time within which a visitor's word reopens a conversation.
pub(crate) const REOPEN_DAYS_MAX: u64 = 365;
/// Conversations a visitor may have open: each may hold an agent, and the panel lists them all.
pub(crate) const OPEN_MAX: u32 = 20;
/// Longest wait after which skill and language no longer bind.
pub(crate) const RELAX_S_MAX: u64 = 24 * 3_600;
/// Longest wait for the preferred agent while others are free.
pub(crate) const PREFERRED_S_MAX: u64 = 600;
/// Longest offer and first-reply time of a team.
pub(crate) const TEAM_TIME_S_MAX: u64 = 3_600;

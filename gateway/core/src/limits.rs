//! Inner limits: every queue, map and loop of the rules ends at one of these.

/// Live events waiting for one visitor's socket.
pub const VISITOR_QUEUE_FRAMES_MAX: usize = 256;
pub const VISITOR_QUEUE_BYTES_MAX: usize = 128 * 1024;
/// Live events waiting for one agent's socket: an agent follows many conversations.
pub const AGENT_QUEUE_FRAMES_MAX: usize = 1_024;
pub const AGENT_QUEUE_BYTES_MAX: usize = 1024 * 1024;
/// A reader that has not drained its queue for this long is closed.
pub const SLOW_READER_MS_MAX: u64 = 10_000;

/// A timeout that is told later than this tells of a process that stood still, not of a silent peer; and the time to
/// read what peers sent meanwhile.
pub const TIMEOUT_LATE_MS_MAX: u64 = 1_000;

/// A socket that is sent away is closed after this long, whether all its commands were answered or not.
pub const LEAVING_MS_MAX: u64 = 10_000;

/// Frames a second from a visitor, and how many at once: faster than anyone types, slow enough for one core.
pub const VISITOR_FRAMES_PER_SECOND: u32 = 5;
pub const VISITOR_FRAMES_BURST: u32 = 20;
/// The same from an agent, who serves several and whose console resumes them at once.
pub const AGENT_FRAMES_PER_SECOND: u32 = 20;
pub const AGENT_FRAMES_BURST: u32 = 60;
/// Bytes a second from any socket; the burst is one full message.
pub const BYTES_PER_SECOND: u32 = 64 * 1024;
/// A sender this many times over the rate, for this many seconds, is closed.
pub const RATE_OVERRUN: u32 = 3;
pub const RATE_OVERRUN_SECONDS: u32 = 10;
/// Wait named by a refusal for rate.
pub const RATE_RETRY_AFTER_MS: u64 = 1_000;
/// Frames that could not be read before the socket is closed.
pub const BAD_FRAMES_MAX: u32 = 3;

/// An agent's capacity.
pub const CAPACITY_MAX: u32 = 100;
/// Conversations one desk holds open: more is a flood, and each costs memory.
pub const CONVERSATIONS_PER_DESK_MAX: usize = 200_000;
/// Sockets that have joined one desk.
pub const SOCKETS_PER_DESK_MAX: usize = 200_000;
/// Outboxes of one conversation: a tab or device each. A browser without storage makes one each page it loads, and
/// a conversation must outlive some hundred pages.
pub const OUTBOXES_PER_CONVERSATION_MAX: usize = 512;
/// Room beside them for agents' outboxes, so that no visitor can keep an agent from answering, or from closing.
pub const OUTBOXES_FOR_AGENTS_MAX: usize = 256;
/// Outboxes of lane none of one site.
pub const OUTBOXES_OF_NO_LANE_MAX: usize = 10_000;
/// A row of lane none goes this long after its last use: no page sends a command again after a month.
pub const OUTBOX_UNUSED_MS_MAX: u64 = 30 * 24 * 3_600_000;
/// Rows to go are looked for when a desk opens and this often: one pass over all of them, so not for each command.
pub const OUTBOXES_SWEPT_EVERY_MS: u64 = 24 * 3_600_000;
/// Commands that wait for one conversation to be loaded; then `busy`.
pub const COMMANDS_PER_LOAD_MAX: usize = 64;
/// Conversations being loaded at once by one desk.
pub const LOADS_MAX: usize = 64;
/// Wait named by `busy`.
pub const BUSY_RETRY_AFTER_MS: u64 = 500;

/// After a decline or a lapse the agent is not offered the same conversation for this long.
pub const DECLINED_MS: u64 = 60_000;
/// For this long after a desk opened all visitors count as present: their sockets are still coming back.
pub const PRESENT_AFTER_OPEN_MS: u64 = 10_000;
/// A desk takes answers from every living node, or this long, before it assigns.
pub const OPENING_MS_MAX: u64 = 2_000;
/// Places up to this one are told at once; the others at most every `PLACES_EVERY_MS`.
pub const PLACES_AT_ONCE: u32 = 10;
pub const PLACES_EVERY_MS: u64 = 5_000;
/// A read mark without other news is stored after this long.
pub const READ_STORED_MS: u64 = 5_000;
/// The beginning of the last message shown in lists, in characters.
pub const PREVIEW_CHARS_MAX: usize = 120;
/// Service times the estimate of a wait rests on.
pub const SERVICE_SAMPLES_MAX: usize = 200;
/// Ended waits the range of the next one rests on, for one place. Waits of one hour are alike, so they must be many more
/// than twenty for the range to hold nine of ten; as many as there are service times.
pub const WAITS_KEPT_MAX: usize = 200;
/// With fewer the service times alone tell the range.
pub const WAITS_KEPT_MIN: usize = 20;
/// Places of one wait that are remembered until it ends.
pub const PLACES_KEPT_MAX: usize = 32;
/// With fewer the wait is not told.
pub const SERVICE_SAMPLES_MIN: usize = 5;

/// A node writes its heartbeat row this often.
pub const HEARTBEAT_MS: u64 = 1_000;
/// A node whose heartbeat stood still for this long has lost its sites; the node itself believes so no later.
pub const LEASE_MS: u64 = 3_000;
/// Heartbeats confirmed further apart than this do not show whether others stood still meanwhile: one may be late.
pub const HEARTBEAT_GAP_MS_MAX: u64 = 2 * HEARTBEAT_MS;
/// Ownership rows that changed within this time are read with each heartbeat: several heartbeats may fail between.
pub const OWNERS_CHANGED_WITHIN_MS: u64 = 15_000;
/// A node that has not reached the store for this long, while its peers do, sends its sockets away.
pub const AWAY_MS_MAX: u64 = 20_000;
/// The sockets of such a node leave over this time, so that the others are not stormed.
pub const SOCKETS_LEAVE_WITHIN_MS: u64 = 10_000;
/// Sites that nobody serves are looked for this often.
pub const SWEEP_MS: u64 = 500;
/// Sites a node opens at once: opening reads a whole site from the store.
pub const OPENS_MAX: usize = 64;
/// Pauses before a desk that was lost is opened again, one after another; the last one repeats.
pub const REOPEN_AFTER_MS: [u64; 4] = [0, 1_000, 2_000, 4_000];
/// A node beats this often to each peer it has to do with.
pub const BEAT_MS: u64 = 1_000;
/// After words of a peer were lost, all who follow something through it ask again, at most this often: what they are
/// told then may be lost as well, and must not make a storm of its own.
pub const MEND_EVERY_MS: u64 = 1_000;
/// It has to do with a peer for this long after the last envelope.
pub const BEATS_FOR_MS: u64 = 10_000;
/// Beats without confirmation after which another carrier is taken: one may be on its way.
pub const BEATS_UNCONFIRMED_MAX: usize = 2;
/// Beats confirmed in a row after which a better carrier is taken again.
pub const BEATS_TO_RETURN: u32 = 3;
/// Ways to a peer that a node knows at most.
pub const CARRIERS_MAX: usize = 4;
/// Peers whose counters are kept, the dead ones too: one that wakes goes on counting.
pub const PEERS_MAX: usize = 4_096;
/// Commands of one site that a node keeps until they are answered; then `busy`.
pub const UNANSWERED_PER_SITE_MAX: usize = 10_000;
/// Things said to a desk that is being opened here; what is more is sent again by its node.
pub const MAIL_PER_OPENING_MAX: usize = 1_024;
/// Deliveries in one letter to a peer.
pub const DELIVERIES_PER_LETTER_MAX: usize = 64;
/// Longest commands or frames (20 KiB as they travel) in one envelope, which then fits into a carrier's packet of 4 MiB.
pub const UNITS_PER_ENVELOPE_MAX: usize = 150;

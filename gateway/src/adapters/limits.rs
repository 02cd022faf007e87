//! Limits of the stores: sizes of batches, queues and slices that only adapters know.

/// Rows of one batch. A desk handles a bounded slice of commands; more than this is a fault of the caller.
pub(crate) const APPEND_ROWS_MAX: usize = 100_000;
/// Bytes of text of one batch: a thousand of the longest bodies.
pub(crate) const APPEND_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Rows of any list or page; callers ask for far fewer.
pub(crate) const LIST_ROWS_MAX: usize = 1_000;
/// Characters of the text around a match.
pub(crate) const SNIPPET_CHARS_MAX: usize = 120;

/// Jobs waiting for the SQLite writer: a desk has one append in flight, so this is the number of busy sites.
pub(crate) const WRITER_QUEUE_MAX: usize = 4_096;
/// Jobs of one commit: beyond this the wait of the first one outweighs the saved sync.
pub(crate) const GROUP_JOBS_MAX: usize = 512;
/// Cached statements of a connection; all that the code prepares fit.
pub(crate) const STATEMENTS_MAX: usize = 128;
/// A writer outside this process (an operator's shell) may hold the file for this long.
pub(crate) const FOREIGN_LOCK_MS_MAX: u64 = 5_000;

/// Reader connections: reads are short, and more would take the cores from the desks.
pub(crate) const READERS_MAX: usize = 4;
/// Reads waiting for a connection; the next one is refused.
pub(crate) const READS_WAITING_MAX: usize = 1_024;
/// Time of one read.
pub(crate) const READ_MS_MAX: u64 = 1_000;
/// Time to read what a desk opens with: 100,000 conversations take well under a second on an idle machine.
pub(crate) const OPENING_MS_MAX: u64 = 30_000;
/// Closed conversations that are looked at for how long they were served: a desk wants the last few hundred that were.
pub(crate) const CLOSED_LOOKED_AT_MAX: usize = 1_000;
/// Steps of SQLite's machine between two looks at the clock: well under a millisecond.
pub(crate) const STEPS_PER_LOOK: i32 = 1_000;

/// A record is offered to the search index when it is this old, so that one commit indexes many;
/// the port promises 2 s.
pub(crate) const FOLLOW_AFTER_MS: u64 = 800;
/// Records indexed between two commits: some five milliseconds, which the acks behind them wait at most.
pub(crate) const FOLLOW_ROWS_MAX: i64 = 256;

/// Pages the log grows by between two checkpoints; SQLite's own default.
pub(crate) const CHECKPOINT_PAGES: u32 = 1_000;
/// A smaller log is checkpointed after this long.
pub(crate) const CHECKPOINT_EVERY_MS: u64 = 5_000;
/// From this size (16 MiB) the last pages are moved while no commit runs, so that the log starts over.
pub(crate) const LOG_PAGES_MAX: u32 = 4_096;

/// A restored database's epochs are raised by this: more openings than any site has between backup and restore.
pub(crate) const RESTORED_EPOCHS: i64 = 1_000_000;

/// Packets that wait for a carrier: a second's worth at the rate a way is sized for. More is dropped, and said again by
/// whoever needs it.
pub(crate) const OUTBOUND_PACKETS_MAX: usize = 4_096;
/// Their bytes: four of the longest packets.
pub(crate) const OUTBOUND_BYTES_MAX: usize = 16 * 1024 * 1024;
/// A carrier that failed is tried again after this, then after twice as long each time.
pub(crate) const RETRY_MS_MIN: u64 = 100;
/// The longest wait: with a connection's time below, a way that is there again is used within 5 s.
pub(crate) const RETRY_MS_MAX: u64 = 2_000;

/// Packets of one pipeline to Redis, and their bytes: large enough to spare round trips, small enough to be answered
/// in time by a slow server.
pub(crate) const PUBLISHED_PACKETS_MAX: usize = 512;
pub(crate) const PUBLISHED_BYTES_MAX: usize = 1024 * 1024;
/// Two connections to Redis with sign-in and subscription are there within this time, or have failed.
pub(crate) const REDIS_OPEN_MS_MAX: u64 = 2_000;
/// A command of Redis without an answer for so long has failed, and its connections with it.
pub(crate) const REDIS_REPLY_MS_MAX: u64 = 1_500;
/// Redis is asked whether it is there, and an echo sent, this often. An echo that is not heard two turns later is
/// missing: whatever died is noticed within 3 s.
pub(crate) const ECHO_EVERY_MS: u64 = 750;
/// Bytes of a secret's or certificate's file.
pub(crate) const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Connections that append: one a site at a time, and a database commits some hundreds of batches together.
pub(crate) const APPENDERS_MAX: usize = 16;
/// Appends waiting for one; a desk has one in flight, so this is the number of busy sites.
pub(crate) const APPENDS_WAITING_MAX: usize = 4_096;
/// Connections that read and administrate.
pub(crate) const POSTGRES_READERS_MAX: usize = 8;
/// A connection is made, or has failed, within this time.
pub(crate) const CONNECT_MS_MAX: u64 = 5_000;
/// A way to the database that carries nothing for so long is broken.
pub(crate) const POSTGRES_SILENCE_MS_MAX: u64 = 10_000;
/// An append without an answer for so long is given up with its connection; its outcome is unknown.
pub(crate) const APPEND_MS_MAX: u64 = 10_000;
/// Any row lock is waited for this long: whoever holds one is at work on the same site, or stands still.
pub(crate) const LOCK_MS_MAX: u64 = 2_000;
/// A transaction whose node stands still between two statements is ended by the database after this.
pub(crate) const IDLE_IN_TRANSACTION_MS_MAX: u64 = 2_000;
/// A heartbeat without an answer for so long has failed: shorter than a lease.
pub(crate) const HEARTBEAT_MS_MAX: u64 = 2_000;
/// An answer may come this much later than the database's own limit of its statement; then the connection is dropped.
pub(crate) const ANSWER_LATE_MS_MAX: u64 = 2_000;
/// Characters of a word that search looks at.
pub(crate) const WORD_CHARS_MAX: usize = 64;
/// Sites whose search waits to follow between two rounds; the others follow when they are searched.
pub(crate) const FOLLOWED_SITES_MAX: usize = 10_000;
/// Rows of nodes that have not beaten for so long, and own nothing, are deleted.
pub(crate) const NODE_KEPT_MS: i64 = 86_400_000;

/// The table of packets is polled this often, and while it brings something this often.
pub(crate) const POLL_EVERY_MS: u64 = 250;
pub(crate) const POLL_BUSY_EVERY_MS: u64 = 50;
/// A way is busy for so long after its last packet: a second's beats keep it awake while it is in use.
pub(crate) const POLL_BUSY_FOR_MS: u64 = 1_500;
/// Packets of one insert, and their bytes.
pub(crate) const WRITTEN_PACKETS_MAX: usize = 512;
pub(crate) const WRITTEN_BYTES_MAX: usize = 1024 * 1024;
/// Packets of one poll, and the bytes from which on the rest waits for the next.
pub(crate) const POLLED_ROWS_MAX: i64 = 512;
pub(crate) const POLLED_BYTES_MAX: i64 = 4 * 1024 * 1024;
/// A row is kept for this long: longer than the latest commit that is waited for, shorter than anybody waits for words.
pub(crate) const PACKET_KEPT_MS: u64 = 5_000;
/// The highest id is remembered this often; no reader needs the age of rows more exactly.
pub(crate) const PACKET_MARK_EVERY_MS: u64 = 1_000;
/// Rows deleted by one statement, so that none takes long.
pub(crate) const DELETED_ROWS_MAX: i64 = 1_000;
/// A statement of the carrier without an answer for so long has failed, and its connection with it.
pub(crate) const TABLE_REPLY_MS_MAX: u64 = 1_500;

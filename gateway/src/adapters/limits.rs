//! Limits of the stores: sizes of batches, queues and slices that only adapters know.

/// Rows of one batch. A desk handles a bounded slice of commands; more than this is a fault of the caller.
pub(crate) const APPEND_ROWS_MAX: usize = 100_000;
/// Bytes of text of one batch: a thousand of the longest bodies.
pub(crate) const APPEND_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Rows of any list or page; callers ask for far fewer.
pub(crate) const LIST_ROWS_MAX: usize = 1_000;
/// Characters of the text around a match.
pub(crate) const SNIPPET_CHARS_MAX: usize = 120;

//! Desk: the single writer of one site's live state.

pub mod input;

//! The habits of this repository that clippy cannot hold, one rule a module.
//!
//! A rule takes paths and texts and answers with faults, so each is tried on a bad example beside it.
//! `tests/tidy.rs` runs all of them over the repository.

pub mod arrows;
pub mod deny;
pub mod dependencies;
pub mod form;
pub mod length;
pub mod reach;
pub mod source;
pub mod tree;
pub mod words;

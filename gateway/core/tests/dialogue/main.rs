//! Dialogues with a desk: each test is a conversation in plain lines, checked against the contract.
//!
//! `stage` reads the lines, drives the desk as the shell does, keeps the rows it stores, and checks after every
//! line what must always hold. The other modules are the dialogues, one file a theme.

#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks at the kinds it is about and passes over the rest")]

mod stage;

mod dedupe;
mod ending;
mod following;
mod grace;
mod handing;
mod line;
mod lists;
mod notes;
mod offers;
mod opening;
mod passing;
mod permission;
mod properties;
mod refusing;
mod reopening;
mod roll_call;
mod routing;
mod settings;
mod words;

//! Links among each other: several nodes, carriers that lose what they are told to lose, and a store, in one thread.
//!
//! `stage` is the world; the other modules are the rules, one file a theme.

#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks at the kinds it is about and passes over the rest")]

mod stage;

mod carriers;
mod counting;
mod draining;
mod leases;
mod owning;
mod properties;
mod resubmitting;
mod roll_calls;
mod sets;

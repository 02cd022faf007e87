//! Clients: pages that keep the contract, and the people before them.

pub(crate) mod agent;
pub(crate) mod lists;
pub(crate) mod outbox;
pub(crate) mod person;
pub(crate) mod poison;
pub(crate) mod rude;
pub(crate) mod tab;
pub(crate) mod transcript;
pub(crate) mod visitor;

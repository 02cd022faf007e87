//! The API as a whole, over the store in memory: requests in, answers out, no ports.

mod crossing;
mod history;
mod matrix;
mod revocation;
mod settings;
mod sign_in;
pub(super) mod world;

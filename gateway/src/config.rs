//! What an operator decides: flags, then environment, then file, then defaults.
//!
//! [`Config`] is read whole, and every fault is told with the source it came from.
//! The example file and the help of the flags are made from the same list as the struct.

mod example;
mod fault;
mod flags;
mod secret;
mod server_url;
mod settings;
mod source;
mod value;

pub use example::example;
pub use fault::{Fault, Faults};
pub use flags::Flags;
pub use secret::Secret;
pub use server_url::{DatabaseUrl, RedisUrl};
pub use settings::{Config, PublicUrl, Setting};

#[cfg(test)]
mod tests;

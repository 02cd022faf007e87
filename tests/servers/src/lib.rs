//! Private servers for tests: started on a free port in a temporary folder, and gone with the test.
//!
//! It starts what is installed and knows nothing of halloo; tests of any crate may use it.

mod postgres;
mod process;
mod redis;

pub use postgres::Postgres;
pub use redis::Redis;

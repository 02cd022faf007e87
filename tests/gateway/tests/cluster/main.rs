//! Several real nodes on a real Postgres and Redis: whoever talks notices no more of a fault than that words take
//! longer, and what was acknowledged is there once, in one order for everybody.
#![cfg(test)]

mod database;
mod deployment;
mod node;
mod redis;
mod settings;
mod talk;

//! Stage: where dialogues are played. [`play`] takes the lines of one.
//!
//! A line is an action (`v1 opens c1: hello`, `30 s pass`, `the desk reopens`), or what must be true after it:
//! `v1 < opened, said hello, ok` names all that a socket was told since the last action, lists and heads apart
//! unless they are named; `c1 is assigned a1` asks the store. [`script`] reads what is done, [`expect`] what is claimed.

pub mod client;
pub mod expect;
pub mod names;
pub mod referee;
pub mod rows;
pub mod script;
pub mod shown;
pub mod site;
pub mod store;
pub mod world;

use world::World;

/// Plays a dialogue to its end; panics at the line that does not hold.
pub fn play(text: &str) {
    let mut world = World::default();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        world.line(line);
    }
    world.curtain();
}

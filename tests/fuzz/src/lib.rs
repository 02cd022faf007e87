//! What must hold for any bytes that a stranger or a peer may send: one target a module, each a plain function.
//!
//! A target panics where its property does not hold, and only there.
//! `tests/replay.rs` runs the committed corpus through it, and `engine/` searches for more under coverage guidance.

mod body;
mod command;
mod envelope;
mod frame;
mod handshake;
mod nodes;
mod peers;
mod position;
mod token;

/// A target and the folder of its corpus.
pub struct Target {
    pub name: &'static str,
    /// The property, in a sentence.
    pub says: &'static str,
    pub run: fn(&[u8]),
}

/// Every target, in the order of their names.
pub const TARGETS: [Target; 8] = [
    Target {
        name: "body",
        says: "a body's nodes hold all of its text, and links have allowed schemes only",
        run: body::run,
    },
    Target {
        name: "command",
        says: "a frame reads back as it was written, and what a session lets through keeps the limits",
        run: command::run,
    },
    Target {
        name: "envelope",
        says: "an envelope reads back as it was written, and no peer makes a node panic or talk without end",
        run: envelope::run,
    },
    Target {
        name: "frame",
        says: "the guard's verdict does not depend on slices, and what it lets through the WebSocket library reads so",
        run: frame::run,
    },
    Target {
        name: "handshake",
        says: "whoever is answered 101 asked as RFC 6455 section 4.2.1 wants, and no byte behind it is lost",
        run: handshake::run,
    },
    Target {
        name: "nodes",
        says: "a node believes only rows that it read, and holds a lease only under a fresh heartbeat",
        run: nodes::run,
    },
    Target {
        name: "position",
        says: "a position reads back as it was written, in the order JavaScript sees, and a reader's page fits it",
        run: position::run,
    },
    Target {
        name: "token",
        says: "a changed token names nobody, and one that is good is the one its visitor was given",
        run: token::run,
    },
];

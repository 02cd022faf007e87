//! The committed pages of the wire are those the types give.
#![cfg(feature = "schema")]

use std::fs;
use std::path::Path;

#[test]
fn generated_pages_are_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (path, text) in protocol::schema::generated() {
        // The web client's copy is there where the web client is.
        if path.starts_with("widget-js/") && !root.join("widget-js/src/protocol").exists() {
            continue;
        }
        let committed = fs::read_to_string(root.join(path)).unwrap_or_default();
        assert!(committed == text, "{path} is out of date: cargo run -p protocol --features schema --example generate");
    }
}

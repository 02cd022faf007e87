//! Writes the generated pages of the wire: `cargo run -p protocol --features schema --example generate`.

use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (path, text) in protocol::schema::generated() {
        let path = root.join(path);
        let folder = path.parent().expect("a generated file lies in a folder");
        // The web client's copy is written where the web client is.
        if path.ends_with("widget-js/src/protocol/frames.ts") && !root.join("widget-js").exists() {
            continue;
        }
        fs::create_dir_all(folder)?;
        fs::write(path, text)?;
    }
    Ok(())
}

//! Says what to do when the web files are to be embedded and were not built.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=../widget-js/dist");
    if std::env::var_os("CARGO_FEATURE_WEB").is_none() {
        return;
    }
    for file in ["loader.js", "panel/index.html", "console/index.html"] {
        if !Path::new("../widget-js/dist").join(file).is_file() {
            println!(
                "cargo::error=widget-js/dist/{file} is missing: run `make web` first, \
                 or build without the web files (--no-default-features)"
            );
        }
    }
}

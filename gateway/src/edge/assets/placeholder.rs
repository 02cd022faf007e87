//! What stands in for the web build where it was left out (`--no-default-features`): tests of the gateway need no Node.

use bytes::Bytes;

const DOCUMENT: &str =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>halloo</title><p>Built without its web files.\n";

/// The files that others rely on.
pub(super) fn files() -> Vec<(String, Bytes)> {
    let files = [
        ("loader.js", "\"built without its web files\";\n"),
        ("panel/index.html", DOCUMENT),
        ("panel/assets/panel-0.js", "\"built without its web files\";\n"),
        ("console/index.html", DOCUMENT),
    ];
    files.map(|(path, body)| (path.to_owned(), Bytes::from_static(body.as_bytes()))).to_vec()
}

//! The web build, embedded. `build.rs` says how to make it when it is missing.

use bytes::Bytes;
use rust_embed::RustEmbed;
use std::borrow::Cow;

#[derive(RustEmbed)]
#[folder = "../widget-js/dist"]
struct Build;

/// Every file of the build with its path.
pub(super) fn files() -> Vec<(String, Bytes)> {
    let read = |path: Cow<'static, str>| {
        let body = match Build::get(&path)?.data {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => Bytes::from(bytes),
        };
        Some((path.into_owned(), body))
    };
    Build::iter().filter_map(read).collect()
}

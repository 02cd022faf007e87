//! x
use super::Definitions;
pub(super) fn page(_: &Definitions) -> String {
    String::new()
}

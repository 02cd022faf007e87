//! Words as search compares them, where the store's own machinery does not: lower case, without the marks of Latin
//! letters. It does what SQLite's `unicode61 remove_diacritics 2` does.

use unicode_normalization::UnicodeNormalization;

/// Cuts a text into its words.
pub(crate) fn words(text: &str) -> Vec<String> {
    let folded: String = text.nfd().flat_map(char::to_lowercase).filter(|c| !is_mark(*c)).collect();
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

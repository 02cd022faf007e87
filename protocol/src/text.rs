//! What text may cross into a site: no NUL, no control characters in one-line fields, a length in bytes.

/// Why a text was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("text is empty")]
    Empty,
    #[error("text is too long")]
    TooLong,
    #[error("text holds a character that is not allowed")]
    BadCharacter,
}

/// Checks a one-line text (name, title, address) and trims it. Empty is refused.
pub fn clean(text: &str, bytes_max: usize) -> Result<String, TextError> {
    let text = text.trim();
    if text.len() > bytes_max {
        return Err(TextError::TooLong);
    }
    if text.chars().any(char::is_control) {
        return Err(TextError::BadCharacter);
    }
    if is_blank(text) {
        return Err(TextError::Empty);
    }
    Ok(text.to_owned())
}

/// Checks an optional one-line text; one that is blank counts as not given.
pub fn clean_optional(text: Option<&str>, bytes_max: usize) -> Result<Option<String>, TextError> {
    match text.map(|text| clean(text, bytes_max)) {
        None | Some(Err(TextError::Empty)) => Ok(None),
        Some(Ok(text)) => Ok(Some(text)),
        Some(Err(error)) => Err(error),
    }
}

/// Checks a body: line breaks and tabs are allowed, other control characters are not.
///
/// The text is kept as it was sent, so that what is stored is what is shown.
pub fn clean_body(text: &str, bytes_max: usize) -> Result<(), TextError> {
    if text.len() > bytes_max {
        return Err(TextError::TooLong);
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(TextError::BadCharacter);
    }
    if is_blank(text) {
        return Err(TextError::Empty);
    }
    Ok(())
}

/// Whether nothing of a text can be seen: white space, zero-width and other invisible formatting characters.
fn is_blank(text: &str) -> bool {
    text.chars().all(|c| {
        c.is_whitespace()
            || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}'
                | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_bodies_are_refused() {
        for text in ["", " \n\t", "\u{200b}\u{200d}", "\u{feff}"] {
            assert_eq!(clean_body(text, 100), Err(TextError::Empty), "{text:?}");
        }
    }

    #[test]
    fn nul_is_refused_everywhere() {
        assert_eq!(clean_body("a\0b", 100), Err(TextError::BadCharacter));
        assert_eq!(clean("a\0b", 100), Err(TextError::BadCharacter));
        assert_eq!(clean_optional(Some("a\0b"), 100), Err(TextError::BadCharacter));
    }

    #[test]
    fn length_counts_utf8_bytes() {
        assert_eq!(clean_body("ää", 4), Ok(()));
        assert_eq!(clean_body("ääa", 4), Err(TextError::TooLong));
    }

    #[test]
    fn lines_are_kept_in_bodies_and_refused_in_names() {
        assert_eq!(clean_body("a\nb\tc\r\n", 100), Ok(()));
        assert_eq!(clean("a\nb", 100), Err(TextError::BadCharacter));
        assert_eq!(clean("  Ada  ", 100).as_deref(), Ok("Ada"));
    }
}

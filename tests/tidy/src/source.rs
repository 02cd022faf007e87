//! Rust source reduced to what the rules look at: code without comments and texts, then without tests.

/// The same text with comments, strings and characters blanked; lines stay where they are.
#[must_use]
pub fn code(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => find(bytes, at, b"\n"),
            b'/' if bytes.get(at + 1) == Some(&b'*') => end_of_comment(bytes, at),
            b'r' if !follows_word(bytes, at) => end_of_raw(bytes, at).unwrap_or(at),
            b'b' if !follows_word(bytes, at) && bytes.get(at + 1) == Some(&b'r') => {
                end_of_raw(bytes, at + 1).unwrap_or(at)
            }
            b'"' => end_of_text(bytes, at),
            b'\'' => end_of_character(bytes, at).unwrap_or(at),
            _ => at,
        };
        for byte in &mut code[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end.max(at + 1);
    }
    String::from_utf8_lossy(&code).into_owned()
}

/// Code without its `#[cfg(test)]` items; lines stay where they are.
#[must_use]
pub fn without_tests(code: &str) -> String {
    let mut rest = code.to_owned();
    while let Some(start) = rest.find("#[cfg(test)]") {
        let open = rest[start..].find(['{', ';']).map_or(rest.len(), |at| start + at);
        let end = if rest.as_bytes().get(open) == Some(&b'{') { end_of_block(&rest, open) } else { open };
        let end = (end + 1).min(rest.len());
        let blank: String = rest[start..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
        rest.replace_range(start..end, &blank);
    }
    rest
}

/// Where the brace opened at `open` is closed.
#[must_use]
pub fn end_of_block(code: &str, open: usize) -> usize {
    let mut depth = 0usize;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return at;
        }
    }
    code.len()
}

/// Where a whole word stands in code.
pub fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let after = code.as_bytes().get(at + word.len()).copied();
        !follows_word(code.as_bytes(), *at) && !after.is_some_and(is_word)
    })
}

/// The identifier that begins here, past spaces.
#[must_use]
pub fn identifier(code: &str) -> &str {
    let code = code.trim_start();
    let code = code.strip_prefix("r#").unwrap_or(code);
    let end = code.bytes().position(|byte| !is_word(byte)).unwrap_or(code.len());
    &code[..end]
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn follows_word(bytes: &[u8], at: usize) -> bool {
    at > 0 && is_word(bytes[at - 1])
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> usize {
    bytes[from..].windows(what.len()).position(|window| window == what).map_or(bytes.len(), |at| from + at)
}

fn end_of_comment(bytes: &[u8], start: usize) -> usize {
    let (mut depth, mut at) = (0usize, start);
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") if depth == 1 => return at + 2,
            Some(b"*/") => (depth, at) = (depth - 1, at + 2),
            Some(_) | None => at += 1,
        }
    }
    bytes.len()
}

/// A raw string: `r`, any number of `#`, a quote; it ends with as many `#` behind a quote.
fn end_of_raw(bytes: &[u8], start: usize) -> Option<usize> {
    let hashes = bytes[start + 1..].iter().take_while(|byte| **byte == b'#').count();
    let open = start + 1 + hashes;
    if bytes.get(open) != Some(&b'"') {
        return None;
    }
    let mut close = b"\"".to_vec();
    close.extend(std::iter::repeat_n(b'#', hashes));
    Some((find(bytes, open + 1, &close) + close.len()).min(bytes.len()))
}

fn end_of_text(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// A character, not a lifetime: an escape, or one character and a quote.
fn end_of_character(bytes: &[u8], start: usize) -> Option<usize> {
    if bytes.get(start + 1) == Some(&b'\\') {
        return Some((find(bytes, start + 3, b"'") + 1).min(bytes.len()));
    }
    let text = std::str::from_utf8(&bytes[start + 1..]).ok()?;
    let width = text.chars().next()?.len_utf8();
    (bytes.get(start + 1 + width) == Some(&b'\'')).then_some(start + width + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_texts_are_blank() {
        let text =
            "a // {\nb /* { /* { */ { */ c \"{\\\"{\" d r#\"{\"{\"# e '{' 'x f<'a> '\\'' g b\"{\" br\"{\" h '\"' i";
        let code = code(text);
        assert!(!code.contains('{'), "{code}");
        assert_eq!(code.split_whitespace().collect::<String>(), "abcde'xf<'a>gb".to_owned() + "hi");
        assert_eq!(code.lines().count(), text.lines().count());
    }

    #[test]
    fn test_modules_are_blank() {
        let code = "fn a() {}\n#[cfg(test)]\nmod tests { fn b() { } }\nfn c() {}\n#[cfg(test)]\nmod more;\nfn d() {}";
        let rest = without_tests(code);
        assert!(rest.contains("fn a") && rest.contains("fn c") && rest.contains("fn d"));
        assert!(!rest.contains("fn b") && !rest.contains("more"));
    }

    #[test]
    fn words_are_whole() {
        assert_eq!(words("fn afn fn_ fn", "fn").collect::<Vec<_>>(), [0, 11]);
    }
}

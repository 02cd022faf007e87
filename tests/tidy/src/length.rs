//! Files and functions stay short enough to read; tests are not counted.

use crate::source::{code, end_of_block, identifier, without_tests, words};
use crate::tree::File;

/// Past this a file holds a second noun.
pub const FILE_LINES_MAX: usize = 700;
/// A function fits a screen.
pub const FUNCTION_LINES_MAX: usize = 70;

/// Files and functions that are too long.
#[must_use]
pub fn faults(files: &[File]) -> Vec<String> {
    files.iter().filter(|file| file.is_rust() && !file.is_test()).flat_map(faults_of).collect()
}

fn faults_of(file: &File) -> Vec<String> {
    let code = without_tests(&code(&file.text));
    let mut faults = Vec::new();
    // Lines that were a test are blank now, and so are comments, which do count.
    let tests = code.lines().zip(file.text.lines()).filter(|(code, text)| is_test_line(code, text)).count();
    let lines = file.text.lines().count() - tests;
    if lines > FILE_LINES_MAX {
        faults.push(format!("{}: {lines} lines; at most {FILE_LINES_MAX}", file.path));
    }
    for (name, lines) in functions(&code) {
        if lines > FUNCTION_LINES_MAX {
            faults.push(format!("{}: `{name}` has {lines} lines; at most {FUNCTION_LINES_MAX}", file.path));
        }
    }
    faults
}

fn is_test_line(code: &str, text: &str) -> bool {
    code.trim().is_empty() && !text.trim().is_empty() && !text.trim_start().starts_with("//")
}

/// Every function with a body, and how many lines it spans.
fn functions(code: &str) -> Vec<(String, usize)> {
    let mut functions = Vec::new();
    for at in words(code, "fn") {
        let name = identifier(&code[at + 2..]);
        let Some(open) = body(code, at) else { continue };
        if !name.is_empty() {
            let end = end_of_block(code, open).min(code.len() - 1);
            let lines = code[at..=end].lines().count();
            functions.push((name.to_owned(), lines));
        }
    }
    functions
}

/// The brace that opens a function's body: the first one outside of brackets, before any semicolon.
fn body(code: &str, function: usize) -> Option<usize> {
    let mut depth = 0i32;
    for (at, byte) in code.bytes().enumerate().skip(function) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b'{' if depth == 0 => return Some(at),
            b';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(lines: usize) -> String {
        format!("//! What.\nfn long(a: [u8; 3]) {{\n{}}}\n", "    x();\n".repeat(lines - 2))
    }

    fn count(path: &str, text: &str) -> usize {
        faults(&[File::new(path, text)]).len()
    }

    #[test]
    fn a_function_fits_a_screen() {
        assert_eq!(count("a/src/b.rs", &function(FUNCTION_LINES_MAX)), 0);
        assert_eq!(count("a/src/b.rs", &function(FUNCTION_LINES_MAX + 1)), 1);
    }

    #[test]
    fn braces_in_texts_do_not_count() {
        let text = format!("fn short() {{ \"{{{{\"; }}\n{}", "// line\n".repeat(100));
        assert_eq!(count("a/src/b.rs", &text), 0);
    }

    #[test]
    fn a_function_without_a_body_has_no_length() {
        let text = format!("trait T {{ fn a(&self) -> [u8; 2];\n{}fn b(&self) {{}} }}", "\n".repeat(100));
        assert_eq!(count("a/src/b.rs", &text), 0);
    }

    #[test]
    fn a_file_is_one_noun() {
        assert_eq!(count("a/src/b.rs", &"// line\n".repeat(FILE_LINES_MAX)), 0);
        assert_eq!(count("a/src/b.rs", &"// line\n".repeat(FILE_LINES_MAX + 1)), 1);
    }

    #[test]
    fn tests_may_be_long() {
        let text = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "    x();\n".repeat(FILE_LINES_MAX));
        assert_eq!(count("a/src/b.rs", &text), 0);
        assert_eq!(count("tests/a/tests/b.rs", &function(FUNCTION_LINES_MAX + 1)), 0);
    }
}

//! How a Rust file looks: it says what it is for, is named after its module, and silences no lint.

use crate::source::code;
use crate::tree::File;

/// Files of another form.
#[must_use]
pub fn faults(files: &[File]) -> Vec<String> {
    files.iter().filter(|file| file.is_rust()).flat_map(faults_of).collect()
}

fn faults_of(file: &File) -> Vec<String> {
    let mut faults = Vec::new();
    if !file.text.starts_with("//! ") {
        faults.push(format!("{}: begins without `//!`, so nobody knows what it is for", file.path));
    }
    if file.path.ends_with("/mod.rs") {
        faults.push(format!("{}: a module stands beside its folder, as `name.rs`", file.path));
    }
    let code = code(&file.text);
    if code.contains("#[allow(") || code.contains("#![allow(") {
        faults.push(format!("{}: `#[expect(…, reason = \"…\")]` in place of `allow`", file.path));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        faults(&[File::new(path, text)]).len()
    }

    #[test]
    fn a_file_says_what_it_is_for() {
        assert_eq!(count("a/src/b.rs", "//! What.\n"), 0);
        assert_eq!(count("a/src/b.rs", "use x;\n//! Late."), 1);
        assert_eq!(count("a/src/b.rs", ""), 1);
        assert_eq!(count("a/README.md", ""), 0);
    }

    #[test]
    fn a_module_stands_beside_its_folder() {
        assert_eq!(count("a/src/b/mod.rs", "//! What.\n"), 1);
    }

    #[test]
    fn no_lint_is_silenced_for_ever() {
        assert_eq!(count("a/src/b.rs", "//! What.\n#[allow(dead_code)]\nfn f() {}"), 1);
        assert_eq!(count("a/src/b.rs", "//! What.\n#![allow(clippy::all)]"), 1);
        assert_eq!(count("a/src/b.rs", "//! What.\n// not #[allow(dead_code)]"), 0);
    }
}

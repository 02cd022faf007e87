//! What the crates depend on: the core on next to nothing, the gateway on a list that is read before it grows.

use crate::tree::root;
use std::collections::BTreeSet;
use std::process::Command;

/// All that the rules may lean on.
pub const CORE: [&str; 4] = ["protocol", "serde", "serde_json", "uuid"];

/// The names under `[dependencies]` of a manifest, in order.
#[must_use]
pub fn names(manifest: &str) -> Vec<String> {
    let mut section = "";
    let mut names = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
            names.extend(section.strip_prefix("dependencies.").map(str::to_owned));
        } else if section == "dependencies" && !line.is_empty() && !line.starts_with('#') {
            let name = line.split(['=', '.', ' ']).next().unwrap_or(line);
            names.push(name.to_owned());
        }
    }
    names.sort();
    names
}

/// The crates that `deny.toml` bans.
#[must_use]
pub fn banned(deny: &str) -> Vec<String> {
    let names = deny.lines().filter_map(|line| line.trim().strip_prefix("{ crate = \"")?.split('"').next());
    names.map(str::to_owned).collect()
}

/// Names and versions of all that is compiled into the gateway, sorted, one a line.
///
/// # Panics
/// When cargo cannot tell.
#[must_use]
pub fn of_the_gateway() -> String {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", "gateway", "--edges", "normal", "--prefix", "none"])
        .args(["--target", "x86_64-unknown-linux-gnu", "--locked", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs this test, so it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    sorted(&String::from_utf8_lossy(&output.stdout))
}

/// Each line's name and version, once.
fn sorted(tree: &str) -> String {
    let lines: BTreeSet<String> = tree
        .lines()
        .filter(|line| !line.contains("(/"))
        .map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect();
    lines.into_iter().map(|line| line + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_every_form() {
        let manifest = "[package]\nname = \"x\"\n[dependencies]\nb.workspace = true\na = \"1\"\n# no\nc = { version = \"1\" }\n\
                        [dependencies.d]\nversion = \"1\"\n[dev-dependencies]\ne = \"1\"\n";
        assert_eq!(names(manifest), ["a", "b", "c", "d"]);
    }

    #[test]
    fn banned_crates_are_found() {
        let deny = "deny = [\n  { crate = \"ring\", reason = \"two providers\" },\n]\n[sources]\nunknown = \"deny\"\n";
        assert_eq!(banned(deny), ["ring"]);
    }

    #[test]
    fn a_tree_becomes_a_list() {
        assert_eq!(
            sorted("gateway v0.1.0 (/x/gateway)\nb v1.0.0\na v2.0.0 (proc-macro)\nb v1.0.0 (*)\n"),
            "a v2.0.0\nb v1.0.0\n"
        );
    }
}

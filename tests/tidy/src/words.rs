//! Words that tell of one machine have no place in the repository.

use crate::tree::File;

/// Lock files name where packages came from; that is their work.
const LOCK_FILES: [&str; 2] = ["Cargo.lock", "package-lock.json"];

/// Folders of a machine, cut in two so that this file does not hold them.
const MACHINE_PATHS: [[&str; 2]; 2] = [["/wo", "rk/"], ["/ro", "ot/"]];

/// How the hosts of package registries and their mirrors begin, after `://`.
const REGISTRY_HOSTS: [&str; 7] = ["registry.", "registry-", "index.", "npm.", "pypi.", "mirror.", "proxy."];

/// Lines that name a folder of a machine, or a package registry.
#[must_use]
pub fn faults(files: &[File]) -> Vec<String> {
    let files = files.iter().filter(|file| !LOCK_FILES.iter().any(|name| file.path.ends_with(name)));
    files.flat_map(faults_of).collect()
}

fn faults_of(file: &File) -> Vec<String> {
    let mut faults = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        let place = format!("{}:{}", file.path, index + 1);
        if MACHINE_PATHS.iter().any(|parts| holds_path(line, &parts.concat())) {
            faults.push(format!("{place}: names a folder of one machine"));
        }
        if line.split("://").skip(1).any(|host| REGISTRY_HOSTS.iter().any(|begin| host.starts_with(begin))) {
            faults.push(format!("{place}: names a package registry"));
        }
    }
    faults
}

/// Whether a path begins here, not in the middle of another one.
fn holds_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '}' | '>' | '*'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        faults(&[File::new("a.md", text)]).len()
    }

    #[test]
    fn a_folder_of_a_machine_is_a_fault() {
        for parts in MACHINE_PATHS {
            let path = parts.concat();
            assert_eq!(count(&format!("see {path}halloo/x.rs")), 1);
            assert_eq!(count(&format!("a = \"{path}x\"")), 1);
            assert_eq!(count(&format!("src{path}x")), 0);
        }
    }

    #[test]
    fn a_registry_is_a_fault_outside_lock_files() {
        let line = ["https:/", "/registry.example.org/x"].concat();
        assert_eq!(count(&line), 1);
        assert_eq!(faults(&[File::new("widget-js/package-lock.json", &line)]), Vec::<String>::new());
        assert_eq!(count("https://example.org/registry.html"), 0);
    }
}

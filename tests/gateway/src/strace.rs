//! Faults of system calls: a tracer that is attached to a running process, and makes its calls fail or wait.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Calls of a process that are tampered with, until this is dropped.
#[derive(Debug)]
pub struct Injection {
    tracer: Child,
    folder: TempDir,
}

impl Injection {
    /// Tampers from now on, as strace's `-e inject=` says: `fsync,fdatasync:error=EIO`.
    ///
    /// # Panics
    /// When strace is missing, or may not attach.
    #[must_use]
    pub fn begin(pid: u32, what: &str) -> Self {
        Self::attach(pid, what, &[])
    }

    /// Tampers only with calls on the file at this path.
    ///
    /// # Panics
    /// When strace is missing, or may not attach.
    #[must_use]
    pub fn on_file(pid: u32, what: &str, path: &Path) -> Self {
        Self::attach(pid, what, &[OsStr::new("-P"), path.as_os_str()])
    }

    fn attach(pid: u32, what: &str, only: &[&OsStr]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let calls = what.split(':').next().expect("a text has a first part");
        let mut command = Command::new("strace");
        command.args(["-f", "-p", &pid.to_string(), "-e", &format!("trace={calls}"), "-e", &format!("inject={what}")]);
        command.args(only).arg("-o").arg(folder.path().join("calls")).stdin(Stdio::null()).stderr(Stdio::piped());
        let mut tracer = command.spawn().expect("strace is there; scripts/install brings it");
        let told = tracer.stderr.take().expect("it was asked for");
        let mut told = BufReader::new(told);
        let mut first = String::new();
        told.read_line(&mut first).expect("strace says something");
        assert!(first.contains("attached"), "strace needs root, or a kernel.yama.ptrace_scope of 0: {first}");
        // What it says later has a reader, or it would stand still at a full pipe; it ends with the tracer.
        std::thread::spawn(move || told.read_to_end(&mut Vec::new()));
        Self { tracer, folder }
    }

    /// Calls that were tampered with so far.
    ///
    /// # Panics
    /// When what strace writes cannot be read.
    #[must_use]
    pub fn count(&self) -> usize {
        let calls = File::open(self.calls()).expect("strace has made its file");
        let lines = BufReader::new(calls).lines().map_while(Result::ok);
        lines.filter(|line| line.contains("(INJECTED)") || line.contains("(DELAYED)")).count()
    }

    fn calls(&self) -> PathBuf {
        self.folder.path().join("calls")
    }
}

impl Drop for Injection {
    /// Lets the process go on as before.
    fn drop(&mut self) {
        let pid = self.tracer.id().to_string();
        // Asked, it lets go of every thread; killed, it might leave one stopped.
        let _ = Command::new("sh").args(["-c", "kill -INT \"$0\"", &pid]).status();
        let _ = self.tracer.wait();
    }
}

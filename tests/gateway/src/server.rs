//! The process: started with a data folder of its own, killed or asked to stop, and started again on it.

use crate::http::{Answer, Place, SignedIn};
use serde_json::Value;
use std::ffi::OsString;
use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Beginning of the line that says where the server listens.
const SERVING: &str = "serving address=";
/// A debug build on a machine that is busy with other builds.
const START_TIME_MAX: Duration = Duration::from_secs(60);
/// Between two looks at a process that is about to end; there is no event to wait for.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// The folder that the workspace's manifest lies in.
///
/// # Panics
/// Never: this crate lies two folders below it.
#[must_use]
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("tests/gateway lies in the workspace").to_owned()
}

/// The gateway's binary: the one that `HALLOO_BIN` names, or the one that was built beside this program.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("HALLOO_BIN") {
        return PathBuf::from(path);
    }
    let this = std::env::current_exe().expect("this program runs from a file");
    // A program lies in target/PROFILE, a test one folder below it.
    let beside = this.ancestors().skip(1).take(2).map(|folder| folder.join("halloo")).find(|path| path.is_file());
    beside.unwrap_or_else(|| panic!("no halloo beside {}; build it with `cargo build -p gateway`", this.display()))
}

/// What a server is started with.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    environment: Vec<(&'static str, String)>,
    /// The command that runs the server's; none: it runs by itself.
    under: Vec<String>,
    /// Another binary than the usual one.
    binary: Option<PathBuf>,
}

impl Setup {
    /// Room for more sockets and handshakes of one address than a household has.
    #[must_use]
    pub fn crowded() -> Self {
        Self::default()
            .set("HALLOO_LIMITS__ADDRESS_SOCKETS_MAX", "100000")
            .set("HALLOO_LIMITS__ADDRESS_CONNECTIONS_MAX", "100000")
            .set("HALLOO_LIMITS__ADDRESS_HANDSHAKES_PER_SECOND", "100000")
            .set("HALLOO_LIMITS__ADDRESS_HANDSHAKES_BURST", "100000")
    }

    /// Adds a setting by the name of its variable.
    #[must_use]
    pub fn set(mut self, name: &'static str, value: &str) -> Self {
        self.environment.push((name, value.to_owned()));
        self
    }

    /// Starts the server as the last arguments of this command, which must become the server's process.
    #[must_use]
    pub fn under(mut self, command: &[&str]) -> Self {
        self.under = command.iter().map(|&word| word.to_owned()).collect();
        self
    }

    /// Starts another binary.
    #[must_use]
    pub fn binary(mut self, path: &Path) -> Self {
        self.binary = Some(path.to_owned());
        self
    }

    /// A data folder of its own, in which nothing runs yet.
    ///
    /// # Panics
    /// When a folder cannot be made.
    #[must_use]
    pub fn prepare(self) -> Server {
        Server {
            setup: self,
            data: tempfile::tempdir().expect("a temporary folder can be made"),
            child: None,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            admin: SocketAddr::from(([127, 0, 0, 1], 0)),
            log: Arc::default(),
        }
    }
}

/// One gateway, running or not.
#[derive(Debug)]
pub struct Server {
    setup: Setup,
    data: TempDir,
    child: Option<Child>,
    address: SocketAddr,
    admin: SocketAddr,
    log: Arc<Log>,
}

impl Server {
    /// Starts it: on free ports the first time, on the same ones later.
    ///
    /// # Panics
    /// When it does not come to serve.
    pub fn start(&mut self) {
        assert!(self.child.is_none(), "the server runs already");
        let seen = self.log.lines();
        let mut command = self.command_under(&self.setup.under, &["serve"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the server starts");
        let stderr = child.stderr.take().expect("its log was asked for");
        let log = Arc::clone(&self.log);
        // Ends with the process, whose end of the pipe it reads.
        std::thread::spawn(move || log.read(BufReader::new(stderr)));
        self.child = Some(child);
        let Some(line) = self.log.wait_for(seen, SERVING, START_TIME_MAX) else {
            panic!("the server does not serve:\n{}", self.log());
        };
        (self.address, self.admin) = addresses(&line);
    }

    /// Is another binary from its next start on; none: the usual one.
    pub fn become_binary(&mut self, binary: Option<&Path>) {
        self.setup.binary = binary.map(Path::to_owned);
    }

    /// Ends it at once, as the kernel does when memory is out.
    ///
    /// # Panics
    /// When it does not run.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("the server runs");
        child.kill().expect("its process can be killed");
        child.wait().expect("its process ends");
    }

    /// Asks it to stop.
    ///
    /// # Panics
    /// When it does not run.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends it a signal by its name: `STOP` freezes it, `CONT` thaws it.
    ///
    /// # Panics
    /// When it does not run.
    pub fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let sent = Command::new("sh").args(["-c", "kill -\"$0\" \"$1\"", name, &pid]).status();
        assert!(sent.expect("a shell is there").success(), "the server takes no {name}");
    }

    /// Waits until it has ended by itself.
    ///
    /// # Panics
    /// When it does not run, or not end in this time.
    pub async fn wait(&mut self, time_max: Duration) -> ExitStatus {
        let mut child = self.child.take().expect("the server runs");
        let until = Instant::now() + time_max;
        loop {
            if let Some(status) = child.try_wait().expect("its process can be asked") {
                return status;
            }
            if Instant::now() > until {
                child.kill().expect("its process can be killed");
                child.wait().expect("its process ends");
                panic!("the server did not end in {time_max:?}:\n{}", self.log());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Its process id.
    ///
    /// # Panics
    /// When it does not run.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("the server runs").id()
    }

    /// Whether its process is alive.
    pub fn is_alive(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// Runs a subcommand on its data folder, and gives what it prints.
    ///
    /// # Panics
    /// When it is refused.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("the binary runs");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "halloo {}: {told}", arguments.join(" "));
        String::from_utf8(output.stdout).expect("it prints text")
    }

    /// Adds a site that these origins may embed.
    pub fn add_site(&self, key: &str, origins: &[&str]) -> Place {
        let mut arguments = vec!["site", "add", key, "--name", "Example"];
        for origin in origins {
            arguments.extend(["--origin", origin]);
        }
        self.run(&arguments);
        self.place(key)
    }

    /// Adds an agent, and gives the code of the one-time link.
    ///
    /// # Panics
    /// When the command prints no link.
    #[must_use]
    pub fn add_agent(&self, site: &str, email: &str, name: &str, capacity: u32) -> String {
        let capacity = capacity.to_string();
        let printed = self.run(&["agent", "add", site, email, "--name", name, "--capacity", &capacity, "--json"]);
        let printed: Value = serde_json::from_str(&printed).expect("it prints JSON");
        let link = printed["link"].as_str().expect("a link that signs in once");
        link.split_once("#code=").expect("its code").1.to_owned()
    }

    /// An agent who has signed in.
    pub async fn sign_in(&self, site: &str, email: &str, name: &str, capacity: u32) -> Arc<SignedIn> {
        let code = self.add_agent(site, email, name, capacity);
        Arc::new(SignedIn::with_code(&self.place(site), &code).await)
    }

    /// Where clients of a site connect.
    #[must_use]
    pub fn place(&self, site: &str) -> Place {
        Place { address: self.address, site: site.to_owned() }
    }

    /// What the admin port answers to a path.
    pub async fn ask_admin(&self, path: &str) -> Answer {
        Place { address: self.admin, site: String::new() }.get(path, &[]).await
    }

    /// All that it has said, over all its starts.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// The folder of everything that is kept.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        self.command_under(&[], arguments)
    }

    fn command_under(&self, under: &[String], arguments: &[&str]) -> Command {
        let binary = self.setup.binary.clone().unwrap_or_else(binary).into_os_string();
        let mut words = under.iter().map(OsString::from).chain([binary]);
        let mut command = Command::new(words.next().expect("the binary, if nothing else"));
        command.args(words).args(arguments).stdin(Stdio::null()).env_clear();
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.env("HALLOO_DATA", self.data.path().join("data"));
        command.env("HALLOO_LISTEN", self.address.to_string());
        command.env("HALLOO_ADMIN_LISTEN", self.admin.to_string());
        command.env("RUST_BACKTRACE", "1");
        command.envs(self.setup.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself; then there is nobody to kill.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn addresses(line: &str) -> (SocketAddr, SocketAddr) {
    let told = |name: &str| {
        let at = line.split_once(name).map(|(_, rest)| rest.split_whitespace().next().unwrap_or(rest));
        at.and_then(|at| at.parse().ok()).unwrap_or_else(|| panic!("no {name} in {line:?}"))
    };
    (told("address="), told("admin="))
}

/// What the process writes to standard error.
#[derive(Debug, Default)]
struct Log {
    lines: Mutex<Vec<String>>,
    grown: Condvar,
}

impl Log {
    fn read(&self, lines: impl BufRead) {
        for line in lines.split(b'\n').map_while(Result::ok) {
            self.hold().push(String::from_utf8_lossy(&line).into_owned());
            self.grown.notify_all();
        }
        // Whoever waits looks once more.
        self.grown.notify_all();
    }

    fn lines(&self) -> usize {
        self.hold().len()
    }

    fn text(&self) -> String {
        self.hold().iter().fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "{line}");
            text
        })
    }

    fn wait_for(&self, seen: usize, part: &str, time_max: Duration) -> Option<String> {
        let find = |lines: &[String]| lines[seen..].iter().find(|line| line.contains(part)).cloned();
        let waited = self.grown.wait_timeout_while(self.hold(), time_max, |lines| find(lines).is_none());
        let (lines, _) = waited.unwrap_or_else(PoisonError::into_inner);
        find(&lines)
    }

    fn hold(&self) -> MutexGuard<'_, Vec<String>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! A Postgres server of a test's own.

use crate::process::{family, free_port, is_alive, kept, signal};
use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// How long a server may take to answer: a busy machine makes a new database in some seconds.
const START_TIME_MAX: Duration = Duration::from_secs(60);
/// Between two looks at a server that is about to answer; there is no event to wait for.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Names the folder of the server's programs, where another version than the installed one is wanted.
const PROGRAMS: &str = "HALLOO_POSTGRES_BIN";
/// The user who runs the server where the test is root's, since Postgres refuses root.
const USER: &str = "postgres";
/// Beginning of the names of the servers' folders.
const FOLDER: &str = "halloo-postgres-";

/// A running server. Dropping it kills it and deletes its folder.
#[derive(Debug)]
pub struct Postgres {
    folder: PathBuf,
    port: u16,
    child: Child,
    databases: AtomicU32,
}

impl Postgres {
    /// The server that all tests of this process share; each takes a database of its own.
    ///
    /// # Panics
    /// When no server can be started.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// Makes a new server and waits until it answers.
    ///
    /// # Panics
    /// When Postgres is not installed, or does not start.
    #[must_use]
    pub fn start() -> Self {
        let folder = new_folder();
        run(Command::new("cp").args(["--archive", "--"]).arg(template()).arg(&folder));
        Self::on(folder)
    }

    /// The same, with a system identifier that no other server has.
    ///
    /// # Panics
    /// When Postgres is not installed, or does not start.
    #[must_use]
    pub fn stranger() -> Self {
        let folder = new_folder();
        initialise(&folder);
        Self::on(folder)
    }

    fn on(folder: PathBuf) -> Self {
        let port = free_port();
        let child = spawn(&folder, port);
        let mut server = Self { folder, port, child, databases: AtomicU32::new(0) };
        server.wait();
        server
    }

    /// The URL of a new, empty database.
    ///
    /// # Panics
    /// When the server does not make one.
    #[must_use]
    pub fn database(&self) -> String {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql(&self.url("postgres"), &format!("CREATE DATABASE {name} STRATEGY file_copy"));
        self.url(&name)
    }

    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://halloo@127.0.0.1:{}/{database}", self.port)
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs SQL as an operator at a terminal would, and gives what it answers: rows as lines, columns between bars.
    ///
    /// # Panics
    /// When it fails.
    pub fn sql(&self, url: &str, sql: &str) -> String {
        let output =
            Command::new("psql").args(["--no-psqlrc", "-qAt", "-v", "ON_ERROR_STOP=1", "-c", sql, url]).output();
        let output = output.expect("psql comes with Postgres");
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Kills every process of the server at once, as a crash does.
    pub fn kill(&mut self) {
        let server = self.child.id();
        // One that stands still makes no more children while they are counted.
        signal("STOP", &[server]);
        let all = family(server);
        signal("KILL", &all);
        // It was killed; there is no more to be known of it.
        drop(self.child.wait());
        while all.iter().any(|pid| is_alive(*pid)) {
            std::thread::park_timeout(LOOK_EVERY);
        }
    }

    /// Starts the server again on its folder, after [`Postgres::kill`].
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart(&mut self) {
        self.child = spawn(&self.folder, self.port);
        self.wait();
    }

    /// Stops every process of the server where it stands.
    pub fn freeze(&self) {
        signal("STOP", &family(self.child.id()));
    }

    /// Lets the server go on.
    pub fn thaw(&self) {
        signal("CONT", &family(self.child.id()));
    }

    fn wait(&mut self) {
        let start = Instant::now();
        while !self.answers() {
            let runs = matches!(self.child.try_wait(), Ok(None));
            assert!(runs && start.elapsed() < START_TIME_MAX, "Postgres does not start: {}", self.log());
            std::thread::park_timeout(LOOK_EVERY);
        }
    }

    fn answers(&self) -> bool {
        let mut ask = Command::new("psql");
        ask.args(["--no-psqlrc", "-qAt", "-c", "SELECT 1"]).arg(self.url("postgres"));
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok()
            && ask.output().is_ok_and(|output| output.status.success())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.thaw();
        self.kill();
        // What cannot be deleted now is swept by the next test.
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// Where the servers' folders lie: in memory where that can be had, since a server is made and thrown away within a second.
fn home() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
}

/// A folder's name, free to be taken; those of tests that are over are deleted.
fn new_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    sweep();
    home().join(format!("{FOLDER}{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)))
}

/// Makes the files of a new server.
fn initialise(folder: &Path) {
    fs::create_dir_all(folder).expect("the folder of servers can be written to");
    if is_root() {
        run(Command::new("chown").arg(USER).arg(folder));
    }
    let kind = ["--no-sync", "--auth=trust", "--encoding=UTF8", "--username=halloo", "-D"];
    run(as_server("initdb").args(kind).arg(folder.join("data")));
}

/// The folder of a server that never ran; making one takes longer than all else, so it is kept from test to test.
fn template() -> PathBuf {
    /// Two tests of a process do not make it at once.
    static MAKING: Mutex<()> = Mutex::new(());
    let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let programs = programs();
    let version = programs.to_string_lossy().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    let template = home().join(format!("{FOLDER}template{version}"));
    if !template.exists() {
        let folder = home().join(format!("{FOLDER}{}-template", std::process::id()));
        initialise(&folder);
        // Another test may have been quicker; then this one's is swept by the next.
        drop(fs::rename(&folder, &template));
    }
    template
}

fn spawn(folder: &Path, port: u16) -> Child {
    let log = fs::OpenOptions::new().create(true).append(true).open(folder.join("log"));
    let log = log.expect("the server's folder is there");
    let settings = [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("unix_socket_directories={}", folder.display()),
        // What a test kills is the server, not the machine: files outlive it unsynced.
        "fsync=off".to_owned(),
        "max_connections=200".to_owned(),
        "max_prepared_transactions=5".to_owned(),
    ];
    let mut command = as_server("postgres");
    command.arg("-D").arg(folder.join("data")).args(["-p", &port.to_string()]);
    for setting in settings {
        command.args(["-c", &setting]);
    }
    let errors = log.try_clone().expect("a file can be opened twice");
    command.stdin(Stdio::null()).stdout(log).stderr(errors);
    kept(command)
}

/// A program of the server's, run as the user that may run it, and ended with the thread that starts it.
fn as_server(program: &str) -> Command {
    let program = programs().join(program);
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "QUIT"]);
    if is_root() {
        command.args(["--reuid", USER, "--regid", USER, "--clear-groups"]);
    }
    command.arg("--").arg(program).current_dir("/").env("LC_ALL", "C.UTF-8");
    command
}

/// The folder of the newest version that is installed, or the one that the environment names.
fn programs() -> PathBuf {
    if let Some(folder) = std::env::var_os(PROGRAMS) {
        return PathBuf::from(folder);
    }
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let versions = installed.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let newest = versions.max().expect("Postgres is installed; `scripts/install` does it");
    PathBuf::from(format!("/usr/lib/postgresql/{newest}/bin"))
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

fn run(command: &mut Command) {
    let output = command.output().expect("the program is installed");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Deletes the folders of tests that are over.
fn sweep() {
    for entry in fs::read_dir(home()).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(FOLDER)?.split('-').next()?.parse().ok());
        if owner.is_some_and(|owner| !is_alive(owner)) {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

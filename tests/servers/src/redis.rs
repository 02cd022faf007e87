//! A Redis server of a test's own.

use crate::process::{free_port, kept, signal};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long a server may take to answer on a busy machine.
const START_TIME_MAX: Duration = Duration::from_secs(30);
/// Between two looks at a server that is about to answer; there is no event to wait for.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A running server that stores nothing. Dropping it kills it and deletes its folder.
#[derive(Debug)]
pub struct Redis {
    folder: PathBuf,
    port: u16,
    child: Child,
    /// What `redis-cli` is told before the command.
    operator: Vec<String>,
}

impl Redis {
    /// Starts a server and waits until it answers.
    ///
    /// # Panics
    /// When Redis is not installed, or does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::with(&[], &[])
    }

    /// The same, with lines of configuration, and what an operator's `redis-cli` needs because of them.
    ///
    /// # Panics
    /// When Redis is not installed, or does not start.
    #[must_use]
    pub fn with(lines: &[&str], operator: &[&str]) -> Self {
        let folder = new_folder();
        let lines = ["bind 127.0.0.1", "save \"\"", "appendonly no", "logfile log"].iter().chain(lines);
        let text: Vec<&str> = lines.copied().collect();
        fs::write(folder.join("redis.conf"), text.join("\n") + "\n").expect("the folder is there");
        let port = free_port();
        let child = spawn(&folder, port);
        let server = Self { folder, port, child, operator: operator.iter().map(|word| (*word).to_owned()).collect() };
        server.wait();
        server
    }

    /// The same over TLS, with a certificate for `localhost` by an authority that nobody knows.
    ///
    /// # Panics
    /// When Redis or openssl is not installed, or does not start.
    #[must_use]
    pub fn with_tls() -> Self {
        let keys = new_folder();
        let make = |words: &str| {
            let words = words.split(' ').filter(|word| !word.is_empty());
            let output = Command::new("openssl").args(words).current_dir(&keys).output().expect("openssl is installed");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        };
        fs::write(keys.join("names"), "subjectAltName = DNS:localhost\n").expect("the folder is there");
        make("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=tests -keyout ca.key -out ca.pem");
        make("req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout key.pem -out request.pem");
        make(
            "x509 -req -in request.pem -days 2 -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names \
             -out certificate.pem",
        );
        let file = |name: &str| keys.join(name).display().to_string();
        let tls_port = free_port();
        let lines = [
            format!("tls-port {tls_port}"),
            format!("tls-cert-file {}", file("certificate.pem")),
            format!("tls-key-file {}", file("key.pem")),
            format!("tls-ca-cert-file {}", file("ca.pem")),
            "tls-auth-clients no".to_owned(),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let mut server = Self::with(&lines, &[]);
        fs::copy(keys.join("ca.pem"), server.certificate()).expect("the folder is there");
        // What is left lies in the system's folder of what may be deleted.
        drop(fs::remove_dir_all(keys));
        server.port = tls_port;
        server
    }

    /// The certificate of that authority.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Runs a command as an operator at a terminal would, and gives what it answers.
    ///
    /// # Panics
    /// When it fails.
    pub fn ask(&self, command: &[&str]) -> String {
        self.ask_with(command, b"")
    }

    /// The same, with these bytes as the last argument.
    ///
    /// # Panics
    /// When it fails.
    pub fn ask_with(&self, command: &[&str], last: &[u8]) -> String {
        let mut cli = self.cli();
        if !last.is_empty() {
            cli.arg("-x");
        }
        let mut child = cli.args(command).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("redis-cli");
        child.stdin.take().expect("it is piped").write_all(last).expect("redis-cli reads");
        let output = child.wait_with_output().expect("redis-cli ends");
        assert!(output.status.success(), "{command:?}");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Kills the server, as a crash does.
    pub fn kill(&mut self) {
        // It is killed; there is no more to be known of it.
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// Starts the server again, after [`Redis::kill`].
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart(&mut self) {
        self.child = spawn(&self.folder, self.port);
        self.wait();
    }

    /// Stops the server where it stands.
    pub fn freeze(&self) {
        signal("STOP", &[self.child.id()]);
    }

    /// Lets the server go on.
    pub fn thaw(&self) {
        signal("CONT", &[self.child.id()]);
    }

    fn cli(&self) -> Command {
        let mut cli = Command::new("redis-cli");
        cli.args(["-p", &self.port.to_string(), "-e"]).args(&self.operator);
        cli
    }

    fn wait(&self) {
        let start = Instant::now();
        let answers = || self.cli().arg("ping").output().is_ok_and(|output| output.stdout.starts_with(b"PONG"));
        while !answers() {
            assert!(start.elapsed() < START_TIME_MAX, "Redis does not start: {}", self.log());
            std::thread::park_timeout(LOOK_EVERY);
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
        // What is left lies in the system's folder of what may be deleted.
        drop(fs::remove_dir_all(&self.folder));
    }
}

fn new_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("halloo-redis-{}-{count}", std::process::id()));
    fs::create_dir_all(&folder).expect("the system's temporary folder can be written to");
    folder
}

fn spawn(folder: &Path, port: u16) -> Child {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--", "redis-server", "redis.conf", "--port", &port.to_string()]);
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    kept(command)
}

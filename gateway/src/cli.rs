//! The command line beyond `serve`: sites, teams, agents, canned replies, history, backup, restore, migrate.
//!
//! While a server runs on this data folder the command is carried out by it, through its admin port, so that its
//! desks are told; else this process opens the store itself. Either way it is the same code, `api::carry_out`.

mod agent;
mod canned;
mod print;
mod server;
mod site;
mod team;
#[cfg(test)]
mod tests;

pub use agent::AgentCommand;
pub use canned::CannedCommand;
pub use site::SiteCommand;
pub use team::TeamCommand;

use crate::api::{self, AdminCommand, ApiState, ErrorBody, ErrorCode, SettingsChanged};
use crate::ports::Store;
use anyhow::Context;
use async_trait::async_trait;
use clap::Subcommand;
use futures_util::future::BoxFuture;
use gateway_core::ids::SiteId;
use gateway_core::now::{Instant, Now};
use print::Shape;
use protocol::AgentId;
use serde_json::Value;
use server::Reply;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// Done.
pub const EXIT_DONE: u8 = 0;
/// It could not be done: the store or the server is away, the disk is full.
pub const EXIT_FAILED: u8 = 1;
/// It was refused: there is no such thing, it exists already, a value is not right.
pub const EXIT_REFUSED: u8 = 2;
/// The command line itself is wrong (`EX_USAGE`); `main` gives it for what clap refuses, too.
pub const EXIT_USAGE: u8 = 64;

/// What the binary can do beside serving.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Add, list, show and change sites
    Site {
        #[command(subcommand)]
        command: SiteCommand,
        /// Print JSON
        #[arg(long, global = true)]
        json: bool,
    },
    /// Add, list, change and disable agents; make sign-in links
    Agent {
        #[command(subcommand)]
        command: AgentCommand,
        /// Print JSON
        #[arg(long, global = true)]
        json: bool,
    },
    /// Add, list, change and remove teams
    Team {
        #[command(subcommand)]
        command: TeamCommand,
        /// Print JSON
        #[arg(long, global = true)]
        json: bool,
    },
    /// Add, list, change and remove canned replies
    Canned {
        #[command(subcommand)]
        command: CannedCommand,
        /// Print JSON
        #[arg(long, global = true)]
        json: bool,
    },
    /// List the conversations of a visitor, the latest first
    History {
        site: String,
        visitor: Uuid,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Write a consistent copy of the store, also while the server runs
    Backup {
        /// The file to write; it must not exist
        path: PathBuf,
    },
    /// Put a copy in the place of the store; the server must be stopped
    Restore {
        /// A file that `backup` wrote
        path: PathBuf,
    },
    /// Bring the store's tables to this version; starting the server does the same
    Migrate,
}

/// What a command stands on; `main` fills it in from the configuration.
pub struct CliContext<'a> {
    pub data_dir: PathBuf,
    pub admin_listen: SocketAddr,
    pub public_url: String,
    /// Whether there is a store.
    pub has_store: &'a dyn Fn() -> bool,
    /// Opens the store, bringing its tables to this version.
    pub open_store: &'a dyn Fn() -> OpeningStore<'a>,
    /// Puts a backup in the place of the store.
    pub restore: &'a dyn Fn(&Path) -> anyhow::Result<()>,
}

/// A store that is about to be open.
pub type OpeningStore<'a> = BoxFuture<'a, anyhow::Result<Arc<dyn Store>>>;

/// Why a command was not done.
#[derive(Debug)]
pub(crate) enum Failure {
    Usage(String),
    Refused(ErrorBody),
    Failed(anyhow::Error),
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

/// Carries a command out, prints what came of it, and gives the exit code.
pub async fn run(command: Command, context: CliContext<'_>) -> u8 {
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    run_with(command, &context, &mut out, &mut err).await
}

/// The same, to where the caller says.
pub(crate) async fn run_with(
    command: Command,
    context: &CliContext<'_>,
    out: &mut (dyn Write + Send),
    err: &mut (dyn Write + Send),
) -> u8 {
    let (code, told) = match perform(command, context, out).await {
        Ok(()) => return EXIT_DONE,
        Err(Failure::Usage(reason)) => (EXIT_USAGE, reason),
        Err(Failure::Refused(error)) => (EXIT_REFUSED, error.message),
        Err(Failure::Failed(error)) => (EXIT_FAILED, format!("{error:#}")),
    };
    // Nobody is left to tell when even this cannot be written.
    let _ = writeln!(err, "halloo: {told}");
    code
}

async fn perform(command: Command, context: &CliContext<'_>, out: &mut (dyn Write + Send)) -> Result<(), Failure> {
    match command {
        Command::Site { command, json } => {
            let shape = command.shape();
            tell(context, command.into_admin()?, shape, json, out).await?;
        }
        Command::Agent { command, json } => {
            let shape = command.shape();
            tell(context, command.into_admin()?, shape, json, out).await?;
        }
        Command::Team { command, json } => {
            let shape = command.shape();
            tell(context, command.into_admin()?, shape, json, out).await?;
        }
        Command::Canned { command, json } => {
            let shape = command.shape();
            tell(context, command.into_admin()?, shape, json, out).await?;
        }
        Command::History { site, visitor, json } => {
            let shape = Shape::Table(&["conversation", "opened_at", "last_at", "score", "preview"]);
            tell(context, AdminCommand::History { site, visitor }, shape, json, out).await?;
        }
        Command::Backup { path } => {
            let path = std::path::absolute(&path).context("the path cannot be used")?;
            if path.exists() {
                return Err(Failure::Failed(anyhow::anyhow!("{} exists already", path.display())));
            }
            send(context, AdminCommand::Backup { path: path.clone() }).await?;
            print::line(out, &format!("wrote {}", path.display()))?;
        }
        Command::Restore { path } => {
            if server::is_running(context.admin_listen, &context.data_dir).await {
                return Err(Failure::Failed(anyhow::anyhow!("stop the server first")));
            }
            (context.restore)(&path)?;
            print::line(out, &format!("restored {}", path.display()))?;
        }
        Command::Migrate => {
            open(context).await?;
            print::line(out, "the store's tables are those of this version")?;
        }
    }
    Ok(())
}

/// Carries a command out, and prints the answer.
async fn tell(
    context: &CliContext<'_>,
    command: AdminCommand,
    shape: Shape,
    json: bool,
    out: &mut (dyn Write + Send),
) -> Result<(), Failure> {
    let answer = send(context, command).await?;
    Ok(print::answer(out, &answer, shape, json)?)
}

/// Carries a command out where the store is: in the running server, or here.
async fn send(context: &CliContext<'_>, command: AdminCommand) -> Result<Value, Failure> {
    match server::ask(context.admin_listen, &context.data_dir, &command).await? {
        Reply::Done(answer) => Ok(answer),
        Reply::Refused(error) => Err(refused(error)),
        Reply::NotRunning => {
            // Whoever asks a question in the wrong folder should not be answered from an empty store.
            if !matches!(command, AdminCommand::SiteAdd { .. }) && !(context.has_store)() {
                return Err(Failure::Failed(nothing_in(&context.data_dir)));
            }
            let state = ApiState {
                store: open(context).await?,
                public_url: context.public_url.clone(),
                settings_changed: Arc::new(NoDesks),
                clock: Arc::new(now),
            };
            api::carry_out(&state, command).await.map_err(|error| refused(error.body()))
        }
    }
}

fn nothing_in(data_dir: &Path) -> anyhow::Error {
    let hint = "name the server's folder with --data, or say --demo for the demo's";
    anyhow::anyhow!("no server answers, and there is no store in {}; {hint}", data_dir.display())
}

async fn open(context: &CliContext<'_>) -> Result<Arc<dyn Store>, Failure> {
    Ok((context.open_store)().await?)
}

fn refused(error: ErrorBody) -> Failure {
    if matches!(error.code, ErrorCode::Unavailable | ErrorCode::Busy | ErrorCode::Internal) {
        return Failure::Failed(anyhow::anyhow!(error.message));
    }
    Failure::Refused(error)
}

/// Without a server no desk is open.
struct NoDesks;

#[async_trait]
impl SettingsChanged for NoDesks {
    async fn changed(&self, _: SiteId) {}
    async fn signed_out(&self, _: SiteId, _: AgentId) {}
}

/// A command is over before a monotonic clock matters.
fn now() -> Now {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    Now { instant: Instant(0), wall_ms: u64::try_from(wall).unwrap_or(u64::MAX) }
}

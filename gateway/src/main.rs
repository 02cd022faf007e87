//! The binary: what can be asked of it, by subcommand.

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use gateway::config::{Config, Flags, example};
use gateway::{app, cli, telemetry};
use std::io::Write;
use std::process::ExitCode;

/// Self-hosted live chat.
#[derive(Parser)]
#[command(name = "halloo", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves visitors and agents.
    Serve(Flags),
    /// Reads the settings, tells every fault, and prints what would be in force.
    CheckConfig {
        #[command(flatten)]
        flags: Flags,
        /// Prints the example file instead.
        #[arg(long)]
        example: bool,
    },
    #[command(flatten)]
    Manage(cli::Command),
}

/// Subcommands of `cli` that take the settings too: where the store is, and where a server would listen.
const MANAGING: [&str; 8] = ["site", "agent", "team", "canned", "history", "backup", "restore", "migrate"];

fn main() -> ExitCode {
    let (command, flags) = match parse() {
        Ok(parsed) => parsed,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(cli::EXIT_USAGE) } else { ExitCode::SUCCESS };
        }
    };
    let done = match command {
        Command::Serve(flags) => serve(&flags).map(|()| ExitCode::SUCCESS),
        Command::CheckConfig { example: true, .. } => print(&example()).map(|()| ExitCode::SUCCESS),
        Command::CheckConfig { flags, example: false } => check_config(&flags).map(|()| ExitCode::SUCCESS),
        Command::Manage(command) => manage(command, &flags),
    };
    done.unwrap_or_else(|error| {
        let _ = writeln!(std::io::stderr(), "halloo: {error:#}");
        ExitCode::FAILURE
    })
}

/// The command, and the settings that stand beside a managing one.
fn parse() -> Result<(Command, Flags), clap::Error> {
    let mut command = Cli::command();
    for name in MANAGING {
        command = command.mut_subcommand(name, Flags::augment_managing);
    }
    let matches = command.try_get_matches()?;
    let flags = match matches.subcommand() {
        Some((name, matches)) if MANAGING.contains(&name) => Flags::from_arg_matches(matches)?,
        Some(_) | None => Flags::default(),
    };
    Ok((Cli::from_arg_matches(&matches)?.command, flags))
}

fn serve(flags: &Flags) -> anyhow::Result<()> {
    let config = app::in_force(Config::load(flags, environment())?);
    let (subscriber, log_level) = telemetry::subscriber(&config.log_level.to_string(), config.log_format)?;
    tracing::subscriber::set_global_default(subscriber)?;
    runtime()?.block_on(app::serve(config, log_level))
}

fn check_config(flags: &Flags) -> anyhow::Result<()> {
    let config = Config::load(flags, environment())?;
    let lines = config.shown().into_iter().map(|(key, value)| format!("{key} = {value}\n"));
    print(&lines.collect::<String>())
}

fn manage(command: cli::Command, flags: &Flags) -> anyhow::Result<ExitCode> {
    let config = app::in_force(Config::load(flags, environment())?);
    let context = cli::CliContext {
        public_url: app::public_url(&config),
        admin_listen: config.admin_listen,
        data_dir: config.data.clone(),
        has_store: &|| app::has_store(&config),
        open_store: &|| Box::pin(async { Ok(app::open(&config).await?.store) }),
        restore: &|backup| app::restore(&config, backup),
    };
    Ok(ExitCode::from(runtime()?.block_on(cli::run(command, context))))
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Variables whose name or value is not UTF-8 are none of ours.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn print(text: &str) -> anyhow::Result<()> {
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

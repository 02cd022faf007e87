//! The binary: what can be asked of it, by subcommand.

use clap::{Parser, Subcommand};
use gateway::config::{Config, Flags, example};
use gateway::{app, telemetry};
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
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Serve(flags) => serve(&flags),
        Command::CheckConfig { example: true, .. } => print(&example()),
        Command::CheckConfig { flags, example: false } => check_config(&flags),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "halloo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn serve(flags: &Flags) -> anyhow::Result<()> {
    let config = Config::load(flags, environment())?;
    let (subscriber, log_level) = telemetry::subscriber(&config.log_level.to_string(), config.log_format)?;
    tracing::subscriber::set_global_default(subscriber)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(app::serve(config, log_level))
}

fn check_config(flags: &Flags) -> anyhow::Result<()> {
    let config = Config::load(flags, environment())?;
    let lines = config.shown().into_iter().map(|(key, value)| format!("{key} = {value}\n"));
    print(&lines.collect::<String>())
}

/// Variables whose name or value is not UTF-8 are none of ours.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn print(text: &str) -> anyhow::Result<()> {
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

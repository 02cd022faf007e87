//! `chaos`: three real nodes on a real Postgres and two Redis, people who talk over them, and fault after fault. The
//! history checker judges what they saw; each fault counts only when its effect was seen.

mod calm;
mod fault;
mod report;
mod scene;

use fault::Kind;
use gateway_tests::{Chance, Deployment};
use report::Report;
use scene::Scene;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::Instant;

/// Faults where nothing else is asked: every kind comes at least five times.
const FAULTS: usize = 200;
/// Visitors where nothing else is asked.
const VISITORS: u32 = 500;
const NODES: usize = 3;
const REDIS: usize = 2;
/// Between a fault and the next.
const CALM: Duration = Duration::from_secs(1);

struct Asked {
    faults: usize,
    visitors: u32,
    seed: u64,
    /// The binary of the version before.
    previous: PathBuf,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> std::io::Result<ExitCode> {
    let Some(asked) = asked(std::env::args().skip(1)) else {
        writeln!(std::io::stderr(), "chaos --previous BINARY [--faults N] [--visitors N] [--seed K]")?;
        return Ok(ExitCode::FAILURE);
    };
    let mut out = std::io::stdout();
    writeln!(out, "seed {}", asked.seed)?;
    let start = Instant::now();
    let mut report = Report::new(asked.seed, asked.visitors);
    let mut deployment = Deployment::start(NODES, REDIS).await;
    for way in calm::measure(&mut deployment).await {
        writeln!(out, "{way}")?;
        report.calm(&way);
    }
    let mut scene = Scene::open(deployment, asked.visitors, asked.previous).await;
    writeln!(out, "{} visitors talk after {:.0?}", asked.visitors, start.elapsed())?;
    for (number, kind) in program(asked.faults, asked.seed).into_iter().enumerate() {
        let struck = scene.strike(kind).await;
        writeln!(out, "{:>4} of {} {:>6.0?}  {struck}", number + 1, asked.faults, start.elapsed())?;
        report.note(struck);
    }
    let ended = scene.crowd.ended();
    let verdict = scene.judge().await;
    report.end(&verdict, ended, start.elapsed());
    writeln!(out, "{report}")?;
    report.write()?;
    Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn asked(mut words: impl Iterator<Item = String>) -> Option<Asked> {
    let mut asked = Asked { faults: FAULTS, visitors: VISITORS, seed: Chance::seed(), previous: PathBuf::new() };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--faults" => asked.faults = words.next()?.parse().ok()?,
            "--visitors" => asked.visitors = words.next()?.parse().ok()?,
            "--seed" => asked.seed = words.next()?.parse().ok()?,
            "--previous" => asked.previous = words.next()?.into(),
            _ => return None,
        }
    }
    asked.previous.is_file().then_some(asked)
}

/// As many faults as are asked for, all kinds equally often, in an order drawn by chance.
fn program(faults: usize, seed: u64) -> Vec<Kind> {
    let mut chance = Chance::new(seed);
    let mut program = Vec::new();
    while program.len() < faults {
        let mut round = Kind::ALL.to_vec();
        while !round.is_empty() {
            let drawn = usize::try_from(chance.below(round.len() as u64)).expect("an index");
            program.push(round.swap_remove(drawn));
        }
    }
    program.truncate(faults);
    program
}

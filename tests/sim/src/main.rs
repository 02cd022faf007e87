//! `sim`: runs seeds and says what they came to; `--seed K --trace` tells one seed's story.

use sim::{Calibration, Summary, all_threads, calibrate, run, run_many, tell};
use std::io::Write;
use std::ops::ControlFlow;
use std::process::ExitCode;

/// Seeds where nothing else is asked.
const SEEDS: u64 = 1_000;
/// Between two progress lines, in seeds.
const PROGRESS_EVERY: u64 = 500;
/// Where the summary is left.
const SUMMARY: &str = "target/sim/summary.json";

struct Asked {
    from: u64,
    seeds: u64,
    threads: usize,
    seed: Option<u64>,
    trace: bool,
}

fn main() -> std::io::Result<ExitCode> {
    let Some(asked) = asked(std::env::args().skip(1)) else {
        writeln!(std::io::stderr(), "sim [--seeds N] [--from K] [--threads N] | --seed K [--trace]")?;
        return Ok(ExitCode::FAILURE);
    };
    // What a panic says stands in the report of its seed.
    std::panic::set_hook(Box::new(|_| {}));
    match asked.seed {
        Some(seed) => one(seed, asked.trace),
        None => many(&asked),
    }
}

fn asked(mut words: impl Iterator<Item = String>) -> Option<Asked> {
    let mut asked = Asked { from: 0, seeds: SEEDS, threads: all_threads(), seed: None, trace: false };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seeds" => asked.seeds = words.next()?.parse().ok()?,
            "--threads" => asked.threads = words.next()?.parse().ok().filter(|threads| *threads > 0)?,
            "--from" => asked.from = words.next()?.parse().ok()?,
            "--seed" => asked.seed = Some(words.next()?.parse().ok()?),
            "--trace" => asked.trace = true,
            _ => return None,
        }
    }
    Some(asked)
}

fn one(seed: u64, trace: bool) -> std::io::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "seed {seed}")?;
    let report = if trace {
        let (report, story) = tell(seed);
        for line in story {
            writeln!(out, "{line}")?;
        }
        report
    } else {
        run(seed)
    };
    writeln!(out, "{report:#?}")?;
    Ok(if report.found.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn many(asked: &Asked) -> std::io::Result<ExitCode> {
    let Asked { from, seeds, threads, .. } = *asked;
    writeln!(std::io::stdout(), "seeds {from} to {}", from + seeds.max(1) - 1)?;
    let mut told = 0;
    let summary = run_many(from, seeds, threads, |summary| {
        for (seed, found) in summary.found.iter().skip(told) {
            drop(writeln!(std::io::stderr(), "seed {seed}: {found}"));
        }
        told = summary.found.len();
        if summary.seeds.is_multiple_of(PROGRESS_EVERY) {
            let (speed, found) = (summary.speed(), summary.unclean);
            // A progress line that cannot be written is no reason to stop.
            drop(writeln!(std::io::stderr(), "{} seeds, {speed:.0} times real time, {found} found", summary.seeds));
        }
        ControlFlow::Continue(())
    });
    std::fs::create_dir_all("target/sim")?;
    let shown = calibrate();
    std::fs::write(SUMMARY, summary.json(&shown))?;
    say(&summary, &shown)?;
    let fine = summary.found.is_empty() && summary.unreached().is_empty();
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn say(summary: &Summary, shown: &Calibration) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let (seconds, speed) = (summary.took.as_secs_f64(), summary.speed());
    writeln!(out, "{} seeds in {seconds:.1} s, {speed:.0} times real time", summary.seeds)?;
    writeln!(out, "hash {:016x}", summary.hash)?;
    writeln!(out, "the median seed: {:?}", summary.median())?;
    let Calibration { waits, inside, .. } = *shown;
    writeln!(out, "the wait shown was true in {inside} of {waits}")?;
    for (name, count) in &summary.faults {
        writeln!(out, "fault    {count:>8} {name}")?;
    }
    for (name, count) in &summary.reached {
        writeln!(out, "reached  {count:>8} {name}")?;
    }
    for (name, count) in summary.unreached() {
        writeln!(out, "seldom   {count:>8} {name}")?;
    }
    for (seed, found) in &summary.found {
        writeln!(out, "seed {seed}: {found}")?;
    }
    Ok(())
}

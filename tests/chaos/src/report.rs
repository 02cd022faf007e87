//! What a run came to: for each kind of fault how often it was seen and what it cost, and the verdict.

use crate::calm::Way;
use crate::fault::Kind;
use crate::scene::Struck;
use gateway_tests::Verdict;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::time::Duration;

/// Where it is left.
const FOLDER: &str = "target/chaos";

pub struct Report {
    seed: u64,
    visitors: u32,
    calm: Vec<Value>,
    struck: Vec<Struck>,
    end: Value,
}

impl Report {
    pub fn new(seed: u64, visitors: u32) -> Self {
        Self { seed, visitors, calm: Vec::new(), struck: Vec::new(), end: Value::Null }
    }

    pub fn calm(&mut self, way: &Way) {
        self.calm.push(way.json());
    }

    pub fn note(&mut self, struck: Struck) {
        self.struck.push(struck);
    }

    pub fn end(&mut self, verdict: &Verdict, sockets_ended: usize, took: Duration) {
        self.end = json!({
            "took_s": took.as_secs(),
            "acknowledged": verdict.acknowledged,
            "conversations": verdict.conversations,
            "operations": verdict.operations,
            "resends_of_what_was_stored": verdict.repeats,
            "sockets_ended": sockets_ended,
        });
    }

    /// Whether every fault had an effect; the judge has ended a run with findings already.
    pub fn is_good(&self) -> bool {
        self.struck.iter().all(|struck| struck.is_seen)
    }

    fn kinds(&self) -> BTreeMap<Kind, Vec<&Struck>> {
        let mut kinds: BTreeMap<Kind, Vec<&Struck>> = BTreeMap::new();
        for struck in &self.struck {
            kinds.entry(struck.kind).or_default().push(struck);
        }
        kinds
    }

    pub fn write(&self) -> std::io::Result<()> {
        let kinds = self.kinds().into_iter().map(|(kind, struck)| {
            json!({
                "kind": kind.name(),
                "struck": struck.len(),
                "seen": struck.iter().filter(|struck| struck.is_seen).count(),
                "lasted_s": spread(&struck, |struck| struck.lasted),
                "slowest_answer_s": spread(&struck, |struck| struck.slowest),
            })
        });
        let kinds: Vec<Value> = kinds.collect();
        let all = json!({ "seed": self.seed, "visitors": self.visitors, "calm": self.calm, "faults": kinds, "end": self.end });
        fs::create_dir_all(FOLDER)?;
        fs::write(format!("{FOLDER}/summary.json"), format!("{all:#}\n"))
    }
}

/// The median and the longest, in seconds.
fn spread(struck: &[&Struck], of: impl Fn(&Struck) -> Duration) -> Value {
    let mut all: Vec<f64> = struck.iter().map(|struck| of(struck).as_secs_f64()).collect();
    all.sort_by(f64::total_cmp);
    json!({ "p50": all.get(all.len() / 2), "max": all.last() })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{:<44} {:>6} {:>6}  {:>18}", "fault", "struck", "seen", "slowest answer, s")?;
        for (kind, struck) in self.kinds() {
            let seen = struck.iter().filter(|struck| struck.is_seen).count();
            let slowest = spread(&struck, |struck| struck.slowest);
            let figure = |name: &str| slowest[name].as_f64().unwrap_or_default();
            let (p50, max) = (figure("p50"), figure("max"));
            writeln!(f, "{:<44} {:>6} {seen:>6}  {p50:>8.1} … {max:>6.1}", kind.name(), struck.len())?;
        }
        write!(f, "{:#}", self.end)
    }
}

//! Cuts: the power goes at so many moments of a recorded run, and what is left is opened each time.

use crate::disk::{Disk, Image, write};
use crate::recording::{Ack, Recording};
use gateway_tests::Chance;
use protocol::{CommandId, OutboxId};
use rusqlite::{Connection, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use uuid::Uuid;

/// What disks write whole: old ones, and those of today.
const SECTORS_BYTES: [usize; 2] = [512, 4_096];

/// One moment at which the power went, and what is left.
pub struct Cut {
    pub image: Image,
    /// How many acknowledgements had gone out.
    pub acknowledged: usize,
}

/// Figures of many cuts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub cuts: usize,
    /// Acknowledgements held against what was left, over all cuts.
    pub held: usize,
    /// Cuts after which something acknowledged was missing.
    pub lossy: usize,
    /// Databases that could not be opened, or whose pages do not fit together.
    pub damaged: usize,
}

/// Cuts the power so often, and judges what is left; two threads, one for each size of sector.
pub fn judge(recording: &Recording, cuts: usize, seed: u64) -> Verdict {
    let share = cuts / SECTORS_BYTES.len();
    let judge = |bytes: usize| judge_sectors(recording, bytes, share, Chance::new(seed ^ bytes as u64));
    let verdicts: Vec<Verdict> = std::thread::scope(|scope| {
        let threads = SECTORS_BYTES.map(|bytes| scope.spawn(move || judge(bytes)));
        threads.into_iter().map(|thread| thread.join().expect("a cut is judged")).collect()
    });
    verdicts.into_iter().fold(Verdict::default(), |sum, verdict| Verdict {
        cuts: sum.cuts + verdict.cuts,
        held: sum.held + verdict.held,
        lossy: sum.lossy + verdict.lossy,
        damaged: sum.damaged + verdict.damaged,
    })
}

fn judge_sectors(recording: &Recording, sector_bytes: usize, cuts: usize, chance: Chance) -> Verdict {
    let mut verdict = Verdict::default();
    let scratch = tempfile::tempdir().unwrap();
    cut(recording, sector_bytes, cuts, chance, |cut| {
        let folder = scratch.path().join(verdict.cuts.to_string());
        std::fs::create_dir(&folder).unwrap();
        write(&cut.image, &folder);
        verdict.cuts += 1;
        verdict.held += cut.acknowledged;
        match Left::open(&folder) {
            Ok(left) => {
                let acks = &recording.acks[..cut.acknowledged];
                verdict.lossy += usize::from(!acks.iter().all(|ack| left.holds(ack, recording)));
            }
            Err(fault) => {
                println!("damaged: {}", fault.lines().next().unwrap_or_default());
                verdict.damaged += 1;
            }
        }
        std::fs::remove_dir_all(&folder).unwrap();
    });
    verdict
}

/// Replays a recording, and cuts the power at moments drawn by chance: half of them just after an acknowledgement.
pub fn cut(recording: &Recording, sector_bytes: usize, cuts: usize, mut chance: Chance, mut each: impl FnMut(Cut)) {
    let first = recording.acks.first().expect("something was acknowledged").line;
    let last = recording.events.last().expect("something happened").0;
    let mut lines: Vec<usize> = (0..cuts)
        .map(|index| match index % 2 {
            0 => first + draw(&mut chance, last - first),
            _ => recording.acks[draw(&mut chance, recording.acks.len())].line + 1,
        })
        .collect();
    lines.sort_unstable();
    let mut disk = Disk::of(&recording.before, sector_bytes);
    let mut events = recording.events.iter().peekable();
    for line in lines {
        while let Some((at, event)) = events.next_if(|(at, _)| *at < line) {
            disk.take(*at, event, &mut chance);
        }
        let acknowledged = recording.acks.partition_point(|ack| ack.line < line);
        each(Cut { image: disk.draw(&mut chance), acknowledged });
    }
}

fn draw(chance: &mut Chance, end: usize) -> usize {
    usize::try_from(chance.below(end as u64)).expect("no larger than a length")
}

/// What a database holds after the power went.
struct Left {
    said: BTreeMap<CommandId, String>,
    /// The last ordinal of each outbox.
    outboxes: BTreeMap<OutboxId, u32>,
}

impl Left {
    /// Opens what is left as the gateway does: the log is read again.
    fn open(folder: &Path) -> Result<Self, String> {
        Self::read(&folder.join("halloo.db")).map_err(|error| error.to_string())?
    }

    fn read(file: &Path) -> rusqlite::Result<Result<Self, String>> {
        let connection = Connection::open(file)?;
        let sound: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        if sound != "ok" {
            return Ok(Err(sound));
        }
        let holes: usize = connection.query_row(
            "SELECT count(*) FROM (SELECT count(*) AS records, max(number) AS head FROM record GROUP BY conversation) \
             WHERE records <> head",
            [],
            |row| row.get(0),
        )?;
        if holes > 0 {
            return Ok(Err("a conversation's numbers have a hole".to_owned()));
        }
        let mut statement = connection.prepare(
            "SELECT command_outbox, command_ordinal, body FROM record WHERE kind = 'said' AND command_outbox IS NOT NULL",
        )?;
        let said = statement.query_map([], |row| {
            let id = CommandId { outbox: outbox(row)?, ordinal: row.get(1)? };
            Ok((id, row.get(2)?))
        })?;
        let said = said.collect::<Result<_, _>>()?;
        let mut statement = connection.prepare("SELECT outbox, ordinal FROM outbox")?;
        let outboxes = statement.query_map([], |row| Ok((outbox(row)?, row.get(1)?)))?;
        let outboxes = outboxes.collect::<Result<_, _>>()?;
        Ok(Ok(Self { said, outboxes }))
    }

    fn holds(&self, ack: &Ack, recording: &Recording) -> bool {
        let is_answered = self.outboxes.get(&ack.command.outbox).is_some_and(|last| *last >= ack.command.ordinal);
        let is_stored = match recording.said.get(&ack.command) {
            Some(body) => self.said.get(&ack.command) == Some(body),
            // It opened a conversation; the outbox tells of it.
            None => true,
        };
        is_answered && is_stored
    }
}

fn outbox(row: &Row<'_>) -> rusqlite::Result<OutboxId> {
    Ok(OutboxId(Uuid::from_bytes(row.get(0)?)))
}

/// The commands that were acknowledged to clients, as the trace tells.
pub fn acknowledged(recording: &Recording) -> BTreeSet<CommandId> {
    recording.acks.iter().map(|ack| ack.command).collect()
}

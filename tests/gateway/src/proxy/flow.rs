//! What a proxy does to the bytes of one way, and what it has done.

use std::fmt::Display;
use std::num::NonZeroUsize;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A thin line trickles, it does not gush once a second.
const PIECES_PER_SECOND: usize = 20;

/// What happens to bytes that come from now on. The default passes them on as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Every piece arrives so much later; order is kept.
    pub delay: Duration,
    pub bytes_per_second: Option<NonZeroUsize>,
    /// Longest piece that is written at once.
    pub piece_bytes_max: Option<NonZeroUsize>,
    /// Bytes are read and thrown away: the peer seems to take them, and nothing arrives.
    pub swallows: bool,
    /// Ends the connection at certain bytes, once.
    pub cut: Option<Cut>,
}

impl Flow {
    #[must_use]
    pub fn delayed(delay: Duration) -> Self {
        Self { delay, ..Self::default() }
    }

    #[must_use]
    pub fn throttled(bytes_per_second: NonZeroUsize) -> Self {
        Self { bytes_per_second: Some(bytes_per_second), ..Self::default() }
    }

    /// Byte by byte.
    #[must_use]
    pub fn sliced() -> Self {
        Self { piece_bytes_max: Some(NonZeroUsize::MIN), ..Self::default() }
    }

    #[must_use]
    pub fn swallowing() -> Self {
        Self { swallows: true, ..Self::default() }
    }

    #[must_use]
    pub fn cut(cut: Cut) -> Self {
        Self { cut: Some(cut), ..Self::default() }
    }

    /// Length of what is written at once.
    pub(super) fn piece_bytes(&self) -> usize {
        let of_a_thin_line = self.bytes_per_second.map(|rate| rate.get().div_ceil(PIECES_PER_SECOND));
        let sliced = self.piece_bytes_max.map(NonZeroUsize::get);
        of_a_thin_line.into_iter().chain(sliced).min().unwrap_or(usize::MAX)
    }

    /// How long so many bytes take to pass a thin line.
    pub(super) fn time_of(&self, bytes: usize) -> Option<Duration> {
        self.bytes_per_second.map(|rate| Duration::from_secs_f64(bytes as f64 / rate.get() as f64))
    }

    /// Takes one setting of a command line, such as `delay_ms=200`.
    ///
    /// # Errors
    /// No setting has this name, or its value is none.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "delay_ms" => self.delay = Duration::from_millis(read(value)?),
            "bytes_per_second" => self.bytes_per_second = Some(read(value)?),
            "piece_bytes_max" => self.piece_bytes_max = Some(read(value)?),
            "swallows" => self.swallows = read(value)?,
            other => return Err(format!("no setting is called {other:?}")),
        }
        Ok(())
    }
}

fn read<T: FromStr<Err: Display>>(value: &str) -> Result<T, String> {
    value.parse().map_err(|error| format!("{value:?}: {error}"))
}

/// The bytes at which a connection ends, before they pass, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Read in one piece; what the kernel tears apart is not recognised. Empty: whatever comes next.
    pub at: Vec<u8>,
    pub end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Both connections end with RST; what was on its way is lost.
    Reset,
    /// This way ends with FIN; the other one stays open.
    HalfClose,
}

/// What has been done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Bytes that came.
    pub bytes: usize,
    /// Bytes that were thrown away.
    pub swallowed: usize,
    /// Writes; a piece that came whole is one.
    pub pieces: usize,
    /// Connections that ended at the bytes of a cut.
    pub cuts: usize,
}

/// One way through a proxy, over all its connections.
#[derive(Debug, Default)]
pub struct Way {
    state: Mutex<(Flow, Tally)>,
}

impl Way {
    /// From now on bytes flow like this.
    pub fn set(&self, flow: Flow) {
        self.hold().0 = flow;
    }

    #[must_use]
    pub fn tally(&self) -> Tally {
        self.hold().1
    }

    pub(super) fn flow(&self) -> Flow {
        self.hold().0.clone()
    }

    /// Counts what came, and says what becomes of it.
    pub(super) fn take(&self, bytes: &[u8]) -> Fate {
        let mut state = self.hold();
        let (flow, tally) = &mut *state;
        tally.bytes += bytes.len();
        if let Some(cut) = flow.cut.take_if(|cut| contains(bytes, &cut.at)) {
            tally.cuts += 1;
            return Fate::Ends(cut.end);
        }
        if flow.swallows {
            tally.swallowed += bytes.len();
            return Fate::Swallowed;
        }
        Fate::Passes { delay: flow.delay }
    }

    pub(super) fn count_piece(&self) {
        self.hold().1.pieces += 1;
    }

    fn hold(&self) -> MutexGuard<'_, (Flow, Tally)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What becomes of bytes that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Passes { delay: Duration },
    Swallowed,
    Ends(End),
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    part.is_empty() || bytes.windows(part.len()).any(|window| window == part)
}

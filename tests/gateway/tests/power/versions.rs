//! Something on a disk: what is kept for certain, and what was written since and may or may not be there.

use gateway_tests::Chance;

/// What loses out when the power goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// All that is not kept for certain.
    All,
    /// Nothing: the disk was quick.
    Nothing,
    /// Each part by itself, so that writes are torn and out of order.
    Some,
}

impl Loss {
    pub fn draw(chance: &mut Chance) -> Self {
        match chance.below(4) {
            0 => Self::All,
            1 => Self::Nothing,
            _ => Self::Some,
        }
    }
}

/// A sector, a length or a name.
#[derive(Clone, Debug)]
pub struct Versions<T> {
    kept: T,
    /// When each was complete, in the order they were written.
    later: Vec<(usize, T)>,
}

impl<T: Clone> Versions<T> {
    pub fn new(kept: T) -> Self {
        Self { kept, later: Vec::new() }
    }

    pub fn write(&mut self, value: T, complete: usize) {
        self.later.push((complete, value));
    }

    /// A sync that began then has succeeded: what was complete before is kept.
    pub fn sync(&mut self, began: usize) {
        let covered = self.later.partition_point(|(complete, _)| *complete < began);
        if let Some((_, value)) = self.later.drain(..covered).next_back() {
            self.kept = value;
        }
    }

    /// A sync has failed: the kernel takes what it could not write for written, and no later sync tries again.
    pub fn fail(&mut self, chance: &mut Chance) {
        let survivor = self.draw(Loss::Some, chance).clone();
        *self = Self::new(survivor);
    }

    /// What is kept, when nothing else was written since.
    pub fn settled(&self) -> Option<&T> {
        self.later.is_empty().then_some(&self.kept)
    }

    /// What is there after the power went.
    pub fn draw(&self, loss: Loss, chance: &mut Chance) -> &T {
        let later = self.later.len();
        let survivor = match loss {
            Loss::All => 0,
            Loss::Nothing => later,
            Loss::Some => usize::try_from(chance.below(later as u64 + 1)).expect("no larger than a length"),
        };
        if survivor == 0 { &self.kept } else { &self.later[survivor - 1].1 }
    }
}

mod tests {
    use super::*;

    fn drawn(versions: &Versions<u8>, loss: Loss) -> Vec<u8> {
        let mut chance = Chance::new(7);
        let mut all: Vec<u8> = (0..100).map(|_| *versions.draw(loss, &mut chance)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    #[test]
    fn what_no_sync_covers_may_be_there_or_not() {
        let mut versions = Versions::new(0);
        versions.write(1, 10);
        versions.write(2, 20);
        assert_eq!(drawn(&versions, Loss::Some), [0, 1, 2]);
        assert_eq!(drawn(&versions, Loss::All), [0]);
        assert_eq!(drawn(&versions, Loss::Nothing), [2]);
    }

    #[test]
    fn a_sync_keeps_what_was_complete_before_it_began() {
        let mut versions = Versions::new(0);
        versions.write(1, 10);
        versions.write(2, 20);
        versions.sync(20);
        assert_eq!(drawn(&versions, Loss::Some), [1, 2]);
        versions.sync(21);
        assert_eq!(drawn(&versions, Loss::Some), [2]);
    }

    #[test]
    fn what_a_failed_sync_has_dropped_no_later_one_brings_back() {
        let mut chance = Chance::new(7);
        let lost = (0..100).filter(|_| {
            let mut versions = Versions::new(0);
            versions.write(1, 10);
            versions.fail(&mut chance);
            versions.sync(30);
            *versions.draw(Loss::Nothing, &mut chance) == 0
        });
        assert!((20..80).contains(&lost.count()));
    }
}

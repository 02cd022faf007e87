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
    /// In the order they were written.
    later: Vec<Version<T>>,
}

/// What was written, through which descriptor, and when that was complete.
#[derive(Clone, Debug)]
struct Version<T> {
    value: T,
    by: u32,
    complete: usize,
}

impl<T: Clone> Versions<T> {
    pub fn new(kept: T) -> Self {
        Self { kept, later: Vec::new() }
    }

    pub fn write(&mut self, value: T, by: u32, complete: usize) {
        self.later.push(Version { value, by, complete });
    }

    /// A sync that began then has succeeded: what was complete before is kept.
    pub fn sync(&mut self, began: usize) {
        let covered = self.later.partition_point(|version| version.complete < began);
        if let Some(version) = self.later.drain(..covered).next_back() {
            self.kept = version.value;
        }
    }

    /// A sync through a descriptor has failed: the kernel takes what it could not write for written, and no later sync
    /// through it tries again.
    ///
    /// What was written through another descriptor is not touched: its own next sync would have been told of the
    /// failure, and in what was recorded it was not.
    pub fn fail(&mut self, by: u32, began: usize, chance: &mut Chance) {
        let is_hit = |version: &Version<T>| version.by == by && version.complete < began;
        let hit: Vec<usize> = (0..self.later.len()).filter(|at| is_hit(&self.later[*at])).collect();
        let survivor = usize::try_from(chance.below(hit.len() as u64 + 1)).expect("no larger than a length");
        let survives = survivor.checked_sub(1).map(|at| hit[at]);
        let mut at = 0;
        self.later.retain(|version| {
            at += 1;
            if survives == Some(at - 1) {
                self.kept = version.value.clone();
            }
            !is_hit(version) && survives.is_none_or(|survives| at - 1 > survives)
        });
    }

    /// All that may be found.
    pub fn all(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.kept).chain(self.later.iter().map(|version| &version.value))
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
        if survivor == 0 { &self.kept } else { &self.later[survivor - 1].value }
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
        versions.write(1, 5, 10);
        versions.write(2, 5, 20);
        assert_eq!(drawn(&versions, Loss::Some), [0, 1, 2]);
        assert_eq!(drawn(&versions, Loss::All), [0]);
        assert_eq!(drawn(&versions, Loss::Nothing), [2]);
    }

    #[test]
    fn a_sync_keeps_what_was_complete_before_it_began() {
        let mut versions = Versions::new(0);
        versions.write(1, 5, 10);
        versions.write(2, 5, 20);
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
            versions.write(1, 5, 10);
            versions.fail(5, 20, &mut chance);
            versions.sync(30);
            *versions.draw(Loss::Nothing, &mut chance) == 0
        });
        assert!((20..80).contains(&lost.count()));
    }

    #[test]
    fn a_failed_sync_drops_nothing_of_another_descriptor_nor_what_came_after_it_began() {
        let mut chance = Chance::new(7);
        for _ in 0..100 {
            let mut versions = Versions::new(0);
            versions.write(1, 6, 10);
            versions.write(2, 5, 30);
            versions.fail(5, 20, &mut chance);
            versions.sync(40);
            assert_eq!(*versions.draw(Loss::Nothing, &mut chance), 2);
        }
    }
}

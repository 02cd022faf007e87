//! The disk under one folder, as far as its writes and syncs tell: at any moment, what a power loss could leave.

use crate::trace::{Event, FILES};
use crate::versions::{Loss, Versions};
use gateway_tests::Chance;
use std::collections::BTreeMap;
use std::path::Path;

/// A folder's files by name.
pub type Image = BTreeMap<String, Vec<u8>>;

/// What is done to a name is done through none.
const NO_DESCRIPTOR: u32 = u32::MAX;

/// One file.
#[derive(Debug)]
struct File {
    /// As programs see it.
    cache: Vec<u8>,
    name: Versions<bool>,
    length: Versions<usize>,
    /// Bytes that are kept for certain; also those behind the end, which may still move.
    kept: Vec<u8>,
    /// Sectors that have been written since.
    sectors: BTreeMap<usize, Versions<Vec<u8>>>,
}

impl File {
    fn new(kept: Vec<u8>, is_kept: bool) -> Self {
        let (name, length) = (Versions::new(is_kept), Versions::new(kept.len()));
        Self { cache: kept.clone(), name, length, kept, sectors: BTreeMap::new() }
    }

    fn write(&mut self, by: u32, at: usize, bytes: &[u8], sector_bytes: usize, ended: usize) {
        let end = at + bytes.len();
        put(&mut self.cache, at, bytes);
        // Not only where programs see it grow: a failed sync may have dropped a length that they still see.
        if self.length.all().any(|length| *length < end) {
            self.length.write(self.cache.len(), by, ended);
        }
        for sector in at / sector_bytes..end.div_ceil(sector_bytes) {
            let content = slice(&self.cache, sector, sector_bytes);
            let kept = || Versions::new(slice(&self.kept, sector, sector_bytes));
            self.sectors.entry(sector).or_insert_with(kept).write(content, by, ended);
        }
    }

    fn truncate(&mut self, by: u32, length: usize, ended: usize) {
        if length != self.cache.len() {
            self.cache.resize(length, 0);
            self.length.write(length, by, ended);
        }
    }

    fn sync(&mut self, began: usize, sector_bytes: usize) {
        self.length.sync(began);
        self.settle(sector_bytes, |sector| sector.sync(began));
    }

    fn fail(&mut self, by: u32, began: usize, sector_bytes: usize, chance: &mut Chance) {
        self.length.fail(by, began, chance);
        self.settle(sector_bytes, |sector| sector.fail(by, began, chance));
    }

    /// Decides on every sector that was written, and keeps those of which nothing is open any more.
    fn settle(&mut self, sector_bytes: usize, mut decide: impl FnMut(&mut Versions<Vec<u8>>)) {
        let kept = &mut self.kept;
        self.sectors.retain(|sector, versions| {
            decide(versions);
            if let Some(content) = versions.settled() {
                put(kept, sector * sector_bytes, content);
            }
            versions.settled().is_none()
        });
    }

    /// The bytes that a power loss leaves; none when not even the name is kept.
    fn draw(&self, loss: Loss, sector_bytes: usize, chance: &mut Chance) -> Option<Vec<u8>> {
        if !self.name.draw(loss, chance) {
            return None;
        }
        let mut bytes = self.kept.clone();
        for (sector, versions) in &self.sectors {
            put(&mut bytes, sector * sector_bytes, versions.draw(loss, chance));
        }
        bytes.resize(*self.length.draw(loss, chance), 0);
        Some(bytes)
    }
}

/// Writes into a file that grows as need be.
fn put(bytes: &mut Vec<u8>, at: usize, content: &[u8]) {
    let end = at + content.len();
    bytes.resize(bytes.len().max(end), 0);
    bytes[at..end].copy_from_slice(content);
}

fn slice(bytes: &[u8], sector: usize, sector_bytes: usize) -> Vec<u8> {
    let at = (sector * sector_bytes).min(bytes.len());
    let mut content = bytes[at..bytes.len().min(at + sector_bytes)].to_vec();
    content.resize(sector_bytes, 0);
    content
}

/// All files of the folder that are told of.
#[derive(Debug)]
pub struct Disk {
    /// What the disk writes whole or not at all.
    sector_bytes: usize,
    files: BTreeMap<String, File>,
}

impl Disk {
    /// What the folder holds now is kept for certain.
    pub fn of(image: &Image, sector_bytes: usize) -> Self {
        let files = image.iter().map(|(name, bytes)| (name.clone(), File::new(bytes.clone(), true)));
        Self { sector_bytes, files: files.collect() }
    }

    pub fn take(&mut self, line: usize, event: &Event, chance: &mut Chance) {
        match event {
            Event::Write { file, by, at, bytes, ended } => {
                let sector_bytes = self.sector_bytes;
                self.file(file).write(*by, *at, bytes, sector_bytes, *ended);
            }
            Event::Truncate { file, by, length } => self.file(file).truncate(*by, *length, line),
            Event::Create { file } => {
                self.file(file).name.write(true, NO_DESCRIPTOR, line);
            }
            Event::Remove { file } => {
                let file = self.file(file);
                file.name.write(false, NO_DESCRIPTOR, line);
                file.truncate(NO_DESCRIPTOR, 0, line);
            }
            Event::Sync { file, began } => {
                let sector_bytes = self.sector_bytes;
                self.file(file).sync(*began, sector_bytes);
            }
            Event::SyncFailed { file, by, began } => {
                let sector_bytes = self.sector_bytes;
                self.file(file).fail(*by, *began, sector_bytes, chance);
            }
            Event::SyncFolder { began } => self.files.values_mut().for_each(|file| file.name.sync(*began)),
            Event::Sent { .. } => {}
        }
    }

    /// What a power loss leaves now.
    pub fn draw(&self, chance: &mut Chance) -> Image {
        let loss = Loss::draw(chance);
        let mut image = Image::new();
        for (name, file) in &self.files {
            image.extend(file.draw(loss, self.sector_bytes, chance).map(|bytes| (name.clone(), bytes)));
        }
        image
    }

    fn file(&mut self, name: &str) -> &mut File {
        self.files.entry(name.to_owned()).or_insert_with(|| File::new(Vec::new(), false))
    }
}

pub fn read(folder: &Path) -> Image {
    FILES.iter().filter_map(|name| Some(((*name).to_owned(), std::fs::read(folder.join(name)).ok()?))).collect()
}

pub fn write(image: &Image, folder: &Path) {
    for (name, bytes) in image {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}

mod tests {
    use super::*;

    const SECTOR_BYTES: usize = 512;

    fn write(by: u32, at: usize, bytes: &[u8], ended: usize) -> Event {
        Event::Write { file: FILES[1].to_owned(), by, at, bytes: bytes.to_vec(), ended }
    }

    /// A sync fails, and what it was to keep is written once more, a little shorter: the next sync keeps that.
    #[test]
    fn what_is_written_again_after_a_failed_sync_is_kept_with_its_length() {
        let mut chance = Chance::new(7);
        for _ in 0..100 {
            let mut disk = Disk::of(&Image::from([(FILES[1].to_owned(), vec![1; 600])]), SECTOR_BYTES);
            let file = FILES[1].to_owned();
            disk.take(1, &write(5, 600, &[2; 3_000], 1), &mut chance);
            disk.take(2, &Event::SyncFailed { file: file.clone(), by: 5, began: 2 }, &mut chance);
            disk.take(3, &write(5, 600, &[3; 2_000], 3), &mut chance);
            disk.take(4, &Event::Sync { file, began: 4 }, &mut chance);
            let left = disk.draw(&mut chance).remove(FILES[1]).unwrap();
            assert_eq!(left.get(600..2_600), Some(&[3; 2_000][..]));
        }
    }
}

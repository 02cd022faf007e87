//! The real process on what a power loss left: visitors find again what they were told is stored.

use crate::cuts::{self, Cut};
use crate::disk::write;
use crate::recording::Recording;
use gateway_tests::{Chance, Client, Setup, Talker};
use protocol::{CommandId, ConversationId};
use std::collections::BTreeSet;

/// What today's disks write whole.
const SECTOR_BYTES: usize = 4_096;

/// Starts the gateway on what so many cuts left, and gives how many acknowledged messages were found again.
pub async fn open(recording: &Recording, cuts: usize, seed: u64) -> usize {
    let mut left = Vec::new();
    cuts::cut(recording, SECTOR_BYTES, cuts, Chance::new(seed), |cut| left.push(cut));
    let mut found = 0;
    for cut in left {
        found += open_cut(recording, &cut).await;
    }
    found
}

async fn open_cut(recording: &Recording, cut: &Cut) -> usize {
    let mut server = Setup::crowded().prepare();
    let data = server.data().join("data");
    std::fs::create_dir(&data).unwrap();
    write(&cut.image, &data);
    server.start();
    let place = server.place("shop");
    let acknowledged = recording.acks[..cut.acknowledged].iter().map(|ack| ack.command).collect();
    let mut found = 0;
    for visitor in recording.people.iter().filter(|person| person.client.is_visitors()) {
        let wanted = words(visitor, &acknowledged);
        let Some((id, _)) = wanted.first() else { continue };
        let reader = Client::reader(&place, visitor.client.who.clone(), &[*id]).await;
        let said = reader.transcript(*id).said();
        for (_, body) in &wanted {
            assert!(said.contains(body), "{body:?} was acknowledged and is lost");
        }
        found += wanted.len();
    }
    found
}

/// What a visitor said and was told is stored.
fn words(visitor: &Talker, acknowledged: &BTreeSet<CommandId>) -> Vec<(ConversationId, String)> {
    let told = visitor.told.iter().filter(|told| acknowledged.contains(&told.command.id));
    told.filter_map(|told| Some((told.command.conversation?, told.words()?.to_owned()))).collect()
}

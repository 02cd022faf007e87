//! Backups and restores.

use super::{desk_of, folder, new_desk, open, said, told};
use crate::adapters::contract::Story;
use crate::adapters::sqlite::{DATABASE, OpenError, restore};
use crate::ports::{Directory, Journal, StoreError};
use gateway_core::ids::SiteId;
use gateway_core::stored::Found;
use rusqlite::Connection;
use std::path::Path;
use tempfile::TempDir;

/// A folder with one site whose database was copied after its first message and before its second.
async fn copied(folder: &TempDir) -> (Story, SiteId, std::path::PathBuf) {
    let store = open(folder);
    let desk = new_desk(&store, "demo").await;
    let mut story = told(&desk, 1, "before").await;
    let copy = folder.path().join("copy.db");
    store.backup(&copy).await.unwrap();
    story.visitor_says("after");
    desk.tell(&mut story).await;
    (story, desk.site, copy)
}

#[tokio::test]
async fn a_backup_is_one_whole_file_that_opens_as_a_store() {
    let (source, target) = (folder(), folder());
    let (story, site, copy) = copied(&source).await;
    std::fs::copy(&copy, target.path().join(DATABASE)).unwrap();
    let store = open(&target);
    let desk = desk_of(&store, site).await;
    assert_eq!(said(&desk, &story).await, ["before"]);
    assert!(!source.path().join("copy.db-wal").exists());
    assert!(!source.path().join("copy.db.partial").exists());
}

#[tokio::test]
async fn a_backup_taken_amid_appends_is_consistent() {
    let (source, target) = (folder(), folder());
    let store = open(&source);
    let desk = new_desk(&store, "demo").await;
    let mut story = Story::new(1);
    let copy = source.path().join("copy.db");
    let appends = async {
        for number in 0..50 {
            story.visitor_says(&format!("message {number}"));
            desk.tell(&mut story).await;
        }
    };
    let (copied, ()) = tokio::join!(store.backup(&copy), appends);
    copied.unwrap();
    std::fs::rename(&copy, target.path().join(DATABASE)).unwrap();
    let copied = open(&target).load(desk.site, story.id()).await.unwrap();
    let file = Connection::open(target.path().join(DATABASE)).unwrap();
    let stored: u64 = file.query_row("SELECT count(*) FROM record", [], |row| row.get(0)).unwrap();
    let head = match copied {
        Found::Conversation(copied) => copied.conversation.head.number.0,
        Found::Nothing(_) => 0,
    };
    assert_eq!(head, stored);
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_reads_a_store_and_its_backup() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let store = open(&folder);
    new_desk(&store, "demo").await;
    let backup = folder.path().join("backup.db");
    store.backup(&backup).await.unwrap();
    for path in [folder.path().join(DATABASE), folder.path().join(format!("{DATABASE}-wal")), backup] {
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn a_backup_that_cannot_be_written_says_where() {
    let folder = folder();
    let to = folder.path().join("nowhere/backup.db");
    let refused = open(&folder).backup(&to).await.unwrap_err();
    assert!(matches!(&refused, StoreError::Refused(reason) if reason.contains("nowhere/backup.db")), "{refused:?}");
}

#[tokio::test]
async fn a_backup_does_not_replace_its_own_source() {
    let folder = folder();
    let store = open(&folder);
    let refused = store.backup(&folder.path().join(DATABASE)).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))));
    assert!(store.sites().await.is_ok());
}

#[tokio::test]
async fn a_restored_store_stands_where_the_backup_did_with_a_higher_epoch() {
    let folder = folder();
    let (story, site, copy) = copied(&folder).await;
    let store = open(&folder);
    let epoch = store.open(site).await.unwrap().epoch;
    assert!(matches!(restore(&copy, folder.path()), Err(OpenError::InUse(_))));
    drop(store);
    restore(&copy, folder.path()).unwrap();
    let store = open(&folder);
    let desk = desk_of(&store, site).await;
    assert!(desk.epoch > epoch);
    assert_eq!(said(&desk, &story).await, ["before"]);
    assert!(desk.page(story.id(), story.row.head).await.resync);
    assert!(folder.path().join("halloo.db.replaced").exists());
}

#[tokio::test]
async fn an_interrupted_restore_is_finished_by_the_next_opening() {
    let folder = folder();
    let (story, site, copy) = copied(&folder).await;
    std::fs::rename(copy, folder.path().join("halloo.db.restored")).unwrap();
    // The log of the database that is to be replaced.
    std::fs::write(folder.path().join("halloo.db-wal"), "old pages").unwrap();
    let store = open(&folder);
    assert_eq!(said(&desk_of(&store, site).await, &story).await, ["before"]);
    assert!(!folder.path().join("halloo.db.restored").exists());
}

#[tokio::test]
async fn what_is_no_backup_is_not_restored() {
    let (folder, other) = (folder(), folder());
    let (story, site, copy) = copied(&folder).await;
    let path = |name: &str| other.path().join(name);
    std::fs::write(path("text"), "not a database, but long enough to be taken for one".repeat(99)).unwrap();
    assert!(restore(&path("text"), folder.path()).is_err());
    Connection::open(path("foreign")).unwrap().execute_batch("CREATE TABLE x (y)").unwrap();
    assert!(matches!(restore(&path("foreign"), folder.path()), Err(OpenError::Foreign)));
    damage(&copy, &path("damaged"));
    assert!(restore(&path("damaged"), folder.path()).is_err());
    let missing = restore(&path("missing"), folder.path()).unwrap_err().to_string();
    assert!(missing.ends_with("/missing: No such file or directory (os error 2)"), "{missing}");
    let store = open(&folder);
    assert_eq!(said(&desk_of(&store, site).await, &story).await, ["before", "after"]);
}

/// Writes over the middle of a database.
fn damage(from: &Path, to: &Path) {
    let mut bytes = std::fs::read(from).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8_192].fill(0xa5);
    std::fs::write(to, bytes).unwrap();
}

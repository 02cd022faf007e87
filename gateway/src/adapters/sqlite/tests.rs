//! What only the SQLite store promises: its lock, its commits, its schema, its copies.

mod commits;
mod copies;
mod locks;
mod schema;

use crate::adapters::contract::{Desk, Story};
use crate::adapters::sqlite::{DATABASE, SqliteStore};
use crate::ports::Store;
use gateway_core::ids::SiteId;
use protocol::{Position, RecordKind};
use rusqlite::Connection;
use std::sync::Arc;
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn open(folder: &TempDir) -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(folder.path()).unwrap())
}

async fn new_desk(store: &Arc<SqliteStore>, key: &str) -> Desk {
    Desk::new(&(Arc::clone(store) as Arc<dyn Store>), key).await
}

async fn desk_of(store: &Arc<SqliteStore>, site: SiteId) -> Desk {
    Desk::of(&(Arc::clone(store) as Arc<dyn Store>), site).await
}

/// A conversation with one message, stored.
async fn told(desk: &Desk, number: u128, text: &str) -> Story {
    let mut story = Story::new(number);
    story.visitor_says(text);
    desk.tell(&mut story).await;
    story
}

/// Changes the file behind the store's back.
fn tamper(folder: &TempDir, sql: &str) {
    Connection::open(folder.path().join(DATABASE)).unwrap().execute_batch(sql).unwrap();
}

async fn said(desk: &Desk, story: &Story) -> Vec<String> {
    let page = desk.page(story.id(), Position::default()).await;
    let text = |what| {
        let RecordKind::Said(said) = what else { panic!("{what:?}") };
        said.body.0
    };
    page.records.into_iter().map(|record| text(record.what)).collect()
}

//! What only the Postgres store promises: its fence, its one flush, what it says when the database fails, who owns what.

mod commits;
mod crashes;
mod flushes;
mod ownership;
mod proxy;
mod schema;
mod stalls;

use crate::adapters::contract::{Desk, Story};
use crate::adapters::postgres::PostgresStore;
use crate::ports::Store;
use gateway_core::ids::SiteId;
use protocol::{Position, RecordKind};
use servers::Postgres;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

async fn open(url: &str) -> Arc<PostgresStore> {
    Arc::new(PostgresStore::open(url).await.unwrap())
}

/// A store over a new database of the shared server, and its URL.
async fn new_store() -> (Arc<PostgresStore>, String) {
    let url = Postgres::shared().database();
    (open(&url).await, url)
}

async fn new_desk(store: &Arc<PostgresStore>, key: &str) -> Desk {
    Desk::new(&(Arc::clone(store) as Arc<dyn Store>), key).await
}

async fn desk_of(store: &Arc<PostgresStore>, site: SiteId) -> Desk {
    Desk::of(&(Arc::clone(store) as Arc<dyn Store>), site).await
}

/// A conversation with one message, stored.
async fn told(desk: &Desk, number: u128, text: &str) -> Story {
    let mut story = Story::new(number);
    story.visitor_says(text);
    desk.tell(&mut story).await;
    story
}

async fn said(desk: &Desk, story: &Story) -> Vec<String> {
    let page = desk.page(story.id(), Position::default()).await;
    let text = |what| {
        let RecordKind::Said(said) = what else { panic!("{what:?}") };
        said.body.0
    };
    page.records.into_iter().map(|record| text(record.what)).collect()
}

/// Waits until an append waits for a row that somebody holds, and does something to it.
async fn append_is_held(url: &str, what: &str) {
    let waiting = format!(
        "SELECT count({what}) FROM pg_stat_activity \
         WHERE datname = current_database() AND wait_event_type = 'Lock' \
         AND (query LIKE '-- One batch%' OR query LIKE 'SELECT sequence FROM search_cursor%')"
    );
    let url = url.to_owned();
    // Each look starts a program, so this is some tens of seconds.
    let looking = move || (0..1_000).any(|_| Postgres::shared().sql(&url, &waiting) != "0");
    assert!(tokio::task::spawn_blocking(looking).await.unwrap(), "no append waits for a row");
}

/// A session at a terminal that has run some SQL and then holds what it locked.
struct Holder(Child);

impl Holder {
    fn new(url: &str, sql: &str) -> Self {
        // Its input stays open, and with it its transaction.
        let script = format!("BEGIN; {sql}; \\echo held\n");
        let mut psql = Command::new("psql");
        psql.args(["--no-psqlrc", "-qAt", url]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = psql.spawn().unwrap();
        std::io::Write::write_all(child.stdin.as_mut().unwrap(), script.as_bytes()).unwrap();
        let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
        assert!(lines.any(|line| line.unwrap() == "held"), "{sql} did not come to hold");
        Self(child)
    }

    /// Lets what it did stand.
    fn commit(mut self) {
        std::io::Write::write_all(self.0.stdin.as_mut().unwrap(), b"COMMIT;\n\\q\n").unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

//! The schema: made once by whoever comes first, and never by a version that does not know it.

use super::{new_desk, new_store, open};
use crate::adapters::migration::Migration;
use crate::adapters::postgres::connection::Connection;
use crate::adapters::postgres::database::Database;
use crate::adapters::postgres::migrate::{STEPS, Step, apply};
use crate::adapters::postgres::{OpenError, PostgresStore, address::Address};
use servers::Postgres;

async fn connection(url: &str) -> Connection {
    Connection::open(&Database::new(Address::parse(url).unwrap()), 0).await.unwrap()
}

/// The version of a step that is added to those known.
const NEXT: i64 = STEPS.len() as i64 + 1;

/// All steps and one more.
fn added(sql: &'static str, works_with: i64) -> Vec<Step> {
    let step = Step { migration: Migration { version: NEXT, name: "added", sql }, works_with };
    STEPS.iter().copied().chain([step]).collect()
}

#[tokio::test]
async fn nodes_that_start_at_once_make_the_schema_once() {
    let url = Postgres::shared().database();
    let openings = (0..4).map(|_| {
        let url = url.clone();
        tokio::spawn(async move { PostgresStore::open(&url).await.map(drop) })
    });
    for opening in openings.collect::<Vec<_>>() {
        opening.await.unwrap().unwrap();
    }
    let applied = Postgres::shared().sql(&url, "SELECT count(*) FROM migration");
    assert_eq!(applied, STEPS.len().to_string());
}

#[tokio::test]
async fn a_step_that_older_programs_live_beside_lets_them_start() {
    let (_store, url) = new_store().await;
    let steps = added("ALTER TABLE conversation ADD COLUMN mood text; CREATE TABLE weather (id bigint)", 1);
    apply(&connection(&url).await, &steps).await.unwrap();
    let older = open(&url).await;
    let desk = new_desk(&older, "demo").await;
    super::told(&desk, 1, "hello").await;
    assert_eq!(Postgres::shared().sql(&url, "SELECT count(*) FROM conversation WHERE mood IS NULL"), "1");
}

#[tokio::test]
async fn a_step_that_they_do_not_live_beside_keeps_them_out() {
    let (_store, url) = new_store().await;
    apply(&connection(&url).await, &added("SELECT 1", NEXT)).await.unwrap();
    let refused = PostgresStore::open(&url).await.map(drop);
    assert!(matches!(refused, Err(OpenError::Newer(NEXT))), "{refused:?}");
}

#[tokio::test]
async fn a_step_that_was_another_one_is_refused() {
    let (_store, url) = new_store().await;
    Postgres::shared().sql(&url, "UPDATE migration SET checksum = '\\x00'");
    let refused = PostgresStore::open(&url).await.map(drop);
    assert!(matches!(refused, Err(OpenError::Changed { version: 1, name: "first" })), "{refused:?}");
}

#[tokio::test]
async fn a_step_that_fails_leaves_nothing_of_itself() {
    let url = Postgres::shared().database();
    let failing = added("CREATE TABLE half (id bigint); SELECT 1 / 0", 1);
    assert!(apply(&connection(&url).await, &failing).await.is_err());
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(Postgres::shared().sql(&url, tables), "0");
}

#[tokio::test]
async fn a_role_with_no_more_than_its_own_database_is_enough() {
    let server = Postgres::shared();
    let admin = server.database();
    let name = admin.rsplit('/').next().unwrap();
    server.sql(&admin, &format!("CREATE ROLE plain_{name} LOGIN; ALTER DATABASE {name} OWNER TO plain_{name}"));
    let url = admin.replace("//halloo@", &format!("//plain_{name}@"));
    let store = open(&url).await;
    super::told(&new_desk(&store, "demo").await, 1, "hello").await;
}

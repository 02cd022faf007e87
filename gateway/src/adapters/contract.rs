//! What every store promises, written once and run against each of them.
//!
//! A case is an async function of a store; `on_every_store!` makes one test of it for each adapter.

mod directory;
mod journal;
mod pages;
mod round_trip;
mod samples;
mod search;
mod secrets;

pub(super) use samples::{Desk, Story, agent_id, conversation_id, visitor_id};

macro_rules! on_every_store {
    ($($case:ident)*) => {
        mod memory {
            $(#[tokio::test]
            async fn $case() {
                let store = std::sync::Arc::new(crate::adapters::memory::MemoryStore::new());
                super::$case(store).await;
            })*
        }

        mod sqlite {
            $(#[tokio::test]
            async fn $case() {
                let folder = tempfile::tempdir().unwrap();
                let store = crate::adapters::sqlite::SqliteStore::open(folder.path()).unwrap();
                super::$case(std::sync::Arc::new(store)).await;
            })*
        }

        mod postgres {
            $(#[tokio::test]
            async fn $case() {
                let url = servers::Postgres::shared().database();
                let store = crate::adapters::postgres::PostgresStore::open(&url).await.unwrap();
                super::$case(std::sync::Arc::new(store)).await;
            })*
        }
    };
}
use on_every_store;

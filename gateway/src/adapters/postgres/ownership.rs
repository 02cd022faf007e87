//! Who owns which site: compare-and-set on the desk's row.

use super::columns::{get, number, number_or_none};
use super::connection::{Connection, NOW, Values};
use super::heartbeat::{self, named};
use super::{PostgresStore, Raised, given_back, opening};
use crate::adapters::fault::Fault;
use crate::adapters::limits::{HEARTBEAT_MS_MAX, RESTORED_EPOCHS};
use crate::ports::Cluster;
use async_trait::async_trait;
use gateway_core::ids::{Epoch, NodeId, SiteId};
use gateway_core::link::effect::{Claim, Heartbeat, NotOpened, Owner, StoreAway};
use gateway_core::now::Instant;
use gateway_core::stored::Opening;
use std::time::Duration;
use tokio::sync::watch;
use tokio_postgres::Row;

#[async_trait]
impl Cluster for PostgresStore {
    async fn join(&self, node: NodeId) -> Result<bool, StoreAway> {
        told(self.write(|connection| Box::pin(heartbeat::join(connection, node))).await)
    }

    async fn beat(
        &self,
        node: NodeId,
        sent: Instant,
        ready: bool,
        changed_within_ms: u64,
    ) -> Result<Heartbeat, StoreAway> {
        let beat = async {
            let lent = self.shared.heart.lend().await?;
            let answer = heartbeat::beat(&lent, node, sent, ready, changed_within_ms).await;
            given_back(lent, answer)
        };
        // With the time to connect, if that is needed.
        let answer = tokio::time::timeout(Duration::from_millis(HEARTBEAT_MS_MAX), beat).await;
        told(answer.unwrap_or_else(|_| Err(Fault::broken("the heartbeat was not answered"))))
    }

    async fn owner(&self, site: SiteId) -> Result<Option<Owner>, StoreAway> {
        told(self.read(|connection| Box::pin(owner(connection, site))).await)
    }

    async fn claim(&self, node: NodeId, site: SiteId, claim: Claim) -> Result<Opening, NotOpened> {
        match self.shared.open(site, |connection| Box::pin(raise(connection, node, site, claim))).await {
            Ok(opening) => Ok(opening),
            Err(Fault::Fenced) => match self.owner(site).await {
                Ok(owner) => Err(NotOpened::Lost(owner)),
                Err(StoreAway) => Err(NotOpened::Away),
            },
            Err(fault) => {
                tracing::warn!(site = site.0, ?fault, "a site could not be opened");
                Err(NotOpened::Away)
            }
        }
    }

    async fn sweep(&self, living: Vec<NodeId>, limit: usize) -> Result<Vec<(SiteId, Owner)>, StoreAway> {
        told(self.read(|connection| Box::pin(async move { sweep(connection, &living, limit).await })).await)
    }

    async fn let_go(&self, site: SiteId, epoch: Epoch, successor: Option<NodeId>) -> Result<(), StoreAway> {
        told(self.write(|connection| Box::pin(let_go(connection, site, epoch, successor))).await)
    }

    async fn settings_versions(&self, sites: Vec<SiteId>) -> Result<Vec<(SiteId, u64)>, StoreAway> {
        told(self.read(|connection| Box::pin(async move { settings_versions(connection, &sites).await })).await)
    }

    async fn skip_epochs(&self) -> Result<(), StoreAway> {
        told(self.write(|connection| Box::pin(skip_epochs(connection))).await)
    }

    fn incarnation(&self) -> watch::Receiver<u64> {
        self.shared.database.incarnation()
    }
}

/// All that a link wants to hear of a failure.
fn told<T, E: std::fmt::Debug>(answer: Result<T, E>) -> Result<T, StoreAway> {
    answer.map_err(|error| {
        tracing::debug!(?error, "the store is away");
        StoreAway
    })
}

/// Raises a site's epoch for a node, if its claim holds; [`Fault::Fenced`] when it does not.
async fn raise(connection: &Connection, node: NodeId, site: SiteId, claim: Claim) -> Result<Raised, Fault> {
    let me = named(node);
    let update = |held: &str| {
        format!(
            "UPDATE desk SET epoch = epoch + 1, owner = $2, successor = NULL, changed_at = {NOW}, \
             clock = greatest(clock, {NOW}) WHERE site = $1 AND {held} RETURNING epoch, clock"
        )
    };
    let row = match claim {
        Claim::Unowned => connection.first(&update("epoch = 0"), &[&site.0, &me]).await?,
        Claim::Own { epoch } => {
            connection.first(&update("owner = $2 AND epoch = $3"), &[&site.0, &me, &epoch.0]).await?
        }
        Claim::LetGo { epoch } => {
            connection.first(&update("owner IS NULL AND epoch = $3 AND epoch > 0"), &[&site.0, &me, &epoch.0]).await?
        }
        Claim::Dead { epoch, owner, beats: None } => {
            let held = "owner = $4 AND epoch = $3 AND NOT EXISTS (SELECT FROM node WHERE id = $4)";
            connection.first(&update(held), &[&site.0, &me, &epoch.0, &named(owner)]).await?
        }
        Claim::Dead { epoch, owner, beats: Some(beats) } => {
            // The lock lasts until the commit: a heartbeat of the node waits, and then reads that it has lost the site;
            // one that was quicker has counted up.
            let held = "owner = $4 AND epoch = $3 AND EXISTS (SELECT FROM still)";
            let sql = format!(
                "WITH still AS MATERIALIZED (SELECT FROM node WHERE id = $4 AND beats = $5 FOR SHARE) {}",
                update(held)
            );
            let beats = i64::try_from(beats).map_err(Fault::broken)?;
            let values: Values<'_> = &[&site.0, &me, &epoch.0, &named(owner), &beats];
            connection.first(&sql, values).await?
        }
    };
    opening::raised(&row.ok_or(Fault::Fenced)?)
}

async fn owner(connection: &Connection, site: SiteId) -> Result<Option<Owner>, Fault> {
    let sql = "SELECT site, owner, epoch, successor FROM desk WHERE site = $1 AND epoch > 0";
    let row = connection.first(sql, &[&site.0]).await?;
    Ok(row.as_ref().map(read_with_site).transpose()?.map(|(_, owner)| owner))
}

async fn sweep(connection: &Connection, living: &[NodeId], limit: usize) -> Result<Vec<(SiteId, Owner)>, Fault> {
    let living: Vec<i64> = living.iter().copied().map(named).collect();
    let sql = format!(
        "SELECT site, owner, epoch, successor FROM desk WHERE epoch > 0 AND CASE \
         WHEN owner IS NULL THEN wakes_at <= {NOW} \
         WHEN owner = ANY($1) THEN false \
         ELSE wakes_at <= {NOW} OR EXISTS \
         (SELECT FROM conversation WHERE conversation.site = desk.site AND conversation.state <> 'closed') END LIMIT $2"
    );
    let rows = connection.query(&sql, &[&living, &super::reader::bounded(limit)]).await?;
    rows.iter().map(read_with_site).collect()
}

async fn let_go(connection: &Connection, site: SiteId, epoch: Epoch, successor: Option<NodeId>) -> Result<(), Fault> {
    let sql =
        format!("UPDATE desk SET owner = NULL, successor = $3, changed_at = {NOW} WHERE site = $1 AND epoch = $2");
    connection.execute(&sql, &[&site.0, &epoch.0, &successor.map(named)]).await?;
    Ok(())
}

/// Reads a site with its owner.
pub(super) fn read_with_site(row: &Row) -> Result<(SiteId, Owner), Fault> {
    let owner = Owner {
        node: number_or_none(row, 1)?.map(NodeId::new),
        epoch: Epoch(get(row, 2)?),
        successor: number_or_none(row, 3)?.map(NodeId::new),
    };
    Ok((SiteId(number(row, 0)?), owner))
}

async fn settings_versions(connection: &Connection, sites: &[SiteId]) -> Result<Vec<(SiteId, u64)>, Fault> {
    let ids: Vec<i64> = sites.iter().map(|site| site.0).collect();
    let sql = "SELECT site, version FROM settings_version WHERE site = ANY($1)";
    let rows = connection.query(sql, &[&ids]).await?;
    rows.iter().map(|row| Ok((SiteId(get(row, 0)?), number(row, 1)?))).collect()
}

async fn skip_epochs(connection: &Connection) -> Result<(), Fault> {
    let sql = format!("UPDATE desk SET epoch = epoch + $1, changed_at = {NOW} WHERE epoch > 0");
    connection.execute(&sql, &[&RESTORED_EPOCHS]).await?;
    Ok(())
}

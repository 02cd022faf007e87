//! Sites, teams, agents and accounts: each write in a transaction of its own.

use super::{PostgresStore, accounts, places, secrets, settings};
use crate::adapters::fault::Fault;
use crate::ports::{Account, AgentRecord, Canned, Directory, Grant, Site, StoreError, TeamRow};
use async_trait::async_trait;
use gateway_core::ids::SiteId;
use gateway_core::settings::Settings;
use protocol::TeamId;
use std::path::Path;
use uuid::Uuid;

#[async_trait]
impl Directory for PostgresStore {
    async fn sites(&self) -> Result<Vec<Site>, StoreError> {
        self.read(|connection| Box::pin(places::sites(connection))).await
    }

    async fn site(&self, key: &str) -> Result<Option<Site>, StoreError> {
        let key = key.to_owned();
        self.read(|connection| Box::pin(async move { places::site_by_key(connection, &key).await })).await
    }

    async fn create_site(&self, site: Site) -> Result<Site, StoreError> {
        self.write(|connection| Box::pin(places::create_site(connection, site))).await
    }

    async fn update_site(&self, site: Site) -> Result<(), StoreError> {
        self.write(|connection| Box::pin(async move { places::update_site(connection, &site).await })).await
    }

    async fn settings(&self, site: SiteId) -> Result<Settings, StoreError> {
        self.read(|connection| Box::pin(settings::read(connection, site))).await
    }

    async fn teams(&self, site: SiteId) -> Result<Vec<TeamRow>, StoreError> {
        self.read(|connection| {
            Box::pin(async move {
                settings::find(connection, site).await?.ok_or(Fault::NotFound)?;
                settings::teams(connection, site).await
            })
        })
        .await
    }

    async fn put_team(&self, site: SiteId, team: TeamRow) -> Result<(), StoreError> {
        self.write(|connection| Box::pin(async move { places::put_team(connection, site, &team).await })).await
    }

    async fn delete_team(&self, site: SiteId, team: TeamId) -> Result<(), StoreError> {
        self.write(|connection| Box::pin(places::delete_team(connection, site, team))).await
    }

    async fn agents(&self, site: SiteId) -> Result<Vec<AgentRecord>, StoreError> {
        self.read(|connection| {
            Box::pin(async move {
                settings::find(connection, site).await?.ok_or(Fault::NotFound)?;
                settings::agents(connection, site).await
            })
        })
        .await
    }

    async fn put_agent(&self, site: SiteId, agent: AgentRecord) -> Result<(), StoreError> {
        self.write(|connection| Box::pin(async move { places::put_agent(connection, site, &agent).await })).await
    }

    async fn canned(&self, site: SiteId) -> Result<Vec<Canned>, StoreError> {
        self.read(|connection| {
            Box::pin(async move {
                settings::find(connection, site).await?.ok_or(Fault::NotFound)?;
                places::canned(connection, site).await
            })
        })
        .await
    }

    async fn put_canned(&self, site: SiteId, canned: Canned) -> Result<(), StoreError> {
        self.write(|connection| Box::pin(async move { places::put_canned(connection, site, &canned).await })).await
    }

    async fn delete_canned(&self, site: SiteId, id: Uuid) -> Result<(), StoreError> {
        self.write(|connection| Box::pin(places::delete_canned(connection, site, id))).await
    }

    async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        self.read(|connection| Box::pin(accounts::all(connection))).await
    }

    async fn account(&self, id: Uuid) -> Result<Option<Account>, StoreError> {
        self.read(|connection| Box::pin(accounts::find(connection, id))).await
    }

    async fn account_by_email(&self, email: &str) -> Result<Option<Account>, StoreError> {
        let email = email.to_lowercase();
        self.read(|connection| Box::pin(async move { accounts::by_email(connection, &email).await })).await
    }

    async fn put_account(&self, account: Account) -> Result<(), StoreError> {
        self.write(|connection| Box::pin(accounts::put(connection, account))).await
    }

    async fn agents_of(&self, account: Uuid) -> Result<Vec<(Site, AgentRecord)>, StoreError> {
        self.read(|connection| Box::pin(accounts::agents_of(connection, account))).await
    }

    async fn grant(&self, hash: [u8; 32], grant: Grant, expires_at: u64) -> Result<(), StoreError> {
        self.write(|connection| Box::pin(async move { secrets::grant(connection, hash, &grant, expires_at).await }))
            .await
    }

    async fn granted(&self, hash: [u8; 32], now: u64) -> Result<Option<Grant>, StoreError> {
        self.read(|connection| Box::pin(secrets::granted(connection, hash, now))).await
    }

    async fn redeem(&self, hash: [u8; 32], now: u64) -> Result<Option<Grant>, StoreError> {
        self.write(|connection| Box::pin(secrets::redeem(connection, hash, now))).await
    }

    async fn revoke(&self, hash: [u8; 32]) -> Result<(), StoreError> {
        self.write(|connection| Box::pin(secrets::revoke(connection, hash))).await
    }

    async fn revoke_account(&self, account: Uuid) -> Result<(), StoreError> {
        self.write(|connection| Box::pin(secrets::revoke_account(connection, account))).await
    }

    async fn token_key(&self) -> Result<[u8; 32], StoreError> {
        self.write(|connection| Box::pin(secrets::token_key(connection))).await
    }

    async fn backup(&self, _: &Path) -> Result<(), StoreError> {
        Err(StoreError::Refused(super::BACKUP_HINT.to_owned()))
    }
}

//! Sites, teams, agents and accounts: written through the writer, read beside it.

use crate::adapters::fault::Fault;
use crate::adapters::limits::READ_MS_MAX;
use crate::adapters::sqlite::{SqliteStore, accounts, backup, places, secrets, settings};
use crate::ports::{Account, AgentRecord, Canned, Directory, Grant, Site, StoreError, TeamRow};
use async_trait::async_trait;
use gateway_core::ids::SiteId;
use gateway_core::settings::Settings;
use protocol::TeamId;
use rusqlite::Connection;
use std::path::Path;
use uuid::Uuid;

impl SqliteStore {
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        Ok(self.readers.read(READ_MS_MAX, work).await?)
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        Ok(self.writer.run(work).await?)
    }

    /// A read of something that belongs to a site; none is found where the site is not.
    async fn read_of<T: Send + 'static>(
        &self,
        site: SiteId,
        work: impl FnOnce(&Connection, SiteId) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.read(move |connection| {
            settings::find(connection, site)?.ok_or(Fault::NotFound)?;
            Ok(work(connection, site)?)
        })
        .await
    }
}

#[async_trait]
impl Directory for SqliteStore {
    async fn sites(&self) -> Result<Vec<Site>, StoreError> {
        self.read(|connection| Ok(places::sites(connection)?)).await
    }

    async fn site(&self, key: &str) -> Result<Option<Site>, StoreError> {
        let key = key.to_owned();
        self.read(move |connection| Ok(places::site_by_key(connection, &key)?)).await
    }

    async fn create_site(&self, site: Site) -> Result<Site, StoreError> {
        self.write(move |connection| places::create_site(connection, site)).await
    }

    async fn update_site(&self, site: Site) -> Result<(), StoreError> {
        self.write(move |connection| places::update_site(connection, &site)).await
    }

    async fn settings(&self, site: SiteId) -> Result<Settings, StoreError> {
        self.read(move |connection| settings::read(connection, site)).await
    }

    async fn teams(&self, site: SiteId) -> Result<Vec<TeamRow>, StoreError> {
        self.read_of(site, settings::teams).await
    }

    async fn put_team(&self, site: SiteId, team: TeamRow) -> Result<(), StoreError> {
        self.write(move |connection| places::put_team(connection, site, &team)).await
    }

    async fn delete_team(&self, site: SiteId, team: TeamId) -> Result<(), StoreError> {
        self.write(move |connection| places::delete_team(connection, site, team)).await
    }

    async fn agents(&self, site: SiteId) -> Result<Vec<AgentRecord>, StoreError> {
        self.read_of(site, settings::agents).await
    }

    async fn put_agent(&self, site: SiteId, agent: AgentRecord) -> Result<(), StoreError> {
        self.write(move |connection| places::put_agent(connection, site, &agent)).await
    }

    async fn canned(&self, site: SiteId) -> Result<Vec<Canned>, StoreError> {
        self.read_of(site, places::canned).await
    }

    async fn put_canned(&self, site: SiteId, canned: Canned) -> Result<(), StoreError> {
        self.write(move |connection| places::put_canned(connection, site, &canned)).await
    }

    async fn delete_canned(&self, site: SiteId, id: Uuid) -> Result<(), StoreError> {
        self.write(move |connection| places::delete_canned(connection, site, id)).await
    }

    async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        self.read(|connection| Ok(accounts::all(connection)?)).await
    }

    async fn account(&self, id: Uuid) -> Result<Option<Account>, StoreError> {
        self.read(move |connection| Ok(accounts::find(connection, id)?)).await
    }

    async fn account_by_email(&self, email: &str) -> Result<Option<Account>, StoreError> {
        let email = email.to_lowercase();
        self.read(move |connection| Ok(accounts::by_email(connection, &email)?)).await
    }

    async fn put_account(&self, account: Account) -> Result<(), StoreError> {
        self.write(move |connection| accounts::put(connection, account)).await
    }

    async fn agents_of(&self, account: Uuid) -> Result<Vec<(Site, AgentRecord)>, StoreError> {
        self.read(move |connection| Ok(accounts::agents_of(connection, account)?)).await
    }

    async fn grant(&self, hash: [u8; 32], grant: Grant, expires_at: u64) -> Result<(), StoreError> {
        self.write(move |connection| secrets::grant(connection, hash, &grant, expires_at)).await
    }

    async fn granted(&self, hash: [u8; 32], now: u64) -> Result<Option<Grant>, StoreError> {
        self.read(move |connection| Ok(secrets::granted(connection, hash, now)?)).await
    }

    async fn redeem(&self, hash: [u8; 32], now: u64) -> Result<Option<Grant>, StoreError> {
        self.write(move |connection| Ok(secrets::redeem(connection, hash, now)?)).await
    }

    async fn revoke(&self, hash: [u8; 32]) -> Result<(), StoreError> {
        self.write(move |connection| Ok(secrets::revoke(connection, hash)?)).await
    }

    async fn revoke_account(&self, account: Uuid) -> Result<(), StoreError> {
        self.write(move |connection| Ok(secrets::revoke_account(connection, account)?)).await
    }

    async fn token_key(&self) -> Result<[u8; 32], StoreError> {
        self.write(secrets::token_key).await
    }

    async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let (from, to) = (self.file.clone(), to.to_owned());
        let copied = tokio::task::spawn_blocking(move || backup::write(&from, &to)).await;
        Ok(copied.map_err(Fault::broken)??)
    }
}

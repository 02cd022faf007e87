//! Sites, teams, agents, accounts and secrets in memory.

use crate::adapters::check;
use crate::adapters::memory::{MemoryStore, SiteTables, Tables};
use crate::ports::{Account, AgentRecord, Canned, Directory, Grant, Site, StoreError, TeamRow};
use async_trait::async_trait;
use gateway_core::ids::SiteId;
use gateway_core::settings::Settings;
use protocol::TeamId;
use std::collections::BTreeMap;
use std::path::Path;
use uuid::Uuid;

#[async_trait]
impl Directory for MemoryStore {
    async fn sites(&self) -> Result<Vec<Site>, StoreError> {
        let mut sites: Vec<Site> = self.tables().sites.values().map(|rows| rows.site.clone()).collect();
        sites.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(sites)
    }

    async fn site(&self, key: &str) -> Result<Option<Site>, StoreError> {
        Ok(self.tables().sites.values().map(|rows| &rows.site).find(|site| site.key == key).cloned())
    }

    async fn create_site(&self, site: Site) -> Result<Site, StoreError> {
        check::site(&site)?;
        let mut tables = self.tables();
        if tables.sites.values().any(|rows| rows.site.key == site.key) {
            return Err(StoreError::Taken("the site key"));
        }
        let last = tables.sites.last_key_value().map_or(0, |(id, _)| id.0);
        let site = Site { id: SiteId(last + 1), ..site };
        let team = check::first_team();
        tables.sites.insert(
            site.id,
            SiteTables {
                site: site.clone(),
                epoch: 0,
                next_arrival: 1,
                wakes_at: None,
                teams: BTreeMap::from([(team.id, team)]),
                agents: BTreeMap::new(),
                live: BTreeMap::new(),
                canned: BTreeMap::new(),
                conversations: BTreeMap::new(),
                records: BTreeMap::new(),
                outboxes: BTreeMap::new(),
            },
        );
        Ok(site)
    }

    async fn update_site(&self, site: Site) -> Result<(), StoreError> {
        check::site(&site)?;
        let mut tables = self.tables();
        let row = &mut tables.site_mut(site.id)?.site;
        *row = Site { key: row.key.clone(), ..site };
        Ok(())
    }

    async fn settings(&self, site: SiteId) -> Result<Settings, StoreError> {
        Ok(self.tables().site(site)?.settings())
    }

    async fn teams(&self, site: SiteId) -> Result<Vec<TeamRow>, StoreError> {
        let mut teams: Vec<TeamRow> = self.tables().site(site)?.teams.values().cloned().collect();
        teams.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        Ok(teams)
    }

    async fn put_team(&self, site: SiteId, team: TeamRow) -> Result<(), StoreError> {
        check::team(&team)?;
        self.tables().site_mut(site)?.teams.insert(team.id, team);
        Ok(())
    }

    async fn delete_team(&self, site: SiteId, team: TeamId) -> Result<(), StoreError> {
        let mut tables = self.tables();
        let rows = tables.site_mut(site)?;
        if !rows.teams.contains_key(&team) {
            return Err(StoreError::NotFound);
        }
        if rows.teams.len() == 1 {
            return Err(StoreError::Refused("a site keeps one team".to_owned()));
        }
        rows.teams.remove(&team);
        for agent in rows.agents.values_mut() {
            agent.teams.remove(&team);
        }
        Ok(())
    }

    async fn agents(&self, site: SiteId) -> Result<Vec<AgentRecord>, StoreError> {
        let tables = self.tables();
        let rows = tables.site(site)?.agents.values();
        let mut agents: Vec<AgentRecord> = rows.map(|agent| tables.with_email(agent)).collect();
        agents.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        Ok(agents)
    }

    async fn put_agent(&self, site: SiteId, agent: AgentRecord) -> Result<(), StoreError> {
        check::agent(&agent)?;
        let mut tables = self.tables();
        if !tables.accounts.contains_key(&agent.account) {
            return Err(StoreError::NotFound);
        }
        let rows = tables.site_mut(site)?;
        if let Some(team) = agent.teams.iter().find(|team| !rows.teams.contains_key(team)) {
            return Err(StoreError::Refused(format!("no team {team}")));
        }
        if rows.agents.values().any(|other| other.account == agent.account && other.id != agent.id) {
            return Err(StoreError::Taken("the account"));
        }
        rows.agents.insert(agent.id, agent);
        Ok(())
    }

    async fn canned(&self, site: SiteId) -> Result<Vec<Canned>, StoreError> {
        let mut canned: Vec<Canned> = self.tables().site(site)?.canned.values().cloned().collect();
        canned.sort_by(|a, b| a.shortcut.cmp(&b.shortcut));
        Ok(canned)
    }

    async fn put_canned(&self, site: SiteId, canned: Canned) -> Result<(), StoreError> {
        check::canned(&canned)?;
        let mut tables = self.tables();
        let rows = &mut tables.site_mut(site)?.canned;
        if rows.values().any(|other| other.shortcut == canned.shortcut && other.id != canned.id) {
            return Err(StoreError::Taken("the shortcut"));
        }
        rows.insert(canned.id, canned);
        Ok(())
    }

    async fn delete_canned(&self, site: SiteId, id: Uuid) -> Result<(), StoreError> {
        self.tables().site_mut(site)?.canned.remove(&id).map(|_| ()).ok_or(StoreError::NotFound)
    }

    async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let mut accounts: Vec<Account> = self.tables().accounts.values().cloned().collect();
        accounts.sort_by(|a, b| a.email.cmp(&b.email));
        Ok(accounts)
    }

    async fn account(&self, id: Uuid) -> Result<Option<Account>, StoreError> {
        Ok(self.tables().accounts.get(&id).cloned())
    }

    async fn account_by_email(&self, email: &str) -> Result<Option<Account>, StoreError> {
        let email = email.to_lowercase();
        Ok(self.tables().accounts.values().find(|account| account.email == email).cloned())
    }

    async fn put_account(&self, account: Account) -> Result<(), StoreError> {
        let account = check::account(account)?;
        let accounts = &mut self.tables().accounts;
        if accounts.values().any(|other| other.email == account.email && other.id != account.id) {
            return Err(StoreError::Taken("the email"));
        }
        accounts.insert(account.id, account);
        Ok(())
    }

    async fn agents_of(&self, account: Uuid) -> Result<Vec<(Site, AgentRecord)>, StoreError> {
        let tables = self.tables();
        let mut places = Vec::new();
        for rows in tables.sites.values() {
            let agents = rows.agents.values().filter(|agent| agent.account == account);
            places.extend(agents.map(|agent| (rows.site.clone(), tables.with_email(agent))));
        }
        places.sort_by(|(a, _), (b, _)| a.key.cmp(&b.key));
        Ok(places)
    }

    async fn grant(&self, hash: [u8; 32], grant: Grant, expires_at: u64) -> Result<(), StoreError> {
        self.tables().secrets.insert(hash, (grant, expires_at));
        Ok(())
    }

    async fn granted(&self, hash: [u8; 32], now: u64) -> Result<Option<Grant>, StoreError> {
        let tables = self.tables();
        let secret = tables.secrets.get(&hash).filter(|(_, expires_at)| *expires_at > now);
        Ok(secret.map(|(grant, _)| grant.clone()))
    }

    async fn redeem(&self, hash: [u8; 32], now: u64) -> Result<Option<Grant>, StoreError> {
        let secrets = &mut self.tables().secrets;
        secrets.retain(|_, (_, expires_at)| *expires_at > now);
        Ok(secrets.remove(&hash).map(|(grant, _)| grant))
    }

    async fn revoke(&self, hash: [u8; 32]) -> Result<(), StoreError> {
        self.tables().secrets.remove(&hash);
        Ok(())
    }

    async fn revoke_account(&self, account: Uuid) -> Result<(), StoreError> {
        let mut tables = self.tables();
        let Tables { sites, secrets, .. } = &mut *tables;
        secrets.retain(|_, (grant, _)| match grant {
            Grant::Session { account: of } | Grant::SignInCode { account: of } => *of != account,
            Grant::Setup => true,
            Grant::Ticket { site, agent } => {
                let agent = sites.get(site).and_then(|rows| rows.agents.get(agent));
                agent.is_none_or(|agent| agent.account != account)
            }
        });
        Ok(())
    }

    async fn token_key(&self) -> Result<[u8; 32], StoreError> {
        let mut tables = self.tables();
        if let Some(key) = tables.token_key {
            return Ok(key);
        }
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|error| StoreError::Away(error.to_string()))?;
        tables.token_key = Some(key);
        Ok(key)
    }

    async fn backup(&self, _to: &Path) -> Result<(), StoreError> {
        Err(StoreError::Refused("the store in memory has nothing to copy".to_owned()))
    }
}

impl Tables {
    fn with_email(&self, agent: &AgentRecord) -> AgentRecord {
        let email = self.accounts.get(&agent.account).map_or_else(String::new, |account| account.email.clone());
        AgentRecord { email, ..agent.clone() }
    }
}

//! Sites, teams, agents and accounts.

use super::samples::{agent_id, new_site, plain_site};
use crate::adapters::contract::on_every_store;
use crate::ports::{Account, AgentRecord, Canned, Site, Store, StoreError, TeamRow};
use gateway_core::ids::SiteId;
use gateway_core::settings::Role;
use protocol::TeamId;
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

on_every_store! {
    a_new_site_has_one_team_and_its_own_id
    a_site_key_is_taken_once
    a_site_key_is_plain
    a_changed_site_keeps_its_key
    settings_hold_the_site_its_teams_and_its_agents
    the_last_team_stays
    a_deleted_team_leaves_its_agents
    an_email_is_taken_once_in_any_case
    an_agent_needs_an_account_and_known_teams
    an_account_is_one_agent_of_a_site
    an_account_knows_its_sites
    canned_replies_have_one_shortcut_each
    nothing_belongs_to_a_site_that_is_not_there
}

fn account(number: u128, email: &str) -> Account {
    Account {
        id: Uuid::from_u128(number),
        email: email.to_owned(),
        name: "Ada".to_owned(),
        password: Some("$argon2id$x".to_owned()),
        operator: true,
    }
}

fn agent(number: u128, account: &Account, teams: BTreeSet<TeamId>) -> AgentRecord {
    AgentRecord {
        id: agent_id(number),
        account: account.id,
        email: account.email.clone(),
        name: format!("Agent {number}"),
        role: Role::Lead,
        teams,
        skills: BTreeSet::from(["billing".to_owned()]),
        languages: BTreeSet::from(["de".to_owned(), "en".to_owned()]),
        capacity: 4,
        enabled: true,
    }
}

fn team(number: u128, name: &str) -> TeamRow {
    TeamRow {
        id: TeamId(Uuid::from_u128(number)),
        name: name.to_owned(),
        offer_ms: Some(20_000),
        first_reply_ms: None,
        skills: BTreeSet::from(["billing".to_owned()]),
    }
}

async fn a_new_site_has_one_team_and_its_own_id(store: Arc<dyn Store>) {
    let (b, a) = (new_site(&store, "b").await, new_site(&store, "a").await);
    assert_ne!(a, b);
    assert_eq!(store.teams(a).await.unwrap().len(), 1);
    let sites = store.sites().await.unwrap();
    assert_eq!(sites.iter().map(|site| site.id).collect::<Vec<_>>(), [a, b]);
    assert_eq!(store.site("b").await.unwrap(), Some(Site { id: b, ..plain_site("b") }));
    assert_eq!(store.site("c").await.unwrap(), None);
}

async fn a_site_key_is_taken_once(store: Arc<dyn Store>) {
    new_site(&store, "demo").await;
    assert!(matches!(store.create_site(plain_site("demo")).await, Err(StoreError::Taken(_))));
    assert_eq!(store.sites().await.unwrap().len(), 1);
}

async fn a_site_key_is_plain(store: Arc<dyn Store>) {
    let long = "x".repeat(65);
    for key in ["", "Demo", "de mo", "ä", "a/b", &long] {
        assert!(matches!(store.create_site(plain_site(key)).await, Err(StoreError::Refused(_))), "{key}");
    }
}

async fn a_changed_site_keeps_its_key(store: Arc<dyn Store>) {
    let id = new_site(&store, "demo").await;
    let changed = Site {
        id,
        name: "New".to_owned(),
        origins: Vec::new(),
        enabled: false,
        greeting: Some("Hi".to_owned()),
        grace_ms: 1,
        open_max: 3,
        relax_ms: Some(30_000),
        preferred_ms: 0,
        ..plain_site("demo")
    };
    store.update_site(Site { key: "other".to_owned(), ..changed.clone() }).await.unwrap();
    assert_eq!(store.site("demo").await.unwrap(), Some(changed.clone()));
    let settings = store.settings(id).await.unwrap();
    assert_eq!((settings.open_max, settings.relax_ms, settings.preferred_ms), (3, Some(30_000), 0));
    let none = store.update_site(Site { open_max: 0, ..changed.clone() }).await;
    assert!(matches!(none, Err(StoreError::Refused(_))), "nobody could open a conversation");
    let missing = store.update_site(Site { id: SiteId(99), ..changed }).await;
    assert!(matches!(missing, Err(StoreError::NotFound)));
}

async fn settings_hold_the_site_its_teams_and_its_agents(store: Arc<dyn Store>) {
    let site = new_site(&store, "demo").await;
    let sales = team(1, "Sales");
    store.put_team(site, team(1, "Old name")).await.unwrap();
    store.put_team(site, sales.clone()).await.unwrap();
    let ada = account(1, "ada@example.org");
    store.put_account(ada.clone()).await.unwrap();
    let row = agent(1, &ada, BTreeSet::from([sales.id]));
    store.put_agent(site, row.clone()).await.unwrap();
    assert_eq!(store.agents(site).await.unwrap(), std::slice::from_ref(&row));
    let settings = store.settings(site).await.unwrap();
    assert_eq!((settings.name.as_str(), settings.grace_ms), ("The demo shop", 60_000));
    assert_eq!((settings.absent_ms, settings.reopen_ms), (600_000, 86_400_000));
    assert_eq!((settings.open_max, settings.relax_ms, settings.preferred_ms), (2, None, 20_000));
    let read = &settings.teams[&sales.id];
    assert_eq!((&read.name, read.offer_ms, &read.skills), (&sales.name, sales.offer_ms, &sales.skills));
    let read = &settings.agents[&row.id];
    assert_eq!((&read.name, read.role, &read.teams), (&row.name, row.role, &row.teams));
    assert_eq!((&read.skills, &read.languages, read.capacity), (&row.skills, &row.languages, 4));
    assert_eq!(store.open(site).await.unwrap().settings, settings);
}

async fn the_last_team_stays(store: Arc<dyn Store>) {
    let site = new_site(&store, "demo").await;
    let first = store.teams(site).await.unwrap()[0].id;
    assert!(matches!(store.delete_team(site, first).await, Err(StoreError::Refused(_))));
    assert_eq!(store.teams(site).await.unwrap().len(), 1);
    store.put_team(site, team(1, "Sales")).await.unwrap();
    store.delete_team(site, first).await.unwrap();
    assert!(matches!(store.delete_team(site, first).await, Err(StoreError::NotFound)));
    assert_eq!(store.teams(site).await.unwrap(), [team(1, "Sales")]);
}

async fn a_deleted_team_leaves_its_agents(store: Arc<dyn Store>) {
    let site = new_site(&store, "demo").await;
    let (sales, help) = (team(1, "Sales"), team(2, "Help"));
    store.put_team(site, sales.clone()).await.unwrap();
    store.put_team(site, help.clone()).await.unwrap();
    let ada = account(1, "ada@example.org");
    store.put_account(ada.clone()).await.unwrap();
    store.put_agent(site, agent(1, &ada, BTreeSet::from([sales.id, help.id]))).await.unwrap();
    store.delete_team(site, sales.id).await.unwrap();
    assert_eq!(store.agents(site).await.unwrap()[0].teams, BTreeSet::from([help.id]));
}

async fn an_email_is_taken_once_in_any_case(store: Arc<dyn Store>) {
    store.put_account(account(1, "Ada@Example.org")).await.unwrap();
    let taken = store.put_account(account(2, "ada@example.ORG")).await;
    assert!(matches!(taken, Err(StoreError::Taken(_))));
    let stored = account(1, "ada@example.org");
    assert_eq!(store.account_by_email("ADA@example.org").await.unwrap(), Some(stored.clone()));
    assert_eq!(store.account(stored.id).await.unwrap(), Some(stored.clone()));
    let renamed = Account { name: "Grace".to_owned(), password: None, operator: false, ..stored };
    store.put_account(renamed.clone()).await.unwrap();
    assert_eq!(store.accounts().await.unwrap(), [renamed]);
}

async fn an_agent_needs_an_account_and_known_teams(store: Arc<dyn Store>) {
    let site = new_site(&store, "demo").await;
    let ada = account(1, "ada@example.org");
    let row = agent(1, &ada, BTreeSet::new());
    assert!(matches!(store.put_agent(site, row.clone()).await, Err(StoreError::NotFound)));
    store.put_account(ada.clone()).await.unwrap();
    let unknown = agent(1, &ada, BTreeSet::from([TeamId(Uuid::from_u128(9))]));
    assert!(matches!(store.put_agent(site, unknown).await, Err(StoreError::Refused(_))));
    let greedy = AgentRecord { capacity: u32::MAX, ..row.clone() };
    assert!(matches!(store.put_agent(site, greedy).await, Err(StoreError::Refused(_))));
    store.put_agent(site, row).await.unwrap();
}

async fn an_account_is_one_agent_of_a_site(store: Arc<dyn Store>) {
    let site = new_site(&store, "demo").await;
    let ada = account(1, "ada@example.org");
    store.put_account(ada.clone()).await.unwrap();
    store.put_agent(site, agent(1, &ada, BTreeSet::new())).await.unwrap();
    let second = store.put_agent(site, agent(2, &ada, BTreeSet::new())).await;
    assert!(matches!(second, Err(StoreError::Taken(_))));
}

async fn an_account_knows_its_sites(store: Arc<dyn Store>) {
    let (b, a) = (new_site(&store, "b").await, new_site(&store, "a").await);
    new_site(&store, "c").await;
    let ada = account(1, "ada@example.org");
    store.put_account(ada.clone()).await.unwrap();
    for site in [b, a] {
        store.put_agent(site, agent(1, &ada, BTreeSet::new())).await.unwrap();
    }
    let places = store.agents_of(ada.id).await.unwrap();
    assert_eq!(places.iter().map(|(site, _)| site.id).collect::<Vec<_>>(), [a, b]);
    assert_eq!(places[0].1, agent(1, &ada, BTreeSet::new()));
    assert!(store.agents_of(Uuid::from_u128(2)).await.unwrap().is_empty());
}

async fn canned_replies_have_one_shortcut_each(store: Arc<dyn Store>) {
    let site = new_site(&store, "demo").await;
    let reply = |number, shortcut: &str| Canned {
        id: Uuid::from_u128(number),
        shortcut: shortcut.to_owned(),
        body: "Hello!".to_owned(),
    };
    store.put_canned(site, reply(1, "hi")).await.unwrap();
    assert!(matches!(store.put_canned(site, reply(2, "hi")).await, Err(StoreError::Taken(_))));
    store.put_canned(site, reply(2, "bye")).await.unwrap();
    store.put_canned(site, reply(1, "hello")).await.unwrap();
    assert_eq!(store.canned(site).await.unwrap(), [reply(2, "bye"), reply(1, "hello")]);
    store.delete_canned(site, Uuid::from_u128(1)).await.unwrap();
    assert!(matches!(store.delete_canned(site, Uuid::from_u128(1)).await, Err(StoreError::NotFound)));
    assert_eq!(store.canned(site).await.unwrap().len(), 1);
}

async fn nothing_belongs_to_a_site_that_is_not_there(store: Arc<dyn Store>) {
    let site = SiteId(99);
    assert!(matches!(store.teams(site).await, Err(StoreError::NotFound)));
    assert!(matches!(store.put_team(site, team(1, "Sales")).await, Err(StoreError::NotFound)));
    assert!(matches!(store.agents(site).await, Err(StoreError::NotFound)));
    assert!(matches!(store.canned(site).await, Err(StoreError::NotFound)));
    assert!(matches!(store.settings(site).await, Err(StoreError::NotFound)));
}

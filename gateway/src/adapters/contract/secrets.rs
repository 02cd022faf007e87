//! Secrets that were handed out: what they are good for, until when, and how often.

use super::samples::{agent_id, new_site};
use crate::adapters::contract::on_every_store;
use crate::ports::{Account, AgentRecord, Grant, Store};
use gateway_core::ids::SiteId;
use gateway_core::settings::Role;
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

on_every_store! {
    every_grant_comes_back_as_it_was
    a_secret_expires
    a_secret_is_redeemed_once
    of_32_redeemers_exactly_one_wins
    a_revoked_secret_is_good_for_nothing
    revoking_an_account_spares_the_others
    the_token_key_is_made_once
}

const ACCOUNT: Uuid = Uuid::from_u128(5);

async fn every_grant_comes_back_as_it_was(store: Arc<dyn Store>) {
    let grants = [
        Grant::Session { account: ACCOUNT },
        Grant::SignInCode { account: ACCOUNT },
        Grant::Setup,
        Grant::Ticket { site: SiteId(3), agent: agent_id(4) },
    ];
    for (number, grant) in (1..).zip(grants) {
        store.grant([number; 32], grant.clone(), 100).await.unwrap();
        assert_eq!(store.granted([number; 32], 50).await.unwrap(), Some(grant));
    }
    assert_eq!(store.granted([99; 32], 50).await.unwrap(), None);
}

async fn a_secret_expires(store: Arc<dyn Store>) {
    store.grant([1; 32], Grant::Setup, 100).await.unwrap();
    assert_eq!(store.granted([1; 32], 99).await.unwrap(), Some(Grant::Setup));
    assert_eq!(store.granted([1; 32], 100).await.unwrap(), None);
    assert_eq!(store.redeem([1; 32], 100).await.unwrap(), None);
}

async fn a_secret_is_redeemed_once(store: Arc<dyn Store>) {
    store.grant([1; 32], Grant::Setup, 100).await.unwrap();
    assert_eq!(store.redeem([1; 32], 50).await.unwrap(), Some(Grant::Setup));
    assert_eq!(store.redeem([1; 32], 50).await.unwrap(), None);
    assert_eq!(store.granted([1; 32], 50).await.unwrap(), None);
}

async fn of_32_redeemers_exactly_one_wins(store: Arc<dyn Store>) {
    store.grant([1; 32], Grant::Setup, 100).await.unwrap();
    let redeemers: Vec<_> = (0..32)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.redeem([1; 32], 50).await.unwrap() })
        })
        .collect();
    let mut winners = 0;
    for redeemer in redeemers {
        winners += usize::from(redeemer.await.unwrap().is_some());
    }
    assert_eq!(winners, 1);
}

async fn a_revoked_secret_is_good_for_nothing(store: Arc<dyn Store>) {
    store.grant([1; 32], Grant::Setup, 100).await.unwrap();
    store.revoke([1; 32]).await.unwrap();
    store.revoke([2; 32]).await.unwrap();
    assert_eq!(store.granted([1; 32], 50).await.unwrap(), None);
}

async fn revoking_an_account_spares_the_others(store: Arc<dyn Store>) {
    let site = new_site(&store, "demo").await;
    let account = Account {
        id: ACCOUNT,
        email: "a@example.org".to_owned(),
        name: "Ada".to_owned(),
        password: None,
        operator: false,
    };
    store.put_account(account).await.unwrap();
    let agent = AgentRecord {
        id: agent_id(1),
        account: ACCOUNT,
        email: String::new(),
        name: "Ada".to_owned(),
        role: Role::Agent,
        teams: BTreeSet::new(),
        skills: BTreeSet::new(),
        languages: BTreeSet::new(),
        capacity: 1,
        enabled: true,
    };
    store.put_agent(site, agent).await.unwrap();
    let grants = [
        (Grant::Session { account: ACCOUNT }, false),
        (Grant::SignInCode { account: ACCOUNT }, false),
        (Grant::Ticket { site, agent: agent_id(1) }, false),
        (Grant::Ticket { site, agent: agent_id(2) }, true),
        (Grant::Ticket { site: SiteId(site.0 + 1), agent: agent_id(1) }, true),
        (Grant::Session { account: Uuid::from_u128(6) }, true),
        (Grant::Setup, true),
    ];
    for (number, (grant, _)) in (1..).zip(&grants) {
        store.grant([number; 32], grant.clone(), 100).await.unwrap();
    }
    store.revoke_account(ACCOUNT).await.unwrap();
    for (number, (grant, spared)) in (1..).zip(grants) {
        assert_eq!(store.granted([number; 32], 50).await.unwrap().is_some(), spared, "{grant:?}");
    }
}

async fn the_token_key_is_made_once(store: Arc<dyn Store>) {
    let key = store.token_key().await.unwrap();
    assert_ne!(key, [0; 32]);
    assert_eq!(store.token_key().await.unwrap(), key);
}

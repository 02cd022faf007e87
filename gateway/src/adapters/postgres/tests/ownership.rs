//! Who owns a site: claims that hold and claims that do not, and what a sweep finds.

use super::{new_desk, new_store};
use crate::adapters::contract::Story;
use crate::adapters::postgres::PostgresStore;
use crate::ports::{AppendError, Cluster, Directory, Journal, Site};
use gateway_core::ids::{Epoch, NodeId, SiteId};
use gateway_core::link::effect::{Claim, NotOpened, Owner};
use gateway_core::now::{Instant, StoreTime};
use gateway_core::stored::Append;
use servers::Postgres;
use std::sync::Arc;

fn node(number: u32) -> NodeId {
    NodeId::new(number)
}

fn owned(node: NodeId, epoch: i64) -> Owner {
    Owner { node: Some(node), epoch: Epoch(epoch), successor: None }
}

async fn new_site(store: &PostgresStore, key: &str) -> SiteId {
    let site = Site {
        id: SiteId(0),
        key: key.to_owned(),
        name: key.to_owned(),
        origins: Vec::new(),
        enabled: true,
        greeting: None,
        grace_ms: 1,
        absent_ms: 1,
        reopen_ms: 1,
        open_max: 1,
        relax_ms: None,
        preferred_ms: 1,
    };
    store.create_site(site).await.unwrap().id
}

async fn beats_of(store: &PostgresStore, of: NodeId) -> Option<u64> {
    let heartbeat = store.beat(node(999), Instant(0), true, 0).await.unwrap();
    heartbeat.nodes.into_iter().find(|row| row.node == of).map(|row| row.beats)
}

async fn claimed(store: &PostgresStore, by: NodeId, site: SiteId, claim: Claim) -> Result<Epoch, Option<Owner>> {
    match store.claim(by, site, claim).await {
        Ok(opening) => Ok(opening.epoch),
        Err(NotOpened::Lost(owner)) => Err(owner),
        Err(NotOpened::Away) => panic!("the store is away"),
    }
}

#[tokio::test]
async fn a_claim_holds_only_as_long_as_the_row_says_so() {
    let (store, _) = new_store().await;
    let site = new_site(&store, "demo").await;
    let (me, other) = (node(1), node(2));
    assert_eq!(store.owner(site).await, Ok(None));
    assert_eq!(claimed(&store, me, site, Claim::LetGo { epoch: Epoch(0) }).await, Err(None));

    assert_eq!(claimed(&store, me, site, Claim::Unowned).await, Ok(Epoch(1)));
    assert_eq!(store.owner(site).await, Ok(Some(owned(me, 1))));
    assert_eq!(claimed(&store, other, site, Claim::Unowned).await, Err(Some(owned(me, 1))));
    assert_eq!(claimed(&store, other, site, Claim::Own { epoch: Epoch(1) }).await, Err(Some(owned(me, 1))));

    assert_eq!(claimed(&store, me, site, Claim::Own { epoch: Epoch(1) }).await, Ok(Epoch(2)));
    assert_eq!(claimed(&store, me, site, Claim::Own { epoch: Epoch(1) }).await, Err(Some(owned(me, 2))));
    assert_eq!(claimed(&store, other, site, Claim::LetGo { epoch: Epoch(2) }).await, Err(Some(owned(me, 2))));

    store.let_go(site, Epoch(1), Some(other)).await.unwrap();
    assert_eq!(store.owner(site).await, Ok(Some(owned(me, 2))), "an earlier desk lets nothing go");
    store.let_go(site, Epoch(2), Some(other)).await.unwrap();
    let free = Owner { node: None, epoch: Epoch(2), successor: Some(other) };
    assert_eq!(store.owner(site).await, Ok(Some(free)));
    assert_eq!(claimed(&store, other, site, Claim::LetGo { epoch: Epoch(1) }).await, Err(Some(free)));
    assert_eq!(claimed(&store, other, site, Claim::LetGo { epoch: Epoch(2) }).await, Ok(Epoch(3)));
    assert_eq!(store.owner(site).await, Ok(Some(owned(other, 3))));
}

#[tokio::test]
async fn a_dead_nodes_site_goes_to_whoever_saw_its_last_beat() {
    let (store, _) = new_store().await;
    let site = new_site(&store, "demo").await;
    let (me, dead) = (node(1), node(2));
    assert!(store.join(dead).await.unwrap());
    assert!(!store.join(dead).await.unwrap(), "the id is taken");
    claimed(&store, dead, site, Claim::Unowned).await.unwrap();
    store.beat(dead, Instant(0), true, 0).await.unwrap();
    let beats = beats_of(&store, dead).await;
    let claim = |beats| Claim::Dead { epoch: Epoch(1), owner: dead, beats };

    assert_eq!(claimed(&store, me, site, claim(None)).await, Err(Some(owned(dead, 1))), "it has a row");
    store.beat(dead, Instant(0), true, 0).await.unwrap();
    assert_eq!(claimed(&store, me, site, claim(beats)).await, Err(Some(owned(dead, 1))), "it has beaten since");
    let beats = beats_of(&store, dead).await;
    assert_eq!(claimed(&store, me, site, claim(beats)).await, Ok(Epoch(2)));
    assert_eq!(claimed(&store, me, site, claim(beats)).await, Err(Some(owned(me, 2))));
}

#[tokio::test]
async fn a_node_without_a_row_is_dead() {
    let (store, url) = new_store().await;
    let site = new_site(&store, "demo").await;
    let (me, dead) = (node(1), node(2));
    store.join(dead).await.unwrap();
    claimed(&store, dead, site, Claim::Unowned).await.unwrap();
    let old = "UPDATE node SET beaten_at = 0";
    Postgres::shared().sql(&url, old);
    store.join(node(3)).await.unwrap();
    assert_eq!(beats_of(&store, dead).await, Some(0), "a row that an owner needs is kept");
    Postgres::shared().sql(&url, "DELETE FROM node");
    let claim = Claim::Dead { epoch: Epoch(1), owner: dead, beats: None };
    assert_eq!(claimed(&store, me, site, claim).await, Ok(Epoch(2)));
    Postgres::shared().sql(&url, old);
    store.join(node(4)).await.unwrap();
    assert_eq!(beats_of(&store, node(999)).await, Some(1), "a row that nobody needs was deleted");
}

#[tokio::test]
async fn of_sixteen_nodes_that_open_at_once_one_wins_and_fences_the_last_owner() {
    let (store, _) = new_store().await;
    let desk = new_desk(&store, "demo").await;
    let claims = (0..16).map(|number| {
        let store = Arc::clone(&store);
        let (site, claim) = (desk.site, Claim::LetGo { epoch: desk.epoch });
        tokio::spawn(async move { (number, claimed(&store, node(number), site, claim).await) })
    });
    let mut winners = Vec::new();
    for claim in claims.collect::<Vec<_>>() {
        let (number, claimed) = claim.await.unwrap();
        if let Ok(epoch) = claimed {
            winners.push((number, epoch));
        }
    }
    let [(winner, epoch)] = winners[..] else { panic!("{winners:?}") };
    assert_eq!(store.owner(desk.site).await, Ok(Some(owned(node(winner), epoch.0))));
    let fenced = desk.append(desk.told(&mut Story::new(1))).await;
    assert!(matches!(fenced, Err(AppendError::Fenced)), "{fenced:?}");
}

#[tokio::test]
async fn a_heartbeat_reads_all_rows_and_the_owners_that_changed() {
    let (store, url) = new_store().await;
    let (old, new) = (new_site(&store, "old").await, new_site(&store, "new").await);
    let (me, other) = (node(1), node(2));
    store.join(other).await.unwrap();
    claimed(&store, other, old, Claim::Unowned).await.unwrap();
    Postgres::shared().sql(&url, "UPDATE desk SET changed_at = changed_at - 20000");
    claimed(&store, other, new, Claim::Unowned).await.unwrap();
    let heartbeat = store.beat(me, Instant(7), true, 15_000).await.unwrap();
    assert_eq!(heartbeat.sent, Instant(7));
    assert_eq!(heartbeat.changed, [(new, owned(other, 1))]);
    let rows: Vec<_> = heartbeat.nodes.iter().map(|row| (row.node, row.beats, row.ready)).collect();
    assert_eq!(rows, [(me, 1, true), (other, 0, false)]);
    assert!(heartbeat.nodes.iter().all(|row| row.started > StoreTime(1_700_000_000_000)));
    assert_eq!(store.beat(me, Instant(8), false, 0).await.unwrap().nodes[0].beats, 2);
}

#[tokio::test]
async fn a_sweep_finds_the_sites_that_need_a_desk() {
    let (store, url) = new_store().await;
    let (me, living, dead) = (node(1), node(2), node(3));
    let all = ["idle", "busy", "due", "kept", "free", "free-due", "never"];
    let mut sites = Vec::new();
    for key in all {
        sites.push(new_site(&store, key).await);
    }
    let [idle, busy, due, kept, free, free_due, _never] = sites[..] else { panic!() };
    for (site, owner) in [(idle, dead), (busy, dead), (due, dead), (kept, living), (free, dead), (free_due, dead)] {
        let opening = store.claim(owner, site, Claim::Unowned).await.unwrap();
        let mut append = batch(site, opening.epoch);
        if [busy, kept, free].contains(&site) {
            append.conversations = vec![Story::new(1).row];
        }
        if [due, kept, free_due].contains(&site) {
            append.wakes_at = Some(StoreTime(1));
        }
        store.append(append).await.unwrap();
    }
    store.let_go(free, Epoch(1), None).await.unwrap();
    store.let_go(free_due, Epoch(1), None).await.unwrap();
    let mut swept = store.sweep(vec![me, living], 64).await.unwrap();
    swept.sort_by_key(|(site, _)| *site);
    let unowned = Owner { node: None, epoch: Epoch(1), successor: None };
    assert_eq!(swept, [(busy, owned(dead, 1)), (due, owned(dead, 1)), (free_due, unowned)]);
    assert_eq!(store.sweep(vec![me, living], 1).await.unwrap().len(), 1);
    assert_eq!(store.sweep(vec![me, living, dead], 64).await.unwrap(), [(free_due, unowned)]);
    Postgres::shared().sql(&url, "UPDATE conversation SET state = 'closed'; UPDATE desk SET wakes_at = NULL");
    assert!(store.sweep(vec![me], 64).await.unwrap().is_empty());
}

fn batch(site: SiteId, epoch: Epoch) -> Append {
    Append {
        site,
        epoch,
        records: Vec::new(),
        conversations: Vec::new(),
        outboxes: Vec::new(),
        unused_since: None,
        agents: Vec::new(),
        withdrawn: Vec::new(),
        next_arrival: 1,
        wakes_at: None,
    }
}

#[tokio::test]
async fn a_claim_and_a_heartbeat_at_once_leave_no_node_believing_wrongly() {
    let (store, _) = new_store().await;
    let (me, dead) = (node(1), node(2));
    store.join(dead).await.unwrap();
    for turn in 0..25 {
        let site = new_site(&store, &format!("site{turn}")).await;
        claimed(&store, dead, site, Claim::Unowned).await.unwrap();
        let beats = beats_of(&store, dead).await;
        let claim = Claim::Dead { epoch: Epoch(1), owner: dead, beats };
        let (beaten, taken) =
            tokio::join!(store.beat(dead, Instant(0), true, 60_000), claimed(&store, me, site, claim));
        let seen = beaten.unwrap().changed.into_iter().find(|(changed, _)| *changed == site).unwrap().1;
        match taken {
            // The beat got through: its node must have read that the site is lost, unless it beat before.
            Ok(epoch) => assert_eq!(seen, owned(me, epoch.0), "the node believes that it owns what it lost"),
            Err(owner) => assert_eq!(owner, Some(owned(dead, 1))),
        }
    }
}

#[tokio::test]
async fn a_setting_that_changes_counts_the_version_of_its_site_up_and_of_no_other() {
    let (store, _) = new_store().await;
    let (site, other) = (new_site(&store, "one").await, new_site(&store, "two").await);
    let version = async |of: SiteId| store.settings_versions(vec![of]).await.unwrap()[0].1;
    let (first, others) = (version(site).await, version(other).await);
    let mut team = store.teams(site).await.unwrap().remove(0);
    team.name = "Sales".to_owned();
    store.put_team(site, team).await.unwrap();
    let second = version(site).await;
    assert!(second > first);
    let mut changed = store.site("one").await.unwrap().unwrap();
    changed.grace_ms = 2;
    store.update_site(changed).await.unwrap();
    assert!(version(site).await > second);
    assert_eq!(version(other).await, others, "another site's settings are as they were");
}

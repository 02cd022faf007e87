//! The database stands still, dies, or is out of one node's reach: nothing is acknowledged that is not stored.

use crate::gather;
use gateway_tests::until;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// On a machine that is busy with other tests.
const REHOMED_WITHIN: Duration = Duration::from_secs(20);
/// Longer than two leases.
const STALL: Duration = Duration::from_secs(7);
/// What was stored when the database went may still be on its way to its author.
const UNDER_WAY: Duration = Duration::from_millis(300);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_stalls_moves_no_site() {
    let (deployment, crowd) = gather(3, 1).await;
    let owner = deployment.owner();
    deployment.postgres.freeze();
    sleep(UNDER_WAY).await;
    let before = crowd.acknowledged();
    sleep(STALL).await;
    assert_eq!(crowd.acknowledged(), before, "acknowledged without the database");
    deployment.postgres.thaw();
    let flows = crowd.flows().await;
    println!("everybody is answered {flows:?} after the stall");
    assert_eq!(deployment.owner(), owner, "the site moved");
    assert_eq!(crowd.ended(), 0, "somebody was disconnected");
    println!("{:?}", crowd.judge(&deployment.place()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_is_dead_nothing_is_acknowledged() {
    let (mut deployment, crowd) = gather(3, 1).await;
    deployment.postgres.kill();
    sleep(UNDER_WAY).await;
    let before = crowd.acknowledged();
    sleep(STALL).await;
    assert_eq!(crowd.acknowledged(), before, "acknowledged without the database");
    deployment.postgres.restart();
    let flows = crowd.flows().await;
    println!("everybody is answered {flows:?} after the database is back");
    assert_eq!(crowd.ended(), 0, "somebody was disconnected");
    println!("{:?}", crowd.judge(&deployment.place()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_that_cannot_reach_the_database_is_no_owner() {
    let (deployment, crowd) = gather(3, 1).await;
    let (owner, epoch) = (deployment.owner(), deployment.epoch());
    deployment.ways[owner].postgres.part();
    let start = Instant::now();
    until("another node opens the site", REHOMED_WITHIN, || deployment.epoch() > epoch).await;
    println!("opened after {:?}", start.elapsed());
    assert_ne!(deployment.owner(), owner);
    // Also those whose sockets stayed where the database is out of reach.
    let flows = crowd.flows().await;
    println!("everybody is answered {flows:?} later");
    assert_eq!(crowd.ended(), 0, "somebody was disconnected");
    let (heir, epoch) = (deployment.owner(), deployment.epoch());
    deployment.ways[owner].postgres.join();
    crowd.flows().await;
    assert_eq!((deployment.owner(), deployment.epoch()), (heir, epoch), "the site was taken back");
    println!("{:?}", crowd.judge(&deployment.place()).await);
}

//! A node is killed, stands still, or is asked to stop.

use crate::gather;
use gateway_tests::{Client, Rhythm, Talker, until};
use std::time::Duration;
use tokio::time::Instant;

/// On a machine that is busy with other tests; how long it takes is reported by `make chaos`.
const REHOMED_WITHIN: Duration = Duration::from_secs(20);
/// The grace, and what is owed.
const STOPPED_WITHIN: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_owners_site_is_served_elsewhere() {
    let (mut deployment, crowd) = gather(3, 1).await;
    let (owner, epoch) = (deployment.owner(), deployment.epoch());
    deployment.nodes[owner].kill();
    let rehomed = until("another node opens the site", REHOMED_WITHIN, || deployment.epoch() > epoch).await;
    assert_ne!(deployment.owner(), owner);
    let flows = crowd.flows().await;
    println!("opened after {rehomed:?}, everybody is answered {flows:?} later; {} sockets ended", crowd.ended());
    assert!(crowd.ended() > 0, "nobody was on the node that was killed");
    deployment.start_again(owner);
    crowd.flows().await;
    println!("{:?}", crowd.judge(&deployment.place()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_that_stood_still_and_wakes_changes_nothing() {
    let (deployment, mut crowd) = gather(3, 1).await;
    let (owner, epoch) = (deployment.owner(), deployment.epoch());
    // Nobody hangs up on this one, who hears all that the owner says when it wakes.
    let mut faithful = Client::visitor(&deployment.place_on(owner)).await;
    faithful.open("Is somebody there?").await;
    let faithful = Talker::new(faithful, "a faithful visitor").talk(Rhythm::LIVELY.visitor);
    deployment.nodes[owner].signal("STOP");
    deployment.balancer.leave_out(owner);
    let rehomed = until("another node opens the site", REHOMED_WITHIN, || deployment.epoch() > epoch).await;
    let flows = crowd.flows().await;
    println!("opened after {rehomed:?}, everybody is answered {flows:?} later; {} sockets ended", crowd.ended());
    let (heir, epoch) = (deployment.owner(), deployment.epoch());
    assert_ne!(heir, owner);

    deployment.nodes[owner].signal("CONT");
    let drops = || deployment.nodes[owner].log().contains("desk dropped");
    until("it sees that its desk is none", REHOMED_WITHIN, drops).await;
    deployment.take_in(owner);
    crowd.join(faithful);
    crowd.flows().await;
    assert_eq!((deployment.owner(), deployment.epoch()), (heir, epoch), "the one that woke took the site back");
    println!("{:?}", crowd.judge(&deployment.place()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_are_restarted_one_by_one_lose_nothing() {
    let (mut deployment, crowd) = gather(3, 1).await;
    for node in 0..deployment.nodes.len() {
        let (owner, epoch) = (deployment.owner(), deployment.epoch());
        let start = Instant::now();
        deployment.nodes[node].terminate();
        let status = deployment.nodes[node].wait(STOPPED_WITHIN).await;
        println!("node {node} stopped in {:.1?}", start.elapsed());
        assert_eq!(status.code(), Some(0), "{}", deployment.nodes[node].log());
        if owner == node {
            assert!(deployment.epoch() > epoch && deployment.owner() != node, "its site was not handed on");
        }
        deployment.start_again(node);
        crowd.flows().await;
    }
    assert!(crowd.ended() > 0, "nobody was sent away");
    println!("{:?}", crowd.judge(&deployment.place()).await);
}

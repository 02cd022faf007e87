//! Redis is killed, comes back empty, or stands still: nobody is disconnected, and the database carries meanwhile.

use crate::gather;
use gateway_tests::Deployment;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// A way that is away is noticed, and one that is back is taken again, also on a machine that is busy with other tests.
const NOTICED_WITHIN: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Waits until a node reaches its peers over another way than the best, or over the best again.
async fn degraded(deployment: &Deployment, is: bool) -> Duration {
    let start = Instant::now();
    let coming = async {
        while !all_degraded(deployment, is).await {
            sleep(LOOK_EVERY).await;
        }
    };
    assert!(timeout(NOTICED_WITHIN, coming).await.is_ok(), "in vain: degraded is {is}");
    start.elapsed()
}

/// Whether every node says so.
async fn all_degraded(deployment: &Deployment, is: bool) -> bool {
    for node in 0..deployment.nodes.len() {
        if deployment.is_degraded(node).await != is {
            return false;
        }
    }
    true
}

async fn while_redis_is_away(away: impl FnOnce(&mut Deployment), back: impl FnOnce(&mut Deployment)) {
    let (mut deployment, crowd) = gather(3, 1).await;
    let epoch = deployment.epoch();
    away(&mut deployment);
    let noticed = degraded(&deployment, true).await;
    let flows = crowd.flows().await;
    println!("noticed after {noticed:?}; over the table everybody is answered in {flows:?}");
    back(&mut deployment);
    let healed = degraded(&deployment, false).await;
    let flows = crowd.flows().await;
    println!("over Redis again after {healed:?}; everybody is answered in {flows:?}");
    assert_eq!(crowd.ended(), 0, "somebody was disconnected");
    assert_eq!(deployment.epoch(), epoch, "the site moved");
    println!("{:?}", crowd.judge(&deployment.place()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_redis_is_dead_the_database_carries() {
    let kill = |deployment: &mut Deployment| deployment.redis[0].kill();
    while_redis_is_away(kill, |deployment| deployment.redis[0].restart()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_redis_stands_still_the_database_carries() {
    let freeze = |deployment: &mut Deployment| deployment.redis[0].freeze();
    while_redis_is_away(freeze, |deployment| deployment.redis[0].thaw()).await;
}

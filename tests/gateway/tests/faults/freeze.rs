//! A process that stands still and goes on: nobody is sent away for it, and nothing is lost.

use crate::crowd::{Crowd, Site};
use gateway_tests::{Chance, Setup};
use std::time::Duration;
use tokio::time::sleep;

const FREEZES: usize = 8;
const FROZEN_MS_MIN: u64 = 300;
const FROZEN_MS_MAX: u64 = 2_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frozen_and_thawed_in_mid_traffic_it_goes_on_with_the_same_sockets() {
    let mut chance = Chance::new(Chance::seed());
    let site = Site::open(Setup::crowded());
    let crowd = Crowd::gather(&site.server, &site.place, 10).await;
    for _ in 0..FREEZES {
        crowd.flows().await;
        site.server.signal("STOP");
        // What was on its way when it stopped is read first.
        sleep(Duration::from_millis(FROZEN_MS_MIN)).await;
        let before = crowd.acknowledged();
        sleep(Duration::from_millis(chance.below(FROZEN_MS_MAX))).await;
        assert_eq!(crowd.acknowledged(), before, "a frozen process answers");
        site.server.signal("CONT");
    }
    crowd.flows().await;
    assert_eq!(crowd.ended(), 0, "sockets ended");
    let verdict = crowd.end(&site.place, Vec::new()).await;
    println!("{FREEZES} freezes: {verdict:?}");
}

//! Two people on two nodes.

use crate::gather;
use gateway_tests::{Client, Deployment, PATIENCE, Transcript, Who};
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_millis(100);

async fn talk_over(redis: usize) {
    let mut deployment = Deployment::start(2, redis).await;
    let agent = deployment.sign_in(5).await;
    let mut ada = Client::connected(&deployment.place_on(0), Who::Agent(agent)).await;
    let mut visitor = Client::visitor(&deployment.place_on(1)).await;
    let id = visitor.open("Is somebody there?").await;
    ada.until("it is assigned", |ada| ada.transcripts.contains_key(&id)).await;
    ada.say(id, "Yes, on the other node.").await.unwrap();
    let said = |client: &Client| client.transcripts.get(&id).map(Transcript::said).unwrap_or_default();
    visitor.until("the answer comes", |visitor| said(visitor).len() == 2).await;
    visitor.say(id, "That is well.").await.unwrap();
    let words = ["Is somebody there?", "Yes, on the other node.", "That is well."].map(str::to_owned);
    ada.until("all is said", |ada| said(ada) == words).await;
    visitor.until("all is said", |visitor| said(visitor) == words).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_on_two_nodes_talk_over_redis() {
    talk_over(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_on_two_nodes_talk_over_the_database_alone() {
    talk_over(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_behind_a_balancer_is_served_by_all_nodes() {
    let (deployment, crowd) = gather(3, 1).await;
    crowd.flows().await;
    println!("{} acknowledged, {} ended", crowd.acknowledged(), crowd.ended());
    assert_eq!(crowd.ended(), 0, "somebody was sent away");
    assert_eq!(deployment.epoch(), 1, "the desk moved");
    let owner = deployment.owner();
    for (name, at_least) in [
        ("halloo_desks", 1.0),
        ("halloo_messages_total{kind=\"visitor\"}", 12.0),
        ("halloo_heartbeats_total{outcome=\"ok\"}", 2.0),
        ("halloo_peers{carrier=\"redis\"}", 2.0),
        ("halloo_packets_sent_total{carrier=\"redis\"}", 10.0),
        ("halloo_packets_heard_total{carrier=\"redis\"}", 10.0),
    ] {
        // Some are told once a second.
        let told = async {
            while deployment.figure(owner, name).await < at_least {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        assert!(tokio::time::timeout(PATIENCE, told).await.is_ok(), "{name} stays below {at_least}");
    }
    // Without a fault nothing is lost and nothing is repaired.
    for name in ["halloo_holes_total", "halloo_packets_refused_total", "halloo_desk_losses_total{reason=\"unknown\"}"] {
        assert!(deployment.figure(owner, name).await.abs() < f64::EPSILON, "{name}");
    }
    println!("{:?}", crowd.judge_calm(&deployment.place()).await);
}

//! What is changed through one node counts for desks and sockets of every other.

use gateway_tests::{Client, Deployment, Who};
use protocol::CloseCode;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// From the command to the end of the last socket, on a machine that is busy with other tests: five seconds are promised.
const REVOKED_WITHIN: Duration = Duration::from_secs(15);

/// Ada is on a third node; neither the node that is told nor hers owns the site. Redis is dead.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_who_is_disabled_by_a_command_on_one_node_loses_their_socket_on_another() {
    let mut deployment = Deployment::start(3, 1).await;
    let agent = deployment.sign_in(5).await;
    let mut visitor = Client::visitor(&deployment.place_on(0)).await;
    visitor.open("Is somebody there?").await;
    assert_eq!(deployment.owner(), 0, "the desk is where it was needed first");
    let mut ada = Client::connected(&deployment.place_on(2), Who::Agent(agent.clone())).await;
    deployment.redis[0].kill();
    deployment.nodes[1].run(&["agent", "disable", "shop", "agent1@shop.example"]);
    let start = Instant::now();
    let ended = timeout(REVOKED_WITHIN, ada.ended()).await.expect("the socket is closed in time");
    println!("{:?} after {:?}", ended.code, start.elapsed());
    assert_eq!(ended.code, Some(CloseCode::SignIn.code()));
    assert!(agent.ticket().await.is_none(), "signed in yet");
}

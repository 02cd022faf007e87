//! Peers who go silent: who is gone is found out in time, and who only seems gone is not sent away.

use crate::crowd::Site;
use gateway_tests::{Client, Ended, Flow, Proxy, Setup, SignedIn, Talker};
use protocol::limits::{PING_MS_MAX, PONG_MS_MAX};
use protocol::{ConversationId, Down, Row, Up, View, Watch};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

const GRACE: Duration = Duration::from_secs(3);
/// A silent peer is sent away after a ping and the time for its answer; the rest is this machine's.
const SILENCE_MAX: Duration = Duration::from_millis(PING_MS_MAX + PONG_MS_MAX + 1_000);
/// From the end of a socket until others are told.
const TOLD_WITHIN: Duration = Duration::from_secs(2);
/// Longer than it takes to stop a process that has just sent a ping.
const PONG_DELAY: Duration = Duration::from_secs(3);

/// Waits for the end of a socket whose peer hears and is not heard.
async fn sent_away(client: &mut Client, silent_since: Instant) -> (Ended, Instant) {
    let listening = async {
        loop {
            let heard = client.wait().await;
            if let Err(ended) = client.handle(heard).await {
                return ended;
            }
        }
    };
    let ended = timeout(SILENCE_MAX, listening).await;
    (ended.unwrap_or_else(|_| panic!("not sent away in {:?}", silent_since.elapsed())), Instant::now())
}

/// Waits until a colleague sees the first conversation without its visitor and has the second one; gives when.
async fn sees(agent: &mut Client, left: ConversationId, moved: ConversationId) -> (Instant, Instant) {
    let (mut absent_at, mut moved_at) = (None, None);
    let seeing = async {
        loop {
            if let (Some(absent), Some(moved)) = (absent_at, moved_at) {
                return (absent, moved);
            }
            let heard = agent.wait().await;
            let row = match heard.frame() {
                Some(Down::Change(change)) => change.row.as_ref().filter(|row| is_left(row, left)).cloned(),
                _ => None,
            };
            if row.is_some() {
                absent_at.get_or_insert_with(Instant::now);
            }
            agent.handle(heard).await.unwrap_or_else(|ended| panic!("ended: {ended:?}"));
            if agent.transcripts.contains_key(&moved) {
                moved_at.get_or_insert_with(Instant::now);
            }
        }
    };
    timeout(SILENCE_MAX + GRACE + TOLD_WITHIN, seeing).await.expect("a colleague is told")
}

fn is_left(row: &Row, conversation: ConversationId) -> bool {
    row.conversation == conversation && !row.visitor.present
}

#[tokio::test]
async fn who_goes_silent_is_sent_away_in_time_and_others_are_told() {
    let site = Site::open(Setup::crowded());
    site.server.run(&["site", "set", "shop", "--grace-s", &GRACE.as_secs().to_string()]);
    let proxy = Proxy::before(site.place.address).await;
    let through = proxy.to(&site.place);
    let ada = site.server.sign_in("shop", "ada@shop.example", "Ada", 10).await;
    let mut ada = Client::agent(&Arc::new(SignedIn { place: through.clone(), cookie: ada.cookie.clone() })).await;
    let mut staying = Client::visitor(&site.place).await;
    let moved = staying.open("I stay.").await;
    ada.until("it is assigned", |ada| ada.transcripts.contains_key(&moved)).await;
    let staying = Talker::new(staying, "who stays").talk(Duration::from_secs(1));
    let eve = site.server.sign_in("shop", "eve@shop.example", "Eve", 10).await;
    let mut eve = Client::agent(&eve).await;
    eve.send(&Up::Watch(Watch { view: View::All })).await;
    let mut leaving = Client::visitor(&through).await;
    let left = leaving.open("I go.").await;

    proxy.up.set(Flow::swallowing());
    let since = Instant::now();
    let ((visitor_end, visitor_at), (agent_end, agent_at), (absent_at, moved_at)) =
        tokio::join!(sent_away(&mut leaving, since), sent_away(&mut ada, since), sees(&mut eve, left, moved));

    assert!(proxy.up.tally().swallowed > 0, "nobody tried to speak");
    assert_eq!((visitor_end.code, agent_end.code), (Some(4408), Some(4408)));
    assert!(absent_at.saturating_duration_since(visitor_at) < TOLD_WITHIN, "the visitor's absence was told late");
    let after = moved_at - agent_at;
    assert!(after > GRACE / 2 && after < GRACE + TOLD_WITHIN, "moved {after:?} after the agent was gone");
    staying.stop().await;
    println!("visitor away after {:?}, agent after {:?}", visitor_at - since, agent_at - since);
}

/// The answer lies in the socket of a process that stood still when it came: late is the process, not the peer.
#[tokio::test]
async fn a_frozen_process_does_not_blame_who_answered_meanwhile() {
    let site = Site::open(Setup::crowded());
    let proxy = Proxy::before(site.place.address).await;
    let mut visitor = Client::visitor(&proxy.to(&site.place)).await;
    let id = visitor.open("I am here.").await;
    proxy.up.set(Flow::delayed(PONG_DELAY));
    let pinged = async {
        loop {
            let heard = visitor.wait().await;
            let is_ping = matches!(heard.frame(), Some(Down::Ping(_)));
            visitor.handle(heard).await.unwrap_or_else(|ended| panic!("ended: {ended:?}"));
            if is_ping {
                return;
            }
        }
    };
    timeout(Duration::from_millis(PING_MS_MAX + 1_000), pinged).await.expect("a ping");
    let before = proxy.up.tally().pieces;
    site.server.signal("STOP");
    sleep(PONG_DELAY + Duration::from_millis(PONG_MS_MAX)).await;
    assert_eq!(proxy.up.tally().pieces, before + 1, "the answer came too early or not at all");
    site.server.signal("CONT");
    proxy.up.set(Flow::default());
    visitor.say(id, "I am still here.").await.unwrap();
}

//! A network that delays, slices, throttles and resets: slower, and nothing else.

use crate::crowd::{Crowd, Site};
use crate::until;
use gateway_tests::{Client, Cut, Done, End, Ended, Flow, PATIENCE, Place, Proxy, Settled, Setup};
use protocol::{Action, ConversationId, Say};
use std::num::NonZeroUsize;
use std::time::Duration;
use tokio::time::Instant;

const DELAY: Duration = Duration::from_millis(400);
/// Writes of single bytes that count as a crowd's traffic: a few dozen messages.
const PIECES_MIN: usize = 10_000;
/// Some four seconds for the longest body of a visitor.
const BYTES_PER_SECOND: NonZeroUsize = NonZeroUsize::new(2_000).unwrap();
const RESETS: usize = 10;

async fn behind_a_proxy() -> (Site, Proxy, Place) {
    let site = Site::open(Setup::crowded());
    let proxy = Proxy::before(site.place.address).await;
    let through = proxy.to(&site.place);
    (site, proxy, through)
}

/// The next answer ends its connection, and is not heard.
fn answer() -> Cut {
    Cut { at: b"{\"ok\":".to_vec(), end: End::Reset }
}

fn say(body: &str) -> Action {
    Action::Say(Say { body: body.to_owned() })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn byte_by_byte_and_late_everything_arrives_in_order() {
    let (site, proxy, through) = behind_a_proxy().await;
    let slow = Flow { delay: DELAY, ..Flow::sliced() };
    proxy.up.set(slow.clone());
    let mut visitor = Client::visitor(&through).await;
    let id = visitor.open("Is somebody there?").await;
    let crowd = Crowd::gather(&site.server, &through, 4).await;
    // Only now: the clients' own library takes an HTTP answer in single bytes for an attack.
    proxy.down.set(slow);
    let asked = Instant::now();
    visitor.say(id, "Slowly.").await.unwrap();
    assert!(asked.elapsed() >= DELAY * 2, "{:?}: nothing was delayed", asked.elapsed());
    for _ in 0..5 {
        crowd.flows().await;
    }
    assert_eq!(crowd.ended(), 0, "sockets ended");
    for way in [&proxy.up, &proxy.down] {
        assert!(way.tally().pieces > PIECES_MIN, "hardly anything was sliced: {:?}", way.tally());
    }
    // Down as it is again, so that the visitor can come back; see above.
    proxy.down.set(Flow::default());
    let verdict = crowd.end(&site.place, vec![visitor]).await;
    println!("up {:?}, down {:?}: {verdict:?}", proxy.up.tally(), proxy.down.tally());
}

#[tokio::test]
async fn through_a_thin_line_a_long_word_arrives_whole() {
    let (site, proxy, through) = behind_a_proxy().await;
    let mut visitor = Client::visitor(&through).await;
    let id = visitor.open("Is somebody there?").await;
    proxy.up.set(Flow::throttled(BYTES_PER_SECOND));
    proxy.down.set(Flow::throttled(BYTES_PER_SECOND));
    let word = "long ".repeat(1_600).trim_end().to_owned();
    let asked = Instant::now();
    visitor.say(id, &word).await.unwrap();
    let least = Duration::from_secs(1).mul_f64(word.len() as f64 / BYTES_PER_SECOND.get() as f64);
    assert!(asked.elapsed() >= least, "{:?}: nothing was throttled", asked.elapsed());
    let again = Client::reader(&site.place, visitor.who.clone(), &[id]).await;
    assert_eq!(again.transcript(id).said(), ["Is somebody there?", &word]);
}

/// The answer is lost, the message is not: the resend is answered as the repeat it is.
#[tokio::test]
async fn reset_after_the_commit_and_before_the_answer_the_resend_is_a_repeat() {
    let repeats = reset_while_talking(|proxy| proxy.down.set(Flow::cut(answer()))).await;
    assert_eq!(repeats, RESETS, "a resend took effect anew");
}

/// The message is lost on its way: the resend is the first to arrive.
#[tokio::test]
async fn reset_before_the_message_arrives_the_resend_is_new() {
    let message = Cut { at: Vec::new(), end: End::Reset };
    let repeats = reset_while_talking(|proxy| proxy.up.set(Flow::cut(message.clone()))).await;
    assert_eq!(repeats, 0, "a message arrived that did not pass");
}

/// The client's side of the connection ends; the gateway ends the other one, and the client comes back.
#[tokio::test]
async fn closed_by_half_a_connection_ends_and_the_client_comes_back() {
    let half = Cut { at: Vec::new(), end: End::HalfClose };
    let repeats = reset_while_talking(|proxy| proxy.up.set(Flow::cut(half.clone()))).await;
    assert_eq!(repeats, 0, "a message arrived that did not pass");
}

/// Breaks the connection at each word of a visitor, and gives how many resends were repeats.
async fn reset_while_talking(breaks: impl Fn(&Proxy)) -> usize {
    let (site, proxy, through) = behind_a_proxy().await;
    let mut visitor = Client::visitor(&through).await;
    let id = visitor.open("Is somebody there?").await;
    let mut repeats = 0;
    let mut words = vec!["Is somebody there?".to_owned()];
    for index in 1..=RESETS {
        let word = format!("word {index}");
        breaks(&proxy);
        // The socket may end before the sending does.
        let _ = visitor.put(Some(id), say(&word)).await;
        let ended = visitor.ended().await;
        assert_eq!(ended, Ended::default(), "the connection did not just break");
        assert_eq!(proxy.up.tally().cuts + proxy.down.tally().cuts, index, "nothing was cut");
        visitor.connect().await.unwrap();
        repeats += usize::from(settled(&mut visitor, id).await.is_repeat);
        words.push(word);
    }
    let again = Client::reader(&site.place, visitor.who.clone(), &[id]).await;
    assert_eq!(again.transcript(id).said(), words);
    repeats
}

/// Waits until the command in flight is settled.
async fn settled(client: &mut Client, id: ConversationId) -> Settled {
    loop {
        if let Done::Settled(settled) = client.step().await.unwrap() {
            assert_eq!(settled.command.conversation, Some(id));
            assert!(settled.answer.is_ok(), "{settled:?}");
            return *settled;
        }
    }
}

/// Everybody is reset at once, again and again, in mid-traffic.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reset_in_mid_traffic_nothing_is_lost_or_doubled() {
    let (site, proxy, through) = behind_a_proxy().await;
    let crowd = Crowd::gather(&site.server, &through, 10).await;
    for index in 1..=RESETS {
        crowd.flows().await;
        proxy.down.set(Flow::cut(answer()));
        until("an answer is lost", PATIENCE, || proxy.down.tally().cuts == index).await;
        proxy.reset();
    }
    crowd.flows().await;
    assert!(crowd.ended() >= 10 * RESETS, "{} sockets were reset", crowd.ended());
    let verdict = crowd.end(&site.place, Vec::new()).await;
    println!("{RESETS} resets of 10 visitors: {verdict:?}");
    assert!(verdict.repeats > 0, "no resend was a repeat");
}

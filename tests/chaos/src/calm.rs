//! How long a word takes while nothing is broken: to be acknowledged, and to reach the other side on another node.

use gateway_tests::{Client, Deployment, Who};
use protocol::{Down, RecordKind};
use serde_json::{Value, json};
use std::fmt;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Words of one way.
const WORDS: usize = 200;
/// Within a visitor's allowance of 5 a second.
const EVERY: Duration = Duration::from_millis(205);

/// One way of words.
pub struct Way {
    pub name: &'static str,
    /// Sorted.
    acknowledged: Vec<Duration>,
    delivered: Vec<Duration>,
}

/// A visitor on one node and an agent on another, and the site owned by the first, the second or a third.
pub async fn measure(deployment: &mut Deployment) -> Vec<Way> {
    let agent = deployment.sign_in(10).await;
    // Whoever needs a site first owns it.
    Client::visitor(&deployment.place_on(0)).await.open("Is somebody there?").await;
    let owner = deployment.owner();
    let [one, two] = [1, 2].map(|step| (owner + step) % deployment.nodes.len());
    let mut ways = Vec::new();
    for (name, visitor, ada) in [
        ("both on the owner", owner, owner),
        ("the visitor on the owner, the agent on another node", owner, one),
        ("the visitor and the agent on two other nodes", one, two),
    ] {
        let mut visitor = Client::visitor(&deployment.place_on(visitor)).await;
        let mut ada = Client::connected(&deployment.place_on(ada), Who::Agent(agent.clone())).await;
        let id = visitor.open("Is somebody there?").await;
        ada.until("it is assigned", |ada| ada.transcripts.contains_key(&id)).await;
        let mut way = Way { name, acknowledged: Vec::new(), delivered: Vec::new() };
        for word in 0..WORDS {
            sleep(EVERY).await;
            let body = format!("word {word}");
            let start = Instant::now();
            let heard = async {
                let is_it = |frame: &Down| {
                    if let Down::Event(event) = frame
                        && let RecordKind::Said(said) = &event.record.what
                    {
                        return (said.body.0 == body).then(|| start.elapsed());
                    }
                    None
                };
                ada.next(is_it).await
            };
            let said = async {
                visitor.say(id, &body).await.expect("a visitor may speak");
                start.elapsed()
            };
            let (delivered, acknowledged) = tokio::join!(heard, said);
            way.delivered.push(delivered);
            way.acknowledged.push(acknowledged);
        }
        way.delivered.sort_unstable();
        way.acknowledged.sort_unstable();
        ways.push(way);
    }
    ways
}

/// The median and the 99th of a hundred, in milliseconds.
fn spread(sorted: &[Duration]) -> [f64; 2] {
    [50, 99].map(|percent| sorted[(sorted.len() - 1) * percent / 100].as_secs_f64() * 1_000.0)
}

impl Way {
    pub fn json(&self) -> Value {
        let [acknowledged, delivered] = [&self.acknowledged, &self.delivered].map(|sorted| {
            let [p50, p99] = spread(sorted);
            json!({ "p50": p50, "p99": p99 })
        });
        json!({ "way": self.name, "words": WORDS, "acknowledged_ms": acknowledged, "delivered_ms": delivered })
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ([ack50, ack99], [del50, del99]) = (spread(&self.acknowledged), spread(&self.delivered));
        write!(
            f,
            "{}: acknowledged {ack50:.1} ms (p50) {ack99:.1} ms (p99), delivered {del50:.1} ms {del99:.1} ms",
            self.name
        )
    }
}

//! A few visitors and their agent, who talk while something breaks.

use crate::until;
use gateway_tests::{Client, Place, Server, Setup, Talker, Talking, Verdict, Who, judge};
use std::time::Duration;

/// Slower than a visitor's allowance of 5 frames a second.
const VISITOR_EVERY: Duration = Duration::from_millis(250);
/// An agent's allowance is 20.
const AGENT_EVERY: Duration = Duration::from_millis(100);
/// For traffic to flow (again); the slowest way back is a desk that is opened after 4 s.
const FLOW_TIME_MAX: Duration = Duration::from_secs(30);

/// What a test begins with.
pub struct Site {
    pub server: Server,
    pub place: Place,
}

impl Site {
    /// A running server with the site `shop`.
    pub fn open(setup: Setup) -> Self {
        let mut server = setup.prepare();
        server.add_site("shop", &[]);
        server.start();
        let place = server.place("shop");
        Self { server, place }
    }
}

pub struct Crowd {
    /// The agent comes last.
    talking: Vec<Talking>,
}

impl Crowd {
    /// Visitors who reach the site of a running server at `place`, and an agent who does so directly.
    pub async fn gather(server: &Server, place: &Place, visitors: usize) -> Self {
        // Room for others whom a test brings along.
        let capacity = u32::try_from(visitors).unwrap() + 4;
        let agent = server.sign_in(&place.site, "ada@shop.example", "Ada", capacity).await;
        let mut client = Client::agent(&agent).await;
        let mut talking = Vec::new();
        for index in 0..visitors {
            let mut visitor = Client::connected(place, Who::Visitor { token: None }).await;
            let id = visitor.open("Is somebody there?").await;
            visitor.catch_up().await;
            client.until("it is assigned", |client| client.transcripts.contains_key(&id)).await;
            talking.push(Talker::new(visitor, &format!("visitor {index}")).talk(VISITOR_EVERY));
        }
        talking.push(Talker::new(client, "Ada").talk(AGENT_EVERY));
        let crowd = Self { talking };
        crowd.flows().await;
        crowd
    }

    pub fn acknowledged(&self) -> usize {
        self.talking.iter().map(|talking| talking.figures.acknowledged()).sum()
    }

    pub fn put_off(&self) -> usize {
        self.talking.iter().map(|talking| talking.figures.put_off()).sum()
    }

    /// Sockets that have ended.
    pub fn ended(&self) -> usize {
        self.talking.iter().map(|talking| talking.figures.ended()).sum()
    }

    /// Waits until everybody has been acknowledged anew.
    pub async fn flows(&self) {
        let before: Vec<_> = self.talking.iter().map(|talking| talking.figures.acknowledged()).collect();
        let all = || self.talking.iter().zip(&before).all(|(talking, before)| talking.figures.acknowledged() > *before);
        until("everybody is answered", FLOW_TIME_MAX, all).await;
    }

    /// Waits until nobody says more, and judges them together with others who spoke.
    pub async fn end(self, place: &Place, others: Vec<Client>) -> Verdict {
        let mut talkers = self.settle().await;
        for mut other in others {
            // Who did not listen meanwhile may have been sent away for it.
            other.connect().await.unwrap();
            talkers.push(Talker::new(other, "another"));
        }
        judge(place, talkers).await
    }

    /// Waits until all that was said is settled.
    pub async fn settle(self) -> Vec<Talker> {
        let mut talkers = Vec::new();
        for talking in self.talking {
            talkers.push(talking.stop().await);
        }
        talkers
    }
}

//! A crowd: visitors and their agents, who talk while something breaks.

use crate::client::{Client, Who};
use crate::http::{Place, SignedIn};
use crate::judge::{Verdict, judge, judge_calm};
use crate::talker::{Talker, Talking};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// For traffic to flow (again), beside the pause between two words.
const FLOW_TIME_MAX: Duration = Duration::from_secs(30);
/// Between two looks at what has no event of its own.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How often each of them speaks.
#[derive(Clone, Copy, Debug)]
pub struct Rhythm {
    pub visitor: Duration,
    pub agent: Duration,
}

impl Rhythm {
    /// Within a visitor's allowance of 5 frames a second, and an agent's of 20.
    pub const LIVELY: Self = Self { visitor: Duration::from_millis(250), agent: Duration::from_millis(100) };
}

/// All of them, each in a task.
#[derive(Debug)]
pub struct Crowd {
    talking: Vec<Talking>,
    rhythm: Rhythm,
}

impl Crowd {
    /// They connect at `place`, each visitor opens a conversation, and all talk.
    pub async fn gather(place: &Place, agents: &[Arc<SignedIn>], visitors: usize, rhythm: Rhythm) -> Self {
        let mut talking = Vec::new();
        for (index, agent) in agents.iter().enumerate() {
            talking.push(Talker::new(Client::agent(agent).await, &format!("agent {index}")).talk(rhythm.agent));
        }
        for index in 0..visitors {
            let mut visitor = Client::connected(place, Who::Visitor { token: None }).await;
            visitor.open("Is somebody there?").await;
            talking.push(Talker::new(visitor, &format!("visitor {index}")).talk(rhythm.visitor));
        }
        let crowd = Self { talking, rhythm };
        crowd.flows().await;
        crowd
    }

    #[must_use]
    pub fn acknowledged(&self) -> usize {
        self.talking.iter().map(|talking| talking.figures.acknowledged()).sum()
    }

    /// Commands that were put off.
    #[must_use]
    pub fn put_off(&self) -> usize {
        self.talking.iter().map(|talking| talking.figures.put_off()).sum()
    }

    /// Sockets that have ended, and tries to open one.
    #[must_use]
    pub fn ended(&self) -> usize {
        self.talking.iter().map(|talking| talking.figures.ended()).sum()
    }

    /// The longest that anybody has waited for an answer since this was last asked.
    #[must_use]
    pub fn take_slowest(&self) -> Duration {
        self.talking.iter().map(|talking| talking.figures.take_slowest()).max().unwrap_or_default()
    }

    /// Waits until everybody has been acknowledged anew; gives how long that took.
    pub async fn flows(&self) -> Duration {
        let before: Vec<_> = self.talking.iter().map(|talking| talking.figures.acknowledged()).collect();
        let all = || self.talking.iter().zip(&before).all(|(talking, before)| talking.figures.acknowledged() > *before);
        until("everybody is answered", FLOW_TIME_MAX + 2 * self.rhythm.visitor, all).await
    }

    /// One more, who has come another way.
    pub fn join(&mut self, talking: Talking) {
        self.talking.push(talking);
    }

    /// Waits until nobody says more, and has all they saw judged.
    pub async fn judge(self, place: &Place) -> Verdict {
        judge(place, self.stop().await).await
    }

    /// The same, when nothing was broken.
    pub async fn judge_calm(self, place: &Place) -> Verdict {
        judge_calm(place, self.stop().await).await
    }

    async fn stop(self) -> Vec<Talker> {
        let mut talkers = Vec::new();
        for talking in self.talking {
            talkers.push(talking.stop().await);
        }
        talkers
    }
}

/// Waits for what has no event of its own; gives how long that took.
///
/// # Panics
/// When it takes longer.
pub async fn until(what: &str, time_max: Duration, mut is: impl FnMut() -> bool) -> Duration {
    let start = Instant::now();
    while !is() {
        assert!(start.elapsed() < time_max, "in vain: {what}");
        sleep(LOOK_EVERY).await;
    }
    start.elapsed()
}

//! Several nodes on one Postgres, with or without a Redis, behind a balancer.

use gateway_tests::{Balancer, Client, Place, Server, Setup, SignedIn, Talker, Talking, Verdict, Who, judge};
use servers::{Postgres, Redis};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

pub const SITE: &str = "shop";
/// Between two looks at what has no event of its own.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What nodes carry their words over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    Redis,
    /// The database alone.
    Table,
}

pub struct Deployment {
    pub nodes: Vec<Server>,
    pub postgres: Postgres,
    pub redis: Option<Redis>,
    pub balancer: Balancer,
}

impl Deployment {
    /// Starts servers and nodes, with one site.
    pub async fn start(nodes: usize, over: Over) -> Self {
        let postgres = Postgres::start();
        let url = postgres.database();
        Self::start_at(postgres, &vec![url; nodes], over).await
    }

    /// The same, with each node's own way to the database.
    pub async fn start_at(postgres: Postgres, urls: &[String], over: Over) -> Self {
        let redis = (over == Over::Redis).then(Redis::start);
        let mut nodes: Vec<Server> = urls.iter().map(|url| setup(url, redis.as_ref()).prepare()).collect();
        nodes[0].add_site(SITE, &[]);
        nodes.iter_mut().for_each(Server::start);
        let addresses: Vec<_> = nodes.iter().map(|node| node.place(SITE).address).collect();
        let balancer = Balancer::before(&addresses).await;
        Self { nodes, postgres, redis, balancer }
    }

    /// Behind the balancer.
    pub fn place(&self) -> Place {
        self.balancer.place(SITE)
    }

    /// An agent who has signed in behind the balancer.
    pub async fn sign_in(&self, capacity: u32) -> Arc<SignedIn> {
        let code = self.nodes[0].add_agent(SITE, "ada@shop.example", "Ada", capacity);
        Arc::new(SignedIn::with_code(&self.place(), &code).await)
    }

    /// Whether a node says that it reaches a peer over another way than the best.
    pub async fn is_degraded(&self, node: usize) -> bool {
        self.nodes[node].ask_admin("/readyz").await.json()["degraded"] == true
    }

    /// A figure of a node, as its operator sees it.
    pub async fn figure(&self, node: usize, name: &str) -> f64 {
        let text = self.nodes[node].ask_admin("/metrics").await.text();
        let found = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        found.unwrap_or_else(|| panic!("no {name} in\n{text}"))
    }

    /// Starts a node again, on another port: it is another process.
    pub fn start_again(&mut self, node: usize) {
        self.nodes[node].start();
        self.balancer.take_in(node, self.nodes[node].place(SITE).address);
    }

    /// The node whose desk was opened last, as the nodes tell.
    pub fn owner(&self) -> usize {
        let last = |node: &Server| epochs(&node.log()).max();
        let owner = (0..self.nodes.len()).max_by_key(|index| last(&self.nodes[*index]));
        owner.filter(|index| last(&self.nodes[*index]).is_some()).expect("a desk was opened")
    }

    /// How often a desk was opened, on whichever node.
    pub fn epoch(&self) -> u64 {
        self.nodes.iter().flat_map(|node| epochs(&node.log()).collect::<Vec<_>>()).max().unwrap_or(0)
    }
}

fn setup(postgres: &str, redis: Option<&Redis>) -> Setup {
    let setup = Setup::crowded().set("HALLOO_POSTGRES", postgres);
    match redis {
        Some(redis) => setup.set("HALLOO_REDIS", &redis.url()),
        None => setup,
    }
}

/// Epochs of the desks that a node has opened.
fn epochs(log: &str) -> impl Iterator<Item = u64> {
    let opened = log.lines().filter(|line| line.contains("desk opened"));
    opened.filter_map(|line| line.split_once("epoch=")?.1.split_whitespace().next()?.parse().ok())
}

/// Waits for what has no event of its own.
pub async fn until(what: &str, time_max: Duration, mut is: impl FnMut() -> bool) -> Duration {
    let start = Instant::now();
    while !is() {
        assert!(start.elapsed() < time_max, "in vain: {what}");
        sleep(LOOK_EVERY).await;
    }
    start.elapsed()
}

/// Slower than a visitor's allowance of 5 frames a second.
const VISITOR_EVERY: Duration = Duration::from_millis(250);
/// An agent's allowance is 20.
const AGENT_EVERY: Duration = Duration::from_millis(100);
/// For traffic to flow (again).
const FLOW_TIME_MAX: Duration = Duration::from_secs(30);

/// Visitors and their agent, who talk over whichever nodes they come to.
pub struct Crowd {
    talking: Vec<Talking>,
}

impl Crowd {
    pub async fn gather(deployment: &Deployment, visitors: usize) -> Self {
        let place = deployment.place();
        let agent = deployment.sign_in(u32::try_from(visitors).unwrap() + 4).await;
        let mut ada = Client::agent(&agent).await;
        let mut talking = Vec::new();
        for index in 0..visitors {
            let mut visitor = Client::connected(&place, Who::Visitor { token: None }).await;
            let id = visitor.open("Is somebody there?").await;
            visitor.catch_up().await;
            ada.until("it is assigned", |ada| ada.transcripts.contains_key(&id)).await;
            talking.push(Talker::new(visitor, &format!("visitor {index}")).talk(VISITOR_EVERY));
        }
        talking.push(Talker::new(ada, "Ada").talk(AGENT_EVERY));
        let crowd = Self { talking };
        crowd.flows().await;
        crowd
    }

    pub fn acknowledged(&self) -> usize {
        self.talking.iter().map(|talking| talking.figures.acknowledged()).sum()
    }

    /// Sockets that have ended.
    pub fn ended(&self) -> usize {
        self.talking.iter().map(|talking| talking.figures.ended()).sum()
    }

    /// Waits until everybody has been acknowledged anew; gives how long that took.
    pub async fn flows(&self) -> Duration {
        let before: Vec<_> = self.talking.iter().map(|talking| talking.figures.acknowledged()).collect();
        let all = || self.talking.iter().zip(&before).all(|(talking, before)| talking.figures.acknowledged() > *before);
        until("everybody is answered", FLOW_TIME_MAX, all).await
    }

    /// Waits until nobody says more, and has all they saw judged.
    pub async fn judge(self, place: &Place) -> Verdict {
        let mut talkers = Vec::new();
        for talking in self.talking {
            talkers.push(talking.stop().await);
        }
        judge(place, talkers).await
    }
}

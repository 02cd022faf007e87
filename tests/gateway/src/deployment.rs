//! Several nodes on one Postgres, with or without Redis, behind a balancer; each reaches every server through a proxy
//! of its own, so that any way can be broken for one node alone.

use crate::balancer::Balancer;
use crate::http::{Place, SignedIn};
use crate::proxy::{Flow, Proxy};
use crate::server::{Server, Setup};
use servers::{Postgres, Redis};
use std::net::SocketAddr;
use std::sync::Arc;

/// The one site.
const SITE: &str = "shop";

/// The nodes, and what they stand on.
#[derive(Debug)]
pub struct Deployment {
    pub nodes: Vec<Server>,
    /// Of each node.
    pub ways: Vec<Ways>,
    pub postgres: Postgres,
    /// None, one, or a second that stands in.
    pub redis: Vec<Redis>,
    pub balancer: Balancer,
    agents: usize,
}

/// How one node reaches the servers.
#[derive(Debug)]
pub struct Ways {
    pub postgres: Proxy,
    pub redis: Vec<Proxy>,
}

impl Ways {
    async fn to(postgres: &Postgres, redis: &[Redis]) -> Self {
        let mut ways = Self { postgres: before(postgres.port()).await, redis: Vec::new() };
        for server in redis {
            ways.redis.push(before(server.port()).await);
        }
        ways
    }
}

async fn before(port: u16) -> Proxy {
    Proxy::before(SocketAddr::from(([127, 0, 0, 1], port))).await
}

impl Proxy {
    /// Lets nothing through any more, either way: no end is told.
    pub fn part(&self) {
        self.up.set(Flow::swallowing());
        self.down.set(Flow::swallowing());
    }

    /// Lets everything through again; what had been swallowed is missing, so connections begin anew.
    pub fn join(&self) {
        self.up.set(Flow::default());
        self.down.set(Flow::default());
        self.reset();
    }
}

impl Deployment {
    /// Starts servers and nodes, with one site.
    ///
    /// # Panics
    /// When something does not start.
    pub async fn start(nodes: usize, redis: usize) -> Self {
        Self::of(vec![Setup::crowded(); nodes], redis).await
    }

    /// The same, of nodes that differ.
    ///
    /// # Panics
    /// When something does not start.
    pub async fn of(setups: Vec<Setup>, redis: usize) -> Self {
        let postgres = Postgres::start();
        let redis: Vec<Redis> = (0..redis).map(|_| Redis::start()).collect();
        let url = postgres.database();
        let (mut nodes, mut ways) = (Vec::new(), Vec::new());
        for setup in setups {
            let way = Ways::to(&postgres, &redis).await;
            let setup = setup.set("HALLOO_POSTGRES", &through(&url, postgres.port(), &way.postgres));
            let urls = redis.iter().zip(&way.redis).map(|(server, way)| through(&server.url(), server.port(), way));
            let named = ["HALLOO_REDIS", "HALLOO_REDIS_2"].into_iter().zip(urls);
            nodes.push(named.fold(setup, |setup, (name, url)| setup.set(name, &url)).prepare());
            ways.push(way);
        }
        nodes[0].add_site(SITE, &[]);
        nodes.iter_mut().for_each(Server::start);
        let addresses: Vec<_> = nodes.iter().map(|node| node.place(SITE).address).collect();
        let balancer = Balancer::before(&addresses).await;
        Self { nodes, ways, postgres, redis, balancer, agents: 0 }
    }

    /// Behind the balancer.
    #[must_use]
    pub fn place(&self) -> Place {
        self.balancer.place(SITE)
    }

    /// On one node.
    #[must_use]
    pub fn place_on(&self, node: usize) -> Place {
        self.nodes[node].place(SITE)
    }

    /// A new agent who has signed in behind the balancer.
    pub async fn sign_in(&mut self, capacity: u32) -> Arc<SignedIn> {
        self.agents += 1;
        let email = format!("agent{}@shop.example", self.agents);
        let code = self.nodes[0].add_agent(SITE, &email, "Ada", capacity);
        Arc::new(SignedIn::with_code(&self.place(), &code).await)
    }

    /// What a node says of itself as JSON, with `/readyz`.
    pub async fn is_degraded(&self, node: usize) -> bool {
        self.nodes[node].ask_admin("/readyz").await.json()["degraded"] == true
    }

    /// A figure of a node, as its operator sees it.
    ///
    /// # Panics
    /// When there is none of this name.
    pub async fn figure(&self, node: usize, name: &str) -> f64 {
        let text = self.nodes[node].ask_admin("/metrics").await.text();
        let found = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        found.unwrap_or_else(|| panic!("no {name} in\n{text}"))
    }

    /// Starts a node again; it is another process.
    pub fn start_again(&mut self, node: usize) {
        self.nodes[node].start();
        self.take_in(node);
    }

    /// Has the balancer ask a node again that it left out.
    pub fn take_in(&self, node: usize) {
        self.balancer.take_in(node, self.place_on(node).address);
    }

    /// The node whose desk was opened last, as the nodes tell.
    ///
    /// # Panics
    /// When no desk was opened.
    #[must_use]
    pub fn owner(&self) -> usize {
        let last = |node: &Server| epochs(&node.log()).max();
        let owner = (0..self.nodes.len()).max_by_key(|index| last(&self.nodes[*index]));
        owner.filter(|index| last(&self.nodes[*index]).is_some()).expect("a desk was opened")
    }

    /// How often a desk was opened, on whichever node.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.nodes.iter().filter_map(|node| epochs(&node.log()).max()).max().unwrap_or(0)
    }
}

/// The same URL, through a proxy.
fn through(url: &str, port: u16, way: &Proxy) -> String {
    url.replace(&format!(":{port}"), &format!(":{}", way.address().port()))
}

/// Epochs of the desks that a node has opened.
fn epochs(log: &str) -> impl Iterator<Item = u64> {
    let opened = log.lines().filter(|line| line.contains("desk opened"));
    opened.filter_map(|line| line.split_once("epoch=")?.1.split_whitespace().next()?.parse().ok())
}

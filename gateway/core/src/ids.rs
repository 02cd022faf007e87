//! Identifiers that stay inside a deployment.

use protocol::{AgentId, VisitorId};

/// A site within this deployment. Every query names one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SiteId(pub i64);

/// The fencing number of a site's desk, raised whenever it opens. Never sent to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub i64);

/// A visitor's socket on this node. It can be handed public frames only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VisitorSocket(pub u64);

/// An agent's socket on this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgentSocket(pub u64);

/// A socket of either kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Socket {
    Visitor(VisitorSocket),
    Agent(AgentSocket),
}

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Principal {
    Visitor(VisitorId),
    Agent(AgentId),
}

//! The figures of a node, as OpenMetrics families with few labels and units in their names.
//!
//! Whoever counts takes the figure by a plain index: no lock, no look-up.

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Metric, Registry, Unit};
use protocol::CloseCode;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Index;

/// What `GET /metrics` answers with.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A label with few values, all known beforehand.
pub trait Label: Copy + 'static {
    const NAME: &'static str;
    const ALL: &'static [Self];
    /// Place within `ALL`.
    fn place(self) -> usize;
    fn value(self) -> String;
}

macro_rules! labels {
    ($($(#[$doc:meta])* $label:ident $name:literal { $($value:ident = $text:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $label { $($value),* }

        impl Label for $label {
            const NAME: &'static str = $name;
            const ALL: &'static [Self] = &[$(Self::$value),*];

            fn place(self) -> usize { self as usize }

            fn value(self) -> String { match self { $(Self::$value => $text),* }.to_owned() }
        }
    )*};
}

labels! {
    /// Whose socket.
    Kind "kind" { Visitor = "visitor", Agent = "agent" }
    /// Why a handshake was refused.
    Reason "reason" {
        Malformed = "malformed", Version = "version", Origin = "origin", Unknown = "unknown",
        Address = "address", Sockets = "sockets", Node = "node", Draining = "draining",
    }
    /// Why a desk was lost.
    Loss "reason" { Fenced = "fenced", Refused = "refused", Unknown = "unknown", Panic = "panic" }
    /// What came of a heartbeat.
    Outcome "outcome" { Ok = "ok", Failed = "failed" }
    /// A way to other nodes.
    Carrier "carrier" { Redis = "redis", Redis2 = "redis-2", Table = "table" }
    /// What waits for the link: inputs of sockets, words of desks, packets of other nodes.
    Waiting "queue" { Inputs = "inputs", Releases = "releases", Packets = "packets" }
}

impl Label for CloseCode {
    const NAME: &'static str = "code";
    const ALL: &'static [Self] = CloseCode::ALL;

    fn place(self) -> usize {
        self as usize
    }

    fn value(self) -> String {
        self.code().to_string()
    }
}

/// One figure for each value of a label.
#[derive(Debug)]
pub struct Each<L, M> {
    figures: Box<[M]>,
    label: PhantomData<L>,
}

impl<L: Label, M> Index<L> for Each<L, M> {
    type Output = M;

    fn index(&self, label: L) -> &M {
        &self.figures[label.place()]
    }
}

/// The figures of this node.
pub struct Metrics {
    registry: Registry,
    /// Open sockets.
    pub sockets: Each<Kind, Gauge>,
    /// Handshakes answered 101.
    pub handshakes: Each<Kind, Counter>,
    /// Handshakes refused.
    pub refusals: Each<Reason, Counter>,
    /// Sockets the gateway closed.
    pub closes: Each<CloseCode, Counter>,
    /// Connections on which HTTP is spoken.
    pub connections: Gauge,
    /// Connections closed at once, because the address or the node has too many.
    pub connections_refused: Counter,
    /// Failures of `accept`: no file descriptors, no memory.
    pub accept_failures: Counter,
    /// Messages stored.
    pub messages: Each<Kind, Counter>,
    /// Records in one append.
    pub append_records: Histogram,
    /// Time of one append.
    pub append_seconds: Histogram,
    /// Inputs of sockets that wait for desks of this node.
    pub queued: Each<Kind, Gauge>,
    /// Sites whose desk is open on this node.
    pub desks: Gauge,
    /// Desks opened.
    pub desk_openings: Counter,
    /// Desks lost; what they had not answered is handled again.
    pub desk_losses: Each<Loss, Counter>,
    /// Conversations that a desk was opened without, because this version does not understand them.
    pub conversations_set_aside: Counter,
    /// Sockets that went on where another had ended.
    pub resumes: Counter,
    /// Heartbeats of this node.
    pub heartbeats: Each<Outcome, Counter>,
    /// Peers spoken with of late, by the way over which they are reached.
    pub peers: Each<Carrier, Gauge>,
    /// Holes found in what peers sent; what was missing is asked for again.
    pub holes: Counter,
    /// Packets handed to a carrier.
    pub packets_sent: Each<Carrier, Counter>,
    /// Packets heard on a carrier.
    pub packets_heard: Each<Carrier, Counter>,
    /// Packets that a carrier dropped before sending.
    pub packets_dropped: Each<Carrier, Counter>,
    /// Packets that no node of this deployment has sent, or that are not understood.
    pub packets_refused: Counter,
    /// What waits for the link.
    pub link_waiting: Each<Waiting, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("halloo");
        let r = &mut registry;
        Self {
            sockets: each(r, "sockets", "Open sockets"),
            handshakes: each(r, "handshakes", "WebSocket handshakes answered 101"),
            refusals: each(r, "refusals", "WebSocket handshakes refused"),
            closes: each(r, "closes", "Sockets closed by the gateway"),
            connections: one(r, "connections", "Connections on which HTTP is spoken"),
            connections_refused: one(r, "connections_refused", "Connections closed because there were too many"),
            accept_failures: one(r, "accept_failures", "Connections that could not be accepted"),
            messages: each(r, "messages", "Messages stored"),
            append_records: histogram(r, "append", Unit::Other("records".to_owned()), 1.0, "Records in one append"),
            append_seconds: histogram(r, "append", Unit::Seconds, 0.000_25, "Time of one append"),
            queued: each(r, "queued_inputs", "Inputs of sockets that wait for desks"),
            desks: one(r, "desks", "Sites whose desk is open on this node"),
            desk_openings: one(r, "desk_openings", "Desks opened"),
            desk_losses: each(r, "desk_losses", "Desks lost, to be opened again here or elsewhere"),
            conversations_set_aside: one(r, "conversations_set_aside", "Conversations that desks were opened without"),
            resumes: one(r, "resumes", "Sockets that went on where another had ended"),
            heartbeats: each(r, "heartbeats", "Heartbeats of this node in the store"),
            peers: each(r, "peers", "Peers spoken with of late, by the way that reaches them"),
            holes: one(r, "holes", "Holes found in what peers sent"),
            packets_sent: each(r, "packets_sent", "Packets handed to a carrier"),
            packets_heard: each(r, "packets_heard", "Packets heard on a carrier"),
            packets_dropped: each(r, "packets_dropped", "Packets dropped before sending"),
            packets_refused: one(r, "packets_refused", "Packets of strangers, or not understood"),
            link_waiting: each(r, "link_waiting", "What waits for the node's link"),
            registry,
        }
    }
}

impl Metrics {
    /// All figures in the OpenMetrics text format.
    ///
    /// # Errors
    /// A figure cannot be written.
    pub fn encode(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    /// Where components add figures of their own, before the node serves.
    pub fn registry(&mut self) -> &mut Registry {
        &mut self.registry
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

type Labels = [(&'static str, String); 1];

fn one<M: Metric + Clone + Default>(registry: &mut Registry, name: &str, help: &str) -> M {
    let figure = M::default();
    registry.register(name, help, figure.clone());
    figure
}

fn each<L: Label, M: Clone + Default>(registry: &mut Registry, name: &str, help: &str) -> Each<L, M>
where
    Family<Labels, M>: Metric,
    fn() -> M: MetricConstructor<M>,
{
    let family = Family::<Labels, M>::default();
    registry.register(name, help, family.clone());
    let figures = L::ALL.iter().map(|label| family.get_or_create_owned(&[(L::NAME, label.value())])).collect();
    Each { figures, label: PhantomData }
}

/// Twelve buckets, each twice the one before.
fn histogram(registry: &mut Registry, name: &str, unit: Unit, start: f64, help: &str) -> Histogram {
    let histogram = Histogram::new(exponential_buckets(start, 2.0, 12));
    registry.register_with_unit(name, help, unit, histogram.clone());
    histogram
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_under_their_names_and_labels() {
        let metrics = Metrics::default();
        metrics.sockets[Kind::Agent].inc();
        metrics.refusals[Reason::Origin].inc();
        metrics.closes[CloseCode::RateLimited].inc();
        metrics.append_seconds.observe(0.001);
        metrics.append_records.observe(3.0);
        let text = metrics.encode().unwrap();
        for line in [
            "halloo_sockets{kind=\"agent\"} 1",
            "halloo_sockets{kind=\"visitor\"} 0",
            "halloo_refusals_total{reason=\"origin\"} 1",
            "halloo_closes_total{code=\"4429\"} 1",
            "halloo_append_seconds_count 1",
            "halloo_append_records_sum 3.0",
            "halloo_queued_inputs{kind=\"visitor\"} 0",
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn every_label_stands_at_its_place() {
        fn check<L: Label>() {
            assert!(L::ALL.iter().enumerate().all(|(place, label)| label.place() == place));
        }
        check::<Kind>();
        check::<Reason>();
        check::<Loss>();
        check::<Outcome>();
        check::<Carrier>();
        check::<Waiting>();
        check::<CloseCode>();
    }
}

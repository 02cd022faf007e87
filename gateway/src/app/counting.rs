//! The switchboard's work as figures.

use crate::switchboard::Counts;
use crate::telemetry::Metrics;
use std::sync::Arc;
use std::time::Duration;

/// Counts into the node's metrics.
pub struct Counting(pub Arc<Metrics>);

impl Counts for Counting {
    fn appended(&self, records: usize, took: Duration) {
        #[expect(clippy::cast_precision_loss, reason = "records of one batch are few")]
        self.0.append_records.observe(records as f64);
        self.0.append_seconds.observe(took.as_secs_f64());
    }

    fn desk_reopened(&self, reason: &'static str) {
        tracing::warn!(reason, "desk is opened again");
        self.0.append_failures.inc();
    }

    fn delivered(&self, _sockets: usize) {}
}

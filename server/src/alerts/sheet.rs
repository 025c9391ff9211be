//! What is said of a report: the words for people, and beside them the same for programs.

use super::letter::Letters;
use crate::{store::ReportDelivery, web::rest::rfc3339};
use app::told::summary::summary;
use engine::notify::Message;
use model::Severity;
use serde_json::json;

/// A report that comes later than this says so, in milliseconds.
const LATE_MS: i64 = 60_000;

impl Letters<'_> {
    /// The message of a report.
    pub fn report(&self, delivery: &ReportDelivery) -> Message {
        let told = &delivery.summary;
        let late_ms = self.now.since_ms(delivery.created_at);
        let late_s = (late_ms > LATE_MS).then_some(late_ms / 1_000);
        let (title, body) = summary(&self.channel.language, told, late_s);
        let id = format!("report-{}", told.to.0);
        Message {
            id: id.clone(),
            title,
            body,
            thread: id,
            path: "/reports".to_owned(),
            url: self.link("/reports"),
            severity: Severity::Info,
            at: told.to,
            data: json!({ "event": "report", "report": {
                "from": rfc3339(told.from),
                "to": rfc3339(told.to),
                "devices": told.counts,
                "outages": told.outages,
                "open_alerts": told.open,
                "unacknowledged_alerts": told.unseen,
                "down": told.down.iter().map(|one| &one.name).collect::<Vec<_>>(),
                "down_total": told.down_total,
            } }),
        }
    }
}

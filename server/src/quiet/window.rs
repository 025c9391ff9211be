//! A plan while it was in force, and what that makes of the past of devices.

use super::Plan;
use crate::history::Span;
use model::{DeviceId, Quiet, QuietAbout, QuietDraft, QuietId, QuietKind, QuietMark, QuietSpan, Timestamp};
use std::collections::HashMap;

/// A maintenance window or a silence as it is, or was until it was changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    pub id: QuietId,
    pub draft: QuietDraft,
    pub plan: Plan,
    pub made_by: String,
    pub made_at: Timestamp,
    /// When it was in force at all: from its making or last change to its end or next change.
    pub valid: Span,
}

impl Window {
    /// When it was in some part of `period`, as far as it was in force.
    pub fn spans(&self, period: Span) -> Vec<Span> {
        let period = period.clipped(self.valid);
        if period.is_empty() {
            return Vec::new();
        }
        self.plan.spans(period).into_iter().map(|span| span.clipped(period)).collect()
    }

    /// The one that runs.
    pub fn current(&self, now: Timestamp) -> Option<Span> {
        self.upcoming(now).next().filter(|span| span.from <= now)
    }

    fn next(&self, now: Timestamp) -> Option<Span> {
        self.upcoming(now).find(|span| span.from > now)
    }

    fn upcoming(&self, now: Timestamp) -> impl Iterator<Item = Span> + '_ {
        // What began before it is in force again was called off.
        let spans = (now < self.valid.to).then(|| self.plan.upcoming(now.max(self.valid.from)));
        let parts = spans.into_iter().flatten().map(move |span| span.clipped(self.valid));
        parts.take_while(|span| !span.is_empty())
    }

    /// As people see it.
    pub fn shown(&self, now: Timestamp) -> Quiet {
        let span = |span: Span| QuietSpan { from: span.from, to: span.to };
        Quiet {
            id: self.id,
            draft: self.draft.clone(),
            made_by: self.made_by.clone(),
            made_at: self.made_at,
            current: self.current(now).map(span),
            next: self.next(now).map(span),
            devices: None,
            of: None,
            ended_at: (self.valid.to <= now).then_some(self.valid.to),
        }
    }

    /// What its devices wear, while it runs.
    pub fn mark(&self, now: Timestamp) -> Option<QuietMark> {
        let current = self.current(now)?;
        let (kind, title) = (self.draft.kind, self.draft.title.clone());
        Some(QuietMark { id: self.id, kind, title, until: current.to })
    }

    /// Whether devices belong to it.
    pub fn is_about_devices(&self) -> bool {
        matches!(self.draft.about, QuietAbout::Devices(_))
    }
}

/// Since when a device belongs to a window, and until when.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Member {
    pub quiet: QuietId,
    pub device: DeviceId,
    pub valid: Span,
}

/// The maintenance of devices in one period.
#[derive(Clone, Debug, Default)]
pub struct Maintenance {
    windows: HashMap<QuietId, (String, Vec<Span>)>,
    members: HashMap<DeviceId, Vec<Member>>,
}

impl Maintenance {
    /// Windows of other kinds count for nothing.
    pub fn of_period(windows: &[Window], members: Vec<Member>, period: Span) -> Self {
        let mut maintenance = Maintenance::default();
        for window in windows.iter().filter(|window| window.draft.kind == QuietKind::Maintenance) {
            let known = (window.draft.title.clone(), window.spans(period));
            maintenance.windows.insert(window.id, known);
        }
        for member in members {
            maintenance.members.entry(member.device).or_default().push(member);
        }
        maintenance
    }

    /// When a device was in maintenance, and what that was called; in no order.
    pub fn of(&self, device: DeviceId) -> Vec<(Span, &str)> {
        let mut found = Vec::new();
        for member in self.members.get(&device).into_iter().flatten() {
            let Some((title, spans)) = self.windows.get(&member.quiet) else { continue };
            let parts = spans.iter().map(|span| span.clipped(member.valid));
            found.extend(parts.filter(|span| !span.is_empty()).map(|span| (span, title.as_str())));
        }
        found
    }
}

//! Keeping quiet about an alert: about its device, or about it alone.

use super::Alerts;
use crate::{
    live::{Fleet, use_fleet},
    pages::quiets::{QuietNow, Target},
};
use leptos::prelude::*;
use model::{Incident, QuietAbout, QuietKind, RuleScope};

pub fn silence(alerts: Alerts, open: RwSignal<bool>) -> AnyView {
    let fleet = use_fleet();
    let target =
        move || alerts.chosen.with(|chosen| chosen.as_ref().map(|incident| target_of(fleet, incident)));
    view! {
        <QuietNow
            target=Signal::derive(target)
            kind=QuietKind::Silence
            open
            done=Callback::new(move |_| alerts.refresh())
        />
    }
    .into_any()
}

/// The device by the name that it has now.
fn target_of(fleet: Fleet, incident: &Incident) -> Target {
    let named = |id| fleet.with_row(id, |row| row.name.clone()).unwrap_or_else(|| incident.name.clone());
    let scope = |id| RuleScope { devices: vec![named(id)], ..RuleScope::default() };
    let device = incident.device.map(|id| QuietAbout::Devices(scope(id)));
    let choices = device.into_iter().chain([QuietAbout::Incident(incident.id)]).collect();
    Target { name: incident.name.clone(), choices }
}

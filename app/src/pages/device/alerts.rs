//! What is open of the device, with the way to where it is answered.

use crate::{
    api::alerts::load_device_alerts,
    format,
    i18n::use_words,
    live::{RowSignal, use_fleet},
    pages::alerts::happened,
    parts::{Icon, IconName, Moment, use_now},
};
use leptos::{prelude::*, task::spawn_local};
use model::{DeviceId, Incident};

/// Asked for once the page is awake, and again when its state changes or something is said of alerts.
#[component]
pub fn OpenAlerts(id: DeviceId, row: RowSignal) -> impl IntoView {
    let fleet = use_fleet();
    let (known, asked) = (RwSignal::new(Vec::<Incident>::new()), StoredValue::new(0_u32));
    let state = Memo::new(move |_| row.with(|row| row.live.state));
    Effect::new(move |_| {
        // Read, for a memo that nobody reads follows nothing.
        state.with(|_| ());
        fleet.track_alerts();
        asked.update_value(|asked| *asked += 1);
        let this = asked.get_value();
        spawn_local(async move {
            // An older question may be answered later.
            if let Ok(open) = load_device_alerts(id).await
                && asked.try_get_value() == Some(this)
            {
                known.try_set(open);
            }
        });
    });
    move || known.get().into_iter().map(|incident| one(id, incident)).collect_view()
}

fn one(id: DeviceId, incident: Incident) -> AnyView {
    let (words, now) = (use_words(), use_now());
    let opened_at = incident.opened_at;
    let lasts = move || words.alert_for(&format::span(words, now.get().since_ms(opened_at).max(0) / 1000));
    let happened = happened(words, &incident);
    // What hides it, or is down with it, is another one.
    let is_own = incident.device == Some(id) || incident.device.is_none();
    let text = if is_own { happened } else { format!("{}: {happened}", incident.name) };
    let seen = incident.acknowledged.map(|word| format!(" · {}", words.alert_seen_by(&word.by)));
    view! {
        <div class="note warn">
            <Icon name=IconName::Bell />
            <p>
                <a href=format!("/alerts?state=open#alert-{}", incident.id)>{format!("{}: {text}", words.alerts_title())}</a>
                " · "
                <Moment at=opened_at text=Signal::derive(lasts) />
                {seen}
            </p>
        </div>
    }
    .into_any()
}

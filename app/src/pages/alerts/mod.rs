//! Alerts: what is wrong now, and what was. The page follows by itself.

mod acknowledge;
mod affected;
mod list;
mod row;
mod silence;
mod unmeasured;
mod wanted;

pub use row::happened;

use crate::{
    api::{ApiError, alerts::load_alerts, load::load},
    browser,
    i18n::use_words,
    live::{Link, use_fleet},
    parts::*,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use model::{Alert, AlertPage, Incident, IncidentId};
use std::time::Duration;
use wanted::Wanted;

/// Between two questions to the server, however much happens.
const REST: Duration = Duration::from_secs(1);
/// What the feed does not tell of is asked for now and then.
const ASK_EVERY: Duration = Duration::from_secs(15);

/// Whether the server is being asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Idle,
    Asking,
    /// Something happened meanwhile.
    AskAgain,
}

/// The list, as everything on this page sees it.
#[derive(Clone, Copy)]
struct Alerts {
    page: RwSignal<AlertPage>,
    wanted: Wanted,
    /// Whose dialog is open.
    chosen: RwSignal<Option<Incident>>,
    turn: StoredValue<Turn>,
    /// How often this page itself changed something: an answer that was asked for before knows nothing of it.
    changes: StoredValue<u32>,
}

impl Alerts {
    fn new(page: AlertPage, wanted: Wanted) -> Self {
        Self {
            page: RwSignal::new(page),
            wanted,
            chosen: RwSignal::new(None),
            turn: StoredValue::new(Turn::Idle),
            changes: StoredValue::new(0),
        }
    }

    fn one(self, id: IncidentId) -> Memo<Option<Alert>> {
        let find = move |page: &AlertPage| page.alerts.iter().find(|alert| alert.incident.id == id).cloned();
        Memo::new(move |_| self.page.with(find))
    }

    /// Takes an incident as the server now has it.
    fn put(self, changed: Incident) {
        self.changes.update_value(|changes| *changes += 1);
        self.page.update(|page| {
            if let Some(alert) = page.alerts.iter_mut().find(|alert| alert.incident.id == changed.id) {
                // The list shows fewer of them.
                let affected = std::mem::take(&mut alert.incident.affected);
                alert.incident = Incident { affected, ..changed };
            }
        });
        self.refresh();
    }

    /// Asks the server for the truth again: one question at a time, with a rest after each.
    fn refresh(self) {
        match self.turn.try_get_value() {
            Some(Turn::Idle) => self.ask(),
            Some(Turn::Asking) => self.turn.set_value(Turn::AskAgain),
            Some(Turn::AskAgain) | None => {}
        }
    }

    fn ask(self) {
        self.turn.set_value(Turn::Asking);
        let before = self.changes.try_get_value();
        spawn_local(async move {
            let answer = load_alerts(self.wanted.only_open, self.wanted.offset()).await;
            if let Ok(page) = answer
                && self.changes.try_get_value() == before
            {
                self.page.try_set(page);
            }
            browser::later(move || self.rested(), REST);
        });
    }

    fn rested(self) {
        match self.turn.try_get_value() {
            Some(Turn::AskAgain) => self.ask(),
            Some(_) => self.turn.set_value(Turn::Idle),
            None => {}
        }
    }

    /// Follows the states that the fleet's feed tells of, for what changes them opens and closes incidents; and what
    /// people say.
    fn follow(self) {
        let fleet = use_fleet();
        Effect::new(move |before: Option<()>| {
            fleet.track_order();
            fleet.track_alerts();
            if fleet.link() == Link::Live && before.is_some() {
                self.refresh();
            }
        });
        Effect::new(move |_| {
            if let Ok(asking) = set_interval_with_handle(move || self.refresh(), ASK_EVERY) {
                on_cleanup(move || asking.clear());
            }
        });
    }
}

#[component]
pub fn AlertsPage() -> impl IntoView {
    let words = use_words();
    let query = use_query_map();
    let wanted = Memo::new(move |_| query.with(Wanted::of));
    let loaded = load(
        move || wanted.get(),
        |wanted| async move { Ok::<_, ApiError>((load_alerts(wanted.only_open, wanted.offset()).await?, wanted)) },
    );
    view! {
        <Title text=words.alerts_title() />
        <div class="page alerts">
        {when_loaded(loaded, |answer| match answer {
            Ok((page, wanted)) => {
                let alerts = Alerts::new(page, wanted);
                alerts.follow();
                list::list(alerts)
            }
            Err(error) => not_loaded(error),
        })}
        </div>
    }
    .into_any()
}

//! How the device did in the last days, with the way to its whole past.

use crate::{
    api::history::load_report,
    format,
    i18n::use_words,
    pages::history::Cells,
    parts::{Card, Icon, IconName, Look},
};
use leptos::{prelude::*, task::spawn_local};
use model::{Compared, DeviceId};

const DAYS: u32 = 7;

/// Asked for once the page is awake: what is true now must not wait for what was, nor for the database.
#[component]
pub fn Week(id: DeviceId) -> impl IntoView {
    let words = use_words();
    let known = RwSignal::new(None::<Compared>);
    Effect::new(move |_| {
        spawn_local(async move {
            if let Ok(report) = load_report(DAYS, Some(id)).await {
                known.try_set(report.rows.into_iter().next());
            }
        });
    });
    let link = move || {
        view! {
            <a class=Look::Plain.class() href=format!("/history/{id}?range=7d")>
                <Icon name=IconName::History />
                {words.nav_history()}
            </a>
        }
        .into_any()
    };
    let figure = move |name: &'static str, value: fn(&Compared, crate::i18n::Words) -> String| {
        let text =
            move || known.with(|known| known.as_ref().map_or("–".to_owned(), |known| value(known, words)));
        view! {
            <div>
                <dt>{name}</dt>
                <dd>{text}</dd>
            </div>
        }
    };
    let cells = move || {
        known.get().map(|known| {
            let uptime = known.spent.uptime.map_or("–".to_owned(), |share| format::share(words, share));
            let label = words.history_cells_label(known.outages.into(), &uptime);
            view! { <Cells cells=known.cells label /> }
        })
    };
    view! {
        <Card title=words.history_last_week() actions=ViewFn::from(link)>
            <div class="week">
                <div class="week-cells">{cells}</div>
                <dl class="week-figures">
                    {figure(
                        words.history_uptime(),
                        |known, words| known.spent.uptime.map_or("–".to_owned(), |share| format::share(words, share)),
                    )}
                    {figure(
                        words.history_downtime(),
                        |known, words| format::span(words, i64::try_from(known.spent.down_ms / 1_000).unwrap_or(i64::MAX)),
                    )}
                    {figure(words.history_outages(), |known, _| known.outages.to_string())}
                </dl>
            </div>
        </Card>
    }
}

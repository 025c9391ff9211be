//! How the device did in the last days, with the way to its whole past.

use crate::{
    api::history::load_report,
    browser, format,
    i18n::use_words,
    live::RowSignal,
    pages::history::{Cells, length},
    parts::{Card, Icon, IconName, Look, use_now},
};
use leptos::{prelude::*, task::spawn_local};
use model::{Compared, DeviceId, State};
use std::time::Duration;

const DAYS: u32 = 7;
/// A device that flaps is asked for once it rests.
const REST: Duration = Duration::from_secs(2);
/// While an outage lasts it is asked for so often, in milliseconds.
const DOWN_MS: i64 = 60_000;

/// Asked for once the page is awake: what is true now must not wait for what was, nor for the database. Then again when
/// the device's state changes, and now and then while it is down.
#[component]
pub fn Week(id: DeviceId, row: RowSignal) -> impl IntoView {
    let (words, now) = (use_words(), use_now());
    let (known, asked) = (RwSignal::new(None::<Compared>), StoredValue::new(0_u32));
    let state = Memo::new(move |_| row.with(|row| row.live.state));
    let round = Memo::new(move |_| now.get().0 / DOWN_MS);
    Effect::new(move |_| {
        if state.get() == State::Down {
            // Read, for a memo that nobody reads follows nothing.
            round.with(|_| ());
        }
        asked.update_value(|asked| *asked += 1);
        let this = asked.get_value();
        // An older question may be answered later.
        let is_last = move || asked.try_get_value() == Some(this);
        let ask = move || {
            if !is_last() {
                return;
            }
            spawn_local(async move {
                if let Ok(report) = load_report(DAYS, Some(id)).await
                    && is_last()
                {
                    known.try_set(report.rows.into_iter().next());
                }
            });
        };
        if this == 1 {
            ask();
        } else {
            browser::later(ask, REST);
        }
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
                        |known, words| length(words, known.spent.down_ms),
                    )}
                    {figure(words.history_outages(), |known, _| known.outages.to_string())}
                </dl>
            </div>
        </Card>
    }
}

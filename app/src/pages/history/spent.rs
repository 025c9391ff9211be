//! Uptime, downtime and what nobody saw, as figures.

use crate::{
    format,
    i18n::{Words, use_words},
};
use leptos::prelude::*;
use model::Spent;

/// What stands where there is no number.
const NONE: &str = "–";

/// A share, or a dash.
pub fn share(words: Words, share: Option<f64>) -> String {
    share.map_or_else(|| NONE.to_owned(), |share| format::share(words, share))
}

/// A length of time that was counted in milliseconds: to the second, as those below a sum are. The sum is of what
/// they were before they were cut, and may show a second more for each of them but one.
pub fn length(words: Words, ms: u64) -> String {
    let seconds = ms / 1_000;
    let (whole, rest) = (format::uptime(words, seconds), seconds % 60);
    if seconds < 60 || rest == 0 { whole } else { format!("{whole} {}", words.unit_seconds(&rest)) }
}

/// The figures of one device, or of all together.
#[component]
pub fn Figures(
    spent: Spent,
    outages: u32,
    /// How many devices they are of, where that is more than one.
    #[prop(optional)]
    devices: Option<u32>,
) -> impl IntoView {
    let words = use_words();
    let figure = |name: &'static str, value: String, look: &'static str| {
        view! {
            <div class="vital figure" data-state=look>
                <dt>{name}</dt>
                <dd>
                    <strong>{value}</strong>
                </dd>
            </div>
        }
    };
    let is_bad = spent.down_ms > 0;
    let down = if is_bad { "down" } else { "" };
    view! {
        <dl class="vitals figures">
            {devices.map(|count| figure(words.history_devices(), count.to_string(), ""))}
            {figure(words.history_uptime(), share(words, spent.uptime), "")}
            {figure(words.history_downtime(), length(words, spent.down_ms), down)}
            {figure(words.history_outages(), outages.to_string(), if outages > 0 { "down" } else { "" })}
            {devices.is_none().then(|| figure(words.state_degraded(), length(words, spent.degraded_ms), ""))}
            {(spent.excluded_ms > 0).then(|| figure(words.quiet_maintenance(), length(words, spent.excluded_ms), ""))}
            {match devices {
                None => figure(words.history_unobserved(), length(words, spent.unobserved_ms), ""),
                Some(_) => figure(words.history_observed(), share(words, spent.observed_share()), ""),
            }}
        </dl>
    }
}

/// What all of them were spent on together.
pub fn sum<'a>(all: impl Iterator<Item = &'a Spent>) -> Spent {
    let mut sum = all.fold(Spent::default(), |sum, spent| Spent {
        up_ms: sum.up_ms + spent.up_ms,
        degraded_ms: sum.degraded_ms + spent.degraded_ms,
        down_ms: sum.down_ms + spent.down_ms,
        unobserved_ms: sum.unobserved_ms + spent.unobserved_ms,
        excluded_ms: sum.excluded_ms + spent.excluded_ms,
        uptime: None,
    });
    #[allow(clippy::cast_precision_loss)] // Ten thousand devices' years are below 2^52 milliseconds.
    let share = |part: u64| part as f64 / sum.observed_ms() as f64;
    sum.uptime = (sum.observed_ms() > 0).then(|| share(sum.up_ms + sum.degraded_ms));
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn lengths_are_told_to_the_second_however_long() {
        let told = [0, 999, 59_999, 60_000, 85_000, 3_601_000, 11_100_000, 277_512_900]
            .map(|ms| length(Words(Lang::En), ms));
        assert_eq!(told, ["0s", "0s", "59s", "1min", "1min 25s", "1h 1s", "3h 5min", "3d 5h 5min 12s"]);
    }

    #[test]
    fn together_devices_have_the_uptime_of_all_their_time() {
        let one = Spent { up_ms: 90, down_ms: 10, ..Spent::default() };
        let other = Spent { up_ms: 200, degraded_ms: 100, unobserved_ms: 50, ..Spent::default() };
        let both = sum([one, other].iter());
        assert_eq!((both.uptime, both.unobserved_ms), (Some(390.0 / 400.0), 50));
        assert_eq!(sum([].iter()).uptime, None);
    }
}

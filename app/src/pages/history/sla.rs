//! The uptime that is promised of a device, and how much of the downtime that it allows is used up.

use super::spent::{length, share};
use crate::{
    format,
    i18n::{Words, use_words},
};
use leptos::prelude::*;
use model::Sla;

/// A burn rate from which on it is worth a look: the budget would be gone in half its time.
const FAST: f64 = 2.0;

const DAY_MS: u64 = 24 * 3_600_000;

/// One device's promise, over its own days.
#[component]
pub fn Promise(sla: Sla) -> impl IntoView {
    let words = use_words();
    let target = target(words, &sla);
    let figure = |name: String, value: String, is_bad: bool| {
        view! {
            <div class="vital figure" data-state=if is_bad { "down" } else { "" }>
                <dt>{name}</dt>
                <dd>
                    <strong>{value}</strong>
                </dd>
            </div>
        }
    };
    let of_budget = format!("{} / {}", length(words, sla.used_ms), length(words, sla.allowed_ms));
    let burn = sla.burn.map(|burn| {
        let value = format!("{}×", format::decimal(words, burn, 1));
        figure(words.sla_burn().to_owned(), value, burn >= FAST)
    });
    view! {
        <section class="card history-card sla">
            <h2>{words.sla_of(&sla.days, &target)}</h2>
            <dl class="vitals figures">
                {figure(words.history_uptime().to_owned(), share(words, sla.uptime), !sla.is_kept())}
                {figure(words.sla_allowed().to_owned(), length(words, sla.allowed_ms), false)}
                {figure(words.sla_used().to_owned(), length(words, sla.used_ms), !sla.is_kept())}
                {figure(words.sla_left().to_owned(), left(words, &sla), !sla.is_kept())}
                {burn}
            </dl>
            <meter
                class="sla-meter"
                min="0"
                max="1"
                value=used(&sla).to_string()
                data-state=if sla.is_kept() { "up" } else { "down" }
                aria-label=words.sla_used()
                aria-valuetext=of_budget.clone()
                title=of_budget
            ></meter>
            {is_partial(&sla).then(|| view! { <p class="sla-note">{words.sla_so_far()}</p> })}
        </section>
    }
}

/// The target, and what is left, in a row of a list.
pub fn budget_mark(words: Words, sla: &Sla) -> AnyView {
    let text = format!("{} {}", words.sla_left(), left(words, sla));
    view! {
        <span class="sla-mark" data-state=if sla.is_kept() { "up" } else { "down" } title=text.clone()>
            {words.sla_short(&target(words, sla))}
        </span>
    }
    .into_any()
}

/// `99.95 %`
fn target(words: Words, sla: &Sla) -> String {
    let percent = sla.target.percent().to_string();
    let mark = words.lang().decimal_mark();
    format!("{}\u{202f}%", percent.replace('.', &mark.to_string()))
}

/// With its sign where the target was missed.
fn left(words: Words, sla: &Sla) -> String {
    let sign = if sla.is_kept() { "" } else { "−" };
    format!("{sign}{}", length(words, sla.left_ms.unsigned_abs()))
}

/// Whether the device was watched for less than the period, so that the budget is smaller.
#[allow(clippy::cast_precision_loss)] // Milliseconds of a month.
fn is_partial(sla: &Sla) -> bool {
    let whole = (1.0 - sla.target.percent() / 100.0) * f64::from(sla.days) * DAY_MS as f64;
    (sla.allowed_ms as f64) < whole * 0.99
}

/// The share of the budget that is used, from 0 to 1.
#[allow(clippy::cast_precision_loss)] // Milliseconds of a month.
fn used(sla: &Sla) -> f64 {
    match sla.allowed_ms {
        0 => f64::from(u8::from(sla.used_ms > 0)),
        allowed => (sla.used_ms as f64 / allowed as f64).min(1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::SlaTarget;

    fn sla(allowed_ms: u64, used_ms: u64) -> Sla {
        Sla {
            target: SlaTarget::from_percent(99.0).unwrap(),
            days: 30,
            uptime: None,
            allowed_ms,
            used_ms,
            left_ms: 0,
            burn: None,
        }
    }

    #[test]
    fn a_budget_that_is_overdrawn_is_used_up_and_no_more() {
        for (allowed, spent, expected) in [(100, 25, 0.25), (100, 400, 1.0), (0, 0, 0.0), (0, 5, 1.0)] {
            assert!((used(&sla(allowed, spent)) - expected).abs() < 1e-9, "{allowed} {spent}");
        }
    }

    #[test]
    fn budgets_of_less_time_are_known() {
        let whole = 30 * DAY_MS / 100;
        assert!(!is_partial(&sla(whole, 0)) && is_partial(&sla(whole / 2, 0)));
    }
}

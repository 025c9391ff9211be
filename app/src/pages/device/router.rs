//! A router's vital signs, side by side.

use super::detail::Told;
use crate::{
    format,
    i18n::{Words, use_words},
};
use leptos::prelude::*;
use model::Metrics;

/// One sign: its word, its value, what stands below it, and how full it is.
type Sign = (&'static str, String, Option<String>, Option<f32>);

#[component]
pub fn Vitals(told: Told) -> impl IntoView {
    let words = use_words();
    let shown = move || {
        told.metrics
            .with(|metrics| signs(words, metrics))
            .into_iter()
            .map(|(label, value, below, share)| {
                view! {
                    <div class="vital">
                        <dt>{label}</dt>
                        <dd>
                            <strong>{value}</strong>
                            <span class="muted">{below}</span>
                            {share
                                .map(|share| {
                                    view! { <span class="bar" style:--share=format!("{share:.0}%")></span> }
                                })}
                        </dd>
                    </div>
                }
            })
            .collect_view()
    };
    let is_known = Memo::new(move |_| told.metrics.with(|metrics| signs(words, metrics).len() > 1));
    move || is_known.get().then(|| view! { <dl class="vitals">{shown}</dl> })
}

/// What the router does not tell has no tile.
fn signs(words: Words, metrics: &Metrics) -> Vec<Sign> {
    let cores = metrics.cpu_count.map(|count| words.vital_cores(u64::from(count)));
    let of = |total: Option<u64>| total.map(|total| words.vital_of(&format::bytes(words, total)));
    let percent = |value: Option<f32>| value.map(|value| format::percent(words, value));
    [
        percent(metrics.cpu_percent).map(|value| (words.column_cpu(), value, cores, metrics.cpu_percent)),
        percent(metrics.memory_percent).map(|value| {
            (words.column_memory(), value, of(metrics.memory_total_bytes), metrics.memory_percent)
        }),
        percent(metrics.disk_percent)
            .map(|value| (words.vital_disk(), value, of(metrics.disk_total_bytes), metrics.disk_percent)),
        metrics
            .temperature_celsius
            .map(|value| (words.column_temperature(), format::celsius(words, value), None, None)),
        metrics.voltage_volts.map(|value| (words.column_voltage(), format::volts(words, value), None, None)),
        metrics.uptime_s.map(|value| (words.column_uptime(), format::uptime(words, value), None, None)),
        Some((words.column_reconnects(), metrics.reconnects.to_string(), None, None)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

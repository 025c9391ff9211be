//! The way to the internet, second by second while somebody looks.

use super::detail::Told;
use crate::{
    format,
    i18n::use_words,
    live::{RATES_MAX, use_fleet},
    pages::dashboard::wan_word,
    parts::{Card, Facts, Sparkline},
};
use leptos::prelude::*;
use model::{DeviceId, Metrics};

#[component]
pub fn WanCard(told: Told, id: DeviceId) -> impl IntoView {
    let words = use_words();
    let watched = use_fleet().watched;
    let points =
        Signal::derive(move || if watched.id.get() == Some(id) { watched.rates.get() } else { Vec::new() });
    // The newest second, or what was measured over the last round.
    let rate = move || {
        let newest = points.with(|points| points.last().copied()).unwrap_or((None, None));
        told.metrics.with(|metrics| {
            let wan = metrics.wan.as_ref();
            (newest.0.or(wan.and_then(|wan| wan.rx_bps)), newest.1.or(wan.and_then(|wan| wan.tx_bps)))
        })
    };
    let shown = move |rate: Option<u64>| rate.map_or_else(|| "–".to_owned(), |bps| format::rate(words, bps));
    let label = Signal::derive(move || words.wan_chart(&shown(rate().0), &shown(rate().1)));
    let peak = move || {
        let peak = points.with(|points| points.iter().flat_map(|(rx, tx)| [*rx, *tx]).flatten().max());
        peak.map(|peak| words.wan_peak(&format::rate(words, peak)))
    };
    let is_known = Memo::new(move |_| told.metrics.with(|metrics| metrics.wan.is_some()));
    let facts = Signal::derive(move || told.metrics.with(|metrics| facts(words, metrics)));
    move || {
        is_known.get().then(|| {
            view! {
                <Card title=words.column_wan()>
                    <div class="wan">
                        <div class="wan-rates">
                            <p class="wan-in">
                                <span>{words.column_download()}</span>
                                <strong>{move || shown(rate().0)}</strong>
                            </p>
                            <p class="wan-out">
                                <span>{words.column_upload()}</span>
                                <strong>{move || shown(rate().1)}</strong>
                            </p>
                        </div>
                        <div>
                            <Sparkline points slots=RATES_MAX label />
                            <p class="wan-peak">{peak}</p>
                        </div>
                        <Facts all=facts />
                    </div>
                </Card>
            }
        })
    }
}

fn facts(words: crate::i18n::Words, metrics: &Metrics) -> Vec<(String, String)> {
    let Some(wan) = &metrics.wan else { return Vec::new() };
    let external = metrics.external_ip.clone().map(|address| match metrics.is_behind_nat {
        Some(true) => words.wan_behind_nat(&address),
        _ => address,
    });
    let facts = [
        (words.wan_type(), wan.kind.map(|kind| wan_word(kind).to_owned())),
        (words.wan_interface(), Some(wan.interface.clone())),
        (words.column_address(), wan.address.clone()),
        (words.wan_gateway(), wan.gateway.clone()),
        (words.column_external_ip(), external),
    ];
    facts.into_iter().filter_map(|(label, value)| value.map(|value| (label.to_owned(), value))).collect()
}

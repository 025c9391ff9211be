//! Which time is looked at: it stands in the address, so that it can be kept, sent and gone back to.

use super::zone::{Zone, use_zone};
use crate::{i18n::use_words, parts::Button};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
    params::ParamsMap,
};
use model::{DeviceId, Timestamp};

const DAY_MS: i64 = 24 * 3_600 * 1_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Range {
    #[default]
    Day,
    Week,
    Month,
    Custom(Timestamp, Timestamp),
}

impl Range {
    const LAST: [Range; 3] = [Range::Day, Range::Week, Range::Month];

    /// What an address asks for; the last day when it cannot be understood.
    pub fn of(query: &ParamsMap) -> Range {
        let instant = |name| {
            let text = query.get(name)?;
            text.parse().ok().map(Timestamp).or_else(|| Zone::Utc.read(&text))
        };
        if let (Some(from), Some(to)) = (instant("from"), instant("to")) {
            return Range::Custom(from, to);
        }
        let asked = query.get("range");
        Range::LAST.into_iter().find(|range| asked.as_deref() == range.word()).unwrap_or_default()
    }

    /// Whether an address asks for two times that cannot be understood.
    fn is_unread(query: &ParamsMap) -> bool {
        let is_asked = ["from", "to"].iter().any(|name| query.get_str(name).is_some());
        is_asked && !matches!(Range::of(query), Range::Custom(..))
    }

    fn word(self) -> Option<&'static str> {
        match self {
            Range::Day => Some("24h"),
            Range::Week => Some("7d"),
            Range::Month => Some("30d"),
            Range::Custom(..) => None,
        }
    }

    /// Where a device's past is found, with the traffic of an interface.
    pub fn address(self, id: DeviceId, interface: Option<String>) -> String {
        let mut query = ParamsMap::new();
        match self {
            Range::Custom(from, to) => {
                query.insert("from", from.0.to_string());
                query.insert("to", to.0.to_string());
            }
            last => query.insert("range", last.word().unwrap_or_default().to_owned()),
        }
        if let Some(interface) = interface {
            query.insert("interface", interface);
        }
        format!("/history/{id}{}", query.to_query_string())
    }

    /// From when to when.
    pub fn span(self, now: Timestamp) -> (Timestamp, Timestamp) {
        let days = match self {
            Range::Day => 1,
            Range::Week => 7,
            Range::Month => 30,
            Range::Custom(from, to) => return (from, to),
        };
        (Timestamp(now.0 - days * DAY_MS), now)
    }
}

/// The last day, week or month by links, any other time by two fields.
#[component]
pub fn RangeBar(
    id: DeviceId,
    range: Memo<Range>,
    /// The one that was chosen; it stays when the period changes.
    interface: Memo<Option<String>>,
    span: Signal<(Timestamp, Timestamp)>,
) -> impl IntoView {
    let words = use_words();
    let link = move |to: Range, text: &'static str| {
        let is_it = move || if range.get() == to { "page" } else { "false" };
        view! {
            <a href=move || to.address(id, interface.get()) data-noscroll="" aria-current=is_it>
                {text}
            </a>
        }
    };
    view! {
        <div class="ranges">
            <nav class="segmented" aria-label=words.history_period()>
                {link(Range::Day, words.history_day())}
                {link(Range::Week, words.history_week())}
                {link(Range::Month, words.history_month())}
            </nav>
            <Custom id range interface span />
        </div>
    }
}

#[component]
fn Custom(
    id: DeviceId,
    range: Memo<Range>,
    interface: Memo<Option<String>>,
    span: Signal<(Timestamp, Timestamp)>,
) -> impl IntoView {
    let (words, zone, navigate, query) = (use_words(), use_zone(), use_navigate(), use_query_map());
    let typed = [RwSignal::new(String::new()), RwSignal::new(String::new())];
    let [from, to] = typed;
    let fill = move || {
        let ((begin, end), zone) = (span.get(), zone.get());
        from.set(zone.typed(begin));
        to.set(zone.typed(end));
    };
    // The server fills them too, so that they say what is shown.
    untrack(fill);
    Effect::new(move |_| fill());
    let refused = RwSignal::new(None::<&'static str>);
    let why = move || {
        let is_unread = query.with(Range::is_unread);
        refused.get().or(is_unread.then_some(words.history_span_unread()))
    };
    let show = move |_| {
        let zone = zone.get_untracked();
        let read = |text: RwSignal<String>| text.with_untracked(|text| zone.read(text));
        let (Some(begin), Some(end)) = (read(from), read(to)) else {
            return refused.set(Some(words.history_span_unread()));
        };
        match model::history_span(begin, end) {
            Err(error) => refused.set(words.by_key(&error.code)),
            Ok(()) => {
                refused.set(None);
                let path = Range::Custom(begin, end).address(id, interface.get_untracked());
                navigate(&path, NavigateOptions { scroll: false, ..NavigateOptions::default() });
            }
        }
    };
    let is_custom = move || matches!(range.get(), Range::Custom(..));
    let input = move |name: &'static str, label: &'static str, value: RwSignal<String>| {
        view! {
            <label class="range-end">
                <span>{label}</span>
                <input
                    class="input"
                    type="datetime-local"
                    name=name
                    value=value.get_untracked()
                    prop:value=move || value.get()
                    aria-invalid=move || why().map(|_| "true")
                    aria-describedby="range-note"
                    on:input=move |event| value.set(event_target_value(&event))
                />
            </label>
        }
    };
    view! {
        <div class="range-custom" role="group" aria-label=words.history_custom() class:chosen=is_custom>
            {input("from", words.history_from(), from)}
            {input("to", words.history_to(), to)}
            <Button on:click=show>{words.history_show()}</Button>
            <p id="range-note" class="range-note" role="status">
                {move || why().map(|why| view! { <span class="field-error">{why}</span> })}
            </p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> ParamsMap {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn of(pairs: &[(&str, &str)]) -> Range {
        Range::of(&query(pairs))
    }

    #[test]
    fn an_address_says_which_time_is_meant_and_anything_else_is_the_last_day() {
        assert_eq!(of(&[("range", "7d")]), Range::Week);
        assert_eq!(of(&[("from", "5"), ("to", "7")]), Range::Custom(Timestamp(5), Timestamp(7)));
        let minute = Range::Custom(Timestamp(0), Timestamp(60_000));
        assert_eq!(of(&[("from", "1970-01-01T00:00"), ("to", "1970-01-01T00:01")]), minute);
        for odd in [&[("range", "ever")][..], &[("from", "5")], &[("from", "x"), ("to", "7")], &[]] {
            assert_eq!(of(odd), Range::Day, "{odd:?}");
        }
        for unread in [&[("from", "5")][..], &[("from", "x"), ("to", "7")], &[("from", "garbage")]] {
            assert!(Range::is_unread(&query(unread)), "{unread:?}");
        }
        for read in [&[("range", "7d")][..], &[("from", "5"), ("to", "7")], &[]] {
            assert!(!Range::is_unread(&query(read)), "{read:?}");
        }
        assert_eq!(Range::Month.address(DeviceId(7), None), "/history/7?range=30d");
    }
}

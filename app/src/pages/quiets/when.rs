//! When a window is and whom it is about, in words. Pure.

use crate::{format, i18n::Words};
use model::{Quiet, QuietAbout, QuietPlan, Recurs, RuleScope, Weekday};

/// `Sun 02:00 · 2h · Asia/Jakarta`
pub fn plan(words: Words, plan: &QuietPlan) -> String {
    let (date, time) = plan.starts.split_once('T').unwrap_or((plan.starts.as_str(), ""));
    let time = time.get(..5).unwrap_or(time);
    let first = match &plan.recurs {
        Recurs::Once => format!("{date} {time}"),
        Recurs::Daily => format!("{} {time}", words.quiet_daily()),
        Recurs::Weekly(days) => {
            let days: Vec<_> = Weekday::ALL.into_iter().filter(|day| days.contains(day)).collect();
            let days: Vec<_> = days.into_iter().map(|day| weekday(words, day)).collect();
            format!("{} {time}", days.join(", "))
        }
        Recurs::Monthly(day) => format!("{} {time}", words.quiet_on_day(&day)),
    };
    let mut parts = vec![first, format::span(words, i64::from(plan.minutes) * 60), plan.zone.clone()];
    parts.extend(plan.last_day.as_ref().map(|day| words.quiet_until(day)));
    parts.join(" · ")
}

pub fn weekday(words: Words, day: Weekday) -> &'static str {
    words.by_key(&format!("day_{}", day.word())).unwrap_or(day.word())
}

/// The same, with the name of what it is about, where that is one alert or one rule.
pub fn about_what(words: Words, quiet: &Quiet) -> String {
    let about = about(words, &quiet.draft.about);
    match &quiet.of {
        Some(name) => format!("{about}: {name}"),
        None => about,
    }
}

/// `Routers · Cikarang · #core`
pub fn about(words: Words, about: &QuietAbout) -> String {
    match about {
        QuietAbout::Devices(RuleScope { kinds, tags, sites, devices }) => {
            let kinds: Vec<_> = kinds.iter().map(|kind| words.kind(*kind).to_owned()).collect();
            let tags: Vec<_> = tags.iter().map(|tag| format!("#{tag}")).collect();
            let parts: Vec<_> = [&kinds, sites, &tags, devices]
                .into_iter()
                .filter(|part| !part.is_empty())
                .map(|part| part.join(", "))
                .collect();
            if parts.is_empty() { words.quiet_all().to_owned() } else { parts.join(" · ") }
        }
        QuietAbout::Incident(_) => words.quiet_one_alert().to_owned(),
        QuietAbout::Rule(_) => words.quiet_one_rule().to_owned(),
    }
}

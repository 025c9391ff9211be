//! A rule in words: what it says, and where it holds.

use crate::{format, i18n::Words};
use model::{About, Against, Condition, Event, IncidentKind, Measure, RuleDraft, RuleScope, Side};

/// `traffic in ether1 above 80 Mbit/s for 5min`.
pub fn says(words: Words, draft: &RuleDraft) -> String {
    let what = match &draft.about {
        About::State(event) => happens(words, *event),
        About::Number(condition) => number(words, condition),
    };
    let lasting = (draft.for_s > 0).then(|| words.rule_for(&format::span(words, draft.for_s.into())));
    let mut sentence = [Some(what), lasting].into_iter().flatten().collect::<Vec<_>>().join(" ");
    if draft.about.number().is_some_and(|condition| condition.unless_usual) {
        sentence = format!("{sentence}, {}", words.rule_unless());
    }
    capital(&sentence)
}

/// As it stands at the beginning of a line.
pub fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn happens(words: Words, event: Event) -> String {
    let what = state(words, event.state);
    if event.state == IncidentKind::Reconnects {
        return words.rule_every_of(&event.every, &what);
    }
    what.to_owned()
}

/// What happens, by itself.
pub fn state(words: Words, state: IncidentKind) -> &'static str {
    match state {
        IncidentKind::Down => words.rule_state_down(),
        IncidentKind::Degraded => words.rule_state_degraded(),
        IncidentKind::Reconnects => words.rule_state_reconnects(),
        IncidentKind::Rebooted => words.rule_state_rebooted(),
        IncidentKind::Certificate | IncidentKind::HostKey => words.rule_state_certificate(),
        IncidentKind::Update => words.rule_state_update(),
        IncidentKind::Threshold => words.rule_number(),
        IncidentKind::CutOff => words.banner_cut_off(),
    }
}

fn number(words: Words, condition: &Condition) -> String {
    let subject = condition.subject.as_deref().unwrap_or_default();
    let what = format!("{} {subject}", format::measure_word(words, condition.measure));
    let what = what.trim_end();
    let limit = format::whole(words, condition.measure, condition.limit);
    let percent = format::whole(words, Measure::CpuLoad, condition.limit);
    let usual = against(words, condition.against);
    match (condition.side, condition.against) {
        (Side::Missing, _) => words.rule_missing(&what),
        (Side::Above, Against::Limit) => words.rule_above(&limit, &what),
        (Side::Below, Against::Limit) => words.rule_below(&limit, &what),
        (Side::Above, _) => words.rule_rise(&percent, &usual, &what),
        (Side::Below, _) => words.rule_fall(&percent, &usual, &what),
    }
}

/// What a number is compared with.
pub fn against(words: Words, against: Against) -> &'static str {
    match against {
        Against::Limit => words.rule_against_limit(),
        Against::SameHour => words.rule_against_same_hour(),
        Against::LastHour => words.rule_against_last_hour(),
    }
}

/// Where it is.
pub fn side(words: Words, side: Side) -> &'static str {
    match side {
        Side::Above => words.rule_side_above(),
        Side::Below => words.rule_side_below(),
        Side::Missing => words.rule_side_missing(),
    }
}

/// `Router, Switch · Bekasi · #core`.
pub fn holds(words: Words, scope: &RuleScope) -> String {
    if scope.is_everything() {
        return words.rule_everywhere().to_owned();
    }
    let kinds: Vec<_> = scope.kinds.iter().map(|kind| words.kind(*kind).to_owned()).collect();
    let tags: Vec<_> = scope.tags.iter().map(|tag| format!("#{tag}")).collect();
    let parts = [kinds, scope.sites.clone(), tags, scope.devices.clone()];
    let parts = parts.iter().filter(|part| !part.is_empty()).map(|part| part.join(", "));
    parts.collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use model::*;

    #[test]
    fn a_rule_is_a_sentence_in_every_language() {
        let draft = |about, for_s| RuleDraft {
            name: String::new(),
            enabled: true,
            severity: Severity::Warning,
            about,
            scope: RuleScope::default(),
            for_s,
            cool_down_s: 0,
        };
        let cpu = draft(About::Number(Condition::new(Measure::CpuLoad, Side::Above, 90.0)), 600);
        let say = |lang, draft: &RuleDraft| says(Words(lang), draft).replace('\u{202f}', " ");
        assert_eq!(say(Lang::En, &cpu), "CPU load above 90 % for 10min");
        assert_eq!(say(Lang::Ru, &cpu), "Загрузка ЦП выше 90 % дольше 10 мин");
        let near = draft(About::Number(Condition::new(Measure::RoundTrip, Side::Above, 0.05)), 0);
        assert!(say(Lang::En, &near).ends_with("above 0.05 ms"), "{}", say(Lang::En, &near));
        let quiet = Condition { unless_usual: true, ..Condition::new(Measure::RxRate, Side::Below, 1e6) };
        let quiet = say(Lang::En, &draft(About::Number(quiet), 0));
        assert!(
            quiet.starts_with("Traffic in below 1") && quiet.ends_with(", unless it usually is"),
            "{quiet}"
        );
        let lost = About::State(Event { state: IncidentKind::Reconnects, every: 50 });
        assert_eq!(say(Lang::En, &draft(lost, 0)), "Router loses its session, 50 times more");
        let fall =
            Condition { against: Against::SameHour, ..Condition::new(Measure::TxRate, Side::Below, 50.0) };
        let fall = say(Lang::En, &draft(About::Number(fall), 0));
        assert_eq!(fall, "Traffic out 50 % below the same hour of past days");
        let scope = RuleScope {
            kinds: vec![DeviceKind::Router],
            tags: vec!["core".to_owned()],
            ..RuleScope::default()
        };
        assert_eq!(holds(Words(Lang::En), &scope), "Router · #core");
    }
}

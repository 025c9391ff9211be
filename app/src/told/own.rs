//! Messages in words of a channel's own: see [`Template`].

use super::{News, alert, utc};
use crate::{
    format,
    i18n::{Lang, Words},
};
use model::{Incident, IncidentId, IncidentKind, NoTemplate, Settings, Severity, Template, Timestamp};

/// The settings that hold them.
pub const TITLE: &str = "title_template";
pub const BODY: &str = "body_template";

/// What the places are filled from.
pub struct Facts<'a> {
    pub news: News<'a>,
    /// Where the device is.
    pub site: Option<&'a str>,
    /// Where more is to be seen.
    pub url: Option<&'a str>,
    pub severity: Severity,
    pub now: Timestamp,
}

/// Title and text of a message about one incident, in the words of its channel, or in ours where it has none or
/// where its own come to nothing. What is stored was judged then; what is no template after all counts as none.
pub fn alert_in(language: &str, settings: &Settings, facts: &Facts<'_>) -> (String, String) {
    let (title, text) = alert(language, &facts.news);
    let own = |name| {
        let template = Template::parse(given(settings, name)?).ok()?;
        let filled = template.fill(|place| match place {
            "title" => title.clone(),
            "text" => text.clone(),
            place => value(language, facts, place),
        });
        Some(filled).filter(|filled| !filled.trim().is_empty())
    };
    let (own_title, own_text) = (own(TITLE), own(BODY));
    (own_title.unwrap_or(title), own_text.unwrap_or(text))
}

/// How such a message will look, for the form in which its words are typed.
pub fn example(language: &str, settings: &Settings) -> Result<(String, String), NoTemplate> {
    for name in [TITLE, BODY] {
        given(settings, name).map(Template::parse).transpose()?;
    }
    let opened_at = Timestamp(1_767_225_600_000);
    let incident = outage(IncidentId(1), opened_at);
    let news =
        News { incident: &incident, is_over: false, is_partly: false, late_s: None, affected_named_max: 1 };
    let facts = Facts {
        news,
        site: Some("Bandung"),
        url: Some("https://…"),
        severity: Severity::Critical,
        now: Timestamp(opened_at.0 + 20_000),
    };
    Ok(alert_in(language, settings, &facts))
}

/// The outage that examples tell of.
pub fn outage(id: IncidentId, opened_at: Timestamp) -> Incident {
    Incident {
        id,
        device: None,
        name: "edge-1".to_owned(),
        address: "192.0.2.1".to_owned(),
        kind: IncidentKind::Down,
        severity: Severity::Critical,
        opened_at,
        told_at: opened_at,
        closed_at: None,
        ending: None,
        cause: Some("connection refused".to_owned()),
        number: None,
        rule: None,
        rule_name: None,
        crossing: None,
        acknowledged: None,
        together: None,
        hushed: None,
        notes: Vec::new(),
        affected: Vec::new(),
    }
}

fn given<'a>(settings: &'a Settings, name: &str) -> Option<&'a str> {
    settings.get(name).map(String::as_str).filter(|text| !text.trim().is_empty())
}

fn value(language: &str, facts: &Facts<'_>, place: &str) -> String {
    let words = Words(Lang::from_code(language));
    let Facts { news, site, url, severity, now } = facts;
    let incident = news.incident;
    match place {
        "name" => incident.name.clone(),
        "address" => incident.address.clone(),
        "site" => site.unwrap_or_default().to_owned(),
        "time" => utc(incident.opened_at),
        "cause" => incident.cause.as_ref().map(|cause| words.cause(cause)).unwrap_or_default(),
        "duration" => {
            let until = incident.closed_at.filter(|_| news.is_over).unwrap_or(*now);
            format::span(words, until.since_ms(incident.opened_at) / 1_000)
        }
        "severity" => words.severity(*severity).to_owned(),
        "affected" => {
            let names = incident.affected.iter().take(news.affected_named_max);
            names.map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ")
        }
        "url" => url.unwrap_or_default().to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn settings(title: &str, body: &str) -> Settings {
        let pairs = [(TITLE, title), (BODY, body)].map(|(name, text)| (name.to_owned(), text.to_owned()));
        Settings::from(BTreeMap::from(pairs))
    }

    #[test]
    fn every_place_is_filled_and_what_a_channel_leaves_out_is_said_in_our_words() {
        let (title, body) = example("en", &Settings::default()).unwrap();
        assert!(title.contains("edge-1 is down") && body.contains("connection refused"), "{title}\n{body}");
        let all = model::PLACES.map(|place| format!("{place}: {{{place}}}")).join("\n");
        let (_, filled) = example("en", &settings("", &all)).unwrap();
        for place in model::PLACES.iter().filter(|place| **place != "affected") {
            let line = filled.lines().find(|line| line.starts_with(&format!("{place}: ")));
            assert!(line.is_some_and(|line| line.len() > place.len() + 2), "{place} in\n{filled}");
        }
        assert!(!filled.contains("affected:"), "a line about nothing is left out:\n{filled}");
        let (own, ours) = example("ru", &settings("[{site}] {name}", " ")).unwrap();
        assert_eq!(own, "[Bandung] edge-1");
        assert!(ours.contains("192.0.2.1"));
    }

    #[test]
    fn words_that_come_to_nothing_are_ours_again_and_what_is_no_template_is_named() {
        let (title, _) = example("en", &settings("{affected}", "")).unwrap();
        assert!(title.contains("edge-1 is down"), "{title}");
        let refused = example("en", &settings("{name}", "{nmae}"));
        assert_eq!(refused, Err(NoTemplate::Unknown("nmae".into())));
    }
}

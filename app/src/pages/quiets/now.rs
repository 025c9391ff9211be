//! Beginning a maintenance or a silence at once, for what one looks at.

use crate::{api::quiets::quiet_now, i18n::use_words, parts::*};
use leptos::{ev, prelude::*};
use model::{QUIET_TITLE_MAX, Quiet, QuietAbout, QuietKind, QuietWish};

/// Lengths that can be chosen, in hours.
const HOURS: [u32; 5] = [1, 4, 8, 24, 72];

/// What one looks at: its name, and what of it may be kept quiet, the likeliest first.
#[derive(Clone, PartialEq)]
pub struct Target {
    pub name: String,
    pub choices: Vec<QuietAbout>,
}

/// Asks which kind and for how long, and begins it.
#[component]
pub fn QuietNow(
    #[prop(into)] target: Signal<Option<Target>>,
    /// What is chosen at first.
    kind: QuietKind,
    open: RwSignal<bool>,
    #[prop(into)] done: Callback<Quiet>,
) -> impl IntoView {
    let words = use_words();
    let name =
        move || target.with(|target| target.as_ref().map(|target| target.name.clone())).unwrap_or_default();
    let title = move || words.quiet_now_of(&name());
    view! {
        <Dialog open title=Signal::derive(title) firm=true>
            {form(target, kind, open, done)}
        </Dialog>
    }
}

fn form(
    target: Signal<Option<Target>>,
    first: QuietKind,
    open: RwSignal<bool>,
    done: Callback<Quiet>,
) -> AnyView {
    let (words, acts, task) = (use_words(), Acts::new(), Task::new());
    let Some(Target { name, choices }) = target.get_untracked() else { return ().into_any() };
    let (kind, about) = (RwSignal::new(first.word().to_owned()), RwSignal::new("0".to_owned()));
    let chosen = {
        let choices = choices.clone();
        move || about.with(|place| choices.get(place.parse::<usize>().ok()?).cloned())
    };
    // An alert or a rule can only be silenced.
    let is_device = {
        let chosen = chosen.clone();
        Memo::new(move |_| matches!(chosen(), Some(QuietAbout::Devices(_))))
    };
    let hours = RwSignal::new(HOURS[0].to_string());
    let title = RwSignal::new(String::new());
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(about) = untrack(&chosen) else { return };
        let kind =
            kind.with_untracked(|word| QuietKind::from_word(word)).filter(|_| is_device.get_untracked());
        let kind = kind.unwrap_or(QuietKind::Silence);
        let typed = title.get_untracked().trim().to_owned();
        let title = match (typed.is_empty(), &about) {
            (true, _) => format!("{} · {name}", quiet_word(words, kind)),
            // Nothing else in the list says what it is about.
            (false, QuietAbout::Incident(_) | QuietAbout::Rule(_)) => titled(&typed, &name),
            (false, QuietAbout::Devices(_)) => typed,
        };
        let wish = QuietWish { kind, title, about, minutes: hours.get_untracked().parse().unwrap_or(1) * 60 };
        task.run(quiet_now(wish), move |quiet| {
            acts.say(words.quiet_said_begun());
            open.try_set(false);
            // Whoever asked may have gone with the page.
            done.try_run(quiet);
        });
    };
    let places = choices.iter().enumerate().map(|(place, about)| Pick {
        value: place.to_string(),
        text: match about {
            QuietAbout::Devices(_) => words.quiet_one_device().to_owned(),
            other => super::when::about(words, other),
        },
    });
    let places: Vec<_> = places.collect();
    let places = (places.len() > 1).then(|| {
        view! { <SelectField label=words.quiet_about() name="quiet-about" options=places value=about.into() /> }
    });
    let lengths = HOURS.map(|hours| Pick {
        value: hours.to_string(),
        text: crate::format::span(words, i64::from(hours) * 3_600),
    });
    view! {
        <form class="form" method="post" on:submit=on_submit>
            {places}
            <Show when=move || is_device.get()>
                <CardChoice label=words.quiet_kind() name="quiet-kind" options=kind_cards(words) value=kind.into() />
            </Show>
            <ErrorNote error=task.error_beside(&["title"]) />
            <SelectField label=words.quiet_length() name="quiet-hours" options=lengths.into() value=hours.into() />
            <TextField
                label=words.quiet_title()
                name="quiet-title"
                value=title
                hint=words.quiet_title_hint()
                error=task.fields.at("title")
                autocomplete="off"
            />
            {form_foot(open, task, words.quiet_begin())}
        </form>
    }
    .into_any()
}

/// What was typed, with the name of what it is about as long as there is room for it.
fn titled(typed: &str, name: &str) -> String {
    let title = format!("{typed} · {name}");
    if typed.contains(name) || title.chars().count() > QUIET_TITLE_MAX { typed.to_owned() } else { title }
}

/// Both kinds, with what each means.
pub fn kind_cards(words: crate::i18n::Words) -> Vec<CardOption> {
    QuietKind::ALL
        .map(|kind| CardOption {
            value: kind.word(),
            title: quiet_word(words, kind),
            text: match kind {
                QuietKind::Maintenance => words.quiet_maintenance_text(),
                QuietKind::Silence => words.quiet_silence_text(),
            },
            icon: quiet_icon(kind),
        })
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_names_what_it_is_about_while_there_is_room() {
        assert_eq!(titled("cable", "core"), "cable · core");
        assert_eq!(titled("core cable", "core"), "core cable");
        let long = "x".repeat(QUIET_TITLE_MAX);
        assert_eq!(titled(&long, "core"), long);
    }
}

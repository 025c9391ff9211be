//! The dialog that plans or changes a window.

use super::{Quiets, form::Form, now::kind_cards, when::weekday};
use crate::{
    api::{
        ApiError,
        quiets::{create_quiet, load_quiets, update_quiet},
        wire::version,
    },
    bind, browser, format,
    i18n::{Words, use_words},
    parts::*,
};
use leptos::{ev, prelude::*};
use model::{DeviceKind, Quiet, QuietId, QuietKind, Weekday};

pub fn editor(quiets: Quiets, open: RwSignal<bool>) -> AnyView {
    let words = use_words();
    let title = move || {
        quiets.chosen.with(|chosen| match chosen {
            Some(quiet) => words.channel_edit_of(&quiet.draft.title),
            None => words.quiet_add().to_owned(),
        })
    };
    edit_dialog(open, title, move || Editing::new(quiets, open).view())
}

/// What the parts of the form share.
#[derive(Clone, Copy)]
struct Editing {
    words: Words,
    form: RwSignal<Form>,
    task: Task,
    id: Option<QuietId>,
    /// What the form was filled with.
    seen: StoredValue<Option<u64>>,
    quiets: Quiets,
    acts: Acts,
    open: RwSignal<bool>,
}

impl Editing {
    fn new(quiets: Quiets, open: RwSignal<bool>) -> Self {
        let stored = quiets.chosen.get_untracked();
        let start = match &stored {
            Some(quiet) => Form::of(quiet),
            None => Form::empty(next_hour(), browser::zone_name().unwrap_or_else(|| "UTC".to_owned())),
        };
        let (words, task, acts) = (use_words(), Task::new(), Acts::new());
        let seen = StoredValue::new(stored.as_ref().map(|quiet| version(&quiet.draft)));
        let id = stored.map(|quiet| quiet.id);
        Self { words, form: RwSignal::new(start), task, id, seen, quiets, acts, open }
    }

    fn view(self) -> AnyView {
        let (words, form) = (self.words, self.form);
        let is_about_devices = form.with_untracked(|form| form.other.is_none());
        let read = move || form.with(|form| form.kind.word().to_owned());
        let write = move |word: String| {
            if let Some(kind) = QuietKind::from_word(&word) {
                form.update(|form| form.kind = kind);
            }
        };
        let on_submit = move |event: ev::SubmitEvent| {
            event.prevent_default();
            self.save();
        };
        const SHOWN: &[&str] =
            &["title", "starts", "minutes", "zone", "last_day", "month_day", "weekdays", "scope"];
        view! {
            <form class="form" method="post" novalidate on:submit=on_submit>
                {is_about_devices
                    .then(|| {
                        view! { <CardChoice label=words.quiet_kind() name="quiet-kind" options=kind_cards(words) value=Bind::new(read, write) /> }
                    })}
                <ErrorNote error=self.task.error_beside(SHOWN) />
                {overtaken(self.task, move || self.take_stored())}
                <TextField
                    label=words.quiet_title()
                    name="quiet-title"
                    value=bind!(form.title)
                    error=self.task.fields.at("title")
                    required=true
                    autocomplete="off"
                />
                {self.times()}
                {is_about_devices.then(|| self.scope())}
                {form_foot(self.open, self.task, words.action_save())}
            </form>
        }
        .into_any()
    }

    /// When it begins, how long it lasts, and how often it comes again.
    fn times(self) -> AnyView {
        let (words, form, fields) = (self.words, self.form, self.task.fields);
        let weekdays = fields.at("weekdays");
        let repeats = [
            ("once", words.quiet_once()),
            ("daily", words.quiet_daily()),
            ("weekly", words.quiet_weekly()),
            ("monthly", words.quiet_monthly()),
        ];
        let repeats = repeats.map(|(value, text)| Pick { value: value.to_owned(), text: text.to_owned() });
        let is = move |word: &'static str| move || form.with(|form| form.repeats == word);
        let day = move |day: Weekday| {
            let read = move || form.with(|form| form.weekdays.contains(&day));
            let write = move |is_on| form.update(|form| toggle(&mut form.weekdays, day, is_on));
            check(weekday(words, day), Bind::new(read, write))
        };
        view! {
            <div class="form-section">
                <div class="form-pair">
                    <TextField label=words.quiet_starts() name="quiet-starts" kind="datetime-local" value=bind!(form.starts) error=fields.at("starts") />
                    <div class="form-pair">
                        <TextField label=words.quiet_hours() name="quiet-hours" value=bind!(form.hours) error=fields.at("minutes") inputmode="decimal" autocomplete="off" />
                        <TextField label=words.quiet_minutes() name="quiet-minutes" value=bind!(form.minutes) inputmode="numeric" autocomplete="off" />
                    </div>
                </div>
                <div class="form-pair">
                    <SelectField label=words.quiet_repeats() name="quiet-repeats" options=repeats.into() value=bind!(form.repeats) />
                    {self.zone()}
                </div>
                <Show when=is("weekly")>
                    <fieldset class="field ticks">
                        <legend class="field-label">{words.quiet_days()}</legend>
                        {Weekday::ALL.map(day).into_iter().collect_view()}
                        <p class="field-note">
                            {move || weekdays.get().map(|error| view! { <span class="field-error">{error}</span> })}
                        </p>
                    </fieldset>
                </Show>
                <div class="form-pair">
                    <Show when=is("monthly")>
                        <TextField label=words.quiet_month_day() name="quiet-month-day" value=bind!(form.month_day) hint=words.quiet_month_day_hint() error=fields.at("month_day") inputmode="numeric" autocomplete="off" />
                    </Show>
                    <Show when=move || form.with(|form| form.repeats != "once")>
                        <TextField label=words.quiet_last_day() name="quiet-last-day" kind="date" value=bind!(form.last_day) hint=words.quiet_last_day_hint() error=fields.at("last_day") />
                    </Show>
                </div>
            </div>
        }
        .into_any()
    }

    /// Whose clock it goes by: any name the browser completes from the list.
    fn zone(self) -> AnyView {
        let (words, form, fields) = (self.words, self.form, self.task.fields);
        let zones = self.quiets.page.with_untracked(|page| page.zones.clone());
        let error = fields.at("zone");
        view! {
            <Field label=words.quiet_zone() name="quiet-zone" error>
                <input
                    class="input"
                    id="quiet-zone"
                    name="quiet-zone"
                    list="quiet-zones"
                    autocomplete="off"
                    spellcheck="false"
                    aria-describedby="quiet-zone-note"
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    prop:value=move || form.with(|form| form.zone.clone())
                    on:input=move |event| form.update(|form| form.zone = event_target_value(&event))
                />
                <datalist id="quiet-zones">
                    {zones.into_iter().map(|zone| view! { <option value=zone></option> }).collect_view()}
                </datalist>
            </Field>
        }
        .into_any()
    }

    /// Whom it is about.
    fn scope(self) -> AnyView {
        let (words, form, fields) = (self.words, self.form, self.task.fields);
        let kind = move |kind: DeviceKind| {
            let read = move || form.with(|form| form.kinds.contains(&kind));
            let write = move |is_on| form.update(|form| toggle(&mut form.kinds, kind, is_on));
            check(words.kind(kind), Bind::new(read, write))
        };
        let some = move || {
            view! {
                <fieldset class="field ticks">
                    <legend class="field-label">{words.rule_kinds()}</legend>
                    {DeviceKind::ALL.map(kind).into_iter().collect_view()}
                </fieldset>
                <div class="form-pair">
                    {self.list("quiet-sites", words.router_location(), bind!(form.sites), |quiets| quiets.page.with_untracked(|page| page.sites.clone()))}
                    {self.list("quiet-tags", words.router_tags(), bind!(form.tags), |quiets| quiets.page.with_untracked(|page| page.tags.clone()))}
                </div>
                {self.list("quiet-devices", words.nav_routers(), bind!(form.devices), |quiets| quiets.page.with_untracked(|page| page.devices.clone()))}
                <p class="field-note">
                    {move || match fields.under("scope").get() {
                        Some(error) => view! { <span class="field-error">{error}</span> }.into_any(),
                        None => words.quiet_scope_hint().into_any(),
                    }}
                </p>
            }
        };
        view! {
            <div class="form-section">
                <Switch label=words.quiet_all() name="quiet-all" value=bind!(form.is_all) />
                <Show when=move || form.with(|form| !form.is_all)>{some()}</Show>
            </div>
        }
        .into_any()
    }

    /// Some of what there is, chosen from a menu.
    fn list(
        self,
        name: &'static str,
        label: &'static str,
        value: Bind<Vec<String>>,
        offered: fn(Quiets) -> Vec<String>,
    ) -> AnyView {
        let words = self.words;
        let offered = offered(self.quiets);
        let add = move |event: ev::Event| {
            let mut chosen = value.read.get_untracked();
            let word = event_target_value(&event);
            if !word.is_empty() && !chosen.contains(&word) {
                chosen.push(word);
                value.write.run(chosen);
            }
        };
        let chip = move |word: String| {
            let (own, label) = (word.clone(), words.tag_remove(&word));
            let remove = move |_| {
                let mut chosen = value.read.get_untracked();
                chosen.retain(|word| *word != own);
                value.write.run(chosen);
            };
            view! {
                <li class="chip">
                    <span>{word}</span>
                    <button type="button" class="chip-remove" aria-label=label on:click=remove>
                        "×"
                    </button>
                </li>
            }
        };
        view! {
            <Field label name=name>
                <div class="input chips">
                    <ul>
                        <For each=move || value.read.get() key=String::clone children=chip />
                    </ul>
                    // It goes back to its first line: what was chosen stands beside it.
                    <select id=name prop:value="" on:change=add>
                        <option value="">{words.quiet_choose()}</option>
                        {offered.into_iter().map(|word| view! { <option value=word.clone()>{word.clone()}</option> }).collect_view()}
                    </select>
                </div>
            </Field>
        }
        .into_any()
    }

    /// Begins again from what is stored now. What is not over is on the first page.
    fn take_stored(self) {
        let ask = async move {
            let stored = load_quiets(0).await?.quiets;
            stored.into_iter().find(|quiet| Some(quiet.id) == self.id).ok_or(ApiError::NotFound)
        };
        self.task.run(ask, move |quiet: Quiet| {
            self.form.try_set(Form::of(&quiet));
            self.seen.try_set_value(Some(version(&quiet.draft)));
            self.quiets.refresh();
        });
    }

    fn save(self) {
        let draft = match self.form.get_untracked().draft() {
            Ok(draft) => draft,
            Err(errors) => return self.task.refuse(ApiError::Invalid(errors)),
        };
        let done = move |quiet: Quiet| {
            self.acts.say(self.words.router_said_saved(&quiet.draft.title));
            self.open.try_set(false);
            self.quiets.refresh();
        };
        match self.id {
            None => self.task.run(create_quiet(draft), done),
            Some(id) => self.task.run(update_quiet(id, draft, self.seen.get_value()), done),
        }
    }
}

fn check(label: &'static str, value: Bind<bool>) -> AnyView {
    view! {
        <label class="tick">
            <input
                type="checkbox"
                prop:checked=move || value.read.get()
                on:change=move |event| value.write.run(event_target_checked(&event))
            />
            {label}
        </label>
    }
    .into_any()
}

fn toggle<T: PartialEq>(list: &mut Vec<T>, word: T, is_on: bool) {
    list.retain(|known| *known != word);
    if is_on {
        list.push(word);
    }
}

/// The next full hour on the reader's wall, as an input holds it.
fn next_hour() -> String {
    const HOUR_MS: i64 = 3_600_000;
    let now = browser::now();
    let wall_ms = now.0 + browser::zone_ms(now);
    let wall = format::wall((wall_ms / HOUR_MS + 1) * HOUR_MS);
    format!("{:04}-{:02}-{:02}T{:02}:00", wall.year, wall.month, wall.day, wall.hour)
}

//! The fields of a rule: what it is about, for how long, and where it holds.

use super::{
    editor::Editing,
    form::{Form, unit_word},
    sentence,
};
use crate::{bind, format, parts::*};
use leptos::prelude::*;
use model::*;

/// The choice of what is a number, among the words of the states.
const NUMBER: &str = "number";

pub fn fields(editing: Editing) -> AnyView {
    let form = editing.form;
    let state = Memo::new(move |_| form.with(|form| form.state));
    view! {
        {about(editing)}
        // Kept apart, for what is drawn over another keeps its listeners.
        <Show when=move || state.get().is_none()>{number(editing)}</Show>
        <Show when=move || state.get() == Some(IncidentKind::Reconnects)>{every(editing)}</Show>
        <div class="form-pair">
            {severity(editing)}
            <Show when=move || state.get().is_none_or(|state| Event::new(state).lasts())>
                {minutes(editing)}
            </Show>
        </div>
        {scope(editing)}
    }
    .into_any()
}

fn pick(value: &str, text: &str) -> Pick {
    Pick { value: value.to_owned(), text: text.to_owned() }
}

fn about(editing: Editing) -> AnyView {
    let (words, form) = (editing.words, editing.form);
    let mut options = vec![pick(NUMBER, words.rule_number())];
    options.extend(Event::STATES.map(|state| pick(state.word(), sentence::state(words, state))));
    let read = move || form.with(|form| form.state.map_or(NUMBER, IncidentKind::word).to_owned());
    let write = move |word: String| {
        editing.task.forgive();
        form.update(|form| form.be_about(IncidentKind::from_word(&word)));
    };
    view! { <SelectField label=words.rule_about() name="rule-about" options value=Bind::new(read, write) /> }
        .into_any()
}

/// A number: what it is called in the words and on the page, and where the server finds fault with it.
fn number_field(
    editing: Editing,
    (label, name): (&'static str, &'static str),
    value: Bind<String>,
    hint: impl Into<Signal<String>>,
    at: &'static str,
) -> AnyView {
    let required = at == "condition.limit";
    view! {
        <TextField
            label
            name
            value
            hint=hint.into()
            error=editing.task.fields.at(at)
            required
            inputmode="decimal"
            autocomplete="off"
        />
    }
    .into_any()
}

fn every(editing: Editing) -> AnyView {
    let form = editing.form;
    let label = (editing.words.rule_every(), "rule-every");
    number_field(editing, label, bind!(form.every), String::new(), "condition.every")
}

/// How a menu reads a field of the form, and writes it.
type Access<T> = (fn(&Form) -> &'static str, fn(&mut Form, T));

/// A menu over one field of the form.
fn menu<T: Copy + Send + Sync + 'static>(
    editing: Editing,
    (label, name): (&'static str, &'static str),
    options: Vec<Pick>,
    (read, write): Access<T>,
    known: fn(&str) -> Option<T>,
) -> AnyView {
    let form = editing.form;
    let read = move || form.with(|form| read(form).to_owned());
    let write = move |word: String| {
        if let Some(chosen) = known(&word) {
            form.update(|form| write(form, chosen));
        }
    };
    view! { <SelectField label name options value=Bind::new(read, write) /> }.into_any()
}

fn number(editing: Editing) -> AnyView {
    let (words, form) = (editing.words, editing.form);
    let measures = Measure::ALL.map(|measure| {
        let text = sentence::capital(format::measure_word(words, measure));
        Pick { value: measure.word().to_owned(), text }
    });
    let measures = measures.into();
    let sides = Side::ALL.map(|side| pick(side.word(), sentence::side(words, side))).into();
    let measure: Access<Measure> = (|form| form.measure.word(), |form, measure| form.measure = measure);
    let side: Access<Side> = (|form| form.side.word(), |form, side| form.side = side);
    let is_there = Memo::new(move |_| form.with(|form| form.side != Side::Missing));
    view! {
        <div class="form-pair">
            {menu(editing, (words.rule_measure(), "rule-measure"), measures, measure, Measure::from_word)}
            <TextField
                label=words.rule_subject()
                name="rule-subject"
                value=bind!(form.subject)
                hint=words.rule_subject_hint()
                error=editing.task.fields.at("condition.subject")
                autocomplete="off"
            />
        </div>
        <div class="form-pair">
            {menu(editing, (words.rule_side(), "rule-side"), sides, side, Side::from_word)}
            <Show when=move || is_there.get()>{against(editing)}</Show>
            <Show when=move || !is_there.get()>
                <p class="field-note rule-missing">{words.rule_missing_hint()}</p>
            </Show>
        </div>
        <Show when=move || is_there.get()>{limits(editing)}</Show>
    }
    .into_any()
}

/// What it is held against.
fn against(editing: Editing) -> AnyView {
    let words = editing.words;
    let options = Against::ALL.map(|against| pick(against.word(), sentence::against(words, against))).into();
    let against: Access<Against> = (|form| form.against.word(), |form, against| form.against = against);
    menu(editing, (words.rule_against(), "rule-against"), options, against, Against::from_word)
}

/// How far it may go.
fn limits(editing: Editing) -> AnyView {
    let (words, form) = (editing.words, editing.form);
    let is_limit = Memo::new(move |_| form.with(|form| form.against == Against::Limit));
    let unit = Memo::new(move |_| form.with(|form| unit_word(form.measure)));
    let of_limit = move || if is_limit.get() { unit.get() } else { "%" }.to_owned();
    let of_clear = move || format!("{} · {}", of_limit(), words.rule_clear_hint());
    let limit = (words.rule_limit(), "rule-limit");
    let clear = (words.rule_clear(), "rule-clear");
    let least = (words.rule_least(), "rule-least");
    let of_least = move || unit.get().to_owned();
    view! {
        <div class="form-pair">
            {number_field(editing, limit, bind!(form.limit), Signal::derive(of_limit), "condition.limit")}
            {number_field(editing, clear, bind!(form.clear), Signal::derive(of_clear), "condition.clear")}
        </div>
        <Show when=move || !is_limit.get()>
            {number_field(editing, least, bind!(form.least), Signal::derive(of_least), "condition.usual_least")}
        </Show>
        <Show when=move || is_limit.get()>
            <Switch label=words.rule_unless_usual() name="rule-unless" value=bind!(form.unless_usual) />
        </Show>
    }
    .into_any()
}

fn severity(editing: Editing) -> AnyView {
    let words = editing.words;
    let options = Severity::LEAST.map(|severity| pick(severity.word(), words.severity(severity))).into();
    let severity: Access<Severity> = (|form| form.severity.word(), |form, severity| form.severity = severity);
    menu(editing, (words.rule_severity(), "rule-severity"), options, severity, Severity::from_word)
}

/// How long it may be so, and for how long a number is not told again.
fn minutes(editing: Editing) -> AnyView {
    let (words, form) = (editing.words, editing.form);
    let is_number = Memo::new(move |_| form.with(|form| form.state.is_none()));
    let lasts = (words.rule_for_field(), "rule-for");
    let rests = (words.rule_cool_down(), "rule-cool-down");
    let unit = move || words.rule_minutes().to_owned();
    view! {
        {number_field(editing, lasts, bind!(form.lasts), unit(), "for_seconds")}
        <Show when=move || is_number.get()>
            {number_field(editing, rests, bind!(form.cool_down), unit(), "cool_down_seconds")}
        </Show>
    }
    .into_any()
}

fn scope(editing: Editing) -> AnyView {
    let (words, form) = (editing.words, editing.form);
    let one = |kind: DeviceKind| {
        let read = move || form.with(|form| form.kinds.contains(&kind));
        let write = move |is_in: bool| {
            form.update(|form| {
                form.kinds.retain(|known| *known != kind);
                if is_in {
                    form.kinds.push(kind);
                }
            });
        };
        let name = format!("rule-kind-{}", kind.word());
        view! { <Switch label=words.kind(kind) name value=Bind::new(read, write) /> }
    };
    let error = |field: &'static str| editing.task.fields.under(field);
    view! {
        <fieldset class="form-section rule-scope">
            <legend>{words.rule_where()}</legend>
            <div class="rule-kinds" role="group" aria-label=words.rule_kinds()>
                {DeviceKind::ALL.map(one).collect_view()}
            </div>
            <div class="form-pair">
                <TagsField
                    label=words.rule_sites()
                    name="rule-sites"
                    value=bind!(form.sites)
                    hint=words.rule_scope_hint()
                    error=error("scope.sites")
                />
                <TagsField
                    label=words.rule_tags()
                    name="rule-tags"
                    value=bind!(form.tags)
                    hint=words.rule_scope_hint()
                    error=error("scope.tags")
                />
            </div>
            <TagsField
                label=words.rule_devices()
                name="rule-devices"
                value=bind!(form.devices)
                hint=words.rule_scope_hint()
                error=error("scope.devices")
            />
        </fieldset>
    }
    .into_any()
}

//! A run as it goes on: how many have answered, what they said, and how it is ended.

use super::{
    HOME,
    choose::{mend, reason},
    groups::{Group, Passage, each, groups, passages, usual},
    state_word,
};
use crate::{
    api::{
        ApiError,
        commands::{cancel_command, load_command_part},
    },
    browser,
    i18n::{Words, use_words},
    pages::terminal,
    parts::*,
};
use leptos::{prelude::*, task::spawn_local};
use model::{CommandAnswer, CommandOutcome, CommandRun, CommandRunPart, CommandState, DeviceId};
use std::time::Duration;

/// Between two questions to the server, while the run goes on.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// So many answers are open when they come; the others open when they are pressed.
const OPEN_MAX: usize = 12;
/// So many devices are named before they are counted.
const NAMED_MAX: usize = 6;

/// What the page knows of a run. Copy it into closures.
#[derive(Clone, Copy)]
struct Seen {
    run: RwSignal<CommandRun>,
    answers: RwSignal<Vec<CommandAnswer>>,
    next: StoredValue<u32>,
    /// Every device by itself, or those together that say the same.
    is_each: RwSignal<bool>,
    is_asking: StoredValue<bool>,
    /// Why the server is asked no more.
    stopped: RwSignal<Option<ApiError>>,
    /// How many answers were drawn open.
    opened: StoredValue<usize>,
}

impl Seen {
    fn take(self, part: CommandRunPart) {
        self.next.set_value(part.next);
        if !part.answers.is_empty() {
            self.answers.update(|all| all.extend(part.answers));
        }
        self.run.set(part.run);
    }

    fn has_all(self) -> bool {
        let is_over = self.run.with_untracked(|run| run.state != CommandState::Running);
        is_over && self.answers.with_untracked(Vec::len) >= self.run.with_untracked(|run| run.asked as usize)
    }

    fn ask(self) {
        if self.has_all() || self.is_asking.get_value() || self.stopped.with_untracked(Option::is_some) {
            return;
        }
        self.is_asking.set_value(true);
        let (id, known) = (self.run.with_untracked(|run| run.id), self.next.get_value());
        spawn_local(async move {
            let part = load_command_part(id, known).await;
            // The page may have gone in the meantime.
            if self.is_asking.try_set_value(false).is_some() {
                return;
            }
            match part {
                Ok(part) => self.take(part),
                Err(ApiError::Unauthenticated) => browser::open("/login"),
                Err(error @ (ApiError::NotFound | ApiError::PasswordNeeded)) => self.stopped.set(Some(error)),
                // It is asked again in a second.
                Err(_) => {}
            }
        });
    }
}

/// `now` is how the run stands, from now on.
pub fn results(part: CommandRunPart, now: RwSignal<CommandRun>) -> AnyView {
    let words = use_words();
    let CommandRunPart { run, answers, next } = part;
    let seen = Seen {
        run: now,
        answers: RwSignal::new(answers),
        next: StoredValue::new(next),
        is_each: RwSignal::new(false),
        is_asking: StoredValue::new(false),
        stopped: RwSignal::new(None),
        opened: StoredValue::new(0),
    };
    Effect::new(move |_| {
        if let Ok(asking) = set_interval_with_handle(move || seen.ask(), ASK_EVERY) {
            on_cleanup(move || asking.clear());
        }
        browser::when_drawn(|| browser::scroll_to(".command-run"));
    });
    let together = Memo::new(move |_| seen.answers.with(|answers| groups(answers)));
    let shown = Memo::new(move |_| {
        if seen.is_each.get() { seen.answers.with(|answers| each(answers)) } else { together.get() }
    });
    let usual = Memo::new(move |_| together.with(|groups| usual(groups).map(str::to_owned)));
    view! {
        <section class="command-run" aria-label=words.command_results()>
            {head(words, seen, &run)}
            {move || seen.stopped.get().map(|error| stopped(words, error))}
            <div class="command-groups">
                <For each=move || shown.get() key=|group| group.key let:group>
                    {one(words, seen, (group, shown), usual)}
                </For>
            </div>
        </section>
    }
    .into_any()
}

fn stopped(words: Words, error: ApiError) -> AnyView {
    match error {
        ApiError::NotFound => view! { <p class="note" role="status">{words.command_gone()}</p> }.into_any(),
        error => not_loaded(error),
    }
}

fn head(words: Words, seen: Seen, run: &CommandRun) -> AnyView {
    let (id, at) = (run.id, run.at);
    let count = move || seen.run.with(|run| words.command_count(&run.answered, &run.asked, &run.failed));
    let file = |form: &str| format!("/api{HOME}/{id}/answers.{form}");
    let view_of = move |is_each: bool, text: &'static str| {
        view! {
            <button
                type="button"
                class="button quiet"
                aria-pressed=move || (seen.is_each.get() == is_each).to_string()
                on:click=move |_| seen.is_each.set(is_each)
            >
                {text}
            </button>
        }
    };
    view! {
        <header class="command-head">
            <h2>
                <code>{run.command.clone()}</code>
            </h2>
            <p>
                <span role="status">{move || state_word(words, seen.run.with(|run| run.state))}</span>
                " · "
                {count}
                " · "
                {run.by.clone()}
                ", "
                <Ago at=Signal::stored(at) />
            </p>
            {progress(words, seen)}
            <div class="command-tools">
                <div role="group" aria-label=words.command_view()>
                    {view_of(false, words.command_together())} {view_of(true, words.command_each())}
                </div>
                {file_link(file("txt"), words.command_text())}
                {file_link(file("csv"), words.command_csv())}
            </div>
        </header>
    }
    .into_any()
}

fn progress(words: Words, seen: Seen) -> AnyView {
    let acts = Acts::new();
    let run = seen.run;
    let is_gone = move || seen.stopped.with(|stopped| *stopped == Some(ApiError::NotFound));
    let is_running = Memo::new(move |_| run.with(|run| run.state == CommandState::Running) && !is_gone());
    let done = move || run.with(|run| run.asked - run.left());
    let cancel = move |_| {
        let id = run.with_untracked(|run| run.id);
        acts.run(cancel_command(id), move |_| words.command_said_cancelled().to_owned(), move |_| seen.ask());
    };
    view! {
        <Show when=move || is_running.get()>
            <div class="command-progress">
                <progress
                    max=move || run.with(|run| run.asked).to_string()
                    prop:value=move || done().to_string()
                    aria-label=words.command_running()
                ></progress>
                <Button on:click=cancel>{words.action_cancel()}</Button>
            </div>
        </Show>
    }
    .into_any()
}

fn one(
    words: Words,
    seen: Seen,
    (group, shown): (Group, Memo<Vec<Group>>),
    usual: Memo<Option<String>>,
) -> AnyView {
    let Group { key, outcome, members } = group;
    let is_good = outcome.is_good();
    // Others join while it is shown.
    let members = Memo::new(move |_| {
        let joined = shown
            .with(|groups| groups.iter().find(|group| group.key == key).map(|group| group.members.clone()));
        joined.unwrap_or_else(|| members.clone())
    });
    let rank = seen.opened.try_update_value(|opened| {
        *opened += 1;
        *opened
    });
    let is_open = RwSignal::new(rank.is_some_and(|rank| rank <= OPEN_MAX));
    let title = title(words, &outcome);
    view! {
        <details
            class="command-group"
            class:bad=!is_good
            open=is_open.get_untracked()
            on:toggle=move |event| is_open.set(is_shown(&event))
        >
            <summary>
                <strong>{move || title(members.with(Vec::len) as u64)}</strong>
                <span class="command-names">{move || members.with(|members| named(members))}</span>
            </summary>
            <Show when=move || is_open.get()>{body(words, outcome.clone(), members, usual)}</Show>
        </details>
    }
    .into_any()
}

/// Whether the element that was opened or closed is open.
fn is_shown(event: &web_sys::Event) -> bool {
    use wasm_bindgen::JsCast;
    let element = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    element.is_some_and(|element| element.has_attribute("open"))
}

/// What so many devices have in common.
fn title(words: Words, outcome: &CommandOutcome) -> impl Fn(u64) -> String + Send + Sync + 'static + use<> {
    let outcome = outcome.clone();
    move |count| match &outcome {
        CommandOutcome::Answered { exit_code: Some(code), .. } if *code != 0 => {
            words.command_code(count, code)
        }
        CommandOutcome::Answered { .. } => words.command_same(count),
        CommandOutcome::Failed { .. } => words.command_failed(count),
        CommandOutcome::HostKeyChanged { .. } => words.command_key_changed(count),
        CommandOutcome::NotReady(_) => words.command_unready(count),
        CommandOutcome::Cancelled { is_begun: true } => words.command_cut_off(count),
        CommandOutcome::Cancelled { is_begun: false } => words.command_not_asked(count),
    }
}

/// The first of them, without links: it stands in what opens the answer.
fn named(members: &[(DeviceId, String)]) -> String {
    let names: Vec<_> = members.iter().take(NAMED_MAX).map(|(_, name)| name.as_str()).collect();
    let more = members.len().saturating_sub(NAMED_MAX);
    let more = if more > 0 { format!(" +{more}") } else { String::new() };
    format!("{}{more}", names.join(", "))
}

fn body(
    words: Words,
    outcome: CommandOutcome,
    members: Memo<Vec<(DeviceId, String)>>,
    usual: Memo<Option<String>>,
) -> AnyView {
    match outcome {
        CommandOutcome::Answered { output, is_cut, .. } => {
            let cut = is_cut.then(|| view! { <p class="field-note">{words.command_cut()}</p> });
            view! { {printed(words, output, usual)} {cut} {devices(members)} }.into_any()
        }
        CommandOutcome::Failed { why, output } => {
            let so_far = (!output.is_empty()).then(|| printed(words, output, usual));
            view! { <p class="field-error">{why}</p> {so_far} {devices(members)} }.into_any()
        }
        CommandOutcome::HostKeyChanged { pinned, seen } => {
            let links = move || linked(members.get(), |_, name| terminal::path(name));
            view! {
                <p class="field-error">{words.command_key_changed_text()}</p>
                <p>
                    <code>{pinned}</code>
                    " → "
                    <code>{seen}</code>
                </p>
                <p class="command-names">{links}</p>
            }
            .into_any()
        }
        CommandOutcome::NotReady(obstacle) => {
            let links = move || linked(members.get(), move |id, name| mend(obstacle, id, name));
            view! {
                <p class="field-error">{reason(words, obstacle)}</p>
                <p class="command-names">{links}</p>
            }
            .into_any()
        }
        CommandOutcome::Cancelled { is_begun } => {
            is_begun.then(|| view! { <p class="field-note">{words.command_cut_off_text()}</p> }).into_any()
        }
    }
}

/// The way to the page of each.
fn devices(members: Memo<Vec<(DeviceId, String)>>) -> AnyView {
    view! {
        <p class="command-names">{move || linked(members.get(), |id, _| format!("/devices/{id}"))}</p>
    }
    .into_any()
}

/// Every device as a link.
fn linked(members: Vec<(DeviceId, String)>, path: impl Fn(DeviceId, &str) -> String) -> AnyView {
    let link = |(id, name): (DeviceId, String)| {
        let href = path(id, &name);
        view! { <a href=href>{name}</a> }
    };
    members.into_iter().map(link).collect_view().into_any()
}

fn printed(words: Words, output: String, usual: Memo<Option<String>>) -> AnyView {
    if output.is_empty() {
        return view! { <p class="field-note">{words.command_silent()}</p> }.into_any();
    }
    let shown = move || {
        usual.with(|usual| passages(&output, usual.as_deref()).into_iter().map(passage).collect_view())
    };
    view! {
        <pre tabindex="0" role="group" aria-label=words.command_answer()>
            {shown}
        </pre>
    }
    .into_any()
}

fn passage(passage: Passage) -> AnyView {
    let text = format!("{}\n", passage.text);
    if passage.is_unusual { view! { <mark>{text}</mark> }.into_any() } else { text.into_any() }
}

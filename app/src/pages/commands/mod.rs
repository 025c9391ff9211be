//! One command for many devices, for admins: whom to ask, what, and what they answered.
//!
//! What devices answer is only ever text here.

mod ask;
mod choose;
mod groups;
mod results;

use crate::{
    api::{ApiError, commands::load_commands, devices::load_devices, load::load},
    i18n::{Words, use_words},
    pages::not_allowed::not_allowed,
    parts::*,
    use_visitor,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use model::{
    COMMAND_RUN_HOURS, COMMAND_RUNS_MAX, CommandPage, CommandRun, CommandRunId, CommandState, Device,
    DeviceId,
};

/// Where it stands, and what its address may ask for: `/commands?devices=1,2` and `/commands?run=3`.
const HOME: &str = "/commands";

/// The page with these devices chosen.
pub fn path(devices: &[DeviceId]) -> String {
    let ids: Vec<_> = devices.iter().map(ToString::to_string).collect();
    format!("{HOME}?devices={}", ids.join(","))
}

#[component]
pub fn CommandsPage() -> impl IntoView {
    let words = use_words();
    if !use_visitor().is_admin() {
        return not_allowed();
    }
    let query = use_query_map();
    let wanted = Memo::new(move |_| query.with(|query| query.get_str("run")?.parse::<CommandRunId>().ok()));
    let devices = load(|| (), |()| load_devices());
    let loaded = load(
        move || wanted.get(),
        |wanted| async move { Ok::<_, ApiError>((load_commands(wanted).await?, wanted)) },
    );
    view! {
        <Title text=words.command_title() />
        <div class="page commands">
            <header class="page-head">
                <div>
                    <h1>{words.command_title()}</h1>
                    <p>{words.command_lead()}</p>
                </div>
            </header>
            {when_loaded(devices, move |answer| match answer {
                Ok(devices) => {
                    let named = query.with_untracked(|query| chosen(query.get_str("devices").unwrap_or_default()));
                    asking(devices, named)
                }
                Err(error) => not_loaded(error),
            })}
            {when_loaded(loaded, move |answer| match answer {
                // Another run gets results of its own.
                Ok(answer) => view! {
                    <For
                        each=move || [answer.clone()]
                        key=|(page, wanted)| (*wanted, page.shown.is_some())
                        children=move |(page, wanted)| answered(words, page, wanted)
                    />
                }
                .into_any(),
                Err(error) => not_loaded(error),
            })}
        </div>
    }
    .into_any()
}

/// The devices that the address names.
fn chosen(ids: &str) -> Vec<DeviceId> {
    ids.split(',').filter_map(|id| id.parse().ok()).collect()
}

fn asking(devices: Vec<Device>, chosen: Vec<DeviceId>) -> AnyView {
    let words = use_words();
    if devices.is_empty() {
        return view! {
            <Empty title=words.command_no_devices() text=words.command_no_devices_text()>
                <a class=Look::Primary.class() href="/admin/routers/new">
                    <Icon name=IconName::Plus />
                    {words.router_add()}
                </a>
            </Empty>
        }
        .into_any();
    }
    ask::ask(devices, chosen)
}

fn answered(words: Words, page: CommandPage, wanted: Option<CommandRunId>) -> AnyView {
    let CommandPage { runs, shown } = page;
    let is_gone = wanted.is_some() && shown.is_none();
    let gone = is_gone.then(|| view! { <p class="note" role="status">{words.command_gone()}</p> });
    let shown = shown.map(|part| (RwSignal::new(part.run.clone()), part));
    let now = shown.as_ref().map(|(now, part)| (part.run.id, *now));
    let results = shown.map(|(now, part)| results::results(part, now));
    view! { {gone} {results} {past(words, runs, now)} }.into_any()
}

/// Earlier runs, and how long there are any. The one that is shown is earlier once it is over.
fn past(words: Words, runs: Vec<CommandRun>, shown: Option<(CommandRunId, RwSignal<CommandRun>)>) -> AnyView {
    let kept = words.command_kept(&COMMAND_RUN_HOURS, &COMMAND_RUNS_MAX);
    let over = move |now: RwSignal<CommandRun>| {
        let over = now.with(|run| (run.state != CommandState::Running).then(|| run.clone()));
        over.map(|run| one(words, run))
    };
    let line = move |run: CommandRun| match shown {
        Some((id, now)) if id == run.id => (move || over(now)).into_any(),
        _ => one(words, run),
    };
    view! {
        <Card title=words.command_before()>
            <ul class="command-runs">{runs.into_iter().map(line).collect_view()}</ul>
            <p class="field-note">{kept}</p>
        </Card>
    }
    .into_any()
}

fn one(words: Words, run: CommandRun) -> AnyView {
    let count = words.command_count(&run.answered, &run.asked, &run.failed);
    let state = state_word(words, run.state);
    view! {
        <li>
            <a href=format!("{HOME}?run={}", run.id)>
                <code>{run.command}</code>
            </a>
            <small>{run.by} " · " <Ago at=Signal::stored(run.at) /> " · " {state} " · " {count}</small>
        </li>
    }
    .into_any()
}

fn state_word(words: Words, state: CommandState) -> &'static str {
    match state {
        CommandState::Running => words.command_running(),
        CommandState::Finished => words.command_finished(),
        CommandState::Cancelled => words.command_cancelled(),
        CommandState::Withdrawn => words.command_withdrawn(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_names_devices() {
        let ids = [DeviceId(1), DeviceId(27)];
        assert_eq!(path(&ids), "/commands?devices=1,27");
        assert_eq!(chosen("1,27"), ids);
        assert_eq!(chosen("x,,3"), [DeviceId(3)]);
        assert_eq!(chosen(""), []);
    }
}

//! What to ask, and the question whether that may change something.

use super::{
    HOME,
    choose::{Choice, choose},
};
use crate::{
    api::commands::start_command,
    i18n::{Words, use_words},
    parts::*,
};
use leptos::{ev, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::{COMMAND_SECONDS_MAX, CommandDraft, CommandEffect, CommandRun, Device, DeviceId, command_effect};

/// What is being filled in.
#[derive(Clone, Copy)]
struct Ask {
    choice: Choice,
    command: RwSignal<String>,
    confirming: RwSignal<bool>,
    task: Task,
}

pub fn ask(devices: Vec<Device>, chosen: Vec<DeviceId>) -> AnyView {
    let words = use_words();
    let ask = Ask {
        choice: Choice::new(devices, chosen),
        command: RwSignal::new(String::new()),
        confirming: RwSignal::new(false),
        task: Task::new(),
    };
    let start = ask.starter();
    let effect = Memo::new(move |_| ask.command.with(|command| command_effect(command.trim())));
    let is_empty = Memo::new(move |_| ask.command.with(|command| command.trim().is_empty()));
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        match effect.get_untracked() {
            CommandEffect::Reads => start.run(None),
            CommandEffect::Changes => ask.confirming.set(true),
        }
    };
    let is_unready = Signal::derive(move || ask.choice.count() == 0 || is_empty.get());
    let hint = Signal::derive(move || match effect.get() {
        _ if is_empty.get() => words.command_hint().to_owned(),
        CommandEffect::Reads => words.command_reads().to_owned(),
        CommandEffect::Changes => words.command_changes().to_owned(),
    });
    view! {
        <form class="command-ask" method="post" on:submit=on_submit>
            <ErrorNote error=ask.task.error_beside(&["command"]) />
            {choose(words, ask.choice)}
            <TextField
                label=words.command_command()
                name="command"
                value=ask.command
                hint=hint
                error=ask.task.fields.at("command")
                autocomplete="off"
                placeholder="/system resource print"
            />
            <div class="command-foot">
                <Button look=Look::Primary submit=true busy=ask.task.is_pending() disabled=is_unready>
                    <Icon name=IconName::Play />
                    {move || words.command_run(ask.choice.count() as u64)}
                </Button>
                <p class="field-note">{words.command_bounds(&COMMAND_SECONDS_MAX)}</p>
            </div>
        </form>
        <Dialog open=ask.confirming title=words.command_sure() firm=true>
            {confirm(words, ask, start)}
        </Dialog>
    }
    .into_any()
}

impl Ask {
    /// Starts the run, with what somebody confirmed, and goes to its answers.
    fn starter(self) -> Callback<Option<u32>> {
        let navigate = use_navigate();
        Callback::new(move |confirmed: Option<u32>| {
            let draft = CommandDraft {
                devices: self.choice.ids(),
                command: self.command.get_untracked().trim().to_owned(),
                confirmed,
            };
            let navigate = navigate.clone();
            self.task.run(start_command(draft), move |run: CommandRun| {
                self.confirming.try_set(false);
                navigate(&format!("{HOME}?run={}", run.id), NavigateOptions::default());
            });
        })
    }
}

/// Says how many devices may be changed by what, and waits until that number is typed.
fn confirm(words: Words, ask: Ask, start: Callback<Option<u32>>) -> AnyView {
    let typed = RwSignal::new(String::new());
    let count = untrack(|| ask.choice.count());
    let differs = Signal::derive(move || typed.with(|typed| typed.trim() != count.to_string()));
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if !differs.get_untracked() {
            start.run(u32::try_from(count).ok());
        }
    };
    view! {
        <form class="form" method="post" on:submit=on_submit>
            <p>{words.command_sure_text(count as u64)}</p>
            <pre class="command-told">{ask.command.get_untracked().trim().to_owned()}</pre>
            <ErrorNote error=ask.task.error() />
            <Field label=words.command_sure_type(&count) name="confirm-count">
                <input
                    class="input"
                    id="confirm-count"
                    inputmode="numeric"
                    autocomplete="off"
                    autofocus=true
                    prop:value=move || typed.get()
                    on:input=move |event| typed.set(event_target_value(&event))
                />
            </Field>
            <div class="form-foot">
                <Button on:click=move |_| ask.confirming.set(false)>{words.action_cancel()}</Button>
                <Button look=Look::Danger submit=true busy=ask.task.is_pending() disabled=differs>
                    {words.command_run(count as u64)}
                </Button>
            </div>
        </form>
    }
    .into_any()
}

//! One recording: what is known of it, and the player.

use super::{marks, player::player};
use crate::{
    api::{
        ApiError,
        load::load,
        recordings::{load_recording, remove_recording},
    },
    browser, format,
    i18n::{Words, use_words},
    lost::say_lost,
    pages::{
        history::{provide_zone, use_zone},
        not_allowed::not_allowed,
    },
    parts::*,
    use_visitor,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use model::{Recording, RecordingEnd, RecordingId};
use std::time::Duration;

/// How long it takes, at most nearly, until the end of a session is written.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

#[component]
pub fn ReplayPage() -> impl IntoView {
    let words = use_words();
    if !use_visitor().is_admin() {
        return not_allowed();
    }
    provide_zone();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")?.parse::<RecordingId>().ok()));
    let loaded = load(
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => load_recording(id).await,
                None => Err(ApiError::NotFound),
            }
        },
    );
    view! {
        <Title text=words.recordings_title() />
        <div class="page replay">
            <a class="back" href="/admin/recordings">
                <Icon name=IconName::Back />
                {words.recordings_title()}
            </a>
            {when_loaded(loaded, |answer| match answer {
                // Another recording gets a player of its own.
                Ok(recording) => view! {
                    <For each=move || [recording.clone()] key=|one| one.id children=recorded />
                }
                .into_any(),
                Err(error) => {
                    if error == ApiError::NotFound {
                        say_lost();
                    }
                    not_loaded(error)
                }
            })}
        </div>
    }
    .into_any()
}

fn recorded(recording: Recording) -> AnyView {
    let words = use_words();
    let (known, removing) = (RwSignal::new(recording.clone()), RwSignal::new(false));
    view! {
        {move || known.with(|recording| head(words, recording, removing))}
        {player(&recording, known)}
        {remove(words, recording, removing)}
    }
    .into_any()
}

/// One that went on while the page came is over: asks for it again, whose end is written soon after it.
pub(super) fn learn_end(known: RwSignal<Recording>, tries: u8) {
    spawn_local(async move {
        let Some(id) = known.try_with_untracked(|recording| recording.id) else { return };
        match load_recording(id).await {
            Ok(recording) if !recording.is_live() => drop(known.try_set(recording)),
            _ if tries > 1 => {
                browser::later(move || learn_end(known, tries - 1), AGAIN_AFTER);
            }
            _ => {}
        }
    });
}

/// What is known of it, and what can be done with it once it is over.
fn head(words: Words, recording: &Recording, removing: RwSignal<bool>) -> AnyView {
    let zone = use_zone();
    let (id, at, is_live) = (recording.id, recording.begun_at, recording.is_live());
    let time = Signal::derive(move || zone.get().moment(words, at, true));
    let file = format!("/api/recordings/{id}/cast");
    let from = recording.address.clone().map(|address| view! { " · " {address} });
    let end = recording.end.and_then(|end| end_word(words, end)).map(|end| view! { " · " {end} });
    let length = (!is_live).then(|| {
        let length = format::span(words, recording.length_ms() / 1_000);
        view! { " · " {length} ", " {format::bytes(words, recording.bytes)} }
    });
    let acts = (!is_live).then(|| {
        view! {
            {file_link(file, "asciicast")}
            <Button look=Look::Quiet on:click=move |_| removing.set(true)>
                <Icon name=IconName::Trash />
                {words.action_remove()}
            </Button>
        }
    });
    let marks = marks(words, recording).into_iter().map(|mark| view! { " · " {mark} }).collect_view();
    view! {
        <header class="page-head">
            <div>
                <h1>{recording.device.clone()}</h1>
                <p>{recording.who.clone()} {from} " · " <Moment at text=time /> {length} {end} {marks}</p>
            </div>
            {acts}
        </header>
    }
    .into_any()
}

pub(super) fn end_word(words: Words, end: RecordingEnd) -> Option<&'static str> {
    words.by_key(&format!("recording_end_{}", end.word()))
}

fn remove(words: Words, recording: Recording, open: RwSignal<bool>) -> AnyView {
    let (task, name, id) = (Task::new(), recording.device, recording.id);
    let title = words.remove_title(&name);
    let on_confirm = move |()| {
        task.run(remove_recording(id), move |()| browser::open("/admin/recordings"));
    };
    view! { <ConfirmRemove open title lost=words.recording_remove_lost() name task on_confirm /> }.into_any()
}

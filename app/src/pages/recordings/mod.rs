//! Recordings of terminals, for admins: a list of them, and each of them in replay, or live while it goes on.
//!
//! What a device sent is only ever drawn by the terminal's screen, which is read-only here; everything else is text.

mod deck;
mod feed;
mod keys;
mod looking;
mod plain;
mod player;
mod replay;
mod tape;
mod wanted;

pub use replay::ReplayPage;

use crate::{
    api::recordings::load_recordings,
    format,
    i18n::{Words, use_words},
    pages::{
        history::{provide_zone, use_zone},
        not_allowed::not_allowed,
    },
    parts::*,
    use_visitor,
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::{Recording, RecordingPage};
use wanted::{HOME, PAGE, Wanted};

#[component]
pub fn RecordingsPage() -> impl IntoView {
    let words = use_words();
    if !use_visitor().is_admin() {
        return not_allowed();
    }
    provide_zone();
    view! {
        <Title text=words.recordings_title() />
        <div class="page recordings">
            {addressed(Wanted::of, |wanted| load_recordings(wanted.wish(), wanted.offset()), list)}
        </div>
    }
    .into_any()
}

fn list(page: RecordingPage, wanted: Wanted) -> AnyView {
    let words = use_words();
    let head = view! {
        <header class="page-head">
            <div>
                <h1>{words.recordings_title()}</h1>
                <p>{words.recordings_lead()}</p>
            </div>
        </header>
    };
    if page.recordings.is_empty() && !wanted.is_filtered() && wanted.page == 1 {
        return view! {
            {head}
            <Empty icon=IconName::Play title=words.recordings_none() text=words.recordings_none_text() />
        }
        .into_any();
    }
    let is_empty = page.recordings.is_empty();
    let pager = pager(words, &page, &wanted);
    let rows: Vec<_> = page.recordings.into_iter().map(|recording| row(words, recording)).collect();
    view! {
        {head}
        {filtering(words, &wanted)}
        <div class="list" role="table" aria-label=words.recordings_title()>
            <div class="list-head recording-row" role="row">
                <span role="columnheader">{words.audit_when()}</span>
                <span role="columnheader">{words.history_device()}</span>
                <span role="columnheader">{words.audit_who()}</span>
                <span role="columnheader">{words.history_length()}</span>
            </div>
            {rows}
        </div>
        {is_empty.then(|| view! { <p class="list-none">{words.audit_none()}</p> })}
        {pager}
    }
    .into_any()
}

fn filtering(words: Words, wanted: &Wanted) -> AnyView {
    let fields = view! {
        {filter_text(words.history_device(), "device", "text", &wanted.device)}
        {filter_text(words.audit_who(), "user", "text", &wanted.user)}
    };
    filter(HOME, fields.into_any())
}

fn row(words: Words, recording: Recording) -> AnyView {
    let zone = use_zone();
    let (at, is_live) = (recording.begun_at, recording.is_live());
    let time = Signal::derive(move || zone.get().moment(words, at, true));
    let href = format!("/admin/recordings/{}", recording.id);
    let marks = marks(words, &recording);
    let (now, until) = (use_now(), recording.until);
    // One that goes on grows while it is looked at, by whichever clock is ahead.
    let until = move || if is_live { until.max(now.get()) } else { until };
    let length = move || format::span(words, until().since_ms(at).max(0) / 1_000);
    let size = format::bytes(words, recording.bytes);
    view! {
        <div class="recording-row list-row" role="row">
            <span role="cell"><a href=href><Moment at text=time /></a></span>
            <span role="cell"><strong>{recording.device}</strong></span>
            <span role="cell">
                <span>{recording.who}</span>
                <small>{recording.address}</small>
            </span>
            <span role="cell">
                <span>{length}", "{size}</span>
                {marks}
            </span>
        </div>
    }
    .into_any()
}

/// What is to be known of it before it is opened: that it goes on, or that something is missing.
fn marks(words: Words, recording: &Recording) -> Vec<AnyView> {
    let live = recording
        .is_live()
        .then(|| view! { <small class="recording-live">{words.link_live()}</small> }.into_any());
    let lost = (recording.lost_bytes > 0).then(|| {
        let size = format::bytes(words, recording.lost_bytes);
        view! { <small>{words.recording_lost(&size)}</small> }.into_any()
    });
    let cut = recording.is_cut.then(|| view! { <small>{words.recording_cut()}</small> }.into_any());
    [live, lost, cut].into_iter().flatten().collect()
}

fn pager(words: Words, page: &RecordingPage, wanted: &Wanted) -> AnyView {
    let shown = page.recordings.len() as u64;
    let newer = (wanted.page > 1).then(|| wanted.href(wanted.page - 1));
    let older = (wanted.offset() + PAGE < page.total).then(|| wanted.href(wanted.page + 1));
    let range = (shown > 0)
        .then(|| words.list_range(&(wanted.offset() + 1), &(wanted.offset() + shown), &page.total));
    view! { <Pager newer older=Signal::stored(older) range=Signal::stored(range) /> }.into_any()
}

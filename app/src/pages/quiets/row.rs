//! One window: what it is, whom it is about, and when.

use super::{Part, Quiets, when};
use crate::{format, i18n::use_words, parts::*, use_visitor};
use leptos::prelude::*;
use model::{Quiet, QuietId};

pub fn row(
    quiets: Quiets,
    id: QuietId,
    part: Part,
    (editing, ending): (RwSignal<bool>, RwSignal<bool>),
) -> AnyView {
    let words = use_words();
    let quiet = quiets.one(id);
    let name = move || {
        quiet.with(|quiet| quiet.as_ref().map_or_else(String::new, |quiet| quiet.draft.title.clone()))
    };
    let with = move |tell: fn(crate::i18n::Words, &Quiet) -> String| {
        move || quiet.with(|quiet| quiet.as_ref().map(|quiet| tell(words, quiet)))
    };
    let choose = move |dialog: RwSignal<bool>| {
        quiets.chosen.set(quiet.get_untracked());
        dialog.set(true);
    };
    let is_over = part == Part::Over;
    let acts = (!is_over && use_visitor().is_admin()).then(|| {
        view! {
            <span class="alert-acts">
                <Button look=Look::Quiet on:click=move |_| choose(editing) attr:title=words.action_edit() attr:aria-label=move || words.channel_edit_of(&name())>
                    <Icon name=IconName::Edit />
                </Button>
                <Button on:click=move |_| choose(ending) attr:aria-label=move || words.quiet_end_of(&name())>
                    {words.quiet_end()}
                </Button>
            </span>
        }
    });
    view! {
        <li class="quiet-row list-row" class:over=is_over class:runs=part == Part::Runs>
            <span class="quiet-kind">
                {move || quiet.with(|quiet| quiet.as_ref().map(|quiet| {
                    let kind = quiet.draft.kind;
                    view! {
                        <Icon name=quiet_icon(kind) />
                        {quiet_word(words, kind)}
                    }
                }))}
            </span>
            <div class="alert-what">
                <h3>{with(|_, quiet| quiet.draft.title.clone())}</h3>
                <p class="alert-aside">{with(when::about_what)} " " {counted(quiet)}</p>
                <p class="alert-aside">{with(|words, quiet| when::plan(words, &quiet.draft.plan))}</p>
            </div>
            <p class="alert-when">{times(quiet)} <span>{with(|words, quiet| words.quiet_by(&quiet.made_by))}</span></p>
            {acts}
        </li>
    }
    .into_any()
}

/// How many devices that is, while it matters.
fn counted(quiet: Memo<Option<Quiet>>) -> AnyView {
    let words = use_words();
    (move || {
        let count = quiet.with(|quiet| quiet.as_ref().and_then(|quiet| quiet.devices));
        let count = count?;
        let text = format!("({})", words.device_count(count.into()));
        Some(match count {
            // It keeps quiet about nothing.
            0 => view! { <span class="quiet-nobody"><Icon name=IconName::Warning />{text}</span> }.into_any(),
            _ => text.into_any(),
        })
    })
    .into_any()
}

/// How long it still runs, when it begins, or when it ended.
fn times(quiet: Memo<Option<Quiet>>) -> AnyView {
    let (words, now) = (use_words(), use_now());
    (move || {
        let quiet = quiet.get()?;
        let spell = move |ms: i64| format::span(words, ms.max(0) / 1000);
        Some(match (quiet.ended_at, quiet.current, quiet.next) {
            (Some(at), ..) => view! { <span>{words.quiet_ended()} " " <Ago at /></span> }.into_any(),
            (None, Some(span), _) => {
                let text = move || words.quiet_left(&spell(span.to.since_ms(now.get())));
                view! { <strong class="quiet-runs"><Moment at=span.to text=Signal::derive(text) /></strong> }
                    .into_any()
            }
            (None, None, Some(span)) => {
                let text = move || words.quiet_in(&spell(span.from.since_ms(now.get())));
                view! { <strong><Moment at=span.from text=Signal::derive(text) /></strong> }.into_any()
            }
            (None, None, None) => ().into_any(),
        })
    })
    .into_any()
}

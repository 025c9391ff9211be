//! One device's row. Everything in it reads the device's own signal, so a change touches this row only.

use super::{board::Board, columns::Column};
use crate::{
    i18n::use_words,
    live::RowSignal,
    pages::device::{Doubt, reason},
    parts::{Beats, Icon, IconName, QuietBadge, Since, StateMark},
    use_visitor,
};
use leptos::{ev, prelude::*};
use model::{DeviceId, RouterLive};

#[component]
pub fn DeviceRow(board: Board, id: DeviceId) -> impl IntoView {
    let Some(row) = board.fleet.row(id) else { return ().into_any() };
    let (state, kind) = (row.clone(), row.clone());
    let is_admin = use_visitor().is_admin();
    let pick = is_admin.then(|| pick(board, id, row.clone()));
    let cells = move || board.columns().into_iter().map(|column| cell(&row, column)).collect_view();
    view! {
        <tr
            data-id=id.0
            data-state=move || state.with(|row| row.live.state.word())
            data-router=move || kind.with(|row| row.live.router.as_ref().map(|_| ""))
            class:cursor=move || board.cursor.get() == Some(id)
            class:open=move || board.open.get() == Some(id)
            class:picked=move || board.picks.has(id)
            on:focusin=move |_| board.cursor.set(Some(id))
            on:mousedown=move |event| {
                // Or the browser marks the text in between.
                if is_admin && event.shift_key() {
                    event.prevent_default();
                }
            }
            on:click=move |event| follow(board, id, is_admin, &event)
        >
            {pick}
            {cells}
        </tr>
    }
    .into_any()
}

/// A click anywhere opens the device, but a link out of here and a click with a key keep their meaning.
fn follow(board: Board, id: DeviceId, is_admin: bool, event: &ev::MouseEvent) {
    use wasm_bindgen::JsCast;
    let element = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let is_own = element.is_some_and(|e| e.closest("a[target], .c-pick").is_ok_and(|own| own.is_some()));
    if is_own || event.ctrl_key() || event.meta_key() {
        return;
    }
    if !event.shift_key() {
        event.prevent_default();
        board.show(id);
    } else if is_admin {
        event.prevent_default();
        board.picks.set_up_to(id, true);
    }
}

/// The box that picks the device for an act on several; with Shift, all up to the one before.
fn pick(board: Board, id: DeviceId, row: RowSignal) -> AnyView {
    let words = use_words();
    let press = move |event: ev::MouseEvent| {
        let on = event_target_checked(&event);
        if event.shift_key() { board.picks.set_up_to(id, on) } else { board.picks.set(id, on) }
    };
    view! {
        <td class="c-pick">
            <label>
                <input
                    type="checkbox"
                    aria-label=move || row.with(|row| words.bulk_pick(&row.name))
                    prop:checked=move || board.picks.has(id)
                    on:click=press
                />
            </label>
        </td>
    }
    .into_any()
}

fn cell(row: &RowSignal, column: Column) -> AnyView {
    let (words, row) = (use_words(), row.clone());
    let class = column.class();
    let drawn = match column {
        Column::State => {
            let (state, doubted, quiet) = (row.clone(), row.clone(), row.clone());
            let cause = move || row.with(|row| reason(words, row));
            let state = Signal::derive(move || state.with(|row| row.live.state));
            return view! {
                <td class=class title=cause>
                    <StateMark state />
                    <Doubt row=doubted />
                    <QuietBadge mark=Signal::derive(move || quiet.with(|row| row.quiet.clone())) />
                </td>
            }
            .into_any();
        }
        Column::Name => name(row.clone()),
        Column::Beats => {
            let beats = Signal::derive(move || row.with(|row| row.beats.clone()));
            view! { <Beats beats /> }.into_any()
        }
        Column::Since => {
            view! { <Since at=Signal::derive(move || row.with(|row| row.live.since)) /> }.into_any()
        }
        Column::Version => version(row.clone()),
        Column::Webfig => webfig(row.clone()),
        Column::Cpu | Column::Memory => {
            let share = row.clone();
            return view! {
                <td class=class data-short=column.label(words) style:--share=move || share.with(|row| share_of(row.live.router.as_ref(), column))>
                    {move || row.with(|row| column.text(words, row))}
                </td>
            }
            .into_any();
        }
        _ => (move || row.with(|row| column.text(words, row))).into_any(),
    };
    view! {
        <td class=class>
            {drawn}
        </td>
    }
    .into_any()
}

fn name(row: RowSignal) -> AnyView {
    let id = row.with_untracked(|row| row.id);
    let tip = row.clone();
    view! {
        <a href=format!("/devices/{id}") title=move || tip.with(|row| format!("{} · {}", row.name, row.address))>
            {move || row.with(|row| row.name.clone())}
        </a>
    }
    .into_any()
}

fn version(row: RowSignal) -> AnyView {
    let words = use_words();
    let of = |pick: fn(&RouterLive) -> Option<String>, row: &RowSignal| {
        row.with(|row| row.live.router.as_ref().and_then(pick))
    };
    let newer = row.clone();
    view! {
        {move || of(|router| router.version.clone(), &row).map(|version| short_version(&version).to_owned())}
        {move || {
            of(|router| router.update.clone(), &newer)
                .map(|update| {
                    view! {
                        <span class="update" title=words.update_available(&update)>
                            <Icon name=IconName::Up />
                            <span class="hidden">{words.update_available(&update)}</span>
                        </span>
                    }
                })
        }}
    }
    .into_any()
}

/// `7.15.2 (stable)` without its channel.
pub fn short_version(version: &str) -> &str {
    version.split_whitespace().next().unwrap_or_default()
}

fn webfig(row: RowSignal) -> AnyView {
    (move || {
        let url = row.with(|row| row.live.router.as_ref().and_then(|router| router.webfig_url.clone()));
        url.map(|url| {
            view! {
                <a class="out" href=url target="_blank" rel="noreferrer noopener">
                    "WebFig"
                    <Icon name=IconName::Link />
                </a>
            }
        })
    })
    .into_any()
}

/// For the bar behind the number.
fn share_of(router: Option<&RouterLive>, column: Column) -> String {
    let share = router.and_then(|router| match column {
        Column::Cpu => router.cpu_percent,
        _ => router.memory_percent,
    });
    format!("{:.0}%", share.unwrap_or(0.0).clamp(0.0, 100.0))
}

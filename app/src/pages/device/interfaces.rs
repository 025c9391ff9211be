//! The router's interfaces with their rates and errors.

use super::detail::Told;
use crate::{
    format,
    i18n::{Words, use_words},
    pages::dashboard::natural,
    parts::{Card, StateMark},
};
use leptos::prelude::*;
use model::{Interface, State};

#[component]
pub fn Interfaces(told: Told) -> impl IntoView {
    let words = use_words();
    let sorted = Memo::new(move |_| {
        let mut interfaces = told.interfaces.get();
        // What runs comes first; the rest is there to be found.
        interfaces.sort_by_key(|one| (one.is_disabled, !one.is_running, natural(&one.name)));
        interfaces
    });
    let lines = move || sorted.get().into_iter().map(|interface| line(words, interface)).collect_view();
    let table = move || {
        view! {
            <div class="table-frame">
                <table class="table plain">
                    <thead>
                        <tr>
                            <th scope="col">{words.interface_name()}</th>
                            <th scope="col" class="c-kind">
                                {words.interface_kind()}
                            </th>
                            <th scope="col" class="num">
                                {words.column_download()}
                            </th>
                            <th scope="col" class="num">
                                {words.column_upload()}
                            </th>
                            <th scope="col" class="num">
                                {words.interface_errors()}
                            </th>
                            <th scope="col" class="num">
                                {words.interface_drops()}
                            </th>
                        </tr>
                    </thead>
                    <tbody>{lines}</tbody>
                </table>
            </div>
        }
    };
    let is_known = Memo::new(move |_| sorted.with(|interfaces| !interfaces.is_empty()));
    move || is_known.get().then(|| view! { <Card title=words.interface_title()>{table()}</Card> })
}

fn line(words: Words, interface: Interface) -> impl IntoView {
    let state = match (interface.is_disabled, interface.is_running) {
        (true, _) => State::Paused,
        (_, true) => State::Up,
        (_, false) => State::Unknown,
    };
    let word = match state {
        State::Paused => words.interface_disabled(),
        State::Up => words.interface_running(),
        _ => words.interface_idle(),
    };
    let rate = |bps: Option<u64>| bps.map(|bps| format::rate(words, bps));
    let errors = match (interface.rx_errors, interface.tx_errors) {
        (None, None) => String::new(),
        (rx, tx) => (rx.unwrap_or(0) + tx.unwrap_or(0)).to_string(),
    };
    view! {
        <tr class=if state == State::Up { "" } else { "faint" }>
            <th scope="row" title=word>
                <span class="interface">
                    <span aria-hidden="true">
                        <StateMark state=state quiet=true />
                    </span>
                    {interface.name}
                    <span class=if state == State::Up { "hidden" } else { "muted" }>{word}</span>
                    {interface.comment.map(|comment| view! { <span class="muted">{comment}</span> })}
                </span>
            </th>
            <td class="c-kind muted">{interface.kind}</td>
            <td class="num">{rate(interface.rx_bps)}</td>
            <td class="num">{rate(interface.tx_bps)}</td>
            <td class="num">{errors}</td>
            <td class="num">{interface.link_downs.map(|downs| downs.to_string())}</td>
        </tr>
    }
}

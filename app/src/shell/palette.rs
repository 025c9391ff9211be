//! Ctrl-K: any device, page or act by a few letters of its name.

use super::palette_acts::{Doer, Go, offers};
use crate::{
    browser,
    i18n::{Words, use_words},
    lazy,
    live::{Fleet, use_fleet},
    pages::{dashboard::natural, terminal},
    parts::{Dialog, Icon, IconName, StateMark},
    use_visitor,
};
use leptos::{ev, html, prelude::*};
use model::{Row, State};

/// More are found by typing more.
const DEVICES_MAX: usize = 20;
/// So much of the word must be there before it means terminals.
const PROMPT_LETTERS_MIN: usize = 3;

#[derive(Clone, Copy)]
struct PaletteOpen(RwSignal<bool>);

/// Makes the palette known to the header, the keys and itself.
pub fn provide_palette() {
    provide_context(PaletteOpen(RwSignal::new(false)));
}

/// Whether the palette is open.
pub fn use_palette() -> RwSignal<bool> {
    use_context::<PaletteOpen>().map_or_else(|| RwSignal::new(false), |open| open.0)
}

/// One line of the palette.
#[derive(Clone, PartialEq)]
struct Found {
    title: String,
    detail: String,
    mark: Mark,
    go: Go,
}

#[derive(Clone, Copy, PartialEq)]
enum Mark {
    State(State),
    Icon(IconName),
}

#[component]
pub fn Palette() -> impl IntoView {
    let words = use_words();
    let open = use_palette();
    view! {
        <Dialog open=open title=words.palette_title() wide=true>
            {lazy::later(lazy::fetch_search, move || lazy::at_once(lazy::open_search(open)))}
        </Dialog>
    }
}

/// What it holds.
pub fn search(open: RwSignal<bool>) -> AnyView {
    let words = use_words();
    let is_admin = use_visitor().is_admin();
    let fleet = use_fleet();
    let (typed, chosen) = (RwSignal::new(String::new()), RwSignal::new(0_usize));
    let found = Memo::new(move |_| find(words, is_admin, fleet, &typed.get().to_lowercase()));
    let doer = StoredValue::new(Doer::new());
    let go = move |go: &Go| {
        open.set(false);
        doer.with_value(|doer| doer.go(go));
    };
    let choose = move |index: usize| {
        chosen.set(index);
        // Once the page shows which it is.
        browser::when_drawn(move || browser::scroll_to(&format!("#found-{index}")));
    };
    let node = NodeRef::<html::Input>::new();
    Effect::new(move |_| node.get().map(|input| drop(input.focus())));
    let on_key = move |event: ev::KeyboardEvent| {
        let last = found.with_untracked(Vec::len).saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => choose((chosen.get_untracked() + 1).min(last)),
            "ArrowUp" => choose(chosen.get_untracked().saturating_sub(1)),
            "Enter" => {
                let hit =
                    found.with_untracked(|found| found.get(chosen.get_untracked()).map(|hit| hit.go.clone()));
                hit.inspect(|hit| go(hit));
            }
            _ => return,
        }
        event.prevent_default();
    };
    let line = move |(index, hit): (usize, Found)| {
        let to = hit.go.clone();
        let is_chosen = move || chosen.get() == index;
        view! {
            <li
                role="option"
                id=format!("found-{index}")
                aria-selected=move || if is_chosen() { "true" } else { "false" }
                on:click=move |_| go(&to)
            >
                {match hit.mark {
                    Mark::State(state) => view! { <StateMark state=state quiet=true /> }.into_any(),
                    Mark::Icon(name) => view! { <Icon name /> }.into_any(),
                }}
                <span>{hit.title}</span>
                <span class="muted">{hit.detail}</span>
            </li>
        }
    };
    view! {
        <div class="palette">
            <input
                class="input"
                node_ref=node
                role="combobox"
                aria-expanded="true"
                aria-controls="found"
                aria-activedescendant=move || format!("found-{}", chosen.get())
                aria-label=words.palette_title()
                placeholder=words.palette_placeholder()
                autocomplete="off"
                spellcheck="false"
                on:input=move |event| {
                    chosen.set(0);
                    typed.set(event_target_value(&event));
                }
                on:keydown=on_key
            />
            <ul id="found" class="palette-list" role="listbox" aria-label=words.palette_title()>
                <For each=move || found.get().into_iter().enumerate() key=|(index, hit)| (*index, hit.title.clone(), hit.detail.clone()) children=line />
            </ul>
            <p class="palette-none" role="status">
                {move || found.with(Vec::is_empty).then(|| words.palette_none())}
            </p>
        </div>
    }
    .into_any()
}

fn find(words: Words, is_admin: bool, fleet: Fleet, typed: &str) -> Vec<Found> {
    // Every word must be there, in any order: "dark theme" finds "Theme: Dark".
    let fits = |text: &str| {
        let text = text.to_lowercase();
        typed.split_whitespace().all(|word| text.contains(word))
    };
    let mut offers = offers(words, is_admin);
    offers.retain(|offer| fits(&offer.title));
    // "log out" means that, and not router logs.
    offers.sort_by_key(|offer| !offer.title.to_lowercase().starts_with(typed));
    let offers = offers.into_iter().map(|offer| Found {
        title: offer.title,
        detail: String::new(),
        mark: Mark::Icon(offer.icon),
        go: offer.go,
    });
    fleet.track_order();
    let mut devices: Vec<(String, Found)> = fleet.with_rows(|rows| {
        let found = rows.into_iter().filter(|row| fits(&format!("{} {}", row.name, row.address)));
        let found = found.map(|row| Found {
            title: row.name.clone(),
            detail: row.location.clone().unwrap_or_else(|| row.address.clone()),
            mark: Mark::State(row.live.state),
            go: Go::To(format!("/devices/{}", row.id)),
        });
        found.map(|found| (natural(&found.title), found)).collect()
    });
    devices.sort_by(|(a, _), (b, _)| a.cmp(b));
    let devices = devices.into_iter().take(DEVICES_MAX).map(|(_, found)| found);
    let devices = devices.chain(if is_admin { prompts(words, fleet, typed) } else { Vec::new() });
    if typed.is_empty() { offers.chain(devices).collect() } else { devices.chain(offers).collect() }
}

/// "terminal branch" finds the prompt of branch-1.
fn prompts(words: Words, fleet: Fleet, typed: &str) -> Vec<Found> {
    let what = words.terminal_title();
    let (first, rest) = typed.split_once(' ').unwrap_or((typed, ""));
    if first.chars().count() < PROMPT_LETTERS_MIN || !what.to_lowercase().starts_with(first) {
        return Vec::new();
    }
    let prompt = |row: &&Row| Found {
        title: format!("{what}: {}", row.name),
        detail: row.location.clone().unwrap_or_else(|| row.address.clone()),
        mark: Mark::Icon(IconName::Terminal),
        go: Go::To(terminal::path(&row.name)),
    };
    let fits = |row: &&&Row| row.name.to_lowercase().contains(rest.trim());
    let mut found: Vec<_> = fleet.with_rows(|rows| rows.iter().filter(fits).map(prompt).collect());
    found.sort_by_cached_key(|found| natural(&found.title));
    found.truncate(DEVICES_MAX);
    found
}

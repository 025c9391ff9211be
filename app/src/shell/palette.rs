//! Ctrl-K: any device, page or act by a few letters of its name.

use crate::{
    i18n::{Words, use_words},
    live::use_fleet,
    pages::dashboard::natural,
    parts::{Dialog, Icon, IconName, StateMark, may_leave},
    use_visitor,
};
use leptos::{ev, html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::State;

/// More are found by typing more.
const RESULTS_MAX: usize = 12;

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
    /// Of devices only.
    state: Option<State>,
    path: String,
}

#[component]
pub fn Palette() -> impl IntoView {
    let words = use_words();
    let open = use_palette();
    view! {
        <Dialog open=open title=words.palette_title() wide=true>
            <Search open />
        </Dialog>
    }
}

#[component]
fn Search(open: RwSignal<bool>) -> impl IntoView {
    let words = use_words();
    let is_admin = use_visitor().is_admin();
    let fleet = use_fleet();
    let (typed, chosen) = (RwSignal::new(String::new()), RwSignal::new(0_usize));
    let found = Memo::new(move |_| find(words, is_admin, fleet, &typed.get().to_lowercase()));
    let navigate = use_navigate();
    let go = StoredValue::new_local(move |path: &str| {
        if may_leave() {
            open.set(false);
            navigate(path, NavigateOptions::default());
        }
    });
    let node = NodeRef::<html::Input>::new();
    Effect::new(move |_| node.get().map(|input| drop(input.focus())));
    let on_key = move |event: ev::KeyboardEvent| {
        let last = found.with_untracked(Vec::len).saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => chosen.update(|chosen| *chosen = (*chosen + 1).min(last)),
            "ArrowUp" => chosen.update(|chosen| *chosen = chosen.saturating_sub(1)),
            "Enter" => {
                let path =
                    found.with_untracked(|found| found.get(chosen.get_untracked()).map(|f| f.path.clone()));
                path.inspect(|path| go.with_value(|go| go(path)));
            }
            _ => return,
        }
        event.prevent_default();
    };
    let line = move |(index, hit): (usize, Found)| {
        let path = hit.path.clone();
        let is_chosen = move || chosen.get() == index;
        view! {
            <li
                role="option"
                id=format!("found-{index}")
                aria-selected=move || if is_chosen() { "true" } else { "false" }
                on:click=move |_| go.with_value(|go| go(&path))
            >
                {match hit.state {
                    Some(state) => view! { <StateMark state=state quiet=true /> }.into_any(),
                    None => view! { <Icon name=IconName::Link /> }.into_any(),
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
}

fn find(words: Words, is_admin: bool, fleet: crate::live::Fleet, typed: &str) -> Vec<Found> {
    let mut pages = vec![(words.nav_dashboard(), "/"), (words.nav_account(), "/account")];
    if is_admin {
        pages.extend([
            (words.nav_routers(), "/admin/routers"),
            (words.dashboard_add_device(), "/admin/routers/new"),
            (words.nav_users(), "/admin/users"),
        ]);
    }
    let pages = pages.into_iter().map(|(title, path)| Found {
        title: title.to_owned(),
        detail: String::new(),
        state: None,
        path: path.to_owned(),
    });
    let mut devices: Vec<Found> = fleet
        .rows()
        .into_iter()
        .filter_map(|row| {
            row.with_untracked(|row| {
                let fits = row.name.to_lowercase().contains(typed) || row.address.contains(typed);
                fits.then(|| Found {
                    title: row.name.clone(),
                    detail: row.location.clone().unwrap_or_else(|| row.address.clone()),
                    state: Some(row.live.state),
                    path: format!("/devices/{}", row.id),
                })
            })
        })
        .collect();
    devices.sort_by(|a, b| natural(&a.title, &b.title));
    let mut found: Vec<Found> = pages.filter(|page| page.title.to_lowercase().contains(typed)).collect();
    if typed.is_empty() {
        found.extend(devices);
    } else {
        found.splice(0..0, devices);
    }
    found.truncate(RESULTS_MAX);
    found
}

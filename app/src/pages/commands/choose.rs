//! Whom to ask: the devices that can be, narrowed down as on the dashboard, and those that cannot, with the reason.

use crate::{
    i18n::Words,
    live::use_fleet,
    pages::{dashboard::Filter, terminal},
    parts::*,
};
use leptos::prelude::*;
use model::{CommandObstacle, Device, DeviceId};
use std::{collections::BTreeSet, sync::Arc};

/// Devices listed at once; the filter finds the others.
const LISTED_MAX: usize = 200;

/// A device of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Candidate {
    id: DeviceId,
    name: String,
    site: String,
    obstacle: Option<CommandObstacle>,
}

/// What is chosen so far. Copy it into closures.
#[derive(Clone, Copy)]
pub struct Choice {
    all: StoredValue<Arc<Vec<Candidate>>>,
    filter: RwSignal<String>,
    chosen: RwSignal<BTreeSet<DeviceId>>,
    /// Those that the filter finds, by name.
    found: Memo<Vec<Candidate>>,
}

impl Choice {
    pub fn new(devices: Vec<Device>, chosen: Vec<DeviceId>) -> Self {
        let fleet = use_fleet();
        let mut all: Vec<_> = devices.into_iter().map(Candidate::of).collect();
        all.sort_by_cached_key(|one| one.name.to_lowercase());
        let is_ready = |id: &DeviceId| all.iter().any(|one| one.id == *id && one.obstacle.is_none());
        let chosen = RwSignal::new(chosen.into_iter().filter(is_ready).collect());
        let all = Arc::new(all);
        let (filter, known) = (RwSignal::new(String::new()), all.clone());
        let found = Memo::new(move |_| {
            fleet.track_order();
            let filter = filter.with(|text| Filter::parse(text));
            let fits = |one: &&Candidate| {
                filter.is_empty() || fleet.with_row(one.id, |row| filter.fits(row)).unwrap_or(false)
            };
            known.iter().filter(fits).cloned().collect()
        });
        Self { all: StoredValue::new(all), filter, chosen, found }
    }

    pub fn count(self) -> usize {
        self.chosen.with(BTreeSet::len)
    }

    pub fn ids(self) -> Vec<DeviceId> {
        self.chosen.with_untracked(|chosen| chosen.iter().copied().collect())
    }

    /// Those that can be asked: what the filter finds, and whatever is chosen, so that nothing is asked that nobody
    /// sees.
    fn listed(self) -> Vec<Candidate> {
        let found: BTreeSet<_> = self.ready().into_iter().take(LISTED_MAX).collect();
        let is_listed =
            |one: &&Candidate| found.contains(&one.id) || self.chosen.with(|chosen| chosen.contains(&one.id));
        self.all.with_value(|all| all.iter().filter(is_listed).cloned().collect())
    }

    /// The found ones that can be asked.
    fn ready(self) -> Vec<DeviceId> {
        let is_ready = |one: &&Candidate| one.obstacle.is_none();
        self.found.with(|found| found.iter().filter(is_ready).map(|one| one.id).collect())
    }

    fn unready(self) -> Vec<Candidate> {
        self.found.with(|found| {
            found.iter().filter(|one| one.obstacle.is_some()).take(LISTED_MAX).cloned().collect()
        })
    }

    fn toggle(self, id: DeviceId, is_chosen: bool) {
        self.chosen.update(|chosen| {
            if is_chosen {
                chosen.insert(id)
            } else {
                chosen.remove(&id)
            };
        });
    }
}

impl Candidate {
    fn of(device: Device) -> Self {
        let obstacle = CommandObstacle::of(&device);
        Self { id: device.id, name: device.name, site: device.location.unwrap_or_default(), obstacle }
    }
}

pub fn choose(words: Words, choice: Choice) -> AnyView {
    let ready = Memo::new(move |_| choice.ready());
    let count = move || ready.with(Vec::len);
    let left_out = move || count().saturating_sub(LISTED_MAX);
    view! {
        <fieldset class="command-choose">
            <legend>{words.command_devices()}</legend>
            <div class="search">
                <Icon name=IconName::Search />
                <input
                    class="input"
                    type="search"
                    aria-label=words.command_filter()
                    placeholder="site:bandung tag:core type:router ros:<7.15"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=move || choice.filter.get()
                    on:input=move |event| choice.filter.set(event_target_value(&event))
                    on:keydown=stay
                />
                <Button
                    disabled=Signal::derive(move || count() == 0)
                    on:click=move |_| choice.chosen.update(|chosen| chosen.extend(ready.get_untracked()))
                >
                    {move || words.command_choose(count() as u64)}
                </Button>
                <Button
                    look=Look::Quiet
                    disabled=Signal::derive(move || choice.count() == 0)
                    on:click=move |_| choice.chosen.update(BTreeSet::clear)
                >
                    {words.command_choose_none()}
                </Button>
                <span class="search-count" role="status">
                    {move || words.command_chosen(choice.count() as u64)}
                </span>
            </div>
            <div class="command-list">
                <For each=move || choice.listed() key=|one| one.id let:one>
                    {listed(choice, one)}
                </For>
            </div>
            <Show when=move || count() == 0>
                <p class="field-note">{words.command_none_fit()}</p>
            </Show>
            <Show when=move || { left_out() > 0 }>
                <p class="field-note">{move || words.command_more(left_out() as u64)}</p>
            </Show>
            {unready(words, choice)}
        </fieldset>
    }
    .into_any()
}

/// The filter is no field of the form: Enter in it runs nothing.
fn stay(event: leptos::ev::KeyboardEvent) {
    if event.key() == "Enter" {
        event.prevent_default();
    }
}

fn listed(choice: Choice, one: Candidate) -> AnyView {
    let id = one.id;
    view! {
        <label class="command-one">
            <input
                type="checkbox"
                checked=choice.chosen.with_untracked(|chosen| chosen.contains(&id))
                prop:checked=move || choice.chosen.with(|chosen| chosen.contains(&id))
                on:change=move |event| choice.toggle(id, event_target_checked(&event))
            />
            <span>
                {one.name}
                <small>{one.site}</small>
            </span>
        </label>
    }
    .into_any()
}

/// Those that cannot be asked, each with where to mend it.
fn unready(words: Words, choice: Choice) -> AnyView {
    let count = Memo::new(move |_| {
        choice.found.with(|found| found.iter().filter(|one| one.obstacle.is_some()).count())
    });
    view! {
        <Show when=move || { count.get() > 0 }>
            <details class="command-unready">
                <summary>{move || words.command_unready(count.get() as u64)}</summary>
                <ul>
                    <For
                        each=move || choice.unready()
                        key=|one| one.id
                        let:one
                    >
                        <li>
                            <span>{one.name.clone()}</span>
                            {one.obstacle.map(|obstacle| {
                                view! {
                                    <a href=mend(obstacle, one.id, &one.name)>{reason(words, obstacle)}</a>
                                }
                            })}
                        </li>
                    </For>
                </ul>
            </details>
        </Show>
    }
    .into_any()
}

/// Why a device cannot be asked.
pub fn reason(words: Words, obstacle: CommandObstacle) -> &'static str {
    match obstacle {
        CommandObstacle::NoLogin => words.command_no_login(),
        CommandObstacle::NoHostKey => words.command_no_host_key(),
    }
}

/// Where that is mended.
pub fn mend(obstacle: CommandObstacle, id: DeviceId, name: &str) -> String {
    match obstacle {
        CommandObstacle::NoLogin => format!("/admin/routers/{id}"),
        CommandObstacle::NoHostKey => terminal::path(name),
    }
}

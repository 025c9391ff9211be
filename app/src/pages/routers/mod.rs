//! The devices, for admins: the list, and beside it the panel that adds or edits one of them.
//!
//! The panel has its own address (`/admin/routers/new`, `/admin/routers/7`); on a phone it is the page.

mod access;
mod checks;
mod editor;
mod form;
mod host_key;
mod list;
mod login;
mod probe;
mod remove;
mod sections;
mod ssh;
mod suggested;
mod wish;

use crate::{
    api::{
        ApiError,
        devices::{load_check_forms, load_devices},
        load::load,
    },
    i18n::{Words, use_words},
    lost::say_lost,
    pages::not_allowed::not_allowed,
    parts::*,
    use_visitor,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use model::{CheckForm, Device, DeviceId};

/// Where the list is.
const HOME: &str = "/admin/routers";

/// The devices and the check kinds, as everything on this page sees them.
#[derive(Clone, Copy)]
struct Roster {
    devices: RwSignal<Vec<Device>>,
    forms: StoredValue<Vec<CheckForm>>,
    /// How often the truth was wanted since nobody asks for it, which is zero.
    wanted: StoredValue<u32>,
}

impl Roster {
    fn new((devices, forms): (Vec<Device>, Vec<CheckForm>)) -> Self {
        Self { devices: RwSignal::new(devices), forms: StoredValue::new(forms), wanted: StoredValue::new(0) }
    }

    /// Asks the server for the truth again; once more where that is being done, for its answer may be of before.
    fn refresh(self) {
        if self.want() == Some(1) {
            spawn_local(self.ask());
        }
    }

    /// An answer that is on its way may know nothing of a change that was just made.
    fn outdate(self) {
        if self.wanted.try_get_value().is_some_and(|wanted| wanted > 0) {
            self.want();
        }
    }

    fn want(self) -> Option<u32> {
        self.wanted.try_update_value(|wanted| {
            *wanted += 1;
            *wanted
        })
    }

    async fn ask(self) {
        while let Some(wanted) = self.wanted.try_get_value() {
            let answer = load_devices().await;
            if self.wanted.try_get_value() != Some(wanted) {
                continue;
            }
            self.wanted.set_value(0);
            if let Ok(mut devices) = answer {
                wish::lay_over(&mut devices);
                self.devices.try_set(devices);
            }
            return;
        }
    }

    fn one(self, id: DeviceId) -> Memo<Option<Device>> {
        Memo::new(move |_| self.devices.with(|all| all.iter().find(|device| device.id == id).cloned()))
    }

    /// Takes a device as the server now has it.
    fn put(self, device: Device) {
        self.devices.update(|all| {
            all.retain(|known| known.id != device.id);
            all.push(device);
        });
        self.outdate();
    }

    /// A device is gone.
    fn forget(self, id: DeviceId) {
        self.devices.update(|all| all.retain(|known| known.id != id));
        self.outdate();
    }
}

/// What the panel beside the list shows.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Panel {
    Closed,
    New,
    Edit(DeviceId),
    Nothing,
}

impl Panel {
    fn of(parameter: Option<&str>) -> Self {
        match parameter {
            None | Some("") => Panel::Closed,
            Some("new") => Panel::New,
            Some(id) => id.parse().map_or(Panel::Nothing, Panel::Edit),
        }
    }
}

#[component]
pub fn RoutersPage() -> impl IntoView {
    let words = use_words();
    if !use_visitor().is_admin() {
        return not_allowed();
    }
    let loaded =
        load(|| (), |()| async { Ok::<_, ApiError>((load_devices().await?, load_check_forms().await?)) });
    let parameters = use_params_map();
    let panel = Memo::new(move |_| parameters.with(|all| Panel::of(all.get_str("id"))));
    view! {
        <Title text=words.routers_title() />
        <div class="routers">
        // Its content is text to a browser that runs scripts, so nothing may look for elements in it.
        <noscript inner_html=format!("<p class=\"note warn\">{}</p>", words.needs_scripts())></noscript>
        {when_found(loaded, move |roster| split(Roster::new(roster), panel))}
        </div>
    }
    .into_any()
}

fn split(roster: Roster, panel: Memo<Panel>) -> AnyView {
    let words = use_words();
    wish::show_in(roster);
    let beside = move |panel| match panel {
        Panel::New => editor::editor(roster, None),
        Panel::Edit(id) => {
            let found = roster.devices.with_untracked(|all| all.iter().find(|one| one.id == id).cloned());
            found.map_or_else(|| nothing(words), |device| editor::editor(roster, Some(device)))
        }
        Panel::Closed | Panel::Nothing => nothing(words),
    };
    let open = move || Some(panel.get()).filter(|panel| *panel != Panel::Closed);
    let edited = Signal::derive(move || match panel.get() {
        Panel::Edit(id) => Some(id),
        _ => None,
    });
    view! {
        <div class="split" class:open=move || panel.get() != Panel::Closed>
            {list::list(roster, edited)}
            // Each form is a new one: drawn over another, the first one's buttons would still listen.
            <For each=open key=|panel| *panel children=beside />
        </div>
    }
    .into_any()
}

fn nothing(words: Words) -> AnyView {
    say_lost();
    view! {
        <aside class="panel">
            <Empty title=words.not_found_title() text=words.failure_not_found()>
                <a class=Look::Plain.class() href=HOME>
                    {words.action_close()}
                </a>
            </Empty>
        </aside>
    }
    .into_any()
}

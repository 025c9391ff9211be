//! The page's terminals, and the tabs that lead to them.

use super::{
    acts::{Acts, Foot, Idle, key_help},
    notice::focus_card,
    session::{Session, Target},
    stage::Stage,
};
use crate::{
    browser,
    i18n::use_words,
    live::use_fleet,
    parts::{
        Bind, Button, Choice, ComboField, Dialog, Icon, IconName, Look, each, guard_leaving, offer_keys,
    },
};
use leptos::{ev, html, prelude::*};
use leptos_meta::Title;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::DeviceId;

/// More at once are of no use to a person, and each holds a session of the device.
const SESSIONS_MAX: usize = 8;

/// Copy it into closures.
#[derive(Clone, Copy)]
pub struct Desk {
    /// Made with the page, so that they live as long as it does, whatever opens them.
    slots: StoredValue<Vec<Session>>,
    /// Which of them are in use, in the order of their tabs.
    shown: RwSignal<Vec<usize>>,
    /// The one that is seen.
    active: RwSignal<usize>,
}

impl Desk {
    pub fn new(target: Target) -> Self {
        let slots = (0..SESSIONS_MAX).map(|_| Session::new(target.clone())).collect();
        Self { slots: StoredValue::new(slots), shown: RwSignal::new(vec![0]), active: RwSignal::new(0) }
    }

    /// A further terminal, in front of the others.
    fn add(self, target: Target) {
        let free = self.shown.with_untracked(|shown| (0..SESSIONS_MAX).find(|slot| !shown.contains(slot)));
        if let Some((slot, session)) = free.and_then(|slot| Some((slot, self.of(slot)?))) {
            session.target.set_value(target);
            self.shown.update(|shown| shown.push(slot));
            self.bring(slot);
        }
    }

    fn of(self, slot: usize) -> Option<Session> {
        self.slots.try_with_value(|slots| slots.get(slot).copied()).flatten()
    }

    /// The one that is seen.
    pub fn front(self) -> Option<Session> {
        self.of(self.active.get())
    }

    pub fn front_untracked(self) -> Option<Session> {
        self.of(self.active.get_untracked())
    }

    /// Draws something for each tab, or for the one in front alone.
    pub fn each(
        self,
        is_front: bool,
        draw: impl Fn(usize, Session) -> AnyView + Send + Sync + 'static,
    ) -> AnyView {
        let slots = move || if is_front { vec![self.active.get()] } else { self.shown.get() };
        let numbers = move || slots().into_iter().filter_map(|slot| i64::try_from(slot).ok()).collect();
        let session =
            move |number| usize::try_from(number).ok().and_then(|slot| Some((slot, self.of(slot)?)));
        each(numbers, move |number| session(number).map(|(slot, session)| draw(slot, session)).into_any())
    }

    pub fn is_seen(self, slot: usize) -> bool {
        self.active.get() == slot
    }

    fn show(self, slot: usize) {
        self.bring(slot);
        // It has no size before it is drawn.
        browser::when_drawn(move || self.focus());
    }

    /// Puts one in front, and its device into the address: the page that is loaded anew, or sent to somebody, is its.
    fn bring(self, slot: usize) {
        if let Some(session) = self.of(slot) {
            let path = session.target.with_value(|target| super::path(&target.name));
            // Past the router of the pages, for which another address is another page. Refused only when it happens
            // too often.
            _ = window()
                .history()
                .and_then(|history| history.replace_state_with_url(&history.state()?, "", Some(&path)));
        }
        self.active.set(slot);
    }

    /// Gives the keyboard to what is asked in front of the screen that is seen, or else to the screen.
    pub fn focus(self) {
        if !focus_card()
            && let Some(session) = self.front_untracked()
        {
            session.on_screen(browser::Screen::focus);
        }
    }

    fn is_full(self) -> bool {
        self.shown.with(|shown| shown.len() >= SESSIONS_MAX)
    }

    /// Whether something would be lost with the page.
    fn is_open(self) -> bool {
        let shown = self.shown.get();
        // It is asked anew where the address is another.
        self.active.track();
        shown.into_iter().filter_map(|slot| self.of(slot)).any(Session::is_open)
    }

    /// Ends one, and shows its neighbour; whether one is left.
    fn close(self, slot: usize) -> bool {
        let mut shown = self.shown.get_untracked();
        let Some(at) = shown.iter().position(|known| *known == slot) else { return true };
        shown.remove(at);
        let neighbour = shown.get(at).or(shown.last()).copied();
        if let Some(neighbour) = neighbour.filter(|_| self.active.get_untracked() == slot) {
            self.show(neighbour);
        }
        self.shown.set(shown);
        neighbour.is_some()
    }
}

#[component]
pub fn DeskView(desk: Desk) -> impl IntoView {
    let words = use_words();
    // The head of the page may ask once more when the desk is gone.
    let title = move || {
        let session = desk.active.try_get().and_then(|slot| desk.of(slot));
        let name = session.and_then(|session| session.target.try_with_value(|target| target.name.clone()));
        format!("{} · {}", name.unwrap_or_default(), words.terminal_title())
    };
    let root = NodeRef::<html::Div>::new();
    Effect::new(move || {
        if let Some(root) = root.get() {
            browser::stay_in_sight(&root);
        }
    });
    offer_keys(key_help(words), Some(words.terminal_keys_note()));
    guard_leaving(Signal::derive(move || desk.is_open()), words.terminal_leave());
    view! {
        <Title text=title />
        <div class="term" node_ref=root>
            <h1 class="hidden">{title}</h1>
            <header class="term-bar">
                <Tabs desk />
                <Acts desk root />
            </header>
            <Idle desk />
            <div class="term-stages">
                {desk.each(false, move |slot, session| view! { <Stage desk at=slot session /> }.into_any())}
            </div>
            <Foot desk />
        </div>
    }
}

#[component]
fn Tabs(desk: Desk) -> impl IntoView {
    let words = use_words();
    let adding = RwSignal::new(false);
    let back = desk.front_untracked().map(|session| session.target.with_value(|target| target.id));
    let back = back.map(|id| format!("/devices/{id}")).unwrap_or_default();
    view! {
        <a class="button quiet icon-only" href=back.clone() aria-label=words.drawer_label() title=words.drawer_label()>
            <Icon name=IconName::Back />
        </a>
        <ul class="term-tabs" aria-label=words.terminal_title()>
            {
                let back = back.clone();
                desk.each(false, move |slot, session| tab(desk, slot, session, back.clone()))
            }
        </ul>
        <button
            type="button"
            class="button quiet icon-only"
            aria-label=words.terminal_new()
            title=words.terminal_new()
            disabled=move || desk.is_full()
            on:click=move |_| adding.set(true)
        >
            <Icon name=IconName::Plus />
        </button>
        <Dialog open=adding title=words.terminal_new()>
            {add_form(desk, adding)}
        </Dialog>
    }
}

fn tab(desk: Desk, slot: usize, session: Session, back: String) -> AnyView {
    let (words, navigate) = (use_words(), use_navigate());
    let name = session.target.with_value(|target| target.name.clone());
    let is_seen = Memo::new(move |_| desk.is_seen(slot));
    // Where the tabs have no room for all, the one that is seen has.
    Effect::new(move || {
        if is_seen.get() {
            browser::when_drawn(|| browser::scroll_to(".term-tab.seen"));
        }
    });
    let close = move |_| {
        if !desk.close(slot) {
            navigate(&back, NavigateOptions::default());
        }
    };
    view! {
        <li class="term-tab" class:seen=move || is_seen.get()>
            <button
                type="button"
                class="term-tab-name"
                aria-current=move || is_seen.get().then_some("true")
                on:click=move |_| desk.show(slot)
            >
                <span class="term-dot" data-state=move || session.phase.with(|(_, phase)| super::acts::look(phase))></span>
                <span class="term-tab-text" title=name.clone()>
                    {name.clone()}
                </span>
            </button>
            <button
                type="button"
                class="button quiet icon-only"
                aria-label=format!("{}: {name}", words.action_close())
                on:click=close
            >
                <Icon name=IconName::Close />
            </button>
        </li>
    }
    .into_any()
}

/// Which device the further terminal is of: at first the one that is seen.
fn add_form(desk: Desk, open: RwSignal<bool>) -> AnyView {
    let (words, fleet) = (use_words(), use_fleet());
    let seen = desk.front_untracked().map(|session| session.target.with_value(|target| target.id.0));
    let chosen = RwSignal::new(seen);
    let mut choices: Vec<_> = fleet.with_rows(|rows| {
        let choice =
            |row: &&model::Row| Choice { id: row.id.0, name: row.name.clone(), aside: row.address.clone() };
        rows.iter().map(choice).collect()
    });
    choices.sort_by(|one, other| one.name.cmp(&other.name));
    let choices = StoredValue::new(choices);
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(id) = chosen.get_untracked() else { return };
        let name = choices.with_value(|all| Some(all.iter().find(|one| one.id == id)?.name.clone()));
        if let Some(name) = name {
            open.set(false);
            desk.add(Target { id: DeviceId(id), name });
        }
    };
    view! {
        <form class="form" method="post" on:submit=on_submit>
            <ComboField
                label=words.drawer_label()
                name="terminal-device"
                value=Bind::from(chosen)
                choices=Signal::derive(move || choices.get_value())
                at_once=true
            />
            <div class="form-foot">
                <Button on:click=move |_| open.set(false)>{words.action_cancel()}</Button>
                <Button look=Look::Primary submit=true>
                    {words.terminal_title()}
                </Button>
            </div>
        </form>
    }
    .into_any()
}

//! One of many, found by typing: the combobox pattern of WAI-ARIA.

use super::{Bind, Field};
use crate::{browser, i18n::use_words};
use leptos::{ev, prelude::*};
use web_sys::HtmlInputElement;

/// Most matches shown: more would only be scrolled past.
const SHOWN_MAX: usize = 8;

/// The number of none.
const NOBODY: i64 = 0;

/// What may be chosen: its number, its name, and a word beside it.
#[derive(Clone, PartialEq)]
pub struct Choice {
    pub id: i64,
    pub name: String,
    pub aside: String,
}

/// What the input and its list share.
#[derive(Clone, Copy)]
struct Combo {
    name: &'static str,
    value: Bind<Option<i64>>,
    choices: Signal<Vec<Choice>>,
    /// What is being typed; while absent, the input shows what is chosen and the list is closed.
    typed: RwSignal<Option<String>>,
    /// What was typed and left, and is the name of none.
    unknown: RwSignal<Option<String>>,
    /// The match that Enter takes.
    marked: RwSignal<usize>,
    matches: Memo<Vec<Choice>>,
    at_once: bool,
}

/// A searchable menu; an emptied input means none.
#[component]
pub fn ComboField(
    #[prop(into)] label: String,
    name: &'static str,
    value: Bind<Option<i64>>,
    #[prop(into)] choices: Signal<Vec<Choice>>,
    #[prop(optional, into)] hint: Signal<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    /// Nothing else is asked in its form: Enter takes the match and sends it.
    #[prop(optional)]
    at_once: bool,
) -> impl IntoView {
    let words = use_words();
    let combo = Combo::new(name, value, choices, at_once);
    let error = Signal::derive(move || {
        let unknown = combo.unknown.with(Option::is_some);
        error.get().or_else(|| unknown.then(|| words.combo_nothing().to_owned()))
    });
    view! {
        <Field label name hint error>
            <div class="input-box">
                <input
                    id=name
                    class="input"
                    role="combobox"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder=words.combo_none()
                    aria-autocomplete="list"
                    aria-expanded=move || combo.is_open().to_string()
                    aria-controls=format!("{name}-list")
                    aria-activedescendant=move || combo.active_option()
                    aria-describedby=format!("{name}-note")
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    value=untrack(move || combo.text())
                    prop:value=move || combo.text()
                    on:input=move |event| combo.type_in(event_target_value(&event))
                    on:focus=move |event| combo.pick_out(event_target(&event))
                    on:keydown=move |event| combo.on_key(&event)
                    on:blur=move |_| combo.leave()
                />
                <ul
                    id=format!("{name}-list")
                    class="combo-list"
                    role="listbox"
                    aria-label=words.combo_matches()
                    hidden=move || !combo.is_open()
                >
                    <For
                        each=move || combo.matches.get().into_iter().enumerate()
                        key=|(at, choice)| (*at, choice.id)
                        children=move |(at, choice)| combo.option(at, choice)
                    />
                    <Show when=move || combo.matches.with(Vec::is_empty)>
                        <li class="combo-nothing">{words.combo_nothing()}</li>
                    </Show>
                </ul>
            </div>
        </Field>
    }
}

impl Combo {
    fn new(
        name: &'static str,
        value: Bind<Option<i64>>,
        choices: Signal<Vec<Choice>>,
        at_once: bool,
    ) -> Self {
        let typed = RwSignal::new(None::<String>);
        let matches = Memo::new(move |_| {
            let wanted = typed.get().unwrap_or_default().to_lowercase();
            let fits = |choice: &&Choice| {
                choice.name.to_lowercase().contains(&wanted) || choice.aside.to_lowercase().contains(&wanted)
            };
            choices.with(|all| all.iter().filter(fits).take(SHOWN_MAX).cloned().collect())
        });
        let (unknown, marked) = (RwSignal::new(None), RwSignal::new(0));
        Self { name, value, choices, typed, unknown, marked, matches, at_once }
    }

    fn is_open(self) -> bool {
        self.typed.with(Option::is_some)
    }

    fn text(self) -> String {
        self.typed.get().or_else(|| self.unknown.get()).unwrap_or_else(|| {
            let chosen = self.value.read.get();
            let name = |all: &Vec<Choice>| Some(all.iter().find(|one| Some(one.id) == chosen)?.name.clone());
            self.choices.with(name).unwrap_or_default()
        })
    }

    fn option_id(self, at: usize) -> String {
        format!("{}-option-{at}", self.name)
    }

    fn active_option(self) -> Option<String> {
        let at = self.marked.get();
        (self.is_open() && at < self.matches.with(Vec::len)).then(|| self.option_id(at))
    }

    /// An emptied input means none.
    fn type_in(self, text: String) {
        if text.is_empty() {
            self.value.write.run(None);
        }
        self.unknown.set(None);
        self.marked.set(0);
        self.typed.set(Some(text));
    }

    /// What is typed takes the place of the name that stands there.
    fn pick_out(self, input: HtmlInputElement) {
        input.select();
        // A press puts the caret down after this.
        browser::when_drawn(move || {
            if self.typed.try_with_untracked(Option::is_none) == Some(true) {
                input.select();
            }
        });
    }

    /// Shows every choice.
    fn open(self) {
        self.marked.set(0);
        self.typed.set(Some(String::new()));
    }

    fn choose(self, id: Option<i64>) {
        self.value.write.run(id);
        self.unknown.set(None);
        self.typed.set(None);
    }

    /// A name typed to its end is chosen. What is nobody's name stays to be seen, and is refused when it is sent.
    fn leave(self) {
        let Some(typed) = self.typed.get_untracked().filter(|typed| !typed.trim().is_empty()) else {
            return self.typed.set(None);
        };
        let named = self.choices.with_untracked(|all| {
            let is_it = |choice: &&Choice| choice.name.to_lowercase() == typed.trim().to_lowercase();
            all.iter().find(is_it).map(|choice| choice.id)
        });
        if named.is_none() {
            self.unknown.set(Some(typed));
        }
        self.value.write.run(Some(named.unwrap_or(NOBODY)));
        self.typed.set(None);
    }

    fn on_key(self, event: &ev::KeyboardEvent) {
        let is_open = self.typed.with_untracked(Option::is_some);
        let count = self.matches.with_untracked(Vec::len).max(1);
        match event.key().as_str() {
            "ArrowDown" if !is_open => self.open(),
            "ArrowDown" => self.marked.update(|at| *at = (*at + 1) % count),
            "ArrowUp" if is_open => self.marked.update(|at| *at = (*at + count - 1) % count),
            "Enter" if is_open => {
                let at = self.marked.get_untracked();
                if let Some(id) = self.matches.with_untracked(|found| found.get(at).map(|choice| choice.id)) {
                    self.choose(Some(id));
                    // The browser sends the form, with what was chosen.
                    if self.at_once {
                        return;
                    }
                }
            }
            "Escape" if is_open => {
                // The panel around it closes with Escape too.
                event.stop_propagation();
                self.typed.set(None);
            }
            _ => return,
        }
        event.prevent_default();
    }

    fn option(self, at: usize, choice: Choice) -> AnyView {
        let choose = move |event: ev::MouseEvent| {
            // The press would take the keyboard, and with it the list, away before the click.
            event.prevent_default();
            self.choose(Some(choice.id));
        };
        view! {
            <li
                id=self.option_id(at)
                role="option"
                aria-selected=move || (self.marked.get() == at).to_string()
                on:mousedown=choose
            >
                <span>{choice.name}</span>
                <small>{choice.aside}</small>
            </li>
        }
        .into_any()
    }
}

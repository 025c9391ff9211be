//! What set-up and login have in common: a card in the middle of an empty page, and a plain form
//! that the browser can post by itself, so that both work before (and without) scripts.

use crate::{api::ApiError, i18n::use_words, parts::*};
use leptos::{ev, prelude::*};
use std::{future::Future, time::Duration};
use wasm_bindgen::JsCast;

/// The card, its title and a sentence below.
#[component]
pub fn Gate(#[prop(into)] title: String, #[prop(into)] lead: String, children: Children) -> impl IntoView {
    view! {
        <section class="gate" aria-labelledby="gate-title">
            <h1 id="gate-title">{title}</h1>
            <p class="gate-lead">{lead}</p>
            {children()}
        </section>
    }
}

/// What the two forms differ in.
pub struct GateForm {
    /// Where the browser posts it by itself.
    pub action: &'static str,
    pub task: Task,
    /// The fields that show their own errors; all others are told above the form.
    pub shown: &'static [&'static str],
    pub submit: &'static str,
}

/// A form that the browser can post. When the page is awake, `ask` sends the form instead, and the
/// browser opens the next page afresh: the new session changes every part of it.
pub fn gate_form<F>(gate: GateForm, ask: impl Fn(Filled) -> F + 'static, inputs: AnyView) -> AnyView
where
    F: Future<Output = Result<(), ApiError>> + 'static,
{
    let GateForm { action, task, shown, submit } = gate;
    let wait = Wait::new(task);
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let form = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlFormElement>().ok());
        let filled = form.and_then(|form| web_sys::FormData::new_with_form(&form).ok());
        if let Some(filled) = filled {
            // A good answer is a redirect, which loads the next page afresh.
            task.run(ask(Filled(filled)), |()| {});
        }
    };
    view! {
        <form class="gate-form" method="post" action=action on:submit=on_submit>
            {wait.note(shown)}
            {inputs}
            <Button look=Look::Primary submit=true busy=task.is_pending() disabled=wait.is_on()>
                {submit}
            </Button>
        </form>
    }
    .into_any()
}

/// What the inputs held when the form was sent: what was typed before the page woke up counts too.
pub struct Filled(web_sys::FormData);

impl Filled {
    pub fn text(&self, name: &str) -> String {
        self.0.get(name).as_string().unwrap_or_default()
    }
}

/// The seconds until another try is worth it, counted down once the page is awake. Before, nothing would end the
/// wait, and the server judges each try anyway.
#[derive(Clone, Copy)]
struct Wait {
    task: Task,
    is_counting: RwSignal<bool>,
    left_s: RwSignal<u64>,
}

impl Wait {
    fn new(task: Task) -> Self {
        let seconds = |error: Option<ApiError>| match error {
            Some(ApiError::TooMany { retry_after_s }) => retry_after_s,
            _ => 0,
        };
        let left_s = RwSignal::new(0);
        Effect::new(move || left_s.set(seconds(task.error().get())));
        Effect::new(move || {
            let ticking = set_interval_with_handle(
                move || left_s.update(|left| *left = left.saturating_sub(1)),
                Duration::from_secs(1),
            );
            on_cleanup(move || {
                if let Ok(ticking) = ticking {
                    ticking.clear();
                }
            });
        });
        Self { task, is_counting: use_awake(), left_s }
    }

    fn is_on(self) -> Signal<bool> {
        Signal::derive(move || self.left_s.get() > 0)
    }

    /// What was refused, with the seconds that are left; nothing once a new try may be made.
    fn note(self, shown: &'static [&'static str]) -> AnyView {
        let beside = self.task.error_beside(shown);
        let is_throttled = |error: &ApiError| matches!(error, ApiError::TooMany { .. });
        let error = Signal::derive(move || {
            beside.get().filter(|error| !is_throttled(error) || !self.is_counting.get())
        });
        let is_on = Memo::new(move |_| self.left_s.get() > 0);
        view! {
            <ErrorNote error />
            {move || is_on.get().then(|| self.countdown())}
        }
        .into_any()
    }

    /// Told once, with the seconds there were then; they tick only for the eye.
    fn countdown(self) -> AnyView {
        let words = use_words();
        let told = words.failure_too_many(self.left_s.get_untracked());
        view! {
            <div class="note bad">
                <Icon name=IconName::Warning />
                <p class="hidden" role="alert">
                    {told}
                </p>
                <p aria-hidden="true">{move || words.failure_too_many(self.left_s.get())}</p>
            </div>
        }
        .into_any()
    }
}

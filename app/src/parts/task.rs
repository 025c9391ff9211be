//! A form's request: whether it is on its way, and what was refused.
//!
//! Futures are boxed, so that every form in the bundle shares one machine.

use super::{FieldErrors, Toasts, Tone, use_toasts};
use crate::{
    api::ApiError,
    browser,
    i18n::{Words, use_words},
};
use leptos::{
    prelude::*,
    server::ServerActionError,
    server_fn::{ServerFn, error::ServerFnUrlError},
    task::spawn_local,
};
use std::{future::Future, pin::Pin};

/// Copy it into the handlers and inputs that need it.
#[derive(Clone, Copy)]
pub struct Task {
    pending: RwSignal<bool>,
    error: RwSignal<Option<ApiError>>,
    /// What is wrong with single fields.
    pub fields: FieldErrors,
}

impl Task {
    pub fn new() -> Self {
        let task =
            Self { pending: RwSignal::new(false), error: RwSignal::new(None), fields: FieldErrors::new() };
        task.focus_what_was_refused();
        task
    }

    /// As the form stands after the server function `F` refused it and sent the browser back:
    /// how a form without scripts learns what was wrong.
    pub fn after_redirect<F: ServerFn>() -> Self {
        let task = Self::new();
        let refused = use_context::<ServerActionError>().filter(|error| error.path() == F::PATH);
        if let Some(error) = refused {
            task.refuse(ServerFnUrlError::<ApiError>::decode_err(error.err()));
        }
        task
    }

    /// Asks, unless the last request is still on its way; `done` gets the answer if it was a good one.
    pub fn run<T: 'static>(
        self,
        ask: impl Future<Output = Result<T, ApiError>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        if self.pending.get_untracked() {
            return;
        }
        self.pending.set(true);
        self.forgive();
        self.spawn(Box::pin(async move { ask.await.map(done) }));
    }

    fn spawn(self, ask: Pin<Box<dyn Future<Output = Result<(), ApiError>>>>) {
        spawn_local(async move {
            let ended = ask.await;
            // The form may have gone with its page in the meantime.
            if self.pending.try_set(false).is_none()
                && let Err(error) = ended
            {
                self.refuse(error);
            }
        });
    }

    /// Says what is wrong, at its fields where it names them.
    pub fn refuse(self, error: ApiError) {
        self.fields.set(match &error {
            ApiError::Invalid(errors) => errors.clone(),
            ApiError::Conflict(error) => vec![error.clone()],
            _ => Vec::new(),
        });
        self.error.set(Some(error));
    }

    /// Forgets what was wrong.
    pub fn forgive(self) {
        self.fields.clear();
        self.error.set(None);
    }

    pub fn is_pending(self) -> Signal<bool> {
        self.pending.into()
    }

    /// The whole error.
    pub fn error(self) -> Signal<Option<ApiError>> {
        self.error.into()
    }

    /// The error, unless each part of it stands at one of the `shown` fields.
    pub fn error_beside(self, shown: &'static [&'static str]) -> Signal<Option<ApiError>> {
        let is_shown = move |error: &model::FieldError| shown.contains(&error.field.as_str());
        Signal::derive(move || {
            self.error.get().filter(|error| match error {
                ApiError::Invalid(errors) => errors.is_empty() || !errors.iter().all(is_shown),
                ApiError::Conflict(error) => !is_shown(error),
                _ => true,
            })
        })
    }

    /// Moves the keyboard to the first refused input, once the page shows which it is, or what was said into sight.
    fn focus_what_was_refused(self) {
        Effect::new(move || {
            if self.error.with(Option::is_none) {
                return;
            }
            browser::when_drawn(|| {
                const REFUSED: &str = "[aria-invalid=true]";
                let is_at_field = browser::focus(REFUSED);
                browser::scroll_to(if is_at_field { REFUSED } else { "form .note[role=alert]" });
            });
        });
    }
}

impl Default for Task {
    fn default() -> Self {
        Self::new()
    }
}

/// Single acts outside of forms: a switch, a button in a row. How one ended is said in a toast.
#[derive(Clone, Copy)]
pub struct Acts {
    words: Words,
    toasts: Toasts,
}

impl Acts {
    pub fn new() -> Self {
        Self { words: use_words(), toasts: use_toasts() }
    }

    pub fn say(self, good: impl Into<String>) {
        self.toasts.say(Tone::Good, good);
    }

    /// Says why an act did not happen; where nobody is logged in any more, the login page says it.
    pub fn fail(self, error: &ApiError) {
        match error {
            ApiError::Unauthenticated => browser::open("/login"),
            error => self.toasts.say(Tone::Bad, self.words.api_error(error)),
        }
    }

    /// Asks, then calls `done` with whether it went well.
    pub fn run<T: 'static>(
        self,
        ask: impl Future<Output = Result<T, ApiError>> + 'static,
        good: impl FnOnce(T) -> String + 'static,
        done: impl FnOnce(bool) + 'static,
    ) {
        self.spawn(Box::pin(async move { ask.await.map(good) }), Box::new(done));
    }

    fn spawn(
        self,
        ask: Pin<Box<dyn Future<Output = Result<String, ApiError>>>>,
        done: Box<dyn FnOnce(bool)>,
    ) {
        spawn_local(async move {
            let ended = ask.await;
            done(ended.is_ok());
            match ended {
                Ok(good) => self.say(good),
                Err(error) => self.fail(&error),
            }
        });
    }
}

impl Default for Acts {
    fn default() -> Self {
        Self::new()
    }
}

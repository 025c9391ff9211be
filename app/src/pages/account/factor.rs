//! The second factor: switched on with an authenticator, switched off with a password and a code.

use crate::{
    api::{
        account::{
            accept_second_factor, drop_second_factor, load_second_factor, offer_second_factor,
            renew_recovery_codes,
        },
        load::load,
    },
    i18n::use_words,
    parts::*,
};
use leptos::{ev, prelude::*, task::spawn_local};
use model::{SecondFactor, SecondFactorOffer};

/// What the card and its dialogs share.
#[derive(Clone, Copy)]
struct State {
    factor: RwSignal<Option<SecondFactor>>,
    offer: RwSignal<Option<SecondFactorOffer>>,
    /// Recovery codes that were just made.
    codes: RwSignal<Vec<String>>,
    is_taking: RwSignal<bool>,
    is_dropping: RwSignal<bool>,
    is_renewing: RwSignal<bool>,
    /// Counts up when the sessions elsewhere have ended.
    ended: RwSignal<u32>,
}

impl State {
    fn refresh(self) {
        spawn_local(async move {
            if let Ok(factor) = load_second_factor().await {
                self.factor.try_set(factor);
            }
        });
    }

    fn has_codes(self) -> bool {
        self.codes.with(|codes| !codes.is_empty())
    }
}

#[component]
pub fn Factor(ended: RwSignal<u32>) -> impl IntoView {
    let words = use_words();
    let loaded = load(|| (), |()| load_second_factor());
    view! {
        <Card title=words.factor_title()>
            <p class="card-lead">{words.factor_text()}</p>
            {when_found(loaded, move |factor| body(factor, ended))}
        </Card>
    }
}

fn body(loaded: Option<SecondFactor>, ended: RwSignal<u32>) -> AnyView {
    let (words, task) = (use_words(), Task::new());
    let [is_taking, is_dropping, is_renewing] = [(); 3].map(|()| RwSignal::new(false));
    let state = State {
        factor: RwSignal::new(loaded),
        offer: RwSignal::new(None),
        codes: RwSignal::new(Vec::new()),
        is_taking,
        is_dropping,
        is_renewing,
        ended,
    };
    let take = move |_| {
        task.run(offer_second_factor(), move |offer| {
            state.codes.set(Vec::new());
            state.offer.set(Some(offer));
            is_taking.set(true);
        });
    };
    let off = move || {
        view! {
            <div class="form-foot">
                <Button busy=task.is_pending() on:click=take>
                    {words.factor_switch_on()}
                </Button>
            </div>
        }
    };
    view! {
        <ErrorNote error=task.error() />
        <Show when=move || state.factor.with(Option::is_some) fallback=off>
            {switched_on(state)}
        </Show>
        <Dialog open=is_taking title=words.factor_title() firm=true once=Signal::derive(move || state.has_codes())>
            <Show when=move || !state.has_codes() fallback=move || shown_codes(state)>
                {offered(state)}
            </Show>
        </Dialog>
        <Dialog open=is_dropping title=words.factor_switch_off_title() firm=true>
            {dropping(state)}
        </Dialog>
        <Dialog open=is_renewing title=words.factor_renew_codes() firm=true>
            {renewing(state)}
        </Dialog>
    }
    .into_any()
}

fn switched_on(state: State) -> AnyView {
    let words = use_words();
    let since = Signal::derive(move || state.factor.get().map(|factor| factor.since).unwrap_or_default());
    let left = move || state.factor.get().map_or(0, |factor| u64::from(factor.codes_left));
    view! {
        <p>
            <span class="tag">{words.factor_on()}</span>
            " "
            <Ago at=since />
            " · "
            {move || words.factor_codes_left(left())}
        </p>
        <div class="form-foot">
            <Button on:click=move |_| state.is_renewing.set(true)>{words.factor_renew_codes()}</Button>
            <Button on:click=move |_| state.is_dropping.set(true)>{words.factor_switch_off()}</Button>
        </div>
    }
    .into_any()
}

/// The secret, as a picture and to be typed, and the code that shows that it was taken.
fn offered(state: State) -> AnyView {
    let (words, task) = (use_words(), Task::new());
    let Some(offer) = state.offer.get_untracked() else { return ().into_any() };
    let code = RwSignal::new(String::new());
    let sealed = offer.sealed.clone();
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        task.run(accept_second_factor(sealed.clone(), code.get_untracked()), move |codes| {
            state.codes.set(codes);
            state.offer.set(None);
            state.refresh();
            state.ended.update(|ended| *ended += 1);
        });
    };
    let side = offer.picture.side;
    view! {
        <form class="form" method="post" on:submit=on_submit>
            <p>{words.factor_scan()}</p>
            <svg class="scan" viewBox=format!("0 0 {side} {side}") role="img" aria-label=words.factor_picture()>
                <path d=offer.picture.path />
            </svg>
            <p>
                <a href=offer.address>{words.factor_open()}</a>
            </p>
            <CopyBlock text=Signal::stored(offer.secret) label=words.factor_secret() />
            <ErrorNote error=task.error_beside(&["code"]) />
            {code_field(code, task, words.factor_first_code_hint())}
            {form_foot(state.is_taking, task, words.factor_switch_on())}
        </form>
    }
    .into_any()
}

fn shown_codes(state: State) -> AnyView {
    let words = use_words();
    let text = Signal::derive(move || state.codes.with(|codes| codes.join("\n")));
    view! {
        <div class="form">
            <div class="note good">
                <Icon name=IconName::Check />
                <p>{words.factor_codes_shown_once()}</p>
            </div>
            <CopyBlock text label=words.factor_codes() />
            <div class="form-foot">
                <Button look=Look::Primary on:click=move |_| state.is_taking.set(false)>
                    {words.action_done()}
                </Button>
            </div>
        </div>
    }
    .into_any()
}

fn dropping(state: State) -> AnyView {
    let (words, acts, task) = (use_words(), Acts::new(), Task::new());
    let [password, code] = [(); 2].map(|()| RwSignal::new(String::new()));
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        task.run(drop_second_factor(password.get_untracked(), code.get_untracked()), move |()| {
            acts.say(words.factor_said_off());
            state.is_dropping.set(false);
            state.refresh();
            state.ended.update(|ended| *ended += 1);
        });
    };
    view! {
        <form class="form" method="post" on:submit=on_submit>
            <p>{words.factor_off_text()}</p>
            <ErrorNote error=task.error_beside(&["password", "code"]) />
            <PasswordField
                label=words.password()
                name="factor-password"
                autocomplete="current-password"
                value=password
                error=task.fields.at("password")
                autofocus=true
            />
            {code_field(code, task, words.login_code_hint())}
            <div class="form-foot">
                <Button on:click=move |_| state.is_dropping.set(false)>{words.action_cancel()}</Button>
                <Button look=Look::Danger submit=true busy=task.is_pending()>
                    {words.factor_switch_off()}
                </Button>
            </div>
        </form>
    }
    .into_any()
}

fn renewing(state: State) -> AnyView {
    let (words, task) = (use_words(), Task::new());
    let renew = move |_| {
        task.run(renew_recovery_codes(), move |codes| {
            state.is_renewing.set(false);
            state.codes.set(codes);
            state.is_taking.set(true);
            state.refresh();
        });
    };
    view! {
        <p>{words.factor_renew_text()}</p>
        <ErrorNote error=task.error() />
        <div class="form-foot">
            <Button on:click=move |_| state.is_renewing.set(false)>{words.action_cancel()}</Button>
            <Button look=Look::Danger busy=task.is_pending() on:click=renew>
                {words.factor_renew_codes()}
            </Button>
        </div>
    }
    .into_any()
}

fn code_field(code: RwSignal<String>, task: Task, hint: &'static str) -> AnyView {
    view! {
        <TextField
            label=use_words().login_code()
            name="factor-code"
            value=code
            hint=hint
            error=task.fields.at("code")
            autocomplete="one-time-code"
            required=true
        />
    }
    .into_any()
}

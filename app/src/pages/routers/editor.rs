//! The panel that adds or edits one device.

use super::{HOME, Roster, checks, form::Form, login, remove, sections, ssh};
use crate::{
    api::{
        ApiError,
        devices::{create_device, load_device_page, update_device},
    },
    bind, browser,
    i18n::{Words, use_words},
    parts::*,
};
use leptos::{ev, prelude::*};
use leptos_router::hooks::use_navigate;
use model::Device;

/// What the sections of the form share.
#[derive(Clone, Copy)]
pub struct Editor {
    pub roster: Roster,
    pub words: Words,
    pub form: RwSignal<Form>,
    pub task: Task,
    /// As the server has it; nothing for a new one.
    pub stored: RwSignal<Option<Device>>,
    /// The form without what was typed since.
    clean: RwSignal<Form>,
    acts: Acts,
    /// Leads back to the list.
    go_home: Callback<()>,
}

pub fn editor(roster: Roster, device: Option<Device>) -> AnyView {
    let start = device.as_ref().map_or_else(Form::empty, Form::of);
    let navigate = use_navigate();
    let editor = Editor {
        roster,
        words: use_words(),
        form: RwSignal::new(start.clone()),
        task: Task::new(),
        stored: RwSignal::new(device),
        clean: RwSignal::new(start),
        acts: Acts::new(),
        go_home: Callback::new(move |()| navigate(HOME, Default::default())),
    };
    if let Some(id) = editor.stored.with_untracked(|device| device.as_ref().map(|device| device.id)) {
        let listed = roster.one(id);
        Effect::new(move || listed.get().into_iter().for_each(|device| editor.follow(device)));
    }
    let dirty = Memo::new(move |_| editor.form.with(|form| editor.clean.with(|clean| form != clean)));
    guard_leaving(dirty.into(), editor.words.form_leave());
    editor.view(dirty)
}

impl Editor {
    fn view(self, dirty: Memo<bool>) -> AnyView {
        let words = self.words;
        let title = move || match self.stored.get() {
            Some(device) => device.name,
            None => words.router_add().to_owned(),
        };
        let exists = Memo::new(move |_| self.stored.with(Option::is_some));
        let has_kind = move || self.form.with(|form| form.kind.is_some());
        let on_submit = move |event: ev::SubmitEvent| {
            event.prevent_default();
            self.save();
        };
        view! {
            <aside class="panel" aria-label=title on:keydown=move |event| self.on_key(&event)>
                <header class="panel-head">
                    <a class="button quiet icon-only panel-back" href=HOME aria-label=words.action_close()>
                        <Icon name=IconName::Back />
                    </a>
                    <h2>{title}</h2>
                    <Show when=move || exists.get()>{self.enabled()}</Show>
                    <a class="button quiet icon-only panel-close" href=HOME aria-label=words.action_close()>
                        <Icon name=IconName::Close />
                    </a>
                </header>
                <form class="panel-body" method="post" novalidate on:submit=on_submit>
                    {sections::kind(self)}
                    <Show when=has_kind>{self.rest()}</Show>
                    <Show when=has_kind>{self.foot(dirty)}</Show>
                </form>
                <Show when=move || exists.get()>{remove::remove(self)}</Show>
            </aside>
        }
        .into_any()
    }

    /// What depends on the kind.
    fn rest(self) -> AnyView {
        view! {
            {self.refusal()}
            {sections::identity(self)}
            {login::login(self)}
            {checks::checks(self)}
            {ssh::ssh(self)}
            {sections::details(self)}
        }
        .into_any()
    }

    /// Single values are refused at their fields; here only that some were.
    fn refusal(self) -> AnyView {
        let words = self.words;
        let error = self.task.error();
        let is_about_fields = move |error: &ApiError| {
            matches!(error, ApiError::Invalid(all) if !all.is_empty())
                || matches!(error, ApiError::Conflict(_))
        };
        let fields = move || {
            error.get().filter(is_about_fields).map(|_| {
                view! {
                    <div class="note bad" role="alert">
                        <Icon name=IconName::Warning />
                        <p>{words.form_mend()}</p>
                    </div>
                }
            })
        };
        let other = Signal::derive(move || error.get().filter(|error| !is_about_fields(error)));
        view! {
            {fields}
            <ErrorNote error=other />
            {overtaken(self.task, move || self.take_stored())}
        }
        .into_any()
    }

    fn enabled(self) -> AnyView {
        let form = self.form;
        view! { <Switch label=self.words.router_enabled() name="device-enabled" value=bind!(form.is_enabled) /> }
            .into_any()
    }

    fn foot(self, dirty: Memo<bool>) -> AnyView {
        let (words, is_awake) = (self.words, use_awake());
        let state = move || if dirty.get() { words.form_unsaved() } else { "" };
        let submit =
            move || if self.stored.with(Option::is_some) { words.action_save() } else { words.router_add() };
        view! {
            <div class="panel-foot">
                <span class="panel-unsaved" role="status">
                    {state}
                </span>
                <a class=Look::Plain.class() href=HOME>
                    {words.action_cancel()}
                </a>
                // Without scripts there is nothing that could save, and what was typed must not travel.
                <Button
                    look=Look::Primary
                    submit=true
                    busy=self.task.is_pending()
                    disabled=Signal::derive(move || !is_awake.get())
                >
                    {submit}
                </Button>
            </div>
        }
        .into_any()
    }

    fn save(self) {
        let (mut sent, stored) = (self.form.get_untracked(), self.stored.get_untracked());
        let draft = match sent.draft(stored.as_ref()) {
            Ok(draft) => draft,
            Err(mut errors) => {
                errors.extend(self.roster.forms.with_value(|all| sent.settings_errors(all)));
                return self.task.refuse(ApiError::Invalid(errors));
            }
        };
        let (pressed, is_new) = (sent.clone(), stored.is_none());
        let saved = move |device| self.saved(&pressed, is_new, device);
        let Some(stored) = stored else { return self.task.run(create_device(draft), saved) };
        let clean = self.clean.get_untracked();
        let save = async move {
            // What somebody else saved meanwhile stays, where nothing was typed here.
            let now = load_device_page(stored.id).await?.device;
            let saved = clean.saved_as(&now);
            if sent.collides(&clean, &saved) {
                self.take_over(saved, now);
                return Err(ApiError::Changed { by: None, at: None });
            }
            sent.rebase(&clean, &saved);
            update_device(stored.id, sent.draft(Some(&now)).map_err(ApiError::Invalid)?).await
        };
        self.task.run(save, saved);
    }

    /// Takes over what was changed elsewhere, where nothing was typed here. Where both were, it is said at once.
    fn follow(self, device: Device) {
        let before = self.clean.get_untracked();
        let now = before.saved_as(&device);
        // While it is being saved, what is stored now may be what was typed here.
        let is_ours = self.task.is_pending().get_untracked();
        let collides = !is_ours && self.form.with_untracked(|form| form.collides(&before, &now));
        self.take_over(now, device);
        if collides {
            self.task.refuse(ApiError::Changed { by: None, at: None });
        }
    }

    fn take_over(self, now: Form, device: Device) {
        let Some(before) = self.clean.try_get_untracked() else { return };
        if now != before {
            self.form.update(|form| form.rebase(&before, &now));
            self.clean.set(now);
        }
        self.stored.set(Some(device));
    }

    /// What was typed gives way to what is stored.
    fn take_stored(self) {
        self.form.set(self.clean.get_untracked());
        self.task.forgive();
    }

    /// A changed device stays open, a new one leads back to the list: the next may follow.
    fn saved(self, pressed: &Form, is_new: bool, device: Device) {
        self.acts.say(if is_new {
            self.words.router_said_added(&device.name)
        } else {
            self.words.router_said_saved(&device.name)
        });
        self.roster.put(device.clone());
        let clean = pressed.saved_as(&device);
        if self.form.try_update(|form| form.rebase(pressed, &clean)).is_none() {
            // Somebody closed it meanwhile.
            return;
        }
        self.clean.set(clean);
        if is_new {
            self.go_home.run(());
        } else {
            self.stored.set(Some(device));
        }
    }

    pub fn removed(self, device: &Device) {
        self.acts.say(self.words.router_said_removed(&device.name));
        self.roster.forget(device.id);
        // Nothing is left to lose, unless somebody closed it meanwhile.
        if let Some(form) = self.form.try_get_untracked() {
            self.clean.set(form);
            self.go_home.run(());
        }
    }

    /// Takes the certificate that a person accepted.
    pub fn pinned(self, fingerprint: &str) {
        self.stored.update(|device| {
            if let Some(access) = device.as_mut().and_then(|device| device.routeros.as_mut()) {
                access.pinned = Some(fingerprint.to_owned());
            }
        });
        self.acts.say(self.words.certificate_accepted());
        self.roster.refresh();
    }

    fn on_key(self, event: &ev::KeyboardEvent) {
        match browser::pressed(event).as_str() {
            "Escape" if may_leave() => self.go_home.run(()),
            "s" if event.ctrl_key() || event.meta_key() => self.save(),
            _ => return,
        }
        event.prevent_default();
    }

    /// The error at a field of the API.
    pub fn error(self, field: &str) -> Signal<Option<String>> {
        self.task.fields.at(field)
    }
}

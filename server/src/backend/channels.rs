//! Channels and incidents: seen by everybody, changed by admins. Who may change where people are told, and with which
//! secrets, gives the password again.

use super::{Admin, Program, Sure, Viewer, api_error};
use crate::{
    alerts::try_out,
    store::{Came, Listed, Opened, in_time},
};
use app::api::{ApiError, channels::shown};
use engine::{
    Secret,
    notify::{self, BuildArgs, Secrets},
};
use model::*;
use std::sync::Arc;

/// Languages that messages are written in.
pub(super) const LANGUAGES: [&str; 3] = ["en", "id", "ru"];
/// Incidents on one page.
const PAGE: u64 = 50;
/// Longest word about an incident, in characters.
const NOTE_CHARS_MAX: usize = 500;
/// Longest secret, in bytes.
const SECRET_BYTES_MAX: usize = 4_096;

impl Viewer {
    /// The newest first.
    pub async fn incidents(&self, only_open: bool, page: (u64, u64)) -> Result<Listed, ApiError> {
        in_time(self.program.store.incidents().list(only_open, page)).await.map_err(api_error)
    }

    /// Those that are open before those that are over, and of each the newest first.
    pub async fn recent_incidents(&self, limit: u64) -> Result<Vec<Incident>, ApiError> {
        let found = in_time(self.program.store.incidents().page(false, (0, limit))).await;
        Ok(found.map_err(api_error)?.alerts.into_iter().map(|alert| alert.incident).collect())
    }
}

impl Viewer {
    /// What is wrong, and what was, with what is to be known where nothing is.
    pub async fn alert_page(&self, only_open: bool, offset: u64) -> Result<AlertPage, ApiError> {
        let program = &self.program;
        // The database counts rows in 63 bits.
        let page = (offset.min(i64::MAX.unsigned_abs()), PAGE);
        let mut found = in_time(program.store.incidents().page(only_open, page)).await.map_err(api_error)?;
        self.mark_unmeasured(&mut found.alerts).await;
        let channels = in_time(program.store.channels().list()).await.map_err(api_error)?;
        let devices = program.fleet.devices();
        Ok(AlertPage {
            alerts: found.alerts,
            total: found.total,
            open: found.open,
            watched: devices.iter().filter(|device| device.enabled).count() as u64,
            watching_since: program.vitals.started_at,
            is_told: channels.iter().any(|channel| channel.enabled),
        })
    }

    pub async fn affected_by(&self, id: IncidentId) -> Result<Vec<Affected>, ApiError> {
        in_time(self.program.store.incidents().affected(id)).await.map_err(api_error)
    }

    /// What is open of a device, the newest first.
    pub async fn open_of(&self, id: DeviceId) -> Result<Vec<Incident>, ApiError> {
        in_time(self.program.store.incidents().open_of(id)).await.map_err(api_error)
    }
}

/// The forms of what a person adds by hand: a browser adds itself.
pub fn chosen_forms() -> Vec<ChannelForm> {
    notify::forms().into_iter().filter(|form| form.kind != ChannelKind::WebPush).collect()
}

impl Admin {
    /// By name, with the names of their secrets.
    pub async fn channels(&self) -> Result<Vec<Channel>, ApiError> {
        let program = &self.0.program;
        let mut channels = in_time(program.store.channels().list()).await.map_err(api_error)?;
        for channel in &mut channels {
            let opened = in_time(program.store.channels().open(channel.id, &program.vault)).await;
            let opened = opened.map_err(api_error)?;
            channel.secrets = opened.channel.secrets;
            if let Some(trouble) = opened.trouble {
                channel.health.failure = Some(trouble);
                channel.health.failing_since.get_or_insert(program.clock.now());
            }
        }
        Ok(channels)
    }

    pub async fn channel(&self, id: ChannelId) -> Result<Channel, ApiError> {
        let found = self.channels().await?.into_iter().find(|channel| channel.id == id);
        found.ok_or(ApiError::NotFound)
    }

    /// What somebody else sees to is taken from them only where they are named in `replaces`.
    pub async fn acknowledge(
        &self,
        id: IncidentId,
        note: Option<String>,
        replaces: Option<String>,
    ) -> Result<Incident, ApiError> {
        let note = note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
        if let Some(note) = &note {
            line("note", note, NOTE_CHARS_MAX)?;
        }
        let by = self.0.user.name.clone();
        let work = move |program: Arc<Program>| async move {
            let word = (note.as_deref(), replaces.as_deref());
            program.store.incidents().acknowledge(id, &by, word).await.map_err(api_error)
        };
        self.0.program.finish(work).await
    }

    /// Adds what somebody says of an incident.
    pub async fn add_note(&self, id: IncidentId, text: &str) -> Result<Incident, ApiError> {
        let text = text.trim().to_owned();
        line("text", &text, NOTE_CHARS_MAX)?;
        if text.is_empty() {
            return Err(FieldError::new("text", "error_required", "is required").into());
        }
        let by = self.0.user.name.clone();
        let work = move |program: Arc<Program>| async move {
            program.store.incidents().add_note(id, &by, &text).await.map_err(api_error)
        };
        self.0.program.finish(work).await
    }

    /// Tries a channel out; why it did not work.
    pub async fn test_channel(&self, id: ChannelId) -> Result<Result<(), String>, ApiError> {
        let program = &self.0.program;
        let opened = in_time(program.store.channels().open(id, &program.vault)).await.map_err(api_error)?;
        let came = program.try_channel(&opened).await;
        program.write_down(Act::ChannelTested, &opened.channel.name).await;
        Ok(came)
    }
}

impl Program {
    /// Sends a test. What got through is a message like others: the channel works, and says so.
    pub(super) async fn try_channel(&self, opened: &Opened) -> Result<(), String> {
        let now = self.clock.now();
        let came = try_out(opened, self.home.as_ref(), &self.notify, now).await;
        if came.is_ok()
            && let Err(error) =
                in_time(self.store.outbox().settle(opened.channel.id, &[], &Came::Sent, now)).await
        {
            // It did get through, whatever is known of it afterwards.
            tracing::warn!(channel = opened.channel.id.0, %error, "that a channel works could not be written");
        }
        came
    }
}

impl Sure<Admin> {
    pub async fn add_channel(&self, draft: ChannelDraft) -> Result<Channel, ApiError> {
        let program = &self.viewer().program;
        judge(program, &draft, Secrets::new())?;
        let work = move |program: Arc<Program>| async move {
            program.store.channels().create(&draft, &program.vault).await.map_err(api_error)
        };
        let id = program.finish(work).await?;
        self.channel(id).await
    }

    /// `seen` is what was shown of it when the change was made, where that matters.
    pub async fn change_channel(
        &self,
        id: ChannelId,
        draft: ChannelDraft,
        seen: Option<u64>,
    ) -> Result<Channel, ApiError> {
        let program = &self.viewer().program;
        let stored = in_time(program.store.channels().open(id, &program.vault)).await.map_err(api_error)?;
        judge(program, &draft, stored.secrets)?;
        let work = move |program: Arc<Program>| async move {
            let is_seen = |stored: &Channel| seen.is_none_or(|seen| seen == shown(stored));
            let channels = program.store.channels();
            channels.update_seen(id, &draft, &program.vault, is_seen).await.map_err(api_error)?;
            program.bell.notify_one();
            Ok(())
        };
        program.finish::<_, ApiError, _>(work).await?;
        self.channel(id).await
    }

    pub async fn delete_channel(&self, id: ChannelId) -> Result<(), ApiError> {
        let work = move |program: Arc<Program>| async move {
            program.store.channels().remove(id).await.map_err(api_error)
        };
        self.viewer().program.finish(work).await
    }
}

/// Refuses a language that no messages are written in.
pub(super) fn language_known(language: &str) -> Result<(), FieldError> {
    if LANGUAGES.contains(&language) {
        return Ok(());
    }
    let why = format!("must be one of {}", LANGUAGES.join(", "));
    Err(FieldError::new("language", "error_language", why))
}

/// Refuses a draft that no channel can be made of, naming every field.
pub(super) fn judge(program: &Program, draft: &ChannelDraft, mut secrets: Secrets) -> Result<(), ApiError> {
    let mut errors = Vec::new();
    errors.extend(line("name", draft.name.trim(), 64).err());
    if draft.name.trim().is_empty() {
        errors.push(FieldError::new("name", "error_required", "is required"));
    }
    errors.extend(language_known(&draft.language).err());
    for (name, secret) in &draft.secrets {
        match secret {
            Some(secret) if secret.len() > SECRET_BYTES_MAX => {
                let why = format!("must have at most {SECRET_BYTES_MAX} bytes");
                errors.push(FieldError::new(format!("secrets.{name}"), "error_too_long", why));
            }
            Some(secret) => drop(secrets.insert(name.clone(), Secret::new(secret.clone()))),
            None => drop(secrets.remove(name)),
        }
    }
    let args = BuildArgs { settings: &draft.settings, secrets: &secrets, tools: &program.notify };
    errors.extend(notify::errors(draft.kind, &args));
    if errors.is_empty() { Ok(()) } else { Err(errors.into()) }
}

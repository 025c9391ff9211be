//! Maintenance windows and silences: seen by everybody, changed by admins.

use super::{Admin, Program, Viewer, api_error};
use crate::{
    quiet::{Window, typed, zone_names},
    store::{Result as Stored, in_time},
};
use app::api::{ApiError, wire::version};
use model::*;
use std::{collections::BTreeSet, sync::Arc};

/// Those that are over, on one page.
const PAGE: u64 = 50;
/// Words of each list that a form offers.
const OFFERED_MAX: usize = 2_000;
/// Names that nobody has, in one refusal.
const NAMED_MAX: usize = 5;

impl Viewer {
    /// Those in force and to come on the first page, and those that are over from `offset` on.
    pub async fn quiet_page(&self, offset: u64) -> Result<QuietPage, ApiError> {
        let (mut quiets, over) = self.quiets(None, (offset, PAGE)).await?;
        if offset > 0 {
            quiets.retain(|quiet| quiet.ended_at.is_some());
        }
        let devices = self.all_devices();
        let sites: BTreeSet<_> = devices.iter().filter_map(|device| device.location.clone()).collect();
        let tags: BTreeSet<_> = devices.iter().flat_map(|device| device.tags.iter().cloned()).collect();
        Ok(QuietPage {
            quiets,
            over,
            sites: sites.into_iter().take(OFFERED_MAX).collect(),
            tags: tags.into_iter().take(OFFERED_MAX).collect(),
            devices: devices.iter().take(OFFERED_MAX).map(|device| device.name.clone()).collect(),
            zones: zone_names(),
        })
    }

    /// Those of this kind, or of both, that run, then those to come, then a page of those that are over; and how many
    /// of these there are.
    pub async fn quiets(
        &self,
        kind: Option<QuietKind>,
        page: (u64, u64),
    ) -> Result<(Vec<Quiet>, u64), ApiError> {
        let (store, now) = (&self.program.store, self.program.clock.now());
        let read = async { Ok((store.quiets().live().await?, store.quiets().over(kind, page).await?)) };
        let (mut live, (over, total)) = in_time(read).await.map_err(api_error)?;
        live.retain(|window| kind.is_none_or(|kind| window.draft.kind == kind));
        let devices = self.all_devices();
        let shown = |window: &Window| counted(window.shown(now), &devices);
        let mut live: Vec<_> = live.iter().map(shown).collect();
        let first = |quiet: &Quiet| quiet.next.map_or(i64::MAX, |next| next.from.0);
        live.sort_by_key(|quiet| {
            (quiet.current.is_none(), quiet.current.map(|span| span.to), first(quiet), quiet.id)
        });
        live.extend(over.iter().map(|window| window.shown(now)));
        in_time(store.quiets().named(&mut live)).await.map_err(api_error)?;
        Ok((live, total))
    }

    pub async fn quiet(&self, id: QuietId) -> Result<Quiet, ApiError> {
        let quiet = in_time(self.program.store.quiets().one(id)).await.map_err(api_error)?;
        Ok(counted(quiet, &self.all_devices()))
    }

    /// Names in a scope that no device answers to, at their field. Those that were there before may stay.
    pub fn stranger(&self, scope: &RuleScope, before: &RuleScope) -> Option<FieldError> {
        type Bears = fn(&Device, &str) -> bool;
        let devices = self.all_devices();
        let lists: [(&str, &[String], &[String], Bears); 3] = [
            ("tags", &scope.tags, &before.tags, |device, name| device.tags.iter().any(|tag| tag == name)),
            ("sites", &scope.sites, &before.sites, |device, name| {
                device.location.as_deref().unwrap_or_default() == name
            }),
            ("devices", &scope.devices, &before.devices, |device, name| device.name == name),
        ];
        lists.into_iter().find_map(|(field, names, known, bears)| {
            let is_strange =
                |name: &&String| !known.contains(name) && !devices.iter().any(|device| bears(device, name));
            let strange: Vec<_> = names.iter().filter(is_strange).take(NAMED_MAX).collect();
            let why = format!("no device has {strange:?}");
            (!strange.is_empty()).then(|| FieldError::new(format!("scope.{field}"), "error_choice", why))
        })
    }
}

/// How many devices it is about now, while it is not over.
fn counted(quiet: Quiet, devices: &[Arc<Device>]) -> Quiet {
    let QuietAbout::Devices(scope) = &quiet.draft.about else { return quiet };
    if quiet.ended_at.is_some() {
        return quiet;
    }
    let count = devices.iter().filter(|device| scope.holds(device)).count();
    Quiet { devices: u32::try_from(count).ok(), ..quiet }
}

impl Admin {
    pub async fn add_quiet(&self, draft: QuietDraft) -> Result<Quiet, ApiError> {
        self.change_quiets(|program| async move { program.store.quiets().create(&draft).await }).await
    }

    /// `seen` is the version of the draft that the change was made from, where that matters.
    pub async fn change_quiet(
        &self,
        id: QuietId,
        draft: QuietDraft,
        seen: Option<u64>,
    ) -> Result<Quiet, ApiError> {
        let change = move |program: Arc<Program>| async move {
            let is_seen = |stored: &QuietDraft| seen.is_none_or(|seen| seen == version(stored));
            program.store.quiets().update_seen(id, &draft, is_seen).await
        };
        self.change_quiets(change).await
    }

    /// Ends it for good, or only what runs of it.
    pub async fn end_quiet(&self, id: QuietId, only_current: bool) -> Result<Quiet, ApiError> {
        self.change_quiets(move |program| async move { program.store.quiets().end(id, only_current).await })
            .await
    }

    /// One that begins now.
    pub async fn quiet_now(&self, wish: QuietWish) -> Result<Quiet, ApiError> {
        let now = self.viewer().program.clock.now();
        let plan = QuietPlan {
            zone: "UTC".to_owned(),
            starts: typed(now),
            minutes: wish.minutes,
            recurs: Recurs::Once,
            last_day: None,
        };
        self.add_quiet(QuietDraft { kind: wish.kind, title: wish.title, about: wish.about, plan }).await
    }

    /// Whatever came of it, everything is looked at again: it may have been made and its answer lost.
    async fn change_quiets<F>(
        &self,
        change: impl FnOnce(Arc<Program>) -> F + Send + 'static,
    ) -> Result<Quiet, ApiError>
    where
        F: Future<Output = Stored<Quiet>> + Send + 'static,
    {
        let work = move |program: Arc<Program>| async move {
            let done = change(program.clone()).await;
            program.quiets_changed.notify_one();
            done.map_err(api_error)
        };
        let quiet = self.viewer().program.finish(work).await?;
        Ok(counted(quiet, &self.viewer().all_devices()))
    }
}

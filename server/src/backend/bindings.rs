//! Who speaks for an account from Telegram: bound by the account's owner, ended by the owner or an admin.

use super::{Admin, Credential, Program, Sure, Viewer, api_error};
use crate::{
    bot::{code, listening},
    store::{Bound, in_time},
};
use app::api::ApiError;
use futures::future::join_all;
use model::*;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long a code counts.
const CODE_MS: i64 = 10 * 60 * 1_000;
/// A bot that does not say its name within this is left out.
const NAME_WITHIN: Duration = Duration::from_secs(3);

impl Program {
    /// The handle of the account that somebody speaks for, whose right to was read a moment ago.
    pub(crate) fn viewer_of(self: &Arc<Self>, bound: &Bound) -> Viewer {
        Viewer {
            program: self.clone(),
            user: Arc::new(bound.user.clone()),
            credential: Credential::Chat(bound.id),
            password_at: None,
            role: bound.user.role,
            is_exposed: false,
        }
    }

    /// Silences were changed: what wears them is looked at again.
    pub(crate) fn look_at_quiets(&self) {
        self.quiets_changed.notify_one();
    }
}

impl Viewer {
    /// How many alerts are open, and how many of them nobody sees to.
    pub async fn open_incidents(&self) -> Result<(u64, u64), ApiError> {
        in_time(self.program.store.incidents().open()).await.map_err(api_error)
    }

    pub(super) async fn own_bindings(&self) -> Result<BindingPage, ApiError> {
        self.person()?;
        let program = &self.program;
        let bots = program.store.bots();
        let bindings = in_time(bots.bindings(Some(self.user.id))).await.map_err(api_error)?;
        let has_bot = !in_time(bots.channels(&program.vault)).await.map_err(api_error)?.is_empty();
        Ok(BindingPage { bindings, has_bot })
    }

    pub(super) async fn end_binding(&self, id: BindingId) -> Result<(), ApiError> {
        self.person()?;
        let user = self.user.id;
        let end = async move |program: Arc<Program>| {
            in_time(program.store.bots().unbind(id, Some(user))).await.map_err(api_error)
        };
        self.program.finish(end).await
    }
}

impl Sure<Viewer> {
    /// A code for whoever is to speak for this account, in the language of the page that asks for it.
    pub(super) async fn new_binding(&self, language: &str) -> Result<BindingOffer, ApiError> {
        self.person()?;
        let program = &self.program;
        let language = if super::channels::LANGUAGES.contains(&language) { language } else { "en" };
        let (code, hash) = code::generate().ok_or(ApiError::Unavailable)?;
        let until = Timestamp(program.clock.now().0.saturating_add(CODE_MS));
        let bots = program.store.bots();
        let offering = bots.offer(self.user.id, &hash, (language, until));
        in_time(offering).await.map_err(api_error)?;
        let channels = in_time(program.store.bots().channels(&program.vault)).await.map_err(api_error)?;
        let bots: BTreeMap<_, _> =
            channels.iter().filter_map(|one| listening(one, &program.notify)).collect();
        let asking = bots.into_values().map(|bot| async move {
            let me = timeout(NAME_WITHIN, bot.me()).await.ok()?.ok()?;
            me.username
        });
        let mut bots: Vec<String> = join_all(asking).await.into_iter().flatten().collect();
        bots.sort();
        Ok(BindingOffer { code, bots })
    }
}

impl Admin {
    /// Everybody's, by account.
    pub(super) async fn list_bindings(&self) -> Result<Vec<Binding>, ApiError> {
        self.0.person()?;
        in_time(self.0.program.store.bots().bindings(None)).await.map_err(api_error)
    }
}

impl Sure<Admin> {
    pub(super) async fn end_any_binding(&self, id: BindingId) -> Result<(), ApiError> {
        self.viewer().person()?;
        let end = async move |program: Arc<Program>| {
            in_time(program.store.bots().unbind(id, None)).await.map_err(api_error)
        };
        self.viewer().program.finish(end).await
    }
}

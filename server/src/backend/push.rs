//! Browsers that are told by push: each account sees and changes its own. A browser that logs out, or that somebody
//! else logs in with, is not told any more; nor is any whose account is disabled, demoted or removed.

use super::{
    Door, Program, Viewer,
    account::{PRIVATE, YEAR_S},
    api_error,
    channels::{judge, language_known},
};
use crate::{
    accounts::browser_name,
    store::{NewBrowser, in_time},
};
use app::api::ApiError;
use engine::notify::Secrets;
use model::{
    ChannelDraft, ChannelId, ChannelKind, FieldError, PushPage, PushSubscription, Settings, Severity, User,
};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

/// By this cookie a browser that is told is known when it logs out. Its mark is made from it, and not the other way
/// round: pages see the marks, and one that is seen proves nothing.
pub const TOLD_BROWSER: &str = "push";
/// Of an account's name as much stands before the browser's in the name of its channel.
const OWNER_CHARS_MAX: usize = 24;
const BROWSER_CHARS_MAX: usize = 30;

impl Viewer {
    pub(super) async fn own_browsers(&self) -> Result<PushPage, ApiError> {
        self.person()?;
        let browsers = in_time(self.program.store.push().of(self.user.id)).await.map_err(api_error)?;
        let key = self.program.notify.push_key().unwrap_or_default().to_owned();
        Ok(PushPage { key, browsers })
    }

    pub(super) async fn change_browser(
        &self,
        id: ChannelId,
        severity: Severity,
        language: String,
    ) -> Result<(), ApiError> {
        self.person()?;
        if !Severity::LEAST.contains(&severity) {
            let why = "must be one of critical, warning, info";
            return Err(FieldError::new("severity", "error_required", why).into());
        }
        language_known(&language)?;
        let user = self.user.id;
        let work = move |program: Arc<Program>| async move {
            program.store.push().change(user, id, (severity, &language)).await.map_err(api_error)
        };
        self.program.finish(work).await
    }

    pub(super) async fn forget_browser(&self, id: ChannelId) -> Result<(), ApiError> {
        self.person()?;
        let user = self.user.id;
        let work = move |program: Arc<Program>| async move {
            program.store.push().remove(user, id).await.map_err(api_error)
        };
        self.program.finish(work).await
    }
}

impl Door {
    /// Tells this browser from now on, beginning with a test; why that did not arrive, if it did not. It outlives the
    /// session, so it wants the password; not where the browser was told already and its push service has moved it.
    pub(super) async fn tell_browser(&self, asked: PushSubscription) -> Result<Option<String>, ApiError> {
        let viewer = self.as_viewer()?;
        viewer.person()?;
        let user = viewer.user.id;
        let own = in_time(self.program.store.push().of(user)).await.map_err(api_error)?;
        let before = self.told_mark().filter(|mark| own.iter().any(|one| one.mark == *mark));
        if before.is_none() {
            viewer.sure()?;
        }
        let agent = self.arrival().agent;
        let browser = agent.as_deref().and_then(browser_name).unwrap_or_else(|| "Browser".to_owned());
        let browser: String = browser.chars().take(BROWSER_CHARS_MAX).collect();
        let known_by = digest(&asked.endpoint);
        let draft = draft(&viewer.user, &browser, self.language(), asked);
        judge(&self.program, &draft, Secrets::new())?;
        let new = NewBrowser { user, browser, mark: digest(&known_by), draft };
        let work = move |program: Arc<Program>| async move {
            if let Some(before) = before {
                program.store.push().left(user, &before).await.map_err(api_error)?;
            }
            program.store.push().add(new, &program.vault).await.map_err(api_error)
        };
        let id = self.program.finish(work).await?;
        self.set_cookie(TOLD_BROWSER, &known_by, YEAR_S, PRIVATE);
        let opened = in_time(self.program.store.channels().open(id, &self.program.vault)).await;
        let opened = opened.map_err(api_error)?;
        Ok(self.program.try_channel(&opened).await.err())
    }

    /// This browser logs out: whoever sits there next is not told what `user` was.
    pub(super) async fn silence_browser(&self, user: &User) {
        let Some(mark) = self.told_mark() else { return };
        match in_time(self.program.store.push().left(user.id, &mark)).await {
            Ok(()) => self.set_cookie(TOLD_BROWSER, "", 0, PRIVATE),
            // The session ends all the same; who logs in here next finds the mark and takes the browser over.
            Err(error) => {
                tracing::warn!(user = user.id.0, %error, "a browser that logged out could not be silenced");
            }
        }
    }

    /// Somebody logs in here: if others were told by this browser, they are not any more.
    pub(super) async fn take_browser_over(&self, user: &User) {
        let Some(mark) = self.told_mark() else { return };
        if let Err(error) = in_time(self.program.store.push().taken_over(user.id, &mark)).await {
            // A right password is not refused for that.
            tracing::warn!(user = user.id.0, %error, "a browser of somebody else could not be silenced");
        }
    }

    /// The mark of the browser that asks, if it was ever told.
    fn told_mark(&self) -> Option<String> {
        self.told_browser.as_deref().map(digest)
    }
}

fn draft(user: &User, browser: &str, language: &str, asked: PushSubscription) -> ChannelDraft {
    let owner: String = user.name.chars().take(OWNER_CHARS_MAX).collect();
    let secrets = [("endpoint", asked.endpoint), ("p256dh", asked.p256dh), ("auth", asked.auth)];
    ChannelDraft {
        name: format!("{owner}: {browser}"),
        kind: ChannelKind::WebPush,
        enabled: true,
        language: language.to_owned(),
        severity: Severity::Warning,
        settings: Settings::default(),
        secrets: BTreeMap::from(secrets.map(|(name, text)| (name.to_owned(), Some(text)))),
    }
}

/// SHA-256 in hexadecimal: of a browser's address it is what its cookie says, and of that its mark.
fn digest(text: &str) -> String {
    let mut digest = String::with_capacity(64);
    for byte in Sha256::digest(text) {
        let _ = write!(digest, "{byte:02x}");
    }
    digest
}

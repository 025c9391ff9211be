//! What the palette leads to besides devices: pages, and acts that are done at once.
//!
//! To add one: a variant of `Go`, its line in `offers` and what it does in `Doer::go`.

use super::{
    header::leave,
    more::places,
    preferences::{Preferring, keep_language, themes, use_preferring},
};
use crate::{
    api::devices::{check_now, reload},
    i18n::{Lang, Words, use_words},
    parts::{Acts, IconName, may_leave},
};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use std::sync::Arc;

/// Where a line of the palette leads.
#[derive(Clone, PartialEq)]
pub enum Go {
    To(String),
    CheckAll,
    Reload,
    Theme(&'static str),
    Language(Lang),
    LogOut,
}

/// One thing the palette offers to whom.
pub struct Offer {
    pub title: String,
    pub icon: IconName,
    pub go: Go,
}

/// Every page and act, in the order in which they stand while nothing is typed.
pub fn offers(words: Words, is_admin: bool) -> Vec<Offer> {
    let to =
        |title: &str, icon, path: &str| Offer { title: title.to_owned(), icon, go: Go::To(path.to_owned()) };
    let act = |title: &str, icon, go| Offer { title: title.to_owned(), icon, go };
    let mut all = vec![
        to(words.nav_dashboard(), IconName::Columns, "/"),
        to(words.nav_alerts(), IconName::Bell, "/alerts"),
        to(words.nav_history(), IconName::History, "/history"),
        to(words.nav_rules(), IconName::Check, "/admin/rules"),
    ];
    if is_admin {
        all.push(to(words.nav_routers(), IconName::Devices, "/admin/routers"));
    }
    all.extend(places(words, is_admin).into_iter().map(|(path, icon, word)| to(word, icon, path)));
    all.push(to(words.nav_account(), IconName::User, "/account"));
    if is_admin {
        all.extend([
            to(words.dashboard_add_device(), IconName::Plus, "/admin/routers/new"),
            act(words.palette_check_all(), IconName::Refresh, Go::CheckAll),
            act(words.routers_reload(), IconName::Refresh, Go::Reload),
        ]);
    }
    all.extend(themes(words).map(|(name, word)| {
        act(&format!("{}: {word}", words.theme_label()), IconName::Theme, Go::Theme(name))
    }));
    let others = Lang::ALL.into_iter().filter(|lang| *lang != words.lang());
    all.extend(others.map(|lang| {
        act(&format!("{}: {}", words.language_label(), lang.own_name()), IconName::Globe, Go::Language(lang))
    }));
    all.push(act(words.action_log_out(), IconName::LogOut, Go::LogOut));
    all
}

type Navigate = Arc<dyn Fn(&str, NavigateOptions) + Send + Sync>;

/// Does what was chosen.
#[derive(Clone)]
pub struct Doer {
    words: Words,
    acts: Acts,
    preferring: Preferring,
    navigate: Navigate,
}

impl Doer {
    pub fn new() -> Self {
        Self {
            words: use_words(),
            acts: Acts::new(),
            preferring: use_preferring(),
            navigate: Arc::new(use_navigate()),
        }
    }

    pub fn go(&self, go: &Go) {
        let words = self.words;
        match go {
            Go::To(path) if may_leave() => (self.navigate)(path, NavigateOptions::default()),
            Go::To(_) => {}
            Go::CheckAll => {
                self.acts.run(check_now(None), move |()| words.palette_said_checked_all().to_owned(), drop);
            }
            Go::Reload => {
                self.acts.run(reload(), move |count| words.routers_said_reloaded(u64::from(count)), drop);
            }
            Go::Theme(name) => self.preferring.keep_theme(name),
            Go::Language(lang) => keep_language(lang.code()),
            Go::LogOut if may_leave() => leave(self.acts),
            Go::LogOut => {}
        }
    }
}

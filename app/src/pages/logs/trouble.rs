//! Why a router's log is not read, what to do about it, and the switch.

use crate::{
    api::logs::set_log_read,
    i18n::{Words, use_words},
    parts::*,
    use_visitor,
};
use leptos::{prelude::*, task::spawn_local};
use model::{DeviceId, LogState, LogTrouble};

/// What is said of a log that is not read; nothing of one that is. That there is no login says something only where a
/// device `has_none`: others send theirs.
pub fn told(words: Words, state: &LogState, has_none: bool) -> Option<String> {
    if !state.is_on {
        return Some(words.log_off().to_owned());
    }
    Some(match state.trouble.as_ref()? {
        LogTrouble::NoLogin if !has_none => return None,
        LogTrouble::NoLogin => words.log_no_login().to_owned(),
        LogTrouble::NotConnected => words.log_not_connected().to_owned(),
        LogTrouble::NoPermission => words.log_no_permission().to_owned(),
        LogTrouble::TooLarge => words.log_too_large().to_owned(),
        LogTrouble::Refused(why) => words.log_refused(why),
    })
}

/// What an empty list says.
pub fn nothing(words: Words, state: Option<&LogState>, is_plain: bool) -> &'static str {
    match state {
        _ if !is_plain => words.audit_none(),
        None => words.logs_nothing(),
        Some(state) if state.read_at.is_none() => words.log_unread(),
        Some(_) => words.log_nothing(),
    }
}

/// For admins: whether the log is read.
pub fn switch(id: DeviceId, state: RwSignal<Option<LogState>>) -> AnyView {
    let (words, acts) = (use_words(), Acts::new());
    if !use_visitor().is_admin() {
        return ().into_any();
    }
    let is_on = Memo::new(move |_| {
        state.with(|state| {
            let has_login = |state: &LogState| state.trouble != Some(LogTrouble::NoLogin);
            state.as_ref().filter(|state| has_login(state)).map(|state| state.is_on)
        })
    });
    let press = move |is_on: bool| {
        spawn_local(async move {
            match set_log_read(id, is_on).await {
                Ok(()) => drop(state.try_update(|state| {
                    if let Some(state) = state {
                        state.is_on = is_on;
                    }
                })),
                Err(error) => acts.fail(&error),
            }
        });
    };
    view! {
        <For each=move || is_on.get() key=|is_on| *is_on let:is_on>
            <Button look=Look::Quiet on:click=move |_| press(!is_on)>
                {if is_on { words.log_switch_off() } else { words.log_switch_on() }}
            </Button>
        </For>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn that_there_is_no_login_is_said_only_where_there_are_no_lines() {
        let (words, no_login) = (Words::default(), Some(LogTrouble::NoLogin));
        let state = LogState { is_on: true, read_at: None, trouble: no_login };
        assert_eq!(told(words, &state, false), None);
        assert_eq!(told(words, &state, true).as_deref(), Some(words.log_no_login()));
        let away = LogState { trouble: Some(LogTrouble::NotConnected), ..state };
        assert_eq!(told(words, &away, false).as_deref(), Some(words.log_not_connected()));
    }
}

//! The question before several lines are pasted: a device that knows no brackets around a paste, as RouterOS, does each of
//! them at once.

use super::session::Session;
use crate::{
    browser::{self, Screen},
    i18n::use_words,
    parts::{Button, Dialog, Look, Switch},
};
use leptos::{ev, prelude::*};
use model::is_bidi_control;

/// How many of the lines are shown.
const LINES_MAX: usize = 8;
/// How much of each.
const CHARS_MAX: usize = 200;

#[component]
pub fn AskPaste(session: Session) -> impl IntoView {
    let words = use_words();
    let (open, is_unasked) = (RwSignal::new(false), RwSignal::new(false));
    Effect::new(move || {
        if session.pasting.with(Option::is_some) {
            is_unasked.set(false);
            open.set(true);
        }
    });
    // Closed without an answer.
    Effect::new(move || {
        if !open.get() && session.pasting.with_untracked(Option::is_some) {
            session.pasting.set(None);
            session.on_screen(Screen::focus);
        }
    });
    let paste = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if is_unasked.get_untracked() {
            browser::paste_unasked();
        }
        if let Some(text) = session.pasting.get_untracked() {
            session.pasting.set(None);
            session.on_screen(|screen| screen.insert(&text));
        }
        open.set(false);
        browser::when_drawn(move || session.on_screen(Screen::focus));
    };
    let shown = move || session.pasting.with(|text| text.as_deref().map(beginning));
    let count = move || {
        let lines = session.pasting.with(|text| text.as_ref().map_or(0, |text| text.lines().count()));
        u64::try_from(lines).unwrap_or(u64::MAX)
    };
    let more = move || {
        let more = count().saturating_sub(LINES_MAX.try_into().unwrap_or(u64::MAX));
        (more > 0).then(|| words.terminal_paste_more(more))
    };
    view! {
        <Dialog open title=words.terminal_paste_title()>
            <form class="form" method="post" on:submit=paste>
                <p>{move || words.terminal_paste_text(count())}</p>
                <pre class="term-pasted" tabindex="0">{shown}</pre>
                <p>{more}</p>
                <Switch label=words.terminal_paste_unasked() name="terminal-paste-unasked" value=is_unasked />
                <div class="form-foot">
                    <Button on:click=move |_| open.set(false)>{words.action_cancel()}</Button>
                    // Marked, as the switch comes first: a space would turn the question off.
                    <button type="submit" class=Look::Primary.class() autofocus=true>
                        {words.terminal_paste()}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}

/// The first lines, as they are: what would turn their letters around is shown as a sign.
fn beginning(text: &str) -> String {
    let tame = |c: char| if is_bidi_control(c) { '\u{fffd}' } else { c };
    let line = |line: &str| {
        let mut shown: String = line.chars().take(CHARS_MAX).map(tame).collect();
        if line.chars().nth(CHARS_MAX).is_some() {
            shown.push('…');
        }
        shown
    };
    text.lines().take(LINES_MAX).map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_lines_are_shown_and_nothing_turns_them_around() {
        assert_eq!(beginning("/user print\n/quit\n"), "/user print\n/quit");
        let many = "x\n".repeat(LINES_MAX + 3);
        assert_eq!(beginning(&many).lines().count(), LINES_MAX);
        let long = beginning(&"я".repeat(CHARS_MAX + 1));
        assert_eq!((long.chars().count(), long.chars().last()), (CHARS_MAX + 1, Some('…')));
        assert_eq!(beginning("a\u{202e}b"), "a\u{fffd}b");
    }
}

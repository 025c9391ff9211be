//! The page that a browser keeps for when nobody answers: how everything was, and how long ago. It needs no other
//! file, and names neither addresses nor anything else that a lost phone must not tell.

use crate::{
    format,
    i18n::{Lang, Words},
    parts::state_word,
};
use leptos::prelude::*;
use model::{Row, State, Timestamp};

const STYLE: &str = include_str!("offline.css");
const SCRIPT: &str = include_str!("offline.js");

/// What is kept, for whom.
pub struct Kept<'a> {
    /// `en`, `id` or `ru`.
    pub language: &'a str,
    /// `light`, `dark` or `auto`.
    pub theme: &'a str,
    /// Lets the page's own script in.
    pub nonce: &'a str,
    pub now: Timestamp,
    /// The worst first.
    pub rows: &'a [Row],
    pub total: usize,
}

/// The whole page.
pub fn page(kept: &Kept<'_>) -> String {
    let Kept { language, theme, nonce, now, rows, total } = *kept;
    let lang = Lang::from_code(language);
    let words = Words(lang);
    let more = total.saturating_sub(rows.len());
    let devices = rows.iter().map(|row| device(words, row)).collect_view();
    let view = view! {
        <html lang=lang.code() data-theme=theme.to_owned()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <title>{format!("{} · Routewarden", words.offline_title())}</title>
                <style>{STYLE}</style>
            </head>
            <body>
                <main>
                    <div class="old" role="status">
                        <h1>{words.offline_title()}</h1>
                        <p>{words.offline_text()} " " {moment(now)}</p>
                        <a href="">{words.action_again()}</a>
                    </div>
                    <ul>{devices}</ul>
                    {(more > 0).then(|| view! { <p>{words.offline_more(more as u64)}</p> })}
                    {(total == 0).then(|| view! { <p>{words.offline_none()}</p> })}
                </main>
                <script nonce=nonce.to_owned()>{SCRIPT}</script>
            </body>
        </html>
    };
    format!("<!DOCTYPE html>{}", view.to_html())
}

fn device(words: Words, row: &Row) -> impl IntoView + use<> {
    let state = row.live.state;
    let checked = row.live.checked_at;
    view! {
        <li>
            <span class=state.word()>
                <i aria-hidden="true">{shape(state)}</i>
                {state_word(words, state)}
            </span>
            <strong>
                {row.name.clone()}
                {row.location.clone().map(|site| view! { <small>{site}</small> })}
            </strong>
            <span class="seen">
                {checked.map(|_| words.offline_checked())} " " {moment(checked.unwrap_or(row.live.since))}
            </span>
        </li>
    }
}

/// Written out; the page's script says how long ago it is.
fn moment(at: Timestamp) -> impl IntoView + use<> {
    view! { <time datetime=format::iso(at)>{super::utc(at)}</time> }
}

fn shape(state: State) -> &'static str {
    match state {
        State::Up => "●",
        State::Degraded => "◐",
        State::Down => "✕",
        State::Unknown => "○",
        State::Paused => "‖",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_device_calls_itself_it_stays_text_and_its_address_stays_here() {
        let row = Row {
            id: model::DeviceId(1),
            name: "<script>alert(1)</script>".to_owned(),
            kind: model::DeviceKind::Router,
            address: "192.0.2.77".to_owned(),
            location: Some("\"'><img src=x>".to_owned()),
            tags: Vec::new(),
            live: model::Live { state: State::Down, ..model::Live::default() },
            beats: Vec::new(),
            quiet: None,
        };
        let owner = Owner::new();
        let html = owner.with(|| {
            let rows = [row];
            let now = Timestamp(1_700_000_000_000);
            page(&Kept { language: "ru", theme: "dark", nonce: "n0", now, rows: &rows, total: 3 })
        });
        assert!(html.starts_with("<!DOCTYPE html><html"), "{html}");
        assert!(html.contains("&lt;script&gt;alert(1)") && !html.contains("<img"), "{html}");
        assert!(!html.contains("192.0.2.77"));
        assert!(html.contains("nonce=\"n0\"") && html.contains("2023-11-14T22:13:20Z"), "{html}");
        assert!(html.contains(Words(Lang::from_code("ru")).offline_title()));
    }
}

//! The fleet as a table: only the rows in sight exist, the rest is blank space of the right height.

use super::{board::Board, columns::Column, row::DeviceRow};
use crate::{browser, i18n::use_words, parts::each, use_visitor};
use leptos::{ev, html, prelude::*};
use model::DeviceId;

/// Rows of the first paint, which no script has measured yet.
pub const FIRST_ROWS: usize = 40;
/// Rows kept ready above and below what is in sight.
const SPARE_ROWS: usize = 12;

/// How wide the column of boxes is, in pixels; the second column's place in the style depends on it.
const PICKER_WIDTH: u32 = 34;

/// The room it takes from the other columns: only admins have it.
pub fn picker_width(is_admin: bool) -> u32 {
    if is_admin { PICKER_WIDTH } else { 0 }
}

/// Which of the shown rows exist: the first, and how many.
pub type Window = (usize, usize);

#[component]
pub fn DeviceTable(board: Board) -> impl IntoView {
    let words = use_words();
    let is_admin = use_visitor().is_admin();
    let (frame, body) = (NodeRef::<html::Div>::new(), NodeRef::<html::Tbody>::new());
    let window = board.window;
    let measure = move || {
        // The table may be gone by the time the frame comes, with the last device, though the board is still there.
        let (Some(frame), Some(body)) = (frame.try_get_untracked(), body.try_get_untracked()) else { return };
        measure_room(board, is_admin, frame.as_ref());
        if let Some(seen) = in_sight(frame, body)
            && seen != window.get_untracked()
        {
            window.set(seen);
        }
    };
    Effect::new(move |_| {
        board.shown.track();
        board.open.track();
        // After the rows of this change are laid out.
        browser::when_drawn(measure);
    });
    // Beside the drawer everything is laid out anew; the row that was opened stays in sight.
    Effect::new(move |_| {
        if let Some(id) = board.open.get() {
            browser::when_drawn(move || browser::scroll_to(&format!("tr[data-id=\"{id}\"]")));
        }
    });
    Effect::new(move |_| {
        let scrolled = window_event_listener(ev::scroll, move |_| measure());
        let resized = window_event_listener(ev::resize, move |_| measure());
        on_cleanup(move || {
            scrolled.remove();
            resized.remove();
        });
    });
    let total = move || {
        let shown = board.shown.with(|shown| shown.len());
        // The first paint has only the first rows, but its scroll bar is already right.
        let is_part = !board.fleet.is_whole() && board.filter.with(|filter| filter.is_empty());
        if is_part { shown.max(board.fleet.counts().total() as usize) } else { shown }
    };
    let ids = Memo::new(move |_| {
        board.shown.with(|shown| {
            let (first, count) = within(window.get(), shown.len());
            shown.iter().skip(first).take(count).map(|id| id.0).collect::<Vec<_>>()
        })
    });
    let picker = picker_width(is_admin);
    let least = move || format!("{}px", picker + board.columns().into_iter().map(Column::width).sum::<u32>());
    let before = move || within(window.get(), board.shown.with(|shown| shown.len())).0;
    let after = move || total().saturating_sub(before() + ids.with(Vec::len));
    view! {
        <div
            class="grid"
            node_ref=frame
            on:scroll=move |_| measure()
            on:pointermove=move |_| board.hold()
            tabindex="-1"
        >
            <table class="table fleet" class:picks=is_admin style:--least=least aria-label=words.table_label() aria-rowcount=total>
                <thead>
                    <tr>
                        {is_admin.then(|| pick_all(board))}
                        {move || board.columns().into_iter().map(|column| head(board, column)).collect_view()}
                    </tr>
                </thead>
                <tbody node_ref=body>
                    <tr class="space" style:--rows=move || before().to_string() aria-hidden="true"></tr>
                    {each(
                        move || ids.get(),
                        move |id| view! { <DeviceRow board id=DeviceId(id) /> }.into_any(),
                    )}
                    <tr class="space" style:--rows=move || after().to_string() aria-hidden="true"></tr>
                </tbody>
            </table>
        </div>
    }
}

fn head(board: Board, column: Column) -> impl IntoView {
    let words = use_words();
    let order = move || match board.sort.get() {
        (by, false) if by == column => Some("ascending"),
        (by, true) if by == column => Some("descending"),
        _ => None,
    };
    // The reason takes the room that is left.
    let width = (column != Column::Reason).then(|| format!("{}px", column.width()));
    let label = column.label(words);
    let label = if column.is_sortable() {
        view! {
            <button type="button" on:click=move |_| board.sort_by(column)>
                {label}
            </button>
        }
        .into_any()
    } else {
        view! { <span class="unsorted">{label}</span> }.into_any()
    };
    view! {
        <th class=column.class() scope="col" aria-sort=order style:width=width>
            {label}
        </th>
    }
}

fn pick_all(board: Board) -> impl IntoView {
    let words = use_words();
    let picks = board.picks;
    let is_part = move || !picks.has_all() && picks.ids.with(|ids| !ids.is_empty());
    view! {
        <th class="c-pick" scope="col" style:width=format!("{PICKER_WIDTH}px")>
            <label>
                <input
                    type="checkbox"
                    aria-label=words.bulk_pick_all()
                    prop:checked=move || picks.has_all()
                    prop:indeterminate=is_part
                    on:click=move |event| picks.set_all(event_target_checked(&event))
                />
            </label>
        </th>
    }
}

/// The same window where there are only so many rows: it never begins behind the last.
fn within((first, count): Window, rows: usize) -> Window {
    (first.min(rows.saturating_sub(count)), count)
}

/// A phone shows cards, which have no columns to choose by width.
fn measure_room(board: Board, is_admin: bool, frame: Option<&web_sys::HtmlDivElement>) {
    let is_cards = browser::is_narrow();
    if is_cards != board.is_cards.get_untracked() {
        board.is_cards.set(is_cards);
    }
    let breadth = frame.and_then(|frame| u32::try_from(frame.client_width()).ok());
    // A hidden frame says nothing.
    let Some(breadth) = breadth.filter(|breadth| *breadth > 0) else { return };
    if breadth != board.breadth.get_untracked() {
        board.breadth.set(breadth);
    }
    let room = breadth.saturating_sub(picker_width(is_admin));
    if !is_cards && room != board.room.get_untracked() {
        board.room.set(room);
    }
}

/// The rows in sight, of a table that scrolls in its frame or with the whole page.
fn in_sight(
    frame: Option<web_sys::HtmlDivElement>,
    body: Option<web_sys::HtmlTableSectionElement>,
) -> Option<Window> {
    let (frame, body) = (frame?.get_bounding_client_rect(), body?);
    // Not measured at a row, for there may be none, and a card has a gap that is not its height.
    let row = browser::row_pitch()?;
    let screen = web_sys::window()?.inner_height().ok()?.as_f64()?;
    let top = frame.top().max(0.0);
    let bottom = frame.bottom().min(screen);
    let above = (top - body.get_bounding_client_rect().top()).max(0.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let (hidden, seen) = ((above / row) as usize, ((bottom - top).max(0.0) / row) as usize + 1);
    // Steps of a few rows, so that scrolling by one does not touch the page.
    let first = hidden.saturating_sub(SPARE_ROWS) / 4 * 4;
    Some((first, seen + 2 * SPARE_ROWS + 4))
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn after_filtering_the_window_stands_over_the_rows_there_are() {
        assert_eq!(within((400, 60), 1000), (400, 60));
        assert_eq!(within((980, 60), 1000), (940, 60));
        assert_eq!(within((400, 60), 3), (0, 60));
        assert_eq!(within((0, 60), 0), (0, 60));
    }
}

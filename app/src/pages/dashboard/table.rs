//! The fleet as a table: only the rows in sight exist, the rest is blank space of the right height.

use super::{board::Board, columns::Column, row::DeviceRow};
use crate::{browser, i18n::use_words};
use leptos::{ev, html, prelude::*};

/// Rows of the first paint, which no script has measured yet.
pub const FIRST_ROWS: usize = 60;
/// Rows kept ready above and below what is in sight.
const SPARE_ROWS: usize = 12;

/// Which of the shown rows exist: the first, and how many.
type Window = (usize, usize);

#[component]
pub fn DeviceTable(board: Board) -> impl IntoView {
    let words = use_words();
    let (frame, body) = (NodeRef::<html::Div>::new(), NodeRef::<html::Tbody>::new());
    let window = RwSignal::new((0, FIRST_ROWS));
    let measure = move || {
        // The table may be gone by the time the frame comes.
        let Some(known) = window.try_get_untracked() else { return };
        measure_room(board, frame.get_untracked());
        if let Some(seen) = in_sight(frame.get_untracked(), body.get_untracked())
            && seen != known
        {
            window.set(seen);
        }
    };
    Effect::new(move |_| {
        board.shown.track();
        board.open.track();
        // After the rows of this change are laid out.
        request_animation_frame(measure);
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
        let (first, count) = window.get();
        board.shown.with(|shown| shown.iter().skip(first).take(count).copied().collect::<Vec<_>>())
    });
    let least = move || format!("{}px", board.columns().into_iter().map(Column::width).sum::<u32>());
    let before = move || window.get().0.min(total());
    let after = move || total().saturating_sub(before() + ids.with(Vec::len));
    view! {
        <div
            class="grid"
            node_ref=frame
            on:scroll=move |_| measure()
            on:pointermove=move |_| board.hold()
            tabindex="-1"
        >
            <table class="table fleet" style:--least=least aria-label=words.table_label() aria-rowcount=total>
                <thead>
                    <tr>{move || board.columns().into_iter().map(|column| head(board, column)).collect_view()}</tr>
                </thead>
                <tbody node_ref=body>
                    <tr class="space" style:--rows=move || before().to_string() aria-hidden="true"></tr>
                    <For each=move || ids.get() key=|id| *id let:id>
                        <DeviceRow board id />
                    </For>
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
    view! {
        <th class=column.class() scope="col" aria-sort=order style:width=width>
            <button type="button" on:click=move |_| board.sort_by(column)>
                {column.label(words)}
            </button>
        </th>
    }
}

/// A phone shows cards, which have no columns to choose by width.
fn measure_room(board: Board, frame: Option<web_sys::HtmlDivElement>) {
    let room = frame.and_then(|frame| u32::try_from(frame.client_width()).ok());
    if let Some(room) = room.filter(|room| !browser::is_narrow() && *room != board.room.get_untracked()) {
        board.room.set(room);
    }
}

/// The rows in sight, of a table that scrolls in its frame or with the whole page.
fn in_sight(
    frame: Option<web_sys::HtmlDivElement>,
    body: Option<web_sys::HtmlTableSectionElement>,
) -> Option<Window> {
    let (frame, body) = (frame?.get_bounding_client_rect(), body?);
    let row = body.query_selector("tr[data-id]").ok().flatten()?.get_bounding_client_rect().height();
    let screen = web_sys::window()?.inner_height().ok()?.as_f64()?;
    let top = frame.top().max(0.0);
    let bottom = frame.bottom().min(screen);
    let above = (top - body.get_bounding_client_rect().top()).max(0.0);
    if row < 1.0 {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let (hidden, seen) = ((above / row) as usize, ((bottom - top).max(0.0) / row) as usize + 1);
    // Steps of a few rows, so that scrolling by one does not touch the page.
    let first = hidden.saturating_sub(SPARE_ROWS) / 4 * 4;
    Some((first, seen + 2 * SPARE_ROWS + 4))
}

//! What the dashboard's parts share: the filter, the order, the columns, and which device is open.

use super::{
    columns::{Column, ColumnSet, USUAL_ROOM},
    filter::Filter,
    order::arranged,
    picks::Picks,
    table::{FIRST_ROWS, Window, picker_width},
};
use crate::{
    browser,
    live::{Fleet, use_fleet},
    query::use_query,
    use_visitor,
};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::DeviceId;
use std::{collections::HashSet, sync::Arc, time::Duration};

/// The cookie in which this browser keeps its choice of columns.
const COLUMNS_KEY: &str = "columns";
/// How much of the window the table may not have, if its scroll bar takes room.
const SCROLL_BAR_PX: u32 = 15;
/// The list keeps still this long after the pointer last moved over it.
const HOLD_MS: i64 = 2_000;
/// The drawer follows the keys only once they rest for so long: each step of its own would be a request
/// and an entry that the browser has to keep.
const STEP_RESTS: Duration = Duration::from_millis(150);
/// How often a list ordered by a measured value is ordered again, in seconds.
const MEASURES_EVERY: u32 = 5;

/// The columns chosen in this browser. They outlast a visit of the dashboard: one leaves, comes back, and finds them.
#[derive(Clone, Copy)]
struct ChosenColumns(RwSignal<Option<ColumnSet>>);

/// Starts with what the server has seen.
pub fn provide_columns() {
    provide_context(ChosenColumns(RwSignal::new(use_visitor().columns)));
}

type Navigate = Arc<dyn Fn(&str, NavigateOptions) + Send + Sync>;

/// Copy it into closures.
#[derive(Clone, Copy)]
pub struct Board {
    pub fleet: Fleet,
    pub text: RwSignal<String>,
    pub filter: Memo<Filter>,
    /// The column, and whether the largest is first.
    pub sort: RwSignal<(Column, bool)>,
    chosen_columns: RwSignal<Option<ColumnSet>>,
    column_set: Memo<ColumnSet>,
    /// How wide the table may be, in pixels.
    pub room: RwSignal<u32>,
    /// How wide the list is with its column of boxes, in pixels.
    pub breadth: RwSignal<u32>,
    /// The rows are cards, as on a phone.
    pub is_cards: RwSignal<bool>,
    /// The devices that fit the filter, in order.
    pub shown: Memo<Arc<Vec<DeviceId>>>,
    /// Which of them have a row.
    pub window: RwSignal<Window>,
    /// The row that the keys move.
    pub cursor: RwSignal<Option<DeviceId>>,
    pub picks: Picks,
    /// The device in the drawer.
    pub open: Memo<Option<DeviceId>>,
    /// The fleet's order that the list follows; later than the fleet's own while a pointer is over it.
    settled: RwSignal<u64>,
    pointer_at: StoredValue<i64>,
    stepping: StoredValue<Option<TimeoutHandle>>,
    navigate: StoredValue<Navigate>,
}

impl Board {
    pub fn new() -> Self {
        let fleet = use_fleet();
        let query = use_query();
        let text = RwSignal::new(query.with_untracked(|query| query.get("q").unwrap_or_default()));
        let filter = Memo::new(move |_| Filter::parse(&text.get()));
        let sort = RwSignal::new((Column::State, false));
        let settled = RwSignal::new(0);
        let visitor = use_visitor();
        let screen_px = visitor.screen_px;
        let not_ours = SCROLL_BAR_PX + picker_width(visitor.is_admin());
        let room = RwSignal::new(screen_px.map_or(USUAL_ROOM, |screen| screen.saturating_sub(not_ours)));
        let breadth = RwSignal::new(screen_px.unwrap_or(USUAL_ROOM));
        let is_cards = RwSignal::new(screen_px.is_some_and(|screen| screen <= browser::NARROW_PX_MAX));
        let chosen_columns = use_context::<ChosenColumns>().map_or_else(|| RwSignal::new(None), |all| all.0);
        let column_set = Memo::new(move |_| {
            let usual = || Column::usual(fleet.has_routers(), room.get());
            if is_cards.get() { Column::of_card() } else { chosen_columns.get().unwrap_or_else(usual) }
        });
        let navigate: Navigate = Arc::new(use_navigate());
        let shown = Memo::new(move |_| {
            settled.track();
            fleet.is_whole();
            Arc::new(arrange(fleet, &filter.get(), sort.get()))
        });
        let board = Self {
            fleet,
            text,
            filter,
            sort,
            chosen_columns,
            column_set,
            room,
            breadth,
            is_cards,
            shown,
            window: RwSignal::new((0, FIRST_ROWS)),
            picks: Picks::new(shown),
            cursor: RwSignal::new(None),
            open: Memo::new(move |_| query.with(|query| query.get("d")?.parse().ok())),
            settled,
            pointer_at: StoredValue::new(0),
            stepping: StoredValue::new(None),
            navigate: StoredValue::new(navigate),
        };
        board.settle();
        // Back, forward and links change the address, and the filter is part of it.
        Effect::new(move |is_later: Option<()>| {
            let asked = query.with(|query| query.get("q").unwrap_or_default());
            // The first address is the one the text began with; what was typed since is newer.
            if is_later.is_some() && text.with_untracked(|text| *text != asked) {
                text.set(asked);
            }
        });
        on_cleanup(move || board.forget_step());
        board
    }

    /// Follows the fleet's changes, but never under somebody's pointer.
    fn settle(self) {
        Effect::new(move |_| {
            let seconds = StoredValue::new(0_u32);
            let tick = move || {
                seconds.update_value(|seconds| *seconds = seconds.wrapping_add(1));
                let is_measured =
                    !matches!(self.sort.get_untracked().0, Column::State | Column::Name | Column::Site);
                let is_due = is_measured && seconds.get_value().is_multiple_of(MEASURES_EVERY);
                let order = self.fleet.order_untracked();
                let is_held = browser::now().0 - self.pointer_at.get_value() < HOLD_MS;
                if !is_held && (is_due || order != self.settled.get_untracked()) {
                    self.settled.set(order);
                }
            };
            if let Ok(ticking) = set_interval_with_handle(tick, Duration::from_secs(1)) {
                on_cleanup(move || ticking.clear());
            }
        });
    }

    /// Subscribes to the order that the list follows.
    pub fn settled(self) {
        self.settled.track();
        self.fleet.is_whole();
    }

    /// The pointer is over the list: nothing may move under it.
    pub fn hold(self) {
        self.pointer_at.set_value(browser::now().0);
    }

    pub fn columns(self) -> Vec<Column> {
        let set = self.column_set.get();
        Column::ALL.into_iter().filter(|column| column.is_fixed() || set & column.bit() != 0).collect()
    }

    pub fn has_column(self, column: Column) -> bool {
        self.column_set.get() & column.bit() != 0
    }

    pub fn toggle_column(self, column: Column) {
        let set = self.column_set.get_untracked() ^ column.bit();
        self.chosen_columns.set(Some(set));
        browser::remember(COLUMNS_KEY, &set.to_string());
    }

    pub fn sort_by(self, column: Column) {
        self.sort.update(|(by, descending)| {
            (*by, *descending) =
                if *by == column { (column, !*descending) } else { (column, column.starts_descending()) };
        });
    }

    /// Changes the filter, in the address too, so that it can be sent to somebody.
    pub fn set_filter(self, text: String) {
        self.text.set(text);
        self.keep_address(self.open.get_untracked(), true);
    }

    /// Opens a device beside the list, or as a page of its own where there is no room.
    pub fn show(self, id: DeviceId) {
        self.forget_step();
        self.cursor.set(Some(id));
        if browser::is_narrow() {
            self.go(&format!("/devices/{id}"), NavigateOptions::default());
        } else {
            // Going from one device to the next is not worth a step in the history.
            self.keep_address(Some(id), self.open.get_untracked().is_some());
        }
    }

    pub fn close(self) {
        self.forget_step();
        self.keep_address(None, true);
    }

    /// Moves the cursor, and the drawer with it.
    pub fn step(self, by: isize) -> Option<DeviceId> {
        let shown = self.shown.get_untracked();
        let here = self.cursor.get_untracked().and_then(|id| shown.iter().position(|other| *other == id));
        let next = here.map_or(0, |here| here.saturating_add_signed(by).min(shown.len().saturating_sub(1)));
        let id = *shown.get(next)?;
        self.cursor.set(Some(id));
        if self.open.get_untracked().is_some() {
            self.open_when_keys_rest();
        }
        Some(id)
    }

    /// Sees to it that a device of the list has a row, wherever the list was scrolled to.
    pub fn draw(self, id: DeviceId) {
        let place = self.shown.with_untracked(|shown| shown.iter().position(|other| *other == id));
        let (first, count) = self.window.get_untracked();
        if let Some(place) = place.filter(|place| !(first..first + count).contains(place)) {
            self.window.set((place.saturating_sub(count / 2), count));
        }
    }

    fn open_when_keys_rest(self) {
        self.forget_step();
        let open = move || {
            if let Some(id) = self.cursor.try_get_untracked().flatten() {
                self.keep_address(Some(id), true);
            }
        };
        self.stepping.set_value(browser::later(open, STEP_RESTS));
    }

    fn forget_step(self) {
        if let Some(stepping) = self.stepping.try_update_value(Option::take).flatten() {
            stepping.clear();
        }
    }

    fn keep_address(self, open: Option<DeviceId>, replace: bool) {
        let text = self.text.get_untracked();
        let mut query = Vec::new();
        if !text.is_empty() {
            query.push(format!("q={}", String::from(js_sys::encode_uri_component(&text))));
        }
        query.extend(open.map(|id| format!("d={id}")));
        let path = if query.is_empty() { "/".to_owned() } else { format!("/?{}", query.join("&")) };
        self.go(&path, NavigateOptions { replace, scroll: false, ..NavigateOptions::default() });
    }

    fn go(self, path: &str, options: NavigateOptions) {
        self.navigate.with_value(|navigate| navigate(path, options));
    }
}

/// What fits, in order.
fn arrange(fleet: Fleet, filter: &Filter, (column, descending): (Column, bool)) -> Vec<DeviceId> {
    fleet.with_rows(|mut rows| {
        rows.retain(|row| filter.fits(row));
        arranged(&rows, column, descending)
    })
}

/// The devices that fit, for asking one by one; `None` while everything does.
pub fn fitting(board: Board) -> Memo<Option<Arc<HashSet<DeviceId>>>> {
    Memo::new(move |_| {
        let is_filtered = board.filter.with(|filter| !filter.is_empty());
        is_filtered.then(|| Arc::new(board.shown.get().iter().copied().collect()))
    })
}

//! What the map says now, and how it gets onto the page: a site is written anew when something in it changed, and
//! everything when devices came or went or the window changed.

use super::block::{Block, Cell, Size, escaped};
use crate::{
    i18n::Words,
    pages::dashboard::{
        board::Board,
        columns::Column,
        order::{arranged, natural},
    },
};
use leptos::prelude::*;
use model::{DeviceId, State};
use std::{collections::HashSet, fmt::Write, sync::Arc};
use web_sys::Element;

/// A site and its devices in the order of their names.
pub type Group = (Option<String>, Vec<DeviceId>);
/// The devices that the filter lets through, when there is one.
type Fitting = Memo<Option<Arc<HashSet<DeviceId>>>>;

/// Copy it into closures.
#[derive(Clone, Copy)]
pub struct Map {
    pub words: Words,
    pub board: Board,
    pub size: Memo<Size>,
    pub groups: Memo<Vec<Group>>,
    pub fitting: Fitting,
}

/// What is on the page.
pub struct Written {
    layout: (Size, u32, Vec<Group>),
    sites: Vec<String>,
}

impl Map {
    pub fn block(self, devices: usize) -> Block {
        Block::new(self.size.get(), devices, self.board.breadth.get())
    }

    /// All of it, as the first paint has it.
    pub fn written(self) -> (Written, String) {
        let layout = (self.size.get(), self.board.breadth.get(), self.groups.get());
        let sites: Vec<String> = layout.2.iter().map(|(_, ids)| self.site(ids, &self.cells(ids))).collect();
        let mut text = String::new();
        for (number, ((name, ids), cells)) in layout.2.iter().zip(&sites).enumerate() {
            let name = escaped(name.as_deref().unwrap_or_else(|| self.words.heat_no_site()));
            let columns = self.block(ids.len()).columns;
            // A text takes whatever is written to it.
            let _ = write!(
                text,
                r#"<div class="heat-site"><span class="heat-name">{name}</span><div class="heat-cells" data-site="{number}" style="--cols:{columns}">{cells}</div></div>"#
            );
        }
        (Written { layout, sites }, text)
    }

    /// Brings the page to what is so now. Subscribes to all of it.
    pub fn paint(self, place: &Element, mut written: Written) -> Written {
        self.board.fleet.track_order();
        let (size, breadth) = (self.size.get(), self.board.breadth.get());
        let is_known = self.groups.with(|groups| written.layout.2 == *groups);
        if !is_known || (written.layout.0, written.layout.1) != (size, breadth) {
            let (written, text) = self.written();
            place.set_inner_html(&text);
            return written;
        }
        let mut site = place.first_element_child();
        for ((_, ids), known) in written.layout.2.iter().zip(&mut written.sites) {
            let cells = self.cells(ids);
            let text = self.site(ids, &cells);
            let block = site.as_ref().and_then(Element::last_element_child);
            if let Some(block) = block.filter(|_| *known != text) {
                if size == Size::Tiles {
                    self.paint_tiles(&block, ids, &cells);
                } else {
                    block.set_inner_html(&text);
                }
                *known = text;
            }
            site = site.and_then(|site| site.next_element_sibling());
        }
        written
    }

    /// Tiles stay, and fade from one state to the other.
    fn paint_tiles(self, block: &Element, ids: &[DeviceId], cells: &[Cell]) {
        let mut tile = block.first_element_child();
        for (id, cell) in ids.iter().zip(cells) {
            let Some(element) = tile else { return };
            element.set_class_name(&cell.class());
            // Only names that are none are refused.
            drop(element.set_attribute("data-state", cell.state.word()));
            element.set_text_content(Some(&self.name_of(*id)));
            tile = element.next_element_sibling();
        }
    }

    fn site(self, ids: &[DeviceId], cells: &[Cell]) -> String {
        self.block(ids.len()).written(cells, |place| self.name_of(ids[place]))
    }

    fn cells(self, ids: &[DeviceId]) -> Vec<Cell> {
        let open = self.board.open.get();
        self.fitting.with(|fitting| {
            let cell = |id: &DeviceId| Cell {
                state: self.state_of(*id),
                is_dim: fitting.as_ref().is_some_and(|fitting| !fitting.contains(id)),
                is_open: open == Some(*id),
                is_quiet: self.board.fleet.with_row(*id, |row| row.quiet.is_some()).unwrap_or(false),
            };
            ids.iter().map(cell).collect()
        })
    }

    fn state_of(self, id: DeviceId) -> State {
        self.board.fleet.with_row(id, |row| row.live.state).unwrap_or(State::Unknown)
    }

    fn name_of(self, id: DeviceId) -> String {
        self.board.fleet.with_row(id, |row| row.name.clone()).unwrap_or_default()
    }
}

/// Sites in the order of their names, devices without one last. Capitals make no site of their own.
pub fn groups(board: Board) -> Vec<Group> {
    board.settled();
    let fleet = board.fleet;
    let (mut groups, mut last): (Vec<Group>, _) = (Vec::new(), None);
    for id in fleet.with_rows(|rows| arranged(&rows, Column::Site, false)) {
        let Some(site) = fleet.with_row(id, |row| row.location.clone()) else { continue };
        let place = Some(site.as_deref().map(natural));
        match groups.last_mut().filter(|_| place == last) {
            Some((_, ids)) => ids.push(id),
            None => groups.push((site, vec![id])),
        }
        last = place;
    }
    groups
}

//! A site's block as text: tiles with names for few devices, and for many a drawing in which neighbours that look
//! the same are one rectangle, so that it costs as much as there is trouble.

use model::State;
use std::fmt::Write;

/// Up to so many devices there is room for their names.
const TILES_MAX: u32 = 30;
/// Beyond so many the cells shrink.
const CELLS_MAX: u32 = 400;
/// A cell and the gap behind it, in the units of the patterns that the document brings along. On a page that is wide
/// enough a dot takes as many pixels.
const PITCH: usize = 11;
/// How much larger than a dot a cell is.
const CELL_DOTS: usize = 2;
/// What the heat-map leaves free at its sides, its scroll bar included, in pixels.
const MARGINS_PX: usize = 48;

/// How a device looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    pub state: State,
    /// The filter leaves it out.
    pub is_dim: bool,
    /// It is in the drawer.
    pub is_open: bool,
    /// Nobody is told of it for now.
    pub is_quiet: bool,
}

impl Cell {
    /// Of its tile.
    pub fn class(self) -> String {
        let words = [(self.is_dim, " dim"), (self.is_open, " open"), (self.is_quiet, " quiet")];
        let worn = words.into_iter().filter_map(|(is_so, word)| is_so.then_some(word));
        std::iter::once("cell").chain(worn).collect()
    }
}

/// How large a device is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    Tiles,
    Cells,
    Dots,
}

impl Size {
    pub fn of(devices: u32) -> Self {
        match devices {
            0..=TILES_MAX => Size::Tiles,
            n if n <= CELLS_MAX => Size::Cells,
            _ => Size::Dots,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Size::Tiles => "tiles",
            Size::Cells => "cells",
            Size::Dots => "dots",
        }
    }
}

/// Where a site's cells stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    size: Size,
    devices: usize,
    /// How many stand side by side.
    pub columns: usize,
}

impl Block {
    /// `breadth` is how wide the heat-map may be, in pixels.
    pub fn new(size: Size, devices: usize, breadth: u32) -> Self {
        let room = (breadth as usize).saturating_sub(MARGINS_PX);
        let columns = match size {
            // Tiles are wrapped by the style.
            Size::Tiles => columns(devices),
            Size::Cells => columns(devices).min(room / (PITCH * CELL_DOTS)),
            Size::Dots => columns(devices).min(room / PITCH),
        };
        Self { size, devices, columns: columns.max(1) }
    }

    /// The cells as elements; `name` answers the name of the device at a place.
    pub fn written(self, cells: &[Cell], name: impl Fn(usize) -> String) -> String {
        if self.size == Size::Tiles {
            return cells.iter().enumerate().map(|(place, cell)| tile(place, *cell, &name(place))).collect();
        }
        let (width, height) = (self.columns * PITCH, self.devices.div_ceil(self.columns) * PITCH);
        let scale = self.pitch_px() / PITCH;
        let mut text = format!(
            r#"<svg viewBox="0 0 {width} {height}" width="{}" height="{}">"#,
            width * scale,
            height * scale
        );
        for (is_dim, class) in [(false, ""), (true, r#" class="dim""#)] {
            for state in State::ALL {
                let outline = self.outline(cells, |cell| (cell.state, cell.is_dim) == (state, is_dim));
                if !outline.is_empty() {
                    let word = state.word();
                    // A text takes whatever is written to it.
                    let _ = write!(text, r#"<path{class} fill="url(#look-{word})" d="{outline}"/>"#);
                }
            }
        }
        // A notch in the corner of what is quiet.
        let quiet = cells.iter().enumerate().filter(|(_, cell)| cell.is_quiet);
        let notches: String = quiet
            .map(|(place, _)| {
                format!("M{} {}h5l-5 5z", place % self.columns * PITCH, place / self.columns * PITCH)
            })
            .collect();
        if !notches.is_empty() {
            let _ = write!(text, r#"<path class="look-quiet" d="{notches}"/>"#);
        }
        for (place, _) in cells.iter().enumerate().filter(|(_, cell)| cell.is_open) {
            let (x, y) = (place % self.columns * PITCH, place / self.columns * PITCH);
            let _ =
                write!(text, r#"<rect class="look-mark" x="{x}" y="{y}" width="10" height="10" rx="2"/>"#);
        }
        text.push_str("</svg>");
        text
    }

    /// The place of the cell under a point of a block that is so wide on the page, in pixels; tiles are asked
    /// themselves.
    pub fn cell_at(self, (x, y): (f64, f64), width: f64) -> Option<usize> {
        let pitch = self.pitch_on_page(width);
        if self.size == Size::Tiles || x < 0.0 || y < 0.0 {
            return None;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let (column, line) = ((x / pitch) as usize, (y / pitch) as usize);
        let place = line.checked_mul(self.columns)?.checked_add(column)?;
        (column < self.columns && place < self.devices).then_some(place)
    }

    /// Where the cell of a device begins, and how wide it is; nothing of that is known of tiles.
    #[allow(clippy::cast_precision_loss)]
    pub fn corner(self, cell: usize, width: f64) -> ((f64, f64), f64) {
        if self.size == Size::Tiles {
            return ((0.0, 0.0), 0.0);
        }
        let pitch = self.pitch_on_page(width);
        let corner = ((cell % self.columns) as f64 * pitch, (cell / self.columns) as f64 * pitch);
        (corner, pitch * (PITCH - 1) as f64 / PITCH as f64)
    }

    /// A narrow page draws it smaller.
    #[allow(clippy::cast_precision_loss)]
    fn pitch_on_page(self, width: f64) -> f64 {
        (width / self.columns as f64).max(1.0)
    }

    fn pitch_px(self) -> usize {
        if self.size == Size::Dots { PITCH } else { PITCH * CELL_DOTS }
    }

    /// Rectangles around all cells that are wanted, one for neighbours of a line.
    fn outline(self, cells: &[Cell], is_wanted: impl Fn(&Cell) -> bool) -> String {
        let mut outline = String::new();
        for (line, cells) in cells.chunks(self.columns).enumerate() {
            let mut column = 0;
            while column < cells.len() {
                let run = cells[column..].iter().take_while(|cell| is_wanted(cell)).count();
                if run > 0 {
                    let (x, y, width) = (column * PITCH, line * PITCH, run * PITCH);
                    let _ = write!(outline, "M{x} {y}h{width}v{PITCH}h-{width}z");
                }
                column += run + 1;
            }
        }
        outline
    }
}

fn tile(place: usize, cell: Cell, name: &str) -> String {
    let (class, state, name) = (cell.class(), cell.state.word(), escaped(name));
    format!(r#"<i class="{class}" data-place="{place}" data-state="{state}">{name}</i>"#)
}

/// A name as text.
pub fn escaped(name: &str) -> String {
    name.replace('&', "&amp;").replace('<', "&lt;")
}

/// How many cells stand side by side in a site's block of about five times its height.
fn columns(devices: usize) -> usize {
    let lines = (1..).find(|lines| lines * lines * 5 >= devices).unwrap_or(1);
    // No line of its own for one or two.
    let lines =
        if lines > 1 && !devices.is_multiple_of(lines) && devices / lines < 5 { lines - 1 } else { lines };
    devices.div_ceil(lines).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: u32 = 1400;

    fn cell(state: State) -> Cell {
        Cell { state, is_dim: false, is_open: false, is_quiet: false }
    }

    #[test]
    fn a_name_is_text_whatever_it_holds() {
        assert_eq!(
            Block::new(Size::Tiles, 1, WIDE).written(&[cell(State::Up)], |_| "<b>&</b>".to_owned()),
            "<i class=\"cell\" data-place=\"0\" data-state=\"up\">&lt;b>&amp;&lt;/b></i>"
        );
    }

    #[test]
    fn neighbours_that_look_the_same_are_one_rectangle() {
        let block = Block { size: Size::Dots, devices: 5, columns: 3 };
        let left_out = Cell { is_dim: true, is_open: true, ..cell(State::Up) };
        let cells = [cell(State::Up), cell(State::Up), cell(State::Down), cell(State::Up), left_out];
        assert_eq!(
            block.written(&cells, |_| String::new()),
            "<svg viewBox=\"0 0 33 22\" width=\"33\" height=\"22\">\
             <path fill=\"url(#look-down)\" d=\"M22 0h11v11h-11z\"/>\
             <path fill=\"url(#look-up)\" d=\"M0 0h22v11h-22zM0 11h11v11h-11z\"/>\
             <path class=\"dim\" fill=\"url(#look-up)\" d=\"M11 11h11v11h-11z\"/>\
             <rect class=\"look-mark\" x=\"11\" y=\"11\" width=\"10\" height=\"10\" rx=\"2\"/></svg>"
        );
    }

    #[test]
    fn the_cell_under_a_point_is_the_one_drawn_there_and_none_beside_them() {
        let block = Block { size: Size::Cells, devices: 5, columns: 3 };
        for width in [66.0, 33.0] {
            let at = |x: f64, y: f64| block.cell_at((x * width / 66.0, y * width / 66.0), width);
            assert_eq!(at(23.0, 1.0), Some(1));
            assert_eq!(at(1.0, 23.0), Some(3));
            for (x, y) in [(67.0, 1.0), (45.0, 23.0), (-1.0, 1.0), (1.0, 45.0)] {
                assert_eq!(at(x, y), None, "{x} {y}");
            }
            for place in 0..5 {
                let ((x, y), wide) = block.corner(place, width);
                assert_eq!(block.cell_at((x + wide / 2.0, y + wide / 2.0), width), Some(place));
            }
        }
    }

    #[test]
    fn a_block_is_never_wider_than_the_window() {
        assert_eq!(Block::new(Size::Dots, 10_000, WIDE).columns, 122);
        assert_eq!(Block::new(Size::Dots, 10_000, 0).columns, 1);
        assert_eq!(Block::new(Size::Cells, 400, 390).columns, 15);
        assert_eq!(Block::new(Size::Cells, 20, WIDE).columns, 10);
    }
}

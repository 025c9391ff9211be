//! A site's block as text: tiles with names for few devices, and for many a drawing in which neighbours that look
//! the same are one rectangle, so that it costs as much as there is trouble.

use model::State;
use std::fmt::Write;

/// Up to so many devices there is room for their names.
const TILES_MAX: u32 = 30;
/// Beyond so many the cells shrink.
const CELLS_MAX: u32 = 400;
/// A cell and the gap behind it, in the units of [`LOOKS`]; on the page a dot takes as many pixels.
const PITCH: usize = 11;
/// How much larger than a dot a cell is.
const CELL_DOTS: usize = 2;
/// What the heat-map leaves free at its sides, its scroll bar included, in pixels.
const MARGINS_PX: usize = 48;

/// How a cell looks in each state, as patterns that repeat from cell to cell. Shape beside colour: two halves for
/// degraded, a cross for down, a frame for unknown, a bar for paused.
pub const LOOKS: &str = concat!(
    "<svg>",
    r#"<pattern id="look-up" data-state="up" width="11" height="11" patternUnits="userSpaceOnUse">"#,
    r#"<rect class="look-soft" width="10" height="10" rx="2"/></pattern>"#,
    r#"<pattern id="look-degraded" data-state="degraded" width="11" height="11" patternUnits="userSpaceOnUse">"#,
    r#"<rect class="look-pale" width="10" height="10" rx="2"/>"#,
    r#"<path class="look-full" d="M0 10V2Q0 0 2 0H10z"/></pattern>"#,
    r#"<pattern id="look-down" data-state="down" width="11" height="11" patternUnits="userSpaceOnUse">"#,
    r#"<rect class="look-full" width="10" height="10" rx="2"/>"#,
    r#"<path class="look-cut" d="M1 1l8 8M9 1l-8 8"/></pattern>"#,
    r#"<pattern id="look-unknown" data-state="unknown" width="11" height="11" patternUnits="userSpaceOnUse">"#,
    r#"<rect class="look-frame" x="1" y="1" width="8" height="8" rx="1"/></pattern>"#,
    r#"<pattern id="look-paused" data-state="paused" width="11" height="11" patternUnits="userSpaceOnUse">"#,
    r#"<rect class="look-blank" width="10" height="10" rx="2"/>"#,
    r#"<rect class="look-full" y="4" width="10" height="2"/></pattern>"#,
    "</svg>",
);

/// Its state, whether the filter leaves it out, and whether it is marked.
pub type Cell = (State, bool, bool);

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
                let outline = self.outline(cells, |cell| (cell.0, cell.1) == (state, is_dim));
                if !outline.is_empty() {
                    let word = state.word();
                    // A text takes whatever is written to it.
                    let _ = write!(text, r#"<path{class} fill="url(#look-{word})" d="{outline}"/>"#);
                }
            }
        }
        for (place, _) in cells.iter().enumerate().filter(|(_, cell)| cell.2) {
            let (x, y) = (place % self.columns * PITCH, place / self.columns * PITCH);
            let _ =
                write!(text, r#"<rect class="look-mark" x="{x}" y="{y}" width="10" height="10" rx="2"/>"#);
        }
        text.push_str("</svg>");
        text
    }

    /// The place of the cell under a point, in pixels from the block's corner; tiles are asked themselves.
    pub fn cell_at(self, x: f64, y: f64) -> Option<usize> {
        #[allow(clippy::cast_precision_loss)]
        let pitch = self.pitch_px() as f64;
        if self.size == Size::Tiles || x < 0.0 || y < 0.0 {
            return None;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let (column, line) = ((x / pitch) as usize, (y / pitch) as usize);
        let place = line.checked_mul(self.columns)?.checked_add(column)?;
        (column < self.columns && place < self.devices).then_some(place)
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

fn tile(place: usize, (state, is_dim, is_marked): Cell, name: &str) -> String {
    let (dim, open) = (if is_dim { " dim" } else { "" }, if is_marked { " open" } else { "" });
    let (state, name) = (state.word(), escaped(name));
    format!(r#"<i class="cell{dim}{open}" data-place="{place}" data-state="{state}">{name}</i>"#)
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

    #[test]
    fn a_name_is_text_whatever_it_holds() {
        assert_eq!(
            Block::new(Size::Tiles, 1, WIDE).written(&[(State::Up, false, false)], |_| "<b>&</b>".to_owned()),
            "<i class=\"cell\" data-place=\"0\" data-state=\"up\">&lt;b>&amp;&lt;/b></i>"
        );
    }

    #[test]
    fn neighbours_that_look_the_same_are_one_rectangle() {
        let block = Block { size: Size::Dots, devices: 5, columns: 3 };
        let cell = |state| (state, false, false);
        let cells =
            [cell(State::Up), cell(State::Up), cell(State::Down), cell(State::Up), (State::Up, true, true)];
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
        assert_eq!(block.cell_at(23.0, 1.0), Some(1));
        assert_eq!(block.cell_at(1.0, 23.0), Some(3));
        for (x, y) in [(67.0, 1.0), (45.0, 23.0), (-1.0, 1.0), (1.0, 45.0)] {
            assert_eq!(block.cell_at(x, y), None, "{x} {y}");
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

//! How a device was, in a few steps: small enough for a row of a list. Height tells what colour does.

use leptos::prelude::*;
use model::State;
use std::fmt::Write;

const WIDTH: usize = 4;
const GAP: usize = 1;
const HEIGHT: usize = 18;

/// One bar for each step, the oldest at the left.
#[component]
pub fn Cells(cells: Vec<Option<State>>, #[prop(into)] label: String) -> impl IntoView {
    let width = (cells.len() * (WIDTH + GAP)).saturating_sub(GAP);
    let looks = [
        None,
        Some(State::Up),
        Some(State::Degraded),
        Some(State::Unknown),
        Some(State::Paused),
        Some(State::Down),
    ];
    let path = |look: Option<State>| {
        let drawn = bars(&cells, look);
        let state = look.map_or("none", State::word);
        (!drawn.is_empty()).then(|| view! { <path data-state=state d=drawn /> })
    };
    view! {
        <svg
            class="cells"
            viewBox=format!("0 0 {width} {HEIGHT}")
            preserveAspectRatio="none"
            role="img"
            aria-label=label
        >
            {looks.map(path).into_iter().collect_view()}
        </svg>
    }
}

/// Trouble stands tall, and what nobody saw lies flat.
fn height(look: Option<State>) -> usize {
    match look {
        Some(State::Down) => HEIGHT,
        Some(State::Degraded) => 14,
        Some(State::Up) => 10,
        Some(State::Unknown | State::Paused) => 5,
        None => 2,
    }
}

fn bars(cells: &[Option<State>], look: Option<State>) -> String {
    let height = height(look);
    let mut path = String::new();
    for (place, _) in cells.iter().enumerate().filter(|(_, cell)| **cell == look) {
        let x = place * (WIDTH + GAP);
        let _ = write!(path, "M{x} {}h{WIDTH}v{height}h-{WIDTH}z", HEIGHT - height);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_drawn_once_as_what_it_was() {
        let cells = [None, Some(State::Up), Some(State::Down), Some(State::Up)];
        assert_eq!(bars(&cells, Some(State::Up)), "M5 8h4v10h-4zM15 8h4v10h-4z");
        assert_eq!(bars(&cells, Some(State::Down)), "M10 0h4v18h-4z");
        assert_eq!(bars(&cells, None), "M0 16h4v2h-4z");
        assert_eq!(bars(&cells, Some(State::Paused)), "");
    }
}

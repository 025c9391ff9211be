//! What hostile routers do, and what has to be said of it.

mod doors;
mod facts;
mod lengths;
mod replies;

use super::villain::{Act, Door};
use engine::Facts;

/// One behaviour.
pub struct Case {
    pub name: &'static str,
    pub door: Door,
    pub act: Act,
    /// A part of the reason that people read.
    pub told: &'static str,
    /// For routers that answer, but with nonsense: they are up, and what is taken over fits.
    pub fits: Option<fn(&Facts) -> bool>,
}

impl Case {
    const fn plain(name: &'static str, act: Act, told: &'static str) -> Self {
        Self { name, door: Door::Plain, act, told, fits: None }
    }

    const fn entered_by(self, door: Door) -> Self {
        Self { door, ..self }
    }

    const fn nonsense(name: &'static str, act: Act, fits: fn(&Facts) -> bool) -> Self {
        Self { name, door: Door::Plain, act, told: "", fits: Some(fits) }
    }
}

pub fn cases() -> Vec<Case> {
    [doors::cases(), lengths::cases(), replies::cases(), facts::cases()].into_iter().flatten().collect()
}

/// What an act does, boxed.
macro_rules! act {
    (|$visit:ident| $body:block) => {
        |mut $visit| {
            Box::pin(async move {
                let _ = &mut $visit;
                $body
            })
        }
    };
}
use act;

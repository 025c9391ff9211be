//! Times as the reader's own clock shows them. The server does not know that clock and tells them in UTC; the page
//! tells them anew once it is awake.

use crate::{
    browser,
    format::{self, Wall},
    i18n::Words,
};
use leptos::prelude::*;
use model::Timestamp;

/// Whose clock is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zone {
    #[default]
    Utc,
    Local,
}

/// The zone of this page; it changes once.
#[derive(Clone, Copy)]
struct PageZone(RwSignal<Zone>);

/// Makes the page tell the reader's own time once it is awake.
pub fn provide_zone() -> RwSignal<Zone> {
    let zone = RwSignal::new(Zone::Utc);
    provide_context(PageZone(zone));
    Effect::new(move |_| zone.set(Zone::Local));
    zone
}

pub fn use_zone() -> RwSignal<Zone> {
    use_context::<PageZone>().map_or_else(|| RwSignal::new(Zone::Utc), |zone| zone.0)
}

impl Zone {
    /// Milliseconds since 1970 began by that clock.
    pub fn wall_ms(self, at: Timestamp) -> i64 {
        match self {
            Zone::Utc => at.0,
            Zone::Local => at.0 + browser::zone_ms(at),
        }
    }

    /// The instant at which that clock shows this. Where it was moved forward, the instant after.
    pub fn instant(self, wall_ms: i64) -> Timestamp {
        match self {
            Zone::Utc => Timestamp(wall_ms),
            Zone::Local => {
                let near = Timestamp(wall_ms - browser::zone_ms(Timestamp(wall_ms)));
                Timestamp(wall_ms - browser::zone_ms(near))
            }
        }
    }

    fn wall(self, at: Timestamp) -> Wall {
        format::wall(self.wall_ms(at))
    }

    /// `29 Nov`
    pub fn day(self, words: Words, at: Timestamp) -> String {
        let wall = self.wall(at);
        let month = words.by_key(&format!("month_{:02}", wall.month)).unwrap_or_default();
        format!("{} {month}", wall.day)
    }

    /// `14:05`
    pub fn minute(self, at: Timestamp) -> String {
        let wall = self.wall(at);
        format!("{:02}:{:02}", wall.hour, wall.minute)
    }

    /// `29 Nov 14:05`, with the seconds where they matter.
    pub fn moment(self, words: Words, at: Timestamp, is_exact: bool) -> String {
        let seconds = if is_exact { format!(":{:02}", self.wall(at).second) } else { String::new() };
        format!("{} {}{seconds}", self.day(words, at), self.minute(at))
    }

    /// What an input of the kind `datetime-local` holds.
    pub fn typed(self, at: Timestamp) -> String {
        let Wall { year, month, day, hour, minute, .. } = self.wall(at);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}")
    }

    /// The reverse of [`Zone::typed`]; seconds may follow.
    pub fn read(self, text: &str) -> Option<Timestamp> {
        let (date, time) = text.split_once('T')?;
        let mut date = date.splitn(3, '-').map(|part| part.parse::<u16>().ok());
        let (year, month, day) = (date.next()??, date.next()??, date.next()??);
        let mut time = time.splitn(3, ':').map(|part| part.get(..2)?.parse::<u16>().ok());
        let (hour, minute) = (time.next()??, time.next()??);
        let is_real = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60;
        let first = format::first_ms(year.into(), month.into(), day.into());
        is_real.then(|| self.instant(first + (i64::from(hour) * 60 + i64::from(minute)) * 60_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_input_holds_is_read_again() {
        for text in ["2026-11-29T08:05", "1970-01-01T00:00", "2024-02-29T23:59"] {
            assert_eq!(Zone::Utc.read(text).map(|at| Zone::Utc.typed(at)).as_deref(), Some(text));
        }
        assert_eq!(Zone::Utc.read("2026-11-29T08:05:30"), Zone::Utc.read("2026-11-29T08:05"));
        for text in ["", "2026-11-29", "2026-13-01T00:00", "2026-11-29T24:00", "-1-1-1T0:0", "aTb"] {
            assert_eq!(Zone::Utc.read(text), None, "{text}");
        }
    }
}

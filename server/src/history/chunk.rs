//! Chunks: the samples of one series, as many as a page of the database holds.

use super::columns::{Damaged, NUMBERS_MAX, Written, pack, unpack};
use model::Timestamp;

/// A chunk's row fits a page of SQLite's, 4096 bytes, with what the page and the row need themselves.
pub const BYTES_MAX: usize = 3_980;
/// Times are kept in tenths of a second: starts are due to the fortieth of one, and are milliseconds late.
const TENTH_MS: i64 = 100;

/// When a sample was taken, in tenths of a second since 1970.
pub fn tenths(at: Timestamp) -> i64 {
    at.0.saturating_add(TENTH_MS / 2).div_euclid(TENTH_MS)
}

/// The reverse of [`tenths`].
pub fn timestamp(tenths: i64) -> Timestamp {
    Timestamp(tenths.saturating_mul(TENTH_MS))
}

/// One sample as it is kept: of which series is said elsewhere. Packed, for most of them wait in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(Rust, packed(4))]
pub struct Point {
    /// In tenths of a second.
    pub at: i64,
    /// As [`model::Measure::kept`] says.
    pub value: i32,
}

/// Writes points, in the order of their recording.
///
/// # Errors
/// They are more than a chunk can have.
pub fn write(points: &[Point]) -> Result<Vec<u8>, Damaged> {
    let times: Vec<i64> = points.iter().map(|point| point.at).collect();
    let values: Vec<i64> = points.iter().map(|point| i64::from(point.value)).collect();
    pack([&times, &values])
}

/// Reads what [`write()`] wrote.
///
/// # Errors
/// It is anything else.
pub fn read(bytes: &[u8]) -> Result<Vec<Point>, Damaged> {
    let [times, values] = unpack(bytes)?;
    let value = |value| i32::try_from(value).map_err(|_| Damaged("a value is out of range"));
    times.into_iter().zip(values).map(|(at, kept)| Ok(Point { at, value: value(kept)? })).collect()
}

/// Adds `new` to an open chunk's points and writes the whole; what does not fit goes on in further chunks.
/// The first of the answer replaces the open chunk, and the last is open.
///
/// # Errors
/// As [`write()`].
pub fn extend(open: Vec<Point>, new: &[Point]) -> Result<Vec<Written<Point>>, Damaged> {
    let kept = open.len();
    let mut points = open;
    points.extend_from_slice(new);
    let fits = |points: &[Point]| -> Result<Option<Vec<u8>>, Damaged> {
        if points.len() > NUMBERS_MAX {
            return Ok(None);
        }
        let bytes = write(points)?;
        Ok((bytes.len() <= BYTES_MAX).then_some(bytes))
    };
    if let Some(bytes) = fits(&points)? {
        return Ok(vec![(points, bytes)]);
    }
    if kept == 0 {
        // Too many at once: halves, which is rare enough not to be clever about.
        let second = points.split_off(points.len() / 2);
        let mut chunks = extend(Vec::new(), &points)?;
        chunks.append(&mut extend(Vec::new(), &second)?);
        return Ok(chunks);
    }
    let second = points.split_off(kept);
    let bytes = write(&points)?;
    let mut chunks = vec![(points, bytes)];
    chunks.append(&mut extend(Vec::new(), &second)?);
    Ok(chunks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn points() -> impl Strategy<Value = Vec<Point>> {
        let point = (any::<i64>(), any::<i32>()).prop_map(|(at, value)| Point { at, value });
        prop::collection::vec(point, 0..900)
    }

    proptest! {
        #[test]
        fn chunks_hold_every_point_in_order_and_each_fits_a_page(open in points(), new in points()) {
            prop_assume!(write(&open).unwrap().len() <= BYTES_MAX && !new.is_empty());
            let chunks = extend(open.clone(), &new).unwrap();
            let mut all = Vec::new();
            for (points, bytes) in chunks {
                prop_assert!(bytes.len() <= BYTES_MAX && !points.is_empty());
                prop_assert_eq!(&read(&bytes).unwrap(), &points);
                all.extend(points);
            }
            prop_assert_eq!(all, [open, new].concat());
        }
    }

    #[test]
    fn instants_before_1970_and_at_the_ends_of_time_are_kept_as_near_as_they_can_be() {
        for ms in [0, 49, 50, -1, -51, 1_790_000_000_049] {
            assert!((timestamp(tenths(Timestamp(ms))).0 - ms).abs() <= 50, "{ms}");
        }
        tenths(Timestamp(i64::MAX));
        timestamp(tenths(Timestamp(i64::MIN)));
    }
}

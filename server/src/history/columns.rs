//! Columns of whole numbers in few bytes: what chunks, rollups and the log are made of.
//!
//! A version, how many numbers each column has, how long each column is, and the columns as `pco` writes them.
//! What is read is taken for hostile: a file may be damaged, and a damaged one must not take the program along.

use pco::{
    ChunkConfig,
    standalone::{simple_compress_into, simple_decompress_into},
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Most numbers in one column.
pub const NUMBERS_MAX: usize = 8192;
/// Longest column: far more than any of so many numbers can take.
const COLUMN_BYTES_MAX: usize = u16::MAX as usize;
const VERSION: u8 = 1;

/// What a row holds, and the row itself.
pub type Written<T> = (Vec<T>, Vec<u8>);

/// What was read is not what was written.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("stored samples are damaged: {0}")]
pub struct Damaged(pub &'static str);

/// Writes columns of the same length, at most [`NUMBERS_MAX`] each.
///
/// # Errors
/// They are longer than that, or of different lengths.
pub fn pack<const N: usize>(columns: [&[i64]; N]) -> Result<Vec<u8>, Damaged> {
    let count = columns.first().map_or(0, |column| column.len());
    if count > NUMBERS_MAX || columns.iter().any(|column| column.len() != count) {
        return Err(Damaged("columns that do not fit together"));
    }
    let number = u16::try_from(count).map_err(|_| Damaged("too many numbers"))?;
    let (mut head, mut body) = (vec![VERSION], Vec::new());
    head.extend(number.to_le_bytes());
    for column in columns {
        let before = body.len();
        if count > 0 {
            body = simple_compress_into(column, &ChunkConfig::default(), body)
                .map_err(|_| Damaged("a column cannot be written"))?;
        }
        let length = u16::try_from(body.len() - before).map_err(|_| Damaged("a column is too long"))?;
        head.extend(length.to_le_bytes());
    }
    head.append(&mut body);
    Ok(head)
}

/// Reads what [`pack`] wrote.
///
/// # Errors
/// It is anything else.
pub fn unpack<const N: usize>(bytes: &[u8]) -> Result<[Vec<i64>; N], Damaged> {
    let mut bytes = bytes;
    if take(&mut bytes, 1)? != [VERSION] {
        return Err(Damaged("another version"));
    }
    let count = usize::from(number(&mut bytes)?);
    if count > NUMBERS_MAX {
        return Err(Damaged("too many numbers"));
    }
    let mut lengths = [0; N];
    for length in &mut lengths {
        *length = usize::from(number(&mut bytes)?);
    }
    let mut columns = [const { Vec::new() }; N];
    for (column, length) in columns.iter_mut().zip(lengths) {
        *column = read(take(&mut bytes, length)?, count)?;
    }
    if bytes.is_empty() { Ok(columns) } else { Err(Damaged("something behind the columns")) }
}

fn read(bytes: &[u8], count: usize) -> Result<Vec<i64>, Damaged> {
    if count == 0 && bytes.is_empty() {
        return Ok(Vec::new());
    }
    if bytes.len() > COLUMN_BYTES_MAX {
        return Err(Damaged("a column is too long"));
    }
    // One place more shows a column that holds more than it should.
    let mut numbers = vec![0; count + 1];
    // The library panics on some bytes that it did not write.
    let read = catch_unwind(AssertUnwindSafe(|| simple_decompress_into(bytes, &mut numbers)));
    let progress = read.ok().and_then(Result::ok).ok_or(Damaged("a column cannot be read"))?;
    if progress.n_processed != count || !progress.finished {
        return Err(Damaged("a column of another length"));
    }
    numbers.truncate(count);
    Ok(numbers)
}

fn number(bytes: &mut &[u8]) -> Result<u16, Damaged> {
    let two = take(bytes, 2)?;
    Ok(u16::from_le_bytes(two.try_into().map_err(|_| Damaged("cut off"))?))
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], Damaged> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or(Damaged("cut off"))?;
    *bytes = rest;
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numbers() -> impl Strategy<Value = Vec<i64>> {
        prop_oneof![
            prop::collection::vec(any::<i64>(), 0..300),
            prop::collection::vec(-5i64..900, 0..300),
            (any::<i32>(), 0usize..4000).prop_map(|(start, count)| {
                (0..count).map(|place| i64::from(start) + 300 * i64::try_from(place).unwrap()).collect()
            }),
        ]
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(column in numbers()) {
            let other: Vec<i64> = column.iter().map(|number| number.wrapping_mul(7)).collect();
            let packed = pack([&column, &other]).unwrap();
            prop_assert_eq!(unpack(&packed).unwrap(), [column, other]);
        }

        #[test]
        fn whatever_is_read_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = unpack::<2>(&bytes);
        }

        #[test]
        fn a_damaged_chunk_is_read_or_refused(
            column in numbers(), place in any::<prop::sample::Index>(), bits in 1u8..,
        ) {
            let mut packed = pack([&column]).unwrap();
            let place = place.index(packed.len());
            packed[place] ^= bits;
            let _ = unpack::<1>(&packed);
            packed.truncate(place);
            prop_assert!(unpack::<1>(&packed).is_err());
        }
    }

    #[test]
    fn columns_of_different_or_too_many_numbers_are_refused() {
        assert!(pack([&[1, 2][..], &[1][..]]).is_err());
        assert!(pack([&vec![7; NUMBERS_MAX + 1][..]]).is_err());
        assert_eq!(unpack::<1>(&pack([&vec![7; NUMBERS_MAX][..]]).unwrap()).unwrap()[0].len(), NUMBERS_MAX);
    }
}

//! What waits to be written, in order. Everything has a number, the next one's greater by one, by which a ledger knows
//! it again whose answer was lost.

use std::collections::VecDeque;

/// Things in a row, as somebody is shown them.
#[derive(Debug)]
pub struct Part<'a, T> {
    /// The number of the first of them; of the next one to come, where there are none.
    pub first: u64,
    pub items: &'a [T],
}

// By hand: what is derived asks the same of `T`.
impl<T> Clone for Part<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Part<'_, T> {}

impl<'a, T> Part<'a, T> {
    /// The number of the one that follows.
    pub fn end(self) -> u64 {
        self.first.saturating_add(self.items.len() as u64)
    }

    /// Those from this number on.
    pub fn from(self, number: u64) -> &'a [T] {
        let known = usize::try_from(number.saturating_sub(self.first)).unwrap_or(usize::MAX);
        self.items.get(known..).unwrap_or_default()
    }
}

/// The same, taken out of a queue.
#[derive(Clone, Debug)]
pub struct Numbered<T> {
    pub first: u64,
    pub items: Vec<T>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self { first: 0, items: Vec::new() }
    }
}

impl<T> Numbered<T> {
    pub fn part(&self) -> Part<'_, T> {
        Part { first: self.first, items: &self.items }
    }
}

/// The oldest first.
pub(super) struct Queue<T> {
    first: u64,
    items: VecDeque<T>,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self { first: 0, items: VecDeque::new() }
    }
}

impl<T> Queue<T> {
    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn push(&mut self, item: T) {
        self.items.push_back(item);
    }

    /// Takes up to so many of the oldest out.
    pub fn take(&mut self, most: usize) -> Numbered<T> {
        let first = self.first;
        let items: Vec<T> = self.items.drain(..self.items.len().min(most)).collect();
        self.first += items.len() as u64;
        Numbered { first, items }
    }

    /// What was taken last goes to its place again.
    pub fn put_back(&mut self, taken: Numbered<T>) {
        if taken.items.is_empty() {
            return;
        }
        self.first = taken.first;
        taken.items.into_iter().rev().for_each(|item| self.items.push_front(item));
    }

    /// Only the newest stay, so many of them.
    pub fn keep(&mut self, most: usize) {
        let lost = self.items.len().saturating_sub(most);
        self.items.drain(..lost);
        self.first += lost as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_keeps_its_number_wherever_it_waits() {
        let mut queue = Queue::default();
        (0..10).for_each(|item| queue.push(item));
        let taken = queue.take(4);
        assert_eq!((taken.first, taken.items.as_slice()), (0, [0, 1, 2, 3].as_slice()));
        assert_eq!(
            (taken.part().end(), taken.part().from(3), taken.part().from(9)),
            (4, [3].as_slice(), [].as_slice())
        );
        queue.push(10);
        queue.put_back(taken);
        queue.keep(8);
        assert_eq!((queue.take(1).first, queue.take(usize::MAX).items.len()), (3, 7));
    }
}

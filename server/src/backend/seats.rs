//! How many sockets each account has open: enough for every wall of screens, never without bound.

use super::Viewer;
use model::UserId;
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc};

/// Most live sockets open at once for one account.
pub(super) const SEATS_EACH_MAX: u32 = 64;

#[derive(Clone)]
pub(super) struct Seats {
    taken: Arc<Mutex<HashMap<UserId, u32>>>,
    each_max: u32,
}

/// Room for one socket, given back when it is dropped.
pub struct Seat {
    seats: Seats,
    user: UserId,
}

impl Seats {
    pub fn of(each_max: u32) -> Self {
        Self { taken: Arc::default(), each_max }
    }

    /// How many are taken, by whomever.
    pub fn taken(&self) -> usize {
        self.taken.lock().values().map(|count| *count as usize).sum()
    }

    pub fn take(&self, user: UserId) -> Option<Seat> {
        let mut taken = self.taken.lock();
        let count = taken.entry(user).or_default();
        if *count >= self.each_max {
            return None;
        }
        *count += 1;
        Some(Seat { seats: self.clone(), user })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock();
        if let Some(count) = taken.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.user);
            }
        }
    }
}

impl Viewer {
    /// Room for one more socket of this account, if there is any.
    pub fn take_seat(&self) -> Option<Seat> {
        self.program.seats.take(self.user.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_so_many_seats_and_takes_none_of_another() {
        let seats = Seats::of(SEATS_EACH_MAX);
        let mut taken: Vec<Seat> = (0..SEATS_EACH_MAX).filter_map(|_| seats.take(UserId(1))).collect();
        assert_eq!(taken.len(), SEATS_EACH_MAX as usize);
        assert!(seats.take(UserId(1)).is_none());
        assert!(seats.take(UserId(2)).is_some());
        assert_eq!(seats.taken(), SEATS_EACH_MAX as usize);
        taken.pop();
        assert!(seats.take(UserId(1)).is_some(), "one was given back");
        taken.clear();
        assert!(seats.taken.lock().is_empty(), "nobody who left is remembered");
    }
}

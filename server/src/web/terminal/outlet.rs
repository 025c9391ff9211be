//! What a device sends, in pieces that its recording takes at once.
//!
//! While nothing may be drawn nothing is taken, and the device waits. A key has to pass all the same: the driver's one
//! task, which carries it, must not wait for room among what comes the other way, so that for each key a little is taken
//! and kept here.

use crate::recordings::AT_ONCE_BYTES_MAX;
use engine::driver::ssh::{Output, ShellOutput, SshError};
use std::{collections::VecDeque, future::pending};

/// So many messages are taken for a key that waits in the driver. Whenever it has handed one on it takes what is ready,
/// the next message or the key, by chance: of russh's seven branches three lead to the message first. Of a thousand keys
/// one passes only with the next.
const MESSAGES_A_KEY: u8 = 8;
/// Most that is kept here. A device that sends on after so many keys has the rest wait with it.
const KEPT_BYTES_MAX: usize = 256 * 1024;

/// Where it comes from.
pub trait Source {
    /// What comes next. Loses nothing when dropped half-way.
    fn next(&mut self) -> impl Future<Output = Result<Output, SshError>> + Send;
}

impl Source for ShellOutput {
    async fn next(&mut self) -> Result<Output, SshError> {
        ShellOutput::next(self).await
    }
}

pub struct Outlet<S> {
    source: S,
    kept: VecDeque<u8>,
    /// What came behind what is kept: the end, or why there is no more.
    last: Option<Result<Output, SshError>>,
    /// Messages that may be taken although nothing may be drawn.
    passes: u8,
}

impl<S: Source> Outlet<S> {
    pub fn new(source: S) -> Self {
        Self { source, kept: VecDeque::new(), last: None, passes: 0 }
    }

    /// A key is to go to the driver, which may have no room for it, while nothing may be drawn.
    pub fn make_way(&mut self) {
        self.passes = self.passes.max(1);
    }

    /// A key waits in the driver while nothing may be drawn. What was taken before it was there did nothing for it.
    pub fn let_pass(&mut self) {
        self.passes = MESSAGES_A_KEY;
    }

    /// The device has ended it, and what it said before that is not drawn yet.
    pub fn has_ended(&self) -> bool {
        self.last.is_some()
    }

    /// What comes next, once it may be drawn. Loses nothing when dropped half-way.
    pub async fn next(&mut self, may_draw: bool) -> Result<Output, SshError> {
        if !may_draw {
            loop {
                self.take_aside().await;
            }
        }
        self.passes = 0;
        if self.kept.is_empty() {
            match self.take().await {
                Ok(Output::Bytes(bytes)) if bytes.len() <= AT_ONCE_BYTES_MAX => {
                    return Ok(Output::Bytes(bytes));
                }
                Ok(Output::Bytes(bytes)) => self.kept.extend(bytes),
                last => return last,
            }
        }
        let length = self.kept.len().min(AT_ONCE_BYTES_MAX);
        let piece = self.kept.drain(..length).collect();
        if self.kept.is_empty() {
            // The terminal may be open for days, and what it held stays no longer than a flood.
            self.kept = VecDeque::new();
        }
        Ok(Output::Bytes(piece))
    }

    async fn take(&mut self) -> Result<Output, SshError> {
        match self.last.take() {
            Some(last) => last,
            None => self.source.next().await,
        }
    }

    /// Takes a message that a key is to pass; never ends where none is.
    async fn take_aside(&mut self) {
        if self.passes == 0 || self.last.is_some() || self.kept.len() >= KEPT_BYTES_MAX {
            return pending().await;
        }
        match self.source.next().await {
            Ok(Output::Bytes(bytes)) => self.kept.extend(bytes),
            last => self.last = Some(last),
        }
        self.passes -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    const MESSAGE_BYTES: usize = 8 * 1024;

    /// What a driver has, and nothing follows it.
    struct Driver(VecDeque<Output>);

    impl Source for Driver {
        async fn next(&mut self) -> Result<Output, SshError> {
            match self.0.pop_front() {
                Some(output) => Ok(output),
                None => pending().await,
            }
        }
    }

    /// So many messages, and the end.
    fn flood(messages: u8) -> Outlet<Driver> {
        let mut all: VecDeque<_> =
            (0..messages).map(|number| Output::Bytes(vec![number; MESSAGE_BYTES])).collect();
        all.push_back(Output::Ended { exit_code: None });
        Outlet::new(Driver(all))
    }

    /// What is taken while nothing may be drawn.
    fn taken(outlet: &mut Outlet<Driver>) -> usize {
        let before = outlet.source.0.len();
        assert!(outlet.next(false).now_or_never().is_none(), "nothing is to be drawn");
        before - outlet.source.0.len()
    }

    /// All that is drawn, up to the end.
    fn drawn(outlet: &mut Outlet<Driver>) -> Vec<u8> {
        let mut drawn = Vec::new();
        while let Output::Bytes(bytes) = outlet.next(true).now_or_never().unwrap().unwrap() {
            assert!(bytes.len() <= AT_ONCE_BYTES_MAX, "{}", bytes.len());
            drawn.extend(bytes);
        }
        drawn
    }

    fn sent(messages: u8) -> Vec<u8> {
        (0..messages).flat_map(|number| vec![number; MESSAGE_BYTES]).collect()
    }

    #[test]
    fn for_each_key_a_little_is_taken_and_all_of_it_is_drawn_in_its_order() {
        let mut outlet = flood(30);
        assert_eq!(taken(&mut outlet), 0, "no key is on its way");
        outlet.make_way();
        assert_eq!(taken(&mut outlet), 1);
        for _ in 0..2 {
            outlet.let_pass();
            assert_eq!(taken(&mut outlet), usize::from(MESSAGES_A_KEY));
            assert_eq!(taken(&mut outlet), 0, "only once for a key");
        }
        assert!(drawn(&mut outlet) == sent(30));
        assert_eq!(outlet.kept.capacity(), 0, "nothing of it stays in memory");
    }

    #[test]
    fn however_much_is_typed_what_is_kept_is_bounded_and_the_end_comes_last() {
        let mut outlet = flood(200);
        for _ in 0..1_000 {
            outlet.let_pass();
            taken(&mut outlet);
        }
        assert_eq!(outlet.kept.len(), KEPT_BYTES_MAX);
        assert!(drawn(&mut outlet) == sent(200));
        let mut outlet = flood(2);
        assert!(!outlet.has_ended());
        outlet.let_pass();
        assert_eq!(taken(&mut outlet), 3, "the end too");
        assert!(outlet.has_ended(), "and nothing of it is drawn");
        assert!(drawn(&mut outlet) == sent(2));
    }
}

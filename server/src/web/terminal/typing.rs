//! What was typed and is not on its way yet. A device takes it as fast as it reads.

use axum::body::Bytes;
use engine::driver::ssh::{ShellInput, Size, SshError};
use futures::future::BoxFuture;
use std::{collections::VecDeque, future, sync::Arc};

/// With so much waiting the page is no longer heard, and waits itself.
const BYTES_WAITING: usize = 64 * 1024;
/// Most that waits where the page must be heard all the same, because only it can say that there is room to draw.
const BYTES_WAITING_MAX: usize = 8 * 1024 * 1024;

/// One thing on its way, and how many bytes of what was typed it is.
type Writing = (usize, BoxFuture<'static, Result<(), SshError>>);

pub struct Typing {
    input: Arc<ShellInput>,
    waiting: VecDeque<Bytes>,
    bytes: usize,
    size: Option<Size>,
    writing: Option<Writing>,
}

impl Typing {
    pub fn new(input: ShellInput) -> Self {
        Self { input: Arc::new(input), waiting: VecDeque::new(), bytes: 0, size: None, writing: None }
    }

    pub fn has_room(&self) -> bool {
        self.bytes < BYTES_WAITING
    }

    /// Whether it was taken: not when a device takes nothing while more and more is typed.
    pub fn push(&mut self, bytes: Bytes) -> bool {
        self.bytes += bytes.len();
        self.waiting.push_back(bytes);
        self.bytes <= BYTES_WAITING_MAX
    }

    /// The next size; one that was not told yet is forgotten.
    pub fn resize(&mut self, size: Size) {
        self.size = Some(size);
    }

    /// Gets one thing on its way, and says how many bytes of what was typed it is; never ends while there is nothing.
    /// Loses nothing when dropped half-way.
    pub async fn advance(&mut self) -> Result<usize, SshError> {
        if self.writing.is_none() {
            self.writing = self.next();
        }
        let Some((bytes, writing)) = &mut self.writing else { return future::pending().await };
        let (written, bytes) = (writing.await, *bytes);
        self.bytes = self.bytes.saturating_sub(bytes);
        self.writing = None;
        written.map(|()| bytes)
    }

    fn next(&mut self) -> Option<Writing> {
        let input = self.input.clone();
        if let Some(size) = self.size.take() {
            return Some((0, Box::pin(async move { input.resize(size).await })));
        }
        let bytes = self.waiting.pop_front()?;
        Some((bytes.len(), Box::pin(async move { input.write(&bytes).await })))
    }
}

//! The program's own log, for admins.

use super::Admin;
use crate::{
    own_log::{OwnLog, read_filter},
    store::in_time,
};
use app::api::ApiError;
use model::{Act, LogFilter, ServerLogPage, ServerLogWish};
use std::sync::Arc;

/// Lines of the page's first paint. The others follow over the socket.
const PAINTED_MAX: usize = 200;
/// Longest text that is searched for, in characters.
const TEXT_CHARS_MAX: usize = 128;

impl Admin {
    pub fn own_log(&self) -> &OwnLog {
        &self.0.program.own_log
    }

    /// The last lines that fit the wish.
    pub fn log_page(&self, wish: &ServerLogWish) -> Result<ServerLogPage, ApiError> {
        model::line("text", &wish.text, TEXT_CHARS_MAX)?;
        let log = self.own_log();
        let lines = log.last(wish, PAINTED_MAX).into_iter().map(Arc::unwrap_or_clone).collect();
        Ok(ServerLogPage { lines, filter: log.filter(), run: log.run() })
    }

    /// Writes other lines from now on, until the program is started again.
    pub async fn set_log_filter(&self, text: &str) -> Result<LogFilter, ApiError> {
        let wanted = read_filter(text)?;
        let log = self.own_log();
        let (before, now, by) = (log.filter().now, wanted.text.clone(), &self.0.user.name);
        if !log.set_filter(wanted) {
            tracing::error!("the log is written elsewhere and its filter cannot be changed");
            return Err(ApiError::Internal);
        }
        // At a level that nearly every filter lets through: a log that falls silent should say why.
        tracing::warn!(before, now, by, "the log writes other lines from here on");
        let detail = format!("{now} (before: {before})");
        let (audit, act) = (self.0.program.store.audit(), Act::LogFilterChanged);
        // It is done; a database in trouble may be the very reason for it.
        if let Err(error) = in_time(audit.note(act, None, Some(&detail))).await {
            tracing::warn!(act = act.word(), %error, "an act could not be written down");
        }
        Ok(log.filter())
    }
}

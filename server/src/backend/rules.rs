//! Alert rules: seen by everybody, changed by admins.

use super::{Admin, Program, Viewer, api_error};
use crate::store::{Result as Stored, in_time};
use app::api::{ApiError, wire::version};
use model::*;
use std::sync::Arc;

/// Of how long it is counted how often a rule fired, in milliseconds.
const TALLIED_MS: i64 = 7 * 24 * 3_600 * 1_000;

impl Viewer {
    /// By name.
    pub async fn rules(&self) -> Result<Vec<Rule>, ApiError> {
        in_time(self.program.store.rules().list()).await.map_err(api_error)
    }

    /// By name, and how they do.
    pub async fn tallied_rules(&self) -> Result<Vec<RuleRow>, ApiError> {
        let week = self.last(TALLIED_MS);
        let tallies = in_time(self.program.store.rules().tallies(week.from)).await.map_err(api_error)?;
        let windows = in_time(self.program.store.quiets().live()).await.map_err(api_error)?;
        let now = self.program.clock.now();
        let row = |rule: Rule| RuleRow {
            tally: tallies.get(&rule.id).copied().unwrap_or_default(),
            quiet: windows
                .iter()
                .filter(|window| window.draft.about == QuietAbout::Rule(rule.id))
                .find_map(|window| window.mark(now)),
            rule,
        };
        Ok(self.rules().await?.into_iter().map(row).collect())
    }
}

impl Admin {
    pub async fn add_rule(&self, draft: RuleDraft) -> Result<Rule, ApiError> {
        self.change_rules(draft, |program, draft| async move { program.store.rules().create(&draft).await })
            .await
    }

    /// `seen` is the version of the draft that the change was made from, where that matters.
    pub async fn change_rule(
        &self,
        id: RuleId,
        draft: RuleDraft,
        seen: Option<u64>,
    ) -> Result<Rule, ApiError> {
        self.change_rules(draft, move |program, draft| async move {
            let is_seen = |stored: &RuleDraft| seen.is_none_or(|seen| seen == version(stored));
            program.store.rules().update_seen(id, &draft, is_seen).await
        })
        .await
    }

    pub async fn delete_rule(&self, id: RuleId) -> Result<(), ApiError> {
        let work = move |program: Arc<Program>| async move {
            let done = program.store.rules().remove(id).await;
            program.history.rules_changed();
            // What it told of may be over.
            program.bell.notify_one();
            done.map_err(api_error)
        };
        self.viewer().program.finish(work).await
    }

    /// Whatever came of it, the rules are read again: it may have been made and its answer lost.
    async fn change_rules<F>(
        &self,
        draft: RuleDraft,
        change: impl FnOnce(Arc<Program>, RuleDraft) -> F + Send + 'static,
    ) -> Result<Rule, ApiError>
    where
        F: Future<Output = Stored<Rule>> + Send + 'static,
    {
        let errors = draft.errors();
        if !errors.is_empty() {
            return Err(errors.into());
        }
        let work = move |program: Arc<Program>| async move {
            let done = change(program.clone(), draft).await;
            program.history.rules_changed();
            program.bell.notify_one();
            done.map_err(api_error)
        };
        self.viewer().program.finish(work).await
    }
}

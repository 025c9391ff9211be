//! Alert rules: seen by everybody, changed and tried out by admins.

use super::{ApiError, wire::Wire};
use leptos::prelude::*;
use model::{Replay, Rule, RuleDraft, RuleId, RuleRow};

#[server(endpoint = "load_rules", protocol = Wire)]
pub async fn load_rules() -> Result<Vec<RuleRow>, ApiError> {
    super::port::viewer()?.rule_rows().await
}

#[server(endpoint = "create_rule", protocol = Wire)]
pub async fn create_rule(draft: RuleDraft) -> Result<Rule, ApiError> {
    super::port::admin()?.create_rule(draft).await
}

/// `seen` is the [`super::wire::version`] of the draft that the change was made from.
#[server(endpoint = "update_rule", protocol = Wire)]
pub async fn update_rule(id: RuleId, draft: RuleDraft, seen: Option<u64>) -> Result<Rule, ApiError> {
    super::port::admin()?.update_rule(id, draft, seen).await
}

#[server(endpoint = "remove_rule", protocol = Wire)]
pub async fn remove_rule(id: RuleId) -> Result<(), ApiError> {
    super::port::admin()?.remove_rule(id).await
}

/// When a rule would have fired in the last days.
#[server(endpoint = "replay_rule", protocol = Wire)]
pub async fn replay_rule(draft: RuleDraft, days: u32) -> Result<Replay, ApiError> {
    super::port::admin()?.replay_rule(draft, days).await
}

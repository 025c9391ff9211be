//! Reports: seen by everybody, sent as admins choose.

use super::{ApiError, wire::Wire};
use leptos::prelude::*;
use model::{ReportPage, ReportPlan, ReportPlanPage};

/// How everything is, and was in the last days.
#[server(endpoint = "load_report_page", protocol = Wire)]
pub async fn load_report_page(days: u32) -> Result<ReportPage, ApiError> {
    super::port::viewer()?.report_page(days).await
}

/// When reports are sent and where to.
#[server(endpoint = "load_report_plan", protocol = Wire)]
pub async fn load_report_plan() -> Result<ReportPlanPage, ApiError> {
    super::port::admin()?.report_plan_page().await
}

#[server(endpoint = "change_report_plan", protocol = Wire)]
pub async fn change_report_plan(plan: ReportPlan) -> Result<ReportPlanPage, ApiError> {
    super::port::admin()?.change_report_plan(plan).await
}

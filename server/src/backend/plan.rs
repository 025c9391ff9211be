//! When reports are sent and where to.

use super::{Admin, Program, Viewer, api_error};
use crate::store::in_time;
use app::api::ApiError;
use model::*;
use std::sync::Arc;

impl Viewer {
    pub async fn report_plan(&self) -> Result<ReportPlan, ApiError> {
        in_time(self.program.store.reports().plan()).await.map_err(api_error)
    }
}

impl Admin {
    pub async fn plan_page(&self) -> Result<ReportPlanPage, ApiError> {
        let program = &self.viewer().program;
        let plan = self.viewer().report_plan().await?;
        let channels = in_time(program.store.channels().list()).await.map_err(api_error)?;
        let step_ms = i64::from(plan.hours) * 3_600_000;
        let next = report_due(program.clock.now(), plan.hours).filter(|_| !plan.channels.is_empty());
        Ok(ReportPlanPage {
            plan,
            channels: channels.into_iter().map(|channel| (channel.id, channel.name)).collect(),
            next: next.map(|last| Timestamp(last.0.saturating_add(step_ms))),
        })
    }

    pub async fn change_plan(&self, plan: ReportPlan) -> Result<ReportPlanPage, ApiError> {
        plan.check()?;
        let change = async move |program: Arc<Program>| {
            in_time(program.store.reports().set_plan(&plan)).await.map_err(api_error)
        };
        self.viewer().program.finish::<(), ApiError, _>(change).await?;
        self.plan_page().await
    }
}

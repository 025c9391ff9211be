//! The port of the pages, onto the methods that do the work.

use super::{Admin, Door, Sure, Viewer, channels::chosen_forms};
use crate::history::Span;
use app::api::{ApiError, port};
use async_trait::async_trait;
use model::*;
use std::sync::Arc;

#[async_trait]
impl port::Backend for Door {
    fn visitor(&self) -> Visitor {
        self.look()
    }

    async fn set_up(&self, code: String, name: String, password: String) -> Result<(), ApiError> {
        self.create_first_admin(code, name, password).await
    }

    async fn log_in(&self, name: String, password: String) -> Result<port::Next, ApiError> {
        self.enter(name, password).await
    }

    async fn enter_code(&self, code: String) -> Result<(), ApiError> {
        self.enter_by_code(code).await
    }

    async fn log_out(&self) -> Result<(), ApiError> {
        self.leave().await
    }

    async fn subscribe_push(&self, subscription: PushSubscription) -> Result<Option<String>, ApiError> {
        self.tell_browser(subscription).await
    }

    fn viewer(&self) -> Result<Arc<dyn port::Viewer>, ApiError> {
        Ok(Arc::new(self.as_viewer()?))
    }

    fn admin(&self) -> Result<Arc<dyn port::Admin>, ApiError> {
        Ok(Arc::new(self.as_admin()?))
    }

    fn sure_viewer(&self) -> Result<Arc<dyn port::SureViewer>, ApiError> {
        Ok(Arc::new(self.as_viewer()?.sure()?))
    }

    fn sure_admin(&self) -> Result<Arc<dyn port::SureAdmin>, ApiError> {
        Ok(Arc::new(self.as_admin()?.sure()?))
    }

    fn redirect(&self, path: &str) {
        leptos_axum::redirect(path);
    }
}

#[async_trait]
impl port::Viewer for Viewer {
    async fn overview(&self, limit: u32) -> Result<Overview, ApiError> {
        Ok(self.see_overview(limit))
    }

    async fn device_page(&self, id: DeviceId) -> Result<DevicePage, ApiError> {
        self.see_device(id)
    }

    async fn find_device(&self, name: &str) -> Result<Device, ApiError> {
        self.device_named(name).map(|device| Device::clone(&device))
    }

    async fn devices(&self) -> Result<Vec<Device>, ApiError> {
        Ok(self.all_devices().iter().map(|device| Device::clone(device)).collect())
    }

    async fn alerts(&self, only_open: bool, offset: u64) -> Result<AlertPage, ApiError> {
        self.alert_page(only_open, offset).await
    }

    async fn quiets(&self, offset: u64) -> Result<QuietPage, ApiError> {
        self.quiet_page(offset).await
    }

    async fn affected(&self, id: IncidentId) -> Result<Vec<Affected>, ApiError> {
        self.affected_by(id).await
    }

    async fn device_alerts(&self, id: DeviceId) -> Result<Vec<Incident>, ApiError> {
        self.open_of(id).await
    }

    async fn logs(&self, wish: LogWish) -> Result<LogPage, ApiError> {
        self.log_page(&wish).await
    }

    async fn rule_rows(&self) -> Result<Vec<RuleRow>, ApiError> {
        self.tallied_rules().await
    }

    async fn check_forms(&self) -> Result<Vec<CheckForm>, ApiError> {
        Ok(engine::forms())
    }

    async fn history(
        &self,
        id: DeviceId,
        from: Timestamp,
        to: Timestamp,
        interface: Option<String>,
    ) -> Result<HistoryPage, ApiError> {
        self.see_history(id, Span { from, to }, interface).await
    }

    async fn comparison(&self, days: u32, only: Option<DeviceId>) -> Result<Comparison, ApiError> {
        self.compare(days, only).await
    }

    async fn ticket(&self, purpose: String) -> Result<String, ApiError> {
        self.issue_ticket(&purpose)
    }

    async fn change_password(&self, old: String, new: String) -> Result<(), ApiError> {
        self.replace_password(old, new).await
    }

    async fn tokens(&self) -> Result<Vec<Token>, ApiError> {
        self.own_tokens().await
    }

    async fn remove_token(&self, id: TokenId) -> Result<(), ApiError> {
        self.delete_token(id).await
    }

    async fn sessions(&self) -> Result<Vec<OwnSession>, ApiError> {
        self.own_sessions().await
    }

    async fn end_session(&self, name: SessionName) -> Result<(), ApiError> {
        self.end_own_session(name).await
    }

    async fn end_other_sessions(&self) -> Result<(), ApiError> {
        self.end_own_others().await
    }

    async fn confirm_password(&self, password: String) -> Result<(), ApiError> {
        self.give_password(password).await
    }

    async fn push_page(&self) -> Result<PushPage, ApiError> {
        self.own_browsers().await
    }

    async fn update_push(&self, id: ChannelId, severity: Severity, language: String) -> Result<(), ApiError> {
        self.change_browser(id, severity, language).await
    }

    async fn unsubscribe_push(&self, id: ChannelId) -> Result<(), ApiError> {
        self.forget_browser(id).await
    }

    async fn second_factor(&self) -> Result<Option<SecondFactor>, ApiError> {
        self.own_factor().await
    }

    async fn drop_second_factor(&self, password: String, code: String) -> Result<(), ApiError> {
        self.drop_factor(password, code).await
    }

    async fn bindings(&self) -> Result<BindingPage, ApiError> {
        self.own_bindings().await
    }

    async fn remove_binding(&self, id: BindingId) -> Result<(), ApiError> {
        self.end_binding(id).await
    }

    async fn report_page(&self, days: u32) -> Result<ReportPage, ApiError> {
        self.report(days).await
    }
}

#[async_trait]
impl port::SureViewer for Sure<Viewer> {
    async fn create_token(&self, name: String, scope: Scope) -> Result<String, ApiError> {
        self.add_token(&name, scope).await
    }

    async fn offer_second_factor(&self) -> Result<SecondFactorOffer, ApiError> {
        self.offer_factor()
    }

    async fn accept_second_factor(&self, sealed: String, code: String) -> Result<Vec<String>, ApiError> {
        self.accept_factor(sealed, code).await
    }

    async fn renew_recovery_codes(&self) -> Result<Vec<String>, ApiError> {
        self.renew_codes().await
    }

    async fn offer_binding(&self, language: String) -> Result<BindingOffer, ApiError> {
        self.new_binding(&language).await
    }
}

#[async_trait]
impl port::Admin for Admin {
    async fn create_device(&self, draft: DeviceDraft) -> Result<Device, ApiError> {
        self.add_device(draft).await
    }

    async fn update_device(&self, id: DeviceId, draft: DeviceDraft) -> Result<Device, ApiError> {
        self.change_device(id, draft).await
    }

    async fn set_device_enabled(&self, id: DeviceId, enabled: bool) -> Result<(), ApiError> {
        self.switch_device(id, enabled).await
    }

    async fn remove_device(&self, id: DeviceId) -> Result<(), ApiError> {
        self.delete_device(id).await
    }

    async fn set_log_read(&self, id: DeviceId, is_on: bool) -> Result<(), ApiError> {
        self.let_log_be_read(id, is_on).await
    }

    async fn check_now(&self, id: Option<DeviceId>) -> Result<(), ApiError> {
        self.ask_now(id).await.map(drop)
    }

    async fn reload(&self) -> Result<u32, ApiError> {
        self.load_again().await
    }

    async fn probe_routeros(
        &self,
        id: Option<DeviceId>,
        address: String,
        login: NewCredential,
    ) -> Result<ProbeReport, ApiError> {
        self.try_login(id, address, login).await
    }

    async fn users(&self) -> Result<Vec<User>, ApiError> {
        self.list_users().await
    }

    async fn workers(&self) -> Result<Vec<Worker>, ApiError> {
        Ok(self.list_workers())
    }

    async fn command_page(&self, shown: Option<CommandRunId>) -> Result<CommandPage, ApiError> {
        self.see_commands(shown).await
    }

    async fn command_part(&self, id: CommandRunId, known: u32) -> Result<CommandRunPart, ApiError> {
        Admin::command_part(self, id, known).await
    }

    async fn cancel_command(&self, id: CommandRunId) -> Result<CommandRun, ApiError> {
        self.stop_command(id).await
    }

    async fn server_log(&self, wish: ServerLogWish) -> Result<ServerLogPage, ApiError> {
        self.log_page(&wish)
    }

    async fn change_log_filter(&self, filter: String) -> Result<LogFilter, ApiError> {
        self.set_log_filter(&filter).await
    }

    async fn see_to(&self, id: IncidentId, note: Option<String>) -> Result<Incident, ApiError> {
        self.acknowledge(id, note, None).await
    }

    async fn add_note(&self, id: IncidentId, text: String) -> Result<Incident, ApiError> {
        Admin::add_note(self, id, &text).await
    }

    async fn create_quiet(&self, draft: QuietDraft) -> Result<Quiet, ApiError> {
        self.add_quiet(draft).await
    }

    async fn update_quiet(
        &self,
        id: QuietId,
        draft: QuietDraft,
        seen: Option<u64>,
    ) -> Result<Quiet, ApiError> {
        self.change_quiet(id, draft, seen).await
    }

    async fn end_quiet(&self, id: QuietId, only_current: bool) -> Result<Quiet, ApiError> {
        Admin::end_quiet(self, id, only_current).await
    }

    async fn quiet_now(&self, wish: QuietWish) -> Result<Quiet, ApiError> {
        Admin::quiet_now(self, wish).await
    }

    async fn recordings(&self, wish: RecordingWish, offset: u64) -> Result<RecordingPage, ApiError> {
        self.page_of_recordings(&wish, offset).await
    }

    async fn recording(&self, id: RecordingId) -> Result<Recording, ApiError> {
        self.one_recording(id).await
    }

    async fn audit(&self, wish: AuditWish) -> Result<AuditPage, ApiError> {
        self.audit_page(&wish).await
    }

    async fn audit_chain(&self) -> Result<AuditChain, ApiError> {
        Admin::audit_chain(self).await
    }

    async fn check_audit(&self) -> Result<AuditChain, ApiError> {
        Admin::check_audit(self).await
    }

    async fn channel_page(&self) -> Result<ChannelPage, ApiError> {
        Ok(ChannelPage { channels: self.channels().await?, forms: chosen_forms() })
    }

    async fn try_channel(&self, id: ChannelId) -> Result<Option<String>, ApiError> {
        Ok(self.test_channel(id).await?.err())
    }

    async fn all_bindings(&self) -> Result<Vec<Binding>, ApiError> {
        self.list_bindings().await
    }

    async fn report_plan_page(&self) -> Result<ReportPlanPage, ApiError> {
        self.plan_page().await
    }

    async fn change_report_plan(&self, plan: ReportPlan) -> Result<ReportPlanPage, ApiError> {
        self.change_plan(plan).await
    }

    async fn create_rule(&self, draft: RuleDraft) -> Result<Rule, ApiError> {
        self.add_rule(draft).await
    }

    async fn update_rule(&self, id: RuleId, draft: RuleDraft, seen: Option<u64>) -> Result<Rule, ApiError> {
        self.change_rule(id, draft, seen).await
    }

    async fn remove_rule(&self, id: RuleId) -> Result<(), ApiError> {
        self.delete_rule(id).await
    }

    async fn replay_rule(&self, draft: RuleDraft, days: u32) -> Result<Replay, ApiError> {
        Admin::replay_rule(self, draft, days).await
    }
}

#[async_trait]
impl port::SureAdmin for Sure<Admin> {
    async fn start_command(&self, draft: CommandDraft) -> Result<CommandRun, ApiError> {
        self.begin_command(draft).await
    }

    async fn pin_certificate(&self, id: DeviceId, fingerprint: String) -> Result<(), ApiError> {
        self.accept_certificate(id, &fingerprint).await
    }

    async fn pin_host_key(&self, id: DeviceId, key: SshHostKey) -> Result<(), ApiError> {
        self.accept_host_key(id, key).await
    }

    async fn create_user(&self, name: String, role: Role, password: String) -> Result<User, ApiError> {
        self.add_user(&name, role, password).await
    }

    async fn update_user(&self, id: UserId, role: Role, enabled: bool) -> Result<(), ApiError> {
        self.change_user(id, role, enabled).await
    }

    async fn set_user_password(&self, id: UserId, password: String) -> Result<(), ApiError> {
        self.reset_password(id, password).await
    }

    async fn remove_user(&self, id: UserId) -> Result<(), ApiError> {
        self.delete_user(id).await
    }

    async fn take_second_factor(&self, id: UserId) -> Result<(), ApiError> {
        self.take_factor(id).await
    }

    async fn create_channel(&self, draft: ChannelDraft) -> Result<Channel, ApiError> {
        self.add_channel(draft).await
    }

    async fn update_channel(
        &self,
        id: ChannelId,
        draft: ChannelDraft,
        seen: Option<u64>,
    ) -> Result<Channel, ApiError> {
        self.change_channel(id, draft, seen).await
    }

    async fn remove_channel(&self, id: ChannelId) -> Result<(), ApiError> {
        self.delete_channel(id).await
    }

    async fn remove_any_binding(&self, id: BindingId) -> Result<(), ApiError> {
        self.end_any_binding(id).await
    }

    async fn recorded(&self, id: RecordingId, from: u32) -> Result<RecordedPart, ApiError> {
        self.replayed(id, from).await
    }

    async fn remove_recording(&self, id: RecordingId) -> Result<(), ApiError> {
        self.delete_recording(id).await
    }
}

//! The only door from the pages to the program. A page holds a [`Viewer`] or an [`Admin`], or nothing.

use super::ApiError;
use async_trait::async_trait;
use leptos::prelude::use_context;
use model::*;
use std::sync::Arc;

/// What anybody may do, and how to become somebody. One exists per request, bound to its session.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Who is asking. At once, for the document's first tag already needs the language: the session
    /// was loaded when this handle was made, and whether set-up is due is known in memory.
    fn visitor(&self) -> Visitor;
    /// Creates the first admin and logs in; refused for ever afterwards.
    async fn set_up(&self, code: String, name: String, password: String) -> Result<(), ApiError>;
    async fn log_in(&self, name: String, password: String) -> Result<Next, ApiError>;
    /// The second half of a login: a code of the authenticator, or a recovery code.
    async fn enter_code(&self, code: String) -> Result<(), ApiError>;
    async fn log_out(&self) -> Result<(), ApiError>;
    /// Tells this browser by push from now on, in the name of whose account it is logged in to; why its first
    /// message was not accepted, if it was not.
    async fn subscribe_push(&self, subscription: PushSubscription) -> Result<Option<String>, ApiError>;
    /// The handle of any account.
    fn viewer(&self) -> Result<Arc<dyn Viewer>, ApiError>;
    /// The handle of an admin's account.
    fn admin(&self) -> Result<Arc<dyn Admin>, ApiError>;
    /// The handle of an account whose password was given not long ago.
    fn sure_viewer(&self) -> Result<Arc<dyn SureViewer>, ApiError>;
    /// The handle of an admin's account whose password was given not long ago.
    fn sure_admin(&self) -> Result<Arc<dyn SureAdmin>, ApiError>;
    /// Where the browser goes after this answer, for forms that work without wasm.
    fn redirect(&self, path: &str);
}

/// Where a right password leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    Inside,
    /// A code is due first.
    Code,
}

/// What a viewer may see, and do to their own account.
#[async_trait]
pub trait Viewer: Send + Sync {
    /// The first `limit` rows in the default order (worst state first, then name).
    async fn overview(&self, limit: u32) -> Result<Overview, ApiError>;
    async fn device_page(&self, id: DeviceId) -> Result<DevicePage, ApiError>;
    async fn find_device(&self, name: &str) -> Result<Device, ApiError>;
    /// Every device, for the admin's list and for choosing a parent.
    async fn devices(&self) -> Result<Vec<Device>, ApiError>;
    /// Incidents from `offset` on, fifty at most.
    async fn alerts(&self, only_open: bool, offset: u64) -> Result<AlertPage, ApiError>;
    /// Maintenance windows and silences: those in force and to come, and those that are over from `offset` on.
    async fn quiets(&self, offset: u64) -> Result<QuietPage, ApiError>;
    /// The devices that an incident affects.
    async fn affected(&self, id: IncidentId) -> Result<Vec<Affected>, ApiError>;
    /// What is open of a device, the newest first.
    async fn device_alerts(&self, id: DeviceId) -> Result<Vec<Incident>, ApiError>;
    /// The rules by name, and how they do.
    async fn rule_rows(&self) -> Result<Vec<RuleRow>, ApiError>;
    /// The check kinds and their forms, in menu order.
    async fn check_forms(&self) -> Result<Vec<CheckForm>, ApiError>;
    /// What became of a device; the rates are those of one interface.
    async fn history(
        &self,
        id: DeviceId,
        from: Timestamp,
        to: Timestamp,
        interface: Option<String>,
    ) -> Result<HistoryPage, ApiError>;
    /// How the devices were in the last days, or one of them alone.
    async fn comparison(&self, days: u32, only: Option<DeviceId>) -> Result<Comparison, ApiError>;
    /// A one-time ticket for one WebSocket: 30 s, bound to this session.
    async fn ticket(&self, purpose: String) -> Result<String, ApiError>;
    /// Changes the own password; every other session of this account ends.
    async fn change_password(&self, old: String, new: String) -> Result<(), ApiError>;
    async fn tokens(&self) -> Result<Vec<Token>, ApiError>;
    async fn remove_token(&self, id: TokenId) -> Result<(), ApiError>;
    /// The own sessions, the newest first.
    async fn sessions(&self) -> Result<Vec<OwnSession>, ApiError>;
    async fn end_session(&self, name: SessionName) -> Result<(), ApiError>;
    /// Ends all but this one.
    async fn end_other_sessions(&self) -> Result<(), ApiError>;
    /// Gives the password again, so that what wants it may follow for twelve hours.
    async fn confirm_password(&self, password: String) -> Result<(), ApiError>;
    /// The own browsers that are told by push.
    async fn push_page(&self) -> Result<PushPage, ApiError>;
    /// Changes what one of them is told.
    async fn update_push(&self, id: ChannelId, severity: Severity, language: String) -> Result<(), ApiError>;
    /// Tells one of them no more.
    async fn unsubscribe_push(&self, id: ChannelId) -> Result<(), ApiError>;
    /// The own second factor, if it is on.
    async fn second_factor(&self) -> Result<Option<SecondFactor>, ApiError>;
    /// Switches it off; every other session of this account ends.
    async fn drop_second_factor(&self, password: String, code: String) -> Result<(), ApiError>;
    /// Those who speak for this account from Telegram.
    async fn bindings(&self) -> Result<BindingPage, ApiError>;
    async fn remove_binding(&self, id: BindingId) -> Result<(), ApiError>;
    /// Lines of routers' logs, a page of them.
    async fn logs(&self, wish: LogWish) -> Result<LogPage, ApiError>;
    /// How everything is, and was in the last days.
    async fn report_page(&self, days: u32) -> Result<ReportPage, ApiError>;
}

/// What an account may do whose password was given within twelve hours.
#[async_trait]
pub trait SureViewer: Send + Sync {
    /// The token's only appearance.
    async fn create_token(&self, name: String, scope: Scope) -> Result<String, ApiError>;
    /// A new secret for an authenticator; it counts once it comes back with a code.
    async fn offer_second_factor(&self) -> Result<SecondFactorOffer, ApiError>;
    /// Switches it on; the only appearance of the recovery codes. Every other session of this account ends.
    async fn accept_second_factor(&self, sealed: String, code: String) -> Result<Vec<String>, ApiError>;
    /// New recovery codes in place of the old ones; their only appearance.
    async fn renew_recovery_codes(&self) -> Result<Vec<String>, ApiError>;
    /// A code for somebody who is to speak for this account from Telegram; its only appearance.
    async fn offer_binding(&self, language: String) -> Result<BindingOffer, ApiError>;
}

/// What only an admin may do.
#[async_trait]
pub trait Admin: Send + Sync {
    async fn create_device(&self, draft: DeviceDraft) -> Result<Device, ApiError>;
    async fn update_device(&self, id: DeviceId, draft: DeviceDraft) -> Result<Device, ApiError>;
    async fn set_device_enabled(&self, id: DeviceId, enabled: bool) -> Result<(), ApiError>;
    async fn remove_device(&self, id: DeviceId) -> Result<(), ApiError>;
    /// Whether a router's log is read from now on.
    async fn set_log_read(&self, id: DeviceId, is_on: bool) -> Result<(), ApiError>;
    /// Runs every check of one device (or of all) now, and answers when done.
    async fn check_now(&self, id: Option<DeviceId>) -> Result<(), ApiError>;
    /// Reads the fleet from the database again, without a restart; says how many devices there are.
    async fn reload(&self) -> Result<u32, ApiError>;
    /// Tries a login and says which feature lacks which policy. Without a password the stored one is used.
    async fn probe_routeros(
        &self,
        id: Option<DeviceId>,
        address: String,
        login: NewCredential,
    ) -> Result<ProbeReport, ApiError>;
    /// Accepts the router's new certificate in place of the pinned one.
    async fn users(&self) -> Result<Vec<User>, ApiError>;
    /// The program's own workers, by name.
    async fn workers(&self) -> Result<Vec<Worker>, ApiError>;
    /// The runs of commands that are kept, and one of them with its first answers.
    async fn command_page(&self, shown: Option<CommandRunId>) -> Result<CommandPage, ApiError>;
    /// A run, and the answers after the first `known`.
    async fn command_part(&self, id: CommandRunId, known: u32) -> Result<CommandRunPart, ApiError>;
    async fn cancel_command(&self, id: CommandRunId) -> Result<CommandRun, ApiError>;
    /// The last lines of the program's own log that fit.
    async fn server_log(&self, wish: ServerLogWish) -> Result<ServerLogPage, ApiError>;
    /// Writes other lines from now on, until the program is started again.
    async fn change_log_filter(&self, filter: String) -> Result<LogFilter, ApiError>;
    /// Says that somebody sees to an incident to which nobody else does; a second word of theirs replaces the first.
    async fn see_to(&self, id: IncidentId, note: Option<String>) -> Result<Incident, ApiError>;
    /// Adds what somebody says of an incident.
    async fn add_note(&self, id: IncidentId, text: String) -> Result<Incident, ApiError>;
    async fn create_quiet(&self, draft: QuietDraft) -> Result<Quiet, ApiError>;
    async fn update_quiet(
        &self,
        id: QuietId,
        draft: QuietDraft,
        seen: Option<u64>,
    ) -> Result<Quiet, ApiError>;
    /// Ends it for good, or only what runs of it.
    async fn end_quiet(&self, id: QuietId, only_current: bool) -> Result<Quiet, ApiError>;
    /// One that begins now.
    async fn quiet_now(&self, wish: QuietWish) -> Result<Quiet, ApiError>;
    /// Recordings of terminals from `offset` on, fifty at most.
    async fn recordings(&self, wish: RecordingWish, offset: u64) -> Result<RecordingPage, ApiError>;
    async fn recording(&self, id: RecordingId) -> Result<Recording, ApiError>;
    /// A page of the audit log, and whether it can be trusted.
    async fn audit(&self, wish: AuditWish) -> Result<AuditPage, ApiError>;
    async fn audit_chain(&self) -> Result<AuditChain, ApiError>;
    /// Begins to walk along the whole chain.
    async fn check_audit(&self) -> Result<AuditChain, ApiError>;
    async fn channel_page(&self) -> Result<ChannelPage, ApiError>;
    /// Sends a test; why it was not accepted, if it was not.
    async fn try_channel(&self, id: ChannelId) -> Result<Option<String>, ApiError>;
    /// Those who speak for any account from Telegram.
    async fn all_bindings(&self) -> Result<Vec<Binding>, ApiError>;
    async fn report_plan_page(&self) -> Result<ReportPlanPage, ApiError>;
    async fn change_report_plan(&self, plan: ReportPlan) -> Result<ReportPlanPage, ApiError>;
    async fn create_rule(&self, draft: RuleDraft) -> Result<Rule, ApiError>;
    /// Alerts of it that are open are withdrawn, unless it still tells the same.
    async fn update_rule(&self, id: RuleId, draft: RuleDraft, seen: Option<u64>) -> Result<Rule, ApiError>;
    async fn remove_rule(&self, id: RuleId) -> Result<(), ApiError>;
    /// When a rule would have fired in the last days.
    async fn replay_rule(&self, draft: RuleDraft, days: u32) -> Result<Replay, ApiError>;
}

/// What only an admin may do whose password was given within twelve hours.
#[async_trait]
pub trait SureAdmin: Send + Sync {
    /// Begins to ask devices by SSH.
    async fn start_command(&self, draft: CommandDraft) -> Result<CommandRun, ApiError>;
    async fn pin_certificate(&self, id: DeviceId, fingerprint: String) -> Result<(), ApiError>;
    /// Accepts another SSH host key than before.
    async fn pin_host_key(&self, id: DeviceId, key: SshHostKey) -> Result<(), ApiError>;
    async fn create_user(&self, name: String, role: Role, password: String) -> Result<User, ApiError>;
    async fn update_user(&self, id: UserId, role: Role, enabled: bool) -> Result<(), ApiError>;
    async fn set_user_password(&self, id: UserId, password: String) -> Result<(), ApiError>;
    async fn remove_user(&self, id: UserId) -> Result<(), ApiError>;
    /// Takes an account's second factor away; its sessions end.
    async fn take_second_factor(&self, id: UserId) -> Result<(), ApiError>;
    async fn create_channel(&self, draft: ChannelDraft) -> Result<Channel, ApiError>;
    async fn update_channel(
        &self,
        id: ChannelId,
        draft: ChannelDraft,
        seen: Option<u64>,
    ) -> Result<Channel, ApiError>;
    /// Removes it with what waits for it.
    async fn remove_channel(&self, id: ChannelId) -> Result<(), ApiError>;
    async fn remove_any_binding(&self, id: BindingId) -> Result<(), ApiError>;
    /// What is stored of a recording from this chunk on.
    async fn recorded(&self, id: RecordingId, from: u32) -> Result<RecordedPart, ApiError>;
    async fn remove_recording(&self, id: RecordingId) -> Result<(), ApiError>;
}

/// The backend of this request.
pub fn backend() -> Result<Arc<dyn Backend>, ApiError> {
    use_context::<Arc<dyn Backend>>().ok_or(ApiError::Internal)
}

/// This request's viewer, if somebody is logged in.
pub fn viewer() -> Result<Arc<dyn Viewer>, ApiError> {
    backend()?.viewer()
}

/// This request's admin, if one is logged in.
pub fn admin() -> Result<Arc<dyn Admin>, ApiError> {
    backend()?.admin()
}

/// This request's viewer, if their password was given not long ago.
pub fn sure_viewer() -> Result<Arc<dyn SureViewer>, ApiError> {
    backend()?.sure_viewer()
}

/// This request's admin, if their password was given not long ago.
pub fn sure_admin() -> Result<Arc<dyn SureAdmin>, ApiError> {
    backend()?.sure_admin()
}

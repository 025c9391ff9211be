//! Who may reach what: every page, server function, socket and REST route, as one table.
//!
//! What is not in the table answers nobody ([`super::guard`]), and a test holds the table against the
//! router. To add a route: declare it in its module, then a row here.

use axum::http::Method;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Policy {
    /// Everybody.
    Public,
    /// Everybody, until the first admin exists.
    SetupOnly,
    /// Any account.
    Viewer,
    /// An admin's account.
    Admin,
}

/// How a route speaks, which decides how it refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// HTML for people.
    Page,
    /// Called by our own pages.
    ServerFunction,
    /// JSON for other people's programs.
    Rest,
    /// A WebSocket: a ticket besides.
    Socket,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub method: &'static str,
    pub path: &'static str,
    pub kind: Kind,
    pub policy: Policy,
}

use Kind::{Page, Rest, ServerFunction, Socket};
use Policy::{Admin, Public, SetupOnly, Viewer};

/// The table.
pub const RULES: &[Rule] = &[
    rule("GET", "/setup", Page, SetupOnly),
    rule("GET", "/login", Page, Public),
    rule("GET", "/", Page, Viewer),
    rule("GET", "/devices/{id}", Page, Viewer),
    rule("GET", "/alerts", Page, Viewer),
    rule("GET", "/admin/maintenance", Page, Viewer),
    rule("GET", "/history", Page, Viewer),
    rule("GET", "/history/{id}", Page, Viewer),
    rule("GET", "/reports", Page, Viewer),
    rule("GET", "/logs", Page, Viewer),
    rule("GET", "/account", Page, Viewer),
    rule("GET", "/offline", Page, Viewer),
    rule("GET", "/router/{name}/terminal", Page, Admin),
    rule("GET", "/admin/routers", Page, Admin),
    rule("GET", "/admin/routers/{id}", Page, Admin),
    rule("GET", "/admin/channels", Page, Admin),
    rule("GET", "/admin/audit", Page, Admin),
    rule("GET", "/admin/rules", Page, Viewer),
    rule("GET", "/admin/recordings", Page, Admin),
    rule("GET", "/admin/recordings/{id}", Page, Admin),
    rule("GET", "/admin/users", Page, Admin),
    rule("GET", "/admin/workers", Page, Admin),
    rule("GET", "/admin/logs", Page, Admin),
    rule("GET", "/commands", Page, Admin),
    rule("POST", "/api/set_up", ServerFunction, SetupOnly),
    rule("POST", "/api/log_in", ServerFunction, Public),
    rule("POST", "/api/enter_code", ServerFunction, Public),
    rule("POST", "/api/log_out", ServerFunction, Public),
    rule("POST", "/api/ticket", ServerFunction, Viewer),
    rule("POST", "/api/change_password", ServerFunction, Viewer),
    rule("POST", "/api/load_tokens", ServerFunction, Viewer),
    rule("POST", "/api/create_token", ServerFunction, Viewer),
    rule("POST", "/api/remove_token", ServerFunction, Viewer),
    rule("POST", "/api/load_sessions", ServerFunction, Viewer),
    rule("POST", "/api/end_session", ServerFunction, Viewer),
    rule("POST", "/api/end_other_sessions", ServerFunction, Viewer),
    rule("POST", "/api/load_push", ServerFunction, Viewer),
    rule("POST", "/api/subscribe_push", ServerFunction, Viewer),
    rule("POST", "/api/update_push", ServerFunction, Viewer),
    rule("POST", "/api/unsubscribe_push", ServerFunction, Viewer),
    rule("POST", "/api/confirm_password", ServerFunction, Viewer),
    rule("POST", "/api/load_second_factor", ServerFunction, Viewer),
    rule("POST", "/api/offer_second_factor", ServerFunction, Viewer),
    rule("POST", "/api/accept_second_factor", ServerFunction, Viewer),
    rule("POST", "/api/drop_second_factor", ServerFunction, Viewer),
    rule("POST", "/api/renew_recovery_codes", ServerFunction, Viewer),
    rule("POST", "/api/load_bindings", ServerFunction, Viewer),
    rule("POST", "/api/offer_binding", ServerFunction, Viewer),
    rule("POST", "/api/remove_binding", ServerFunction, Viewer),
    rule("POST", "/api/load_all_bindings", ServerFunction, Admin),
    rule("POST", "/api/remove_any_binding", ServerFunction, Admin),
    rule("POST", "/api/load_overview", ServerFunction, Viewer),
    rule("POST", "/api/load_device_page", ServerFunction, Viewer),
    rule("POST", "/api/find_device", ServerFunction, Viewer),
    rule("POST", "/api/load_devices", ServerFunction, Viewer),
    rule("POST", "/api/load_check_forms", ServerFunction, Viewer),
    rule("POST", "/api/load_history", ServerFunction, Viewer),
    rule("POST", "/api/load_report", ServerFunction, Viewer),
    rule("POST", "/api/load_report_page", ServerFunction, Viewer),
    rule("POST", "/api/load_report_plan", ServerFunction, Admin),
    rule("POST", "/api/change_report_plan", ServerFunction, Admin),
    rule("POST", "/api/create_device", ServerFunction, Admin),
    rule("POST", "/api/update_device", ServerFunction, Admin),
    rule("POST", "/api/set_device_enabled", ServerFunction, Admin),
    rule("POST", "/api/remove_device", ServerFunction, Admin),
    rule("POST", "/api/check_now", ServerFunction, Admin),
    rule("POST", "/api/reload", ServerFunction, Admin),
    rule("POST", "/api/probe_routeros", ServerFunction, Admin),
    rule("POST", "/api/pin_certificate", ServerFunction, Admin),
    rule("POST", "/api/pin_host_key", ServerFunction, Admin),
    rule("POST", "/api/load_users", ServerFunction, Admin),
    rule("POST", "/api/create_user", ServerFunction, Admin),
    rule("POST", "/api/update_user", ServerFunction, Admin),
    rule("POST", "/api/set_user_password", ServerFunction, Admin),
    rule("POST", "/api/remove_user", ServerFunction, Admin),
    rule("POST", "/api/take_second_factor", ServerFunction, Admin),
    rule("POST", "/api/load_workers", ServerFunction, Admin),
    rule("POST", "/api/start_command", ServerFunction, Admin),
    rule("POST", "/api/load_commands", ServerFunction, Admin),
    rule("POST", "/api/load_command_part", ServerFunction, Admin),
    rule("POST", "/api/cancel_command", ServerFunction, Admin),
    rule("POST", "/api/load_server_log", ServerFunction, Admin),
    rule("POST", "/api/change_log_filter", ServerFunction, Admin),
    rule("POST", "/api/load_alerts", ServerFunction, Viewer),
    rule("POST", "/api/load_affected", ServerFunction, Viewer),
    rule("POST", "/api/load_device_alerts", ServerFunction, Viewer),
    rule("POST", "/api/acknowledge", ServerFunction, Admin),
    rule("POST", "/api/add_note", ServerFunction, Admin),
    rule("POST", "/api/load_quiets", ServerFunction, Viewer),
    rule("POST", "/api/create_quiet", ServerFunction, Admin),
    rule("POST", "/api/update_quiet", ServerFunction, Admin),
    rule("POST", "/api/end_quiet", ServerFunction, Admin),
    rule("POST", "/api/quiet_now", ServerFunction, Admin),
    rule("POST", "/api/load_logs", ServerFunction, Viewer),
    rule("POST", "/api/set_log_read", ServerFunction, Admin),
    rule("POST", "/api/load_audit", ServerFunction, Admin),
    rule("POST", "/api/load_audit_chain", ServerFunction, Admin),
    rule("POST", "/api/check_audit", ServerFunction, Admin),
    rule("POST", "/api/load_recordings", ServerFunction, Admin),
    rule("POST", "/api/load_recording", ServerFunction, Admin),
    rule("POST", "/api/load_recorded", ServerFunction, Admin),
    rule("POST", "/api/remove_recording", ServerFunction, Admin),
    rule("POST", "/api/load_channels", ServerFunction, Admin),
    rule("POST", "/api/create_channel", ServerFunction, Admin),
    rule("POST", "/api/update_channel", ServerFunction, Admin),
    rule("POST", "/api/remove_channel", ServerFunction, Admin),
    rule("POST", "/api/test_channel", ServerFunction, Admin),
    rule("POST", "/api/load_rules", ServerFunction, Viewer),
    rule("POST", "/api/create_rule", ServerFunction, Admin),
    rule("POST", "/api/update_rule", ServerFunction, Admin),
    rule("POST", "/api/remove_rule", ServerFunction, Admin),
    rule("POST", "/api/replay_rule", ServerFunction, Admin),
    rule("GET", "/health", Rest, Public),
    rule("GET", "/metrics", Rest, Viewer),
    rule("GET", "/api/openapi.json", Rest, Viewer),
    rule("GET", "/api/status", Rest, Viewer),
    rule("GET", "/api/tunnel/{name}", Rest, Viewer),
    rule("GET", "/api/history/{name}", Rest, Viewer),
    rule("GET", "/api/downtime/all", Rest, Viewer),
    rule("GET", "/api/downtime/{name}", Rest, Viewer),
    rule("GET", "/api/statistics", Rest, Viewer),
    rule("GET", "/api/bandwidth/history/{id}", Rest, Viewer),
    rule("GET", "/api/refresh", Rest, Admin),
    rule("POST", "/api/refresh", Rest, Admin),
    rule("GET", "/api/devices", Rest, Viewer),
    rule("POST", "/api/devices", Rest, Admin),
    rule("GET", "/api/devices/{id}", Rest, Viewer),
    rule("PUT", "/api/devices/{id}", Rest, Admin),
    rule("DELETE", "/api/devices/{id}", Rest, Admin),
    rule("POST", "/api/devices/{id}/host-key", Rest, Admin),
    rule("GET", "/api/devices/{id}/history.csv", Rest, Viewer),
    rule("GET", "/api/devices/{id}/outages.csv", Rest, Viewer),
    rule("GET", "/api/devices/{id}/logs", Rest, Viewer),
    rule("GET", "/api/logs", Rest, Viewer),
    rule("GET", "/api/logs.csv", Rest, Viewer),
    rule("GET", "/api/reports/uptime.csv", Rest, Viewer),
    rule("GET", "/api/workers", Rest, Admin),
    rule("GET", "/api/commands", Rest, Admin),
    rule("POST", "/api/commands", Rest, Admin),
    rule("GET", "/api/commands/{id}", Rest, Admin),
    rule("DELETE", "/api/commands/{id}", Rest, Admin),
    rule("GET", "/api/commands/{id}/answers.csv", Rest, Admin),
    rule("GET", "/api/commands/{id}/answers.txt", Rest, Admin),
    rule("GET", "/api/logging", Rest, Admin),
    rule("POST", "/api/logging", Rest, Admin),
    rule("GET", "/api/dashboard/summary", Rest, Viewer),
    rule("GET", "/api/audit", Rest, Admin),
    rule("GET", "/api/audit.csv", Rest, Admin),
    rule("GET", "/api/audit.json", Rest, Admin),
    rule("POST", "/api/audit/check", Rest, Admin),
    rule("GET", "/api/recordings", Rest, Admin),
    rule("GET", "/api/recordings/{id}", Rest, Admin),
    rule("DELETE", "/api/recordings/{id}", Rest, Admin),
    rule("GET", "/api/recordings/{id}/cast", Rest, Admin),
    rule("GET", "/api/alerts", Rest, Viewer),
    rule("POST", "/api/alerts/{id}/ack", Rest, Admin),
    rule("POST", "/api/alerts/{id}/notes", Rest, Admin),
    rule("GET", "/api/maintenance", Rest, Viewer),
    rule("POST", "/api/maintenance", Rest, Admin),
    rule("GET", "/api/maintenance/{id}", Rest, Viewer),
    rule("PUT", "/api/maintenance/{id}", Rest, Admin),
    rule("DELETE", "/api/maintenance/{id}", Rest, Admin),
    rule("GET", "/api/rules", Rest, Viewer),
    rule("POST", "/api/rules", Rest, Admin),
    rule("POST", "/api/rules/replay", Rest, Admin),
    rule("PUT", "/api/rules/{id}", Rest, Admin),
    rule("DELETE", "/api/rules/{id}", Rest, Admin),
    rule("GET", "/api/channels", Rest, Admin),
    rule("POST", "/api/channels", Rest, Admin),
    rule("PUT", "/api/channels/{id}", Rest, Admin),
    rule("DELETE", "/api/channels/{id}", Rest, Admin),
    rule("POST", "/api/channels/{id}/test", Rest, Admin),
    rule("POST", "/admin/reload-routers", Rest, Admin),
    rule("POST", "/ws-token", Rest, Viewer),
    rule("GET", "/ws/live", Socket, Viewer),
    rule("GET", "/ws/logs", Socket, Admin),
    rule("GET", "/ws/ssh/{device}", Socket, Admin),
    rule("GET", "/ws/watch/{id}", Socket, Admin),
];

const fn rule(method: &'static str, path: &'static str, kind: Kind, policy: Policy) -> Rule {
    Rule { method, path, kind, policy }
}

/// The rule of a route, as the router writes its path. `HEAD` is `GET` without the body.
pub fn of(method: &Method, path: &str) -> Option<&'static Rule> {
    let method = if *method == Method::HEAD { "GET" } else { method.as_str() };
    RULES.iter().find(|rule| rule.method == method && rule.path == path)
}

/// How a path may be asked, by `HEAD` too where it is read.
pub fn methods(path: &str) -> Vec<&'static str> {
    let methods = RULES.iter().filter(|rule| rule.path == path).map(|rule| rule.method);
    methods.flat_map(|method| [Some(method), (method == "GET").then_some("HEAD")]).flatten().collect()
}

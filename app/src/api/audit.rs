//! The audit log, for admins.

use super::{ApiError, wire::Wire};
use leptos::prelude::*;
use model::{AuditChain, AuditPage, AuditWish};

#[server(endpoint = "load_audit", protocol = Wire)]
pub async fn load_audit(wish: AuditWish) -> Result<AuditPage, ApiError> {
    super::port::admin()?.audit(wish).await
}

#[server(endpoint = "load_audit_chain", protocol = Wire)]
pub async fn load_audit_chain() -> Result<AuditChain, ApiError> {
    super::port::admin()?.audit_chain().await
}

/// Begins to walk along the whole chain; how far it is, is loaded again and again.
#[server(endpoint = "check_audit", protocol = Wire)]
pub async fn check_audit() -> Result<AuditChain, ApiError> {
    super::port::admin()?.check_audit().await
}

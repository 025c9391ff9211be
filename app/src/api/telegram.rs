//! Who speaks for an account from Telegram.

use super::{ApiError, wire::Wire};
use leptos::prelude::*;
use model::{Binding, BindingId, BindingOffer, BindingPage};

/// Those who speak for one's own account.
#[server(endpoint = "load_bindings", protocol = Wire)]
pub async fn load_bindings() -> Result<BindingPage, ApiError> {
    super::port::viewer()?.bindings().await
}

/// A code for one more, who is answered in `language`.
#[server(endpoint = "offer_binding", protocol = Wire)]
pub async fn offer_binding(language: String) -> Result<BindingOffer, ApiError> {
    super::port::sure_viewer()?.offer_binding(language).await
}

#[server(endpoint = "remove_binding", protocol = Wire)]
pub async fn remove_binding(id: BindingId) -> Result<(), ApiError> {
    super::port::viewer()?.remove_binding(id).await
}

/// Those who speak for any account.
#[server(endpoint = "load_all_bindings", protocol = Wire)]
pub async fn load_all_bindings() -> Result<Vec<Binding>, ApiError> {
    super::port::admin()?.all_bindings().await
}

#[server(endpoint = "remove_any_binding", protocol = Wire)]
pub async fn remove_any_binding(id: BindingId) -> Result<(), ApiError> {
    super::port::sure_admin()?.remove_any_binding(id).await
}

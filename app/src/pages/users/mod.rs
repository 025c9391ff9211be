//! Soon.

use leptos::prelude::*;

#[component]
pub fn UsersPage() -> impl IntoView {}

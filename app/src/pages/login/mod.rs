//! Soon.

use leptos::prelude::*;

#[component]
pub fn LoginPage() -> impl IntoView {}

//! Soon.

use leptos::prelude::*;

#[component]
pub fn RoutersPage() -> impl IntoView {}

//! Soon.

use leptos::prelude::*;

#[component]
pub fn DevicePage() -> impl IntoView {}

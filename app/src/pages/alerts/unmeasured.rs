//! That the number an alert is about is not measured now: what the alert says is of the last sample.

use crate::{i18n::use_words, parts::*};
use leptos::prelude::*;
use model::{Alert, Timestamp};

/// When it was measured last, where it is not measured now.
pub fn since(alert: Memo<Option<Alert>>) -> Option<Timestamp> {
    alert.with(|alert| alert.as_ref().and_then(|alert| alert.unmeasured_since))
}

/// Says so, and when the last sample was.
pub fn unmeasured(alert: Memo<Option<Alert>>) -> AnyView {
    let words = use_words();
    let at = move || since(alert).unwrap_or_default();
    view! {
        <Show when=move || since(alert).is_some()>
            <p class="alert-quiet">
                <Icon name=IconName::Warning />
                <span>
                    {words.alert_unmeasured()} " " <Ago at=Signal::derive(at) />
                </span>
            </p>
        </Show>
    }
    .into_any()
}

//! Whether the log can be trusted: how far it was found to be whole, and when.

use crate::{
    api::audit::{check_audit, load_audit_chain},
    i18n::use_words,
    parts::*,
};
use leptos::{prelude::*, task::spawn_local};
use model::{AuditChain, AuditChecked};
use std::time::Duration;

/// While it is being checked, it is asked for how far that is.
const ASK_EVERY: Duration = Duration::from_secs(1);

pub fn chain(first: AuditChain) -> AnyView {
    let (words, acts) = (use_words(), Acts::new());
    let chain = RwSignal::new(first);
    let is_checking = Memo::new(move |_| chain.with(|chain| chain.checking.is_some()));
    Effect::new(move |_| {
        if !is_checking.get() {
            return;
        }
        let ask = move || {
            spawn_local(async move {
                if let Ok(now) = load_audit_chain().await {
                    chain.try_set(now);
                }
            });
        };
        if let Ok(asking) = set_interval_with_handle(ask, ASK_EVERY) {
            on_cleanup(move || asking.clear());
        }
    });
    let check = move |_| {
        spawn_local(async move {
            match check_audit().await {
                Ok(now) => drop(chain.try_set(now)),
                Err(error) => acts.fail(&error),
            }
        });
    };
    let told = move || {
        chain.with(|chain| match (chain.checking, &chain.checked) {
            (Some(done), _) => {
                let text = words.audit_checking(&done, &chain.entries);
                view! {
                    <p>{text}</p>
                    <progress value=done.to_string() max=chain.entries.max(1).to_string() aria-label=words.audit_check()></progress>
                }
                .into_any()
            }
            (None, Some(checked)) => result(checked.clone()),
            (None, None) => view! { <p>{words.audit_unchecked()}</p> }.into_any(),
        })
    };
    let is_broken = Memo::new(move |_| {
        chain.with(|chain| chain.checked.as_ref().is_some_and(|checked| checked.fault.is_some()))
    });
    view! {
        <div class="note audit-chain" class:bad=move || is_broken.get()>
            <Icon name=IconName::Shield />
            <div role="status">{told}</div>
            <Button busy=is_checking on:click=check>
                {words.audit_check()}
            </Button>
        </div>
    }
    .into_any()
}

fn result(checked: AuditChecked) -> AnyView {
    let words = use_words();
    match checked.fault {
        Some(why) => view! { <p>{words.audit_broken(&why)} " " <Ago at=checked.at /></p> }.into_any(),
        None => view! {
            <p>{words.audit_checked(&checked.entries)} " " <Ago at=checked.at /></p>
            <p class="audit-head">
                <code>{checked.head}</code>
            </p>
        }
        .into_any(),
    }
}

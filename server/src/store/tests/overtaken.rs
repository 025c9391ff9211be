//! Who saves what is not as it was seen any more.

use super::*;

fn rule(name: &str, for_s: u32) -> RuleDraft {
    RuleDraft {
        name: name.to_owned(),
        enabled: true,
        severity: Severity::Warning,
        about: About::Number(Condition::new(Measure::CpuLoad, Side::Above, 90.0)),
        scope: RuleScope::default(),
        for_s,
        cool_down_s: 0,
    }
}

async fn as_anna<T>(work: impl Future<Output = T>) -> T {
    let anna = Actor { user: None, name: "anna".to_owned(), via: Via::Browser, address: None };
    acting(Arc::new(anna), work).await
}

#[tokio::test]
async fn what_is_saved_twice_because_its_answer_was_lost_is_accepted_and_written_once() {
    let temp = Store::open_temp().await;
    let made = temp.rules().create(&rule("busy", 60)).await.unwrap();
    let first = temp.rules().update(made.id, &rule("busy", 90)).await.unwrap();
    let entries = temp.audit().count(&Wanted::default()).await.unwrap();
    let again = temp.rules().update_seen(made.id, &rule(" busy ", 90), |_| false).await.unwrap();
    assert_eq!(again, first);
    assert_eq!(temp.audit().count(&Wanted::default()).await.unwrap(), entries);

    let mut draft = ChannelDraft {
        name: "hook".to_owned(),
        kind: ChannelKind::Webhook,
        enabled: true,
        language: "en".to_owned(),
        severity: Severity::Info,
        settings: Settings::from([("url".to_owned(), "http://127.0.0.1:9/".to_owned())]),
        secrets: std::collections::BTreeMap::new(),
    };
    let channel = temp.channels().create(&draft, &temp.vault).await.unwrap();
    temp.channels().update_seen(channel, &draft, &temp.vault, |_| false).await.unwrap();
    // Whether the same secret was given before is not known.
    draft.secrets.insert("secret".to_owned(), Some("s3cret".to_owned()));
    let refused = temp.channels().update_seen(channel, &draft, &temp.vault, |_| false).await;
    assert!(matches!(refused, Err(StoreError::Changed { .. })), "{refused:?}");
}

#[tokio::test]
async fn only_who_made_it_what_it_is_now_is_named() {
    let temp = Store::open_temp().await;
    let former = temp.rules().create(&rule("busy", 60)).await.unwrap();
    as_anna(temp.rules().update(former.id, &rule("busy", 90))).await.unwrap();
    temp.rules().remove(former.id).await.unwrap();
    temp.clock.forward(60_000);
    let made = temp.rules().create(&rule("busy", 60)).await.unwrap();
    let by = async || match temp.rules().update_seen(made.id, &rule("busy", 30), |_| false).await {
        Err(StoreError::Changed { by, .. }) => by,
        other => panic!("{other:?}"),
    };
    assert_eq!(by().await, None, "what anna changed was another one");
    as_anna(temp.rules().update(made.id, &rule("busy", 120))).await.unwrap();
    assert_eq!(by().await.as_deref(), Some("anna"));
}

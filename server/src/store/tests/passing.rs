//! What becomes of an outage of thousands when the rule that told of it is switched off: of each what becomes of one,
//! in a number of statements that does not follow theirs.

use super::*;
use crate::store::{
    connect::readable,
    entity::{delivery, device, incident, incident_device, rule},
};
use sea_orm::{
    ColumnTrait, Database, EntityTrait, QueryFilter, QueryOrder, Set, TransactionTrait, sea_query::Expr,
};
use std::collections::BTreeMap;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

const COUNT: i64 = 2_000;
/// For reading and writing them in parts of some hundreds; one by one it were ten thousand.
const STATEMENTS_MAX: usize = 80;

async fn channel(temp: &Temp, name: &str, severity: Severity) -> i64 {
    let draft = ChannelDraft {
        name: name.to_owned(),
        kind: ChannelKind::Webhook,
        enabled: true,
        language: "en".to_owned(),
        severity,
        settings: Settings::from(BTreeMap::from([("url".to_owned(), "http://127.0.0.1:9/".to_owned())])),
        secrets: BTreeMap::new(),
    };
    temp.channels().create(&draft, &temp.vault).await.unwrap().0
}

async fn rule(temp: &Temp, name: &str, severity: Severity, kinds: &[DeviceKind]) -> RuleId {
    let draft = RuleDraft {
        name: name.to_owned(),
        enabled: true,
        severity,
        about: About::State(Event::new(IncidentKind::Down)),
        scope: RuleScope { kinds: kinds.to_vec(), ..RuleScope::default() },
        for_s: 0,
        cool_down_s: 0,
    };
    temp.rules().create(&draft).await.unwrap().id
}

/// Every other device is a router. Each is down, by `rule`; of every third nobody was told yet. The second and the
/// twelfth are parts of outages of several at one address.
async fn outage(temp: &Temp, rule: RuleId, channel: i64) {
    let transaction = temp.store.begin().await.unwrap();
    let numbers: Vec<i64> = (1..=COUNT).collect();
    for part in numbers.chunks(500) {
        let devices = part.iter().map(|number| device::ActiveModel {
            id: Set(*number),
            name: Set(format!("d{number:04}")),
            kind: Set(if number % 2 == 0 { DeviceKind::Router } else { DeviceKind::Server }
                .word()
                .to_owned()),
            address: Set(format!("192.0.2.{}", number % 250)),
            tags: Set("[]".to_owned()),
            enabled: Set(true),
            created_at: Set(1),
            updated_at: Set(1),
            ..Default::default()
        });
        device::Entity::insert_many(devices).exec_without_returning(&transaction).await.unwrap();
        let incidents = part.iter().map(|number| incident::ActiveModel {
            id: Set(*number),
            device_id: Set(Some(*number)),
            device: Set(format!("d{number:04}")),
            address: Set(format!("192.0.2.{}", number % 250)),
            kind: Set("down".to_owned()),
            severity: Set("warning".to_owned()),
            opened_at: Set(1),
            told_at: Set(1),
            rule_id: Set(Some(rule.0)),
            ..Default::default()
        });
        incident::Entity::insert_many(incidents).exec_without_returning(&transaction).await.unwrap();
        let told = part.iter().map(|number| delivery::ActiveModel {
            channel_id: Set(channel),
            incident_id: Set(*number),
            kind: Set("opened".to_owned()),
            state: Set(if number % 3 == 0 { "waiting" } else { "sent" }.to_owned()),
            created_at: Set(1),
            due_at: Set(1),
            attempts: Set(0),
            ..Default::default()
        });
        delivery::Entity::insert_many(told).exec_without_returning(&transaction).await.unwrap();
    }
    // A server's outage with a router in it, and a router's without one that is still down.
    for (incident, device, until) in [(1, 1, None), (1, 2, None), (12, 12, Some(2)), (12, 11, None)] {
        let part = incident_device::ActiveModel {
            incident_id: Set(incident),
            device_id: Set(device),
            device: Set(format!("d{device:04}")),
            since: Set(1),
            until: Set(until),
            is_down: Set(true),
        };
        incident_device::Entity::insert(part).exec_without_returning(&transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn an_outage_of_thousands_passes_to_another_rule_or_is_withdrawn_in_few_statements() {
    let temp = Store::open_temp().await;
    let (all, critical) =
        (channel(&temp, "all", Severity::Info).await, channel(&temp, "critical", Severity::Critical).await);
    // Those that a new database has would tell of it.
    for rule in temp.rules().list().await.unwrap() {
        temp.rules().remove(rule.id).await.unwrap();
    }
    let off = rule(&temp, "all", Severity::Warning, &[]).await;
    let other = rule(&temp, "routers", Severity::Critical, &[DeviceKind::Router]).await;
    outage(&temp, off, all).await;

    let mut connection = Database::connect(readable(&temp.url).unwrap()).await.unwrap();
    let statements = Arc::new(AtomicUsize::new(0));
    let counted = statements.clone();
    connection.set_metric_callback(move |_| {
        counted.fetch_add(1, Relaxed);
    });
    let transaction = connection.begin().await.unwrap();
    rule::Entity::update_many()
        .col_expr(rule::Column::Enabled, Expr::value(false))
        .filter(rule::Column::Id.eq(off.0))
        .exec(&transaction)
        .await
        .unwrap();
    let now = Timestamp(temp.clock.now().0);
    incidents::pass_on(&transaction, (off, false), now).await.unwrap();
    transaction.commit().await.unwrap();
    connection.close().await.unwrap();
    let statements = statements.load(Relaxed);
    println!("{statements} statements");
    assert!((10..STATEMENTS_MAX).contains(&statements), "{statements} statements");

    let rows = incident::Entity::find().order_by_asc(incident::Column::Id).all(temp.reader()).await.unwrap();
    let told = delivery::Entity::find().order_by_asc(delivery::Column::Id).all(temp.reader()).await.unwrap();
    assert_eq!(i64::try_from(rows.len()).unwrap(), COUNT);
    for row in rows {
        // A router is among the first's; of the twelfth's only a server is still down.
        let is_passed = (row.id % 2 == 0 || row.id == 1) && row.id != 12;
        let its = told.iter().filter(|one| one.incident_id == row.id);
        let its: Vec<_> = its.map(|one| (one.channel_id, one.kind.as_str(), one.state.as_str())).collect();
        let was_told = row.id % 3 != 0;
        if is_passed {
            assert_eq!((row.rule_id, row.severity.as_str()), (Some(other.0), "critical"), "{}", row.id);
            assert_eq!((row.closed_at, row.ending), (None, None), "{}", row.id);
            let first = if was_told { "sent" } else { "waiting" };
            assert_eq!(its, [(all, "opened", first), (critical, "opened", "waiting")], "{}", row.id);
        } else {
            assert_eq!(
                (row.closed_at, row.ending.as_deref()),
                (Some(now.0), Some("withdrawn")),
                "{}",
                row.id
            );
            let expected = match was_told {
                true => vec![(all, "opened", "sent"), (all, "closed", "waiting")],
                false => vec![(all, "opened", "silenced")],
            };
            assert_eq!(its, expected, "{}", row.id);
        }
    }
    let parts = incident_device::Entity::find().all(temp.reader()).await.unwrap();
    let until = |device: i64| parts.iter().find(|part| part.device_id == device).unwrap().until;
    assert_eq!([1, 2, 11, 12].map(until), [None, None, Some(now.0), Some(2)]);
}

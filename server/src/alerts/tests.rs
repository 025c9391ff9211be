//! What is told, in which order, and that nothing of it is lost wherever the program is killed.

use super::Courier;
use crate::{
    history::Recorder,
    journal::Sampled,
    store::{Store, Temp},
};
use axum::{
    Json, Router, extract::State as Extract, http::StatusCode, response::IntoResponse, routing::post,
};
use engine::{Fleet, Outcome, Remembered, Transition, driver::resolve::Resolver, notify::Tools};
use model::*;
use parking_lot::Mutex;
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

mod alarm;
mod causes;
mod deeds;
mod kills;
mod quiet;
mod rules;
mod shared;
mod takeover;

const BEGIN: i64 = 1_790_000_000_000;

fn goes(device: DeviceId, from: State, to: State, second: i64) -> Outcome {
    let at = Timestamp(BEGIN + second * 1_000);
    let cause = (to == State::Down).then(|| "connection refused".to_owned());
    Outcome { device, at, transition: Some(Transition { from, to, at, cause }), ..Outcome::default() }
}

fn hidden(device: DeviceId, behind: DeviceId, second: i64) -> Outcome {
    Outcome { behind: Some(behind), ..goes(device, State::Up, State::Unknown, second) }
}

/// A receiver of webhooks that can be told to fail.
#[derive(Clone, Default)]
struct Receiver {
    got: Arc<Mutex<Vec<String>>>,
    bodies: Arc<Mutex<Vec<Value>>>,
    fails: Arc<Mutex<u32>>,
    /// Refuses the next one, and asks for so many seconds.
    busy_s: Arc<Mutex<Option<u64>>>,
}

impl Receiver {
    async fn start(&self) -> String {
        let take = async |Extract(receiver): Extract<Receiver>, Json(body): Json<Value>| {
            if let Some(busy_s) = receiver.busy_s.lock().take() {
                return (StatusCode::TOO_MANY_REQUESTS, [("retry-after", busy_s.to_string())])
                    .into_response();
            }
            let mut fails = receiver.fails.lock();
            if *fails > 0 {
                *fails -= 1;
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
            receiver.got.lock().push(body["id"].as_str().unwrap().to_owned());
            receiver.bodies.lock().push(body);
            StatusCode::OK.into_response()
        };
        let router = Router::new().route("/", post(take)).with_state(self.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::runtime::Handle::current().spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}/")
    }
}

/// A database with devices, a channel that tells a receiver, and what writes and tells.
struct Desk {
    temp: Temp,
    devices: Vec<DeviceId>,
    recorder: Recorder,
    courier: Courier,
    receiver: Receiver,
    channel: ChannelId,
}

impl Desk {
    async fn open(devices: usize, severity: Severity) -> Self {
        let temp = Store::open_temp().await;
        let mut ids = Vec::new();
        for number in 0..devices {
            ids.push(device(&temp, number).await);
        }
        let receiver = Receiver::default();
        let url = receiver.start().await;
        let draft = ChannelDraft {
            name: "hook".to_owned(),
            kind: ChannelKind::Webhook,
            enabled: true,
            language: "en".to_owned(),
            severity,
            settings: Settings::from(BTreeMap::from([("url".to_owned(), url)])),
            secrets: BTreeMap::new(),
        };
        let channel = temp.channels().create(&draft, &temp.vault).await.unwrap();
        let fleet = Fleet::new(temp.clock.clone());
        for device in temp.devices().list().await.unwrap() {
            fleet.put(device, &Remembered::default());
        }
        let recorder = Recorder::open(temp.store.clone(), fleet.clone(), temp.clock.clone(), Arc::default())
            .await
            .unwrap();
        let courier = courier(&temp);
        Self { temp, devices: ids, recorder, courier, receiver, channel }
    }

    async fn record(&self, outcomes: &[Outcome]) {
        self.recorder.append(outcomes, &[]).await.unwrap();
    }

    /// Tells all that is due, as far as it can be told.
    async fn tell_all(&self) {
        while !self.temp.outbox().due().await.unwrap().is_empty() {
            self.courier.deliver(self.channel).await.unwrap();
            // What has to wait waits a day at most.
            self.temp.clock.forward(1_000);
        }
    }

    fn got(&self) -> Vec<String> {
        self.receiver.got.lock().clone()
    }
}

fn courier(temp: &Temp) -> Courier {
    let tools = Tools::new(Resolver::default(), temp.clock.clone()).unwrap();
    Courier::new(temp.store.clone(), temp.vault.clone(), temp.clock.clone(), tools, Arc::default())
}

fn draft(number: usize) -> DeviceDraft {
    // An address of its own: those that share one go down together.
    let address = format!("10.20.{}.{}", number / 256, number % 256);
    DeviceDraft::new(format!("d{number:04}"), DeviceKind::Server, address)
}

async fn device(temp: &Temp, number: usize) -> DeviceId {
    temp.devices().create(draft(number), &temp.vault).await.unwrap().id
}

#[tokio::test]
async fn an_outage_is_told_once_and_its_end_once_also_where_telling_failed_for_a_while() {
    let desk = Desk::open(1, Severity::Warning).await;
    let id = desk.devices[0];
    *desk.receiver.fails.lock() = 4;
    desk.record(&[goes(id, State::Up, State::Down, 0)]).await;
    desk.record(&[goes(id, State::Down, State::Up, 95)]).await;
    desk.tell_all().await;
    assert_eq!(desk.got(), ["incident-1-opened", "incident-1-closed"]);
    let bodies = desk.receiver.bodies.lock().clone();
    assert_eq!(
        (&bodies[0]["title"], &bodies[0]["severity"]),
        (&"🔴 d0000 is down".into(), &"critical".into())
    );
    assert_eq!(bodies[1]["title"], "🟢 d0000 is up again, after 1min");
    assert_eq!(bodies[0]["incident"]["cause"], "connection refused");
    let channel = desk.temp.channels().list().await.unwrap().remove(0);
    assert_eq!((channel.health.failing_since, channel.health.waiting), (None, 0));
}

#[tokio::test]
async fn a_channel_hears_of_what_is_severe_enough_and_of_no_end_whose_beginning_it_did_not_hear() {
    let desk = Desk::open(2, Severity::Critical).await;
    let (a, b) = (desk.devices[0], desk.devices[1]);
    desk.record(&[goes(a, State::Up, State::Degraded, 0), goes(b, State::Up, State::Down, 1)]).await;
    desk.record(&[goes(a, State::Degraded, State::Up, 2)]).await;
    desk.tell_all().await;
    assert_eq!(desk.got(), ["incident-2-opened"]);
}

#[tokio::test]
async fn a_message_that_is_refused_is_given_up_visibly_and_so_is_its_end() {
    let desk = Desk::open(1, Severity::Info).await;
    let id = desk.devices[0];
    let mut draft = ChannelDraft {
        name: "hook".to_owned(),
        kind: ChannelKind::Webhook,
        enabled: true,
        language: "ru".to_owned(),
        severity: Severity::Info,
        settings: Settings::default(),
        secrets: BTreeMap::new(),
    };
    // Nothing can be made of it.
    desk.temp.channels().update(desk.channel, &draft, &desk.temp.vault).await.unwrap();
    desk.record(&[goes(id, State::Up, State::Down, 0)]).await;
    desk.record(&[goes(id, State::Down, State::Up, 5)]).await;
    desk.tell_all().await;
    let channel = desk.temp.channels().list().await.unwrap().remove(0);
    assert_eq!((channel.health.given_up, channel.health.waiting), (2, 0));
    let given_up = async || {
        let page = desk.temp.incidents().page(false, (0, 9)).await.unwrap();
        page.alerts.into_iter().map(|alert| (alert.incident.id.0, alert.given_up)).collect::<Vec<_>>()
    };
    assert_eq!(given_up().await, [(1, 2)]);
    assert!(channel.health.failure.is_some_and(|why| why.contains("url")));
    // Mended, it tells what happens from now on.
    let url = desk.receiver.start().await;
    draft.settings = Settings::from(BTreeMap::from([("url".to_owned(), url)]));
    desk.temp.channels().update(desk.channel, &draft, &desk.temp.vault).await.unwrap();
    desk.record(&[goes(id, State::Up, State::Down, 60)]).await;
    desk.tell_all().await;
    assert_eq!(desk.got(), ["incident-2-opened"]);
    assert_eq!(given_up().await, [(2, 0), (1, 2)]);
    assert_eq!(desk.receiver.bodies.lock()[0]["title"], "🔴 d0000 не отвечает");
}

#[tokio::test]
async fn a_dead_parent_with_a_thousand_children_is_one_message_that_lists_some_and_counts_all() {
    let desk = Desk::open(1_001, Severity::Info).await;
    let parent = desk.devices[0];
    let mut outcomes = vec![goes(parent, State::Up, State::Down, 0)];
    outcomes.extend(desk.devices[1..].iter().map(|child| hidden(*child, parent, 1)));
    desk.record(&outcomes).await;
    desk.tell_all().await;
    assert_eq!(desk.got(), ["incident-1-opened"]);
    assert_eq!(desk.receiver.bodies.lock()[0]["incident"]["affected_total"], 1_000);
    let listed = desk.temp.incidents().list(true, (0, 10)).await.unwrap();
    assert_eq!((listed.total, listed.incidents[0].affected.len()), (1, 1_000));
    let mut back = vec![goes(parent, State::Down, State::Up, 60)];
    back.extend(desk.devices[1..].iter().map(|child| goes(*child, State::Unknown, State::Up, 61)));
    desk.record(&back).await;
    desk.tell_all().await;
    assert_eq!(desk.got(), ["incident-1-opened", "incident-1-closed"]);
    let listed = desk.temp.incidents().list(false, (0, 10)).await.unwrap();
    assert!(listed.incidents[0].affected.iter().all(|one| one.until.is_some()));
}

#[tokio::test]
async fn what_is_wrong_with_a_removed_device_is_over_and_that_is_told() {
    let desk = Desk::open(2, Severity::Info).await;
    let (broken, well) = (desk.devices[0], desk.devices[1]);
    desk.record(&[goes(broken, State::Up, State::Down, 0)]).await;
    desk.tell_all().await;
    assert!(desk.temp.devices().remove(broken).await.unwrap());
    assert!(!desk.temp.devices().remove(well).await.unwrap());
    desk.tell_all().await;
    assert_eq!(desk.got(), ["incident-1-opened", "incident-1-closed"]);
    let last = desk.receiver.bodies.lock().last().cloned().unwrap();
    assert_eq!(last["title"], "🗑 d0000 was removed; its outage is closed");
    let listed = desk.temp.incidents().list(false, (0, 10)).await.unwrap();
    assert_eq!((listed.incidents[0].ending, listed.incidents[0].device), (Some(IncidentEnd::Removed), None));
}

#[tokio::test]
async fn a_page_has_what_is_open_before_what_is_over_and_the_first_of_the_affected() {
    let desk = Desk::open(33, Severity::Info).await;
    let (parent, brief, last) = (desk.devices[0], desk.devices[1], desk.devices[2]);
    let mut outcomes = vec![goes(parent, State::Up, State::Down, 0)];
    outcomes.extend(desk.devices[3..].iter().map(|child| hidden(*child, parent, 1)));
    outcomes.push(goes(brief, State::Up, State::Down, 2));
    outcomes.push(goes(brief, State::Down, State::Up, 3));
    outcomes.push(goes(last, State::Up, State::Down, 4));
    desk.record(&outcomes).await;
    let page = async |only_open, page| {
        let found = desk.temp.incidents().page(only_open, page).await.unwrap();
        let ids: Vec<i64> = found.alerts.iter().map(|alert| alert.incident.id.0).collect();
        (ids, found.total, found.open)
    };
    assert_eq!(page(false, (0, 50)).await, (vec![3, 1, 2], 3, 2));
    assert_eq!(page(false, (1, 1)).await, (vec![1], 3, 2));
    assert_eq!(page(false, (2, 5)).await, (vec![2], 3, 2));
    assert_eq!(page(false, (9, 5)).await, (vec![], 3, 2));
    assert_eq!(page(true, (0, 50)).await, (vec![3, 1], 2, 2));
    let found = desk.temp.incidents().page(true, (1, 1)).await.unwrap();
    assert_eq!((found.alerts[0].affected, found.alerts[0].incident.affected.len()), (30, 20));
    assert_eq!(desk.temp.incidents().affected(IncidentId(1)).await.unwrap().len(), 30);
}

#[tokio::test]
async fn of_a_device_is_open_what_it_has_and_what_hides_it_until_that_is_over() {
    let desk = Desk::open(3, Severity::Info).await;
    let (parent, child, other) = (desk.devices[0], desk.devices[1], desk.devices[2]);
    desk.record(&[goes(parent, State::Up, State::Down, 0), hidden(child, parent, 1)]).await;
    desk.record(&[goes(other, State::Up, State::Degraded, 2), goes(other, State::Degraded, State::Down, 3)])
        .await;
    let open = async |device| {
        let found = desk.temp.incidents().open_of(device).await.unwrap();
        found.into_iter().map(|incident| (incident.device, incident.kind)).collect::<Vec<_>>()
    };
    let outage = |device| (Some(device), IncidentKind::Down);
    assert_eq!(open(parent).await, [outage(parent)]);
    assert_eq!(open(child).await, [outage(parent)]);
    assert_eq!(open(other).await, [outage(other)]);
    assert!(open(DeviceId(99)).await.is_empty());
    desk.record(&[goes(parent, State::Down, State::Up, 60), goes(child, State::Unknown, State::Up, 61)])
        .await;
    assert_eq!((open(parent).await, open(child).await), (vec![], vec![]));
}

#[tokio::test]
async fn what_is_hidden_seen_and_hidden_again_in_one_batch_is_hidden_once_and_free_when_it_is_over() {
    let desk = Desk::open(2, Severity::Info).await;
    let (parent, child) = (desk.devices[0], desk.devices[1]);
    desk.record(&[goes(parent, State::Up, State::Down, 0)]).await;
    let seen = |second| goes(child, State::Unknown, State::Up, second);
    desk.record(&[hidden(child, parent, 1), seen(2), hidden(child, parent, 3), hidden(child, parent, 4)])
        .await;
    let affected =
        async || desk.temp.incidents().list(true, (0, 1)).await.unwrap().incidents.remove(0).affected;
    let now = affected().await;
    assert_eq!((now.len(), now[0].since, now[0].until), (1, Timestamp(BEGIN + 4_000), None));
    desk.record(&[hidden(child, parent, 5), seen(6)]).await;
    assert_eq!(affected().await[0].until, Some(Timestamp(BEGIN + 6_000)));
}

#[tokio::test]
async fn a_storm_is_told_together() {
    let desk = Desk::open(60, Severity::Info).await;
    for (second, id) in desk.devices.iter().enumerate() {
        desk.record(&[goes(*id, State::Up, State::Down, i64::try_from(second).unwrap())]).await;
    }
    desk.tell_all().await;
    let got = desk.got();
    assert!(got.len() <= 3, "{got:?}");
    assert!(got.iter().any(|id| id.starts_with("incidents-")), "{got:?}");
    let last = desk.receiver.bodies.lock().last().cloned().unwrap();
    assert!(last["title"].as_str().unwrap().contains("outages"), "{last}");
}

fn busy(device: DeviceId, second: i64, percent: f64) -> Sampled {
    let sample =
        Sample { measure: Measure::CpuLoad, subject: String::new(), value: Reading::Number(percent) };
    Sampled { device, at: Timestamp(BEGIN + second * 1_000), sample }
}

fn rule(enabled: bool) -> RuleDraft {
    RuleDraft {
        name: "busy".to_owned(),
        enabled,
        severity: Severity::Warning,
        about: About::Number(Condition::new(Measure::CpuLoad, Side::Above, 90.0)),
        scope: RuleScope::default(),
        for_s: 60,
        cool_down_s: 0,
    }
}

#[tokio::test]
async fn a_number_that_crosses_a_rule_is_told_with_the_reason_and_so_is_its_return() {
    let desk = Desk::open(1, Severity::Warning).await;
    let id = desk.devices[0];
    let made = desk.temp.rules().create(&rule(true)).await.unwrap();
    for (second, percent) in [(0, 95.0), (30, 97.0), (60, 99.0), (90, 99.0), (120, 10.0), (150, 10.0)] {
        desk.recorder.append(&[], &[busy(id, second, percent)]).await.unwrap();
        // A start in between tells nothing twice.
        if second == 90 {
            assert_eq!(desk.temp.rules().open().await.unwrap(), [(made.id, id, String::new())]);
            desk.recorder.rules_changed();
        }
    }
    desk.tell_all().await;
    assert_eq!(desk.got(), ["incident-1-opened", "incident-1-closed"]);
    let body = desk.receiver.bodies.lock()[0].clone();
    let crossing = &body["incident"]["crossing"];
    assert_eq!(
        (&crossing["rule"], &crossing["value"], &crossing["limit"]),
        (&"busy".into(), &99.0.into(), &90.0.into())
    );
    assert!(body["title"].as_str().unwrap().contains("99"), "{body}");
}

#[tokio::test]
async fn what_nothing_will_ever_end_is_closed_once_and_that_is_told_once() {
    let desk = Desk::open(2, Severity::Info).await;
    let made = desk.temp.rules().create(&rule(true)).await.unwrap();
    for second in [0, 60] {
        let samples = [busy(desk.devices[0], second, 99.0), busy(desk.devices[1], second, 99.0)];
        desk.recorder.append(&[], &samples).await.unwrap();
    }
    desk.record(&[goes(desk.devices[1], State::Up, State::Down, 70)]).await;
    desk.temp.devices().remove(desk.devices[1]).await.unwrap();
    desk.tell_all().await;
    let told = desk.got().len();
    let open = async || desk.temp.incidents().list(true, (0, 10)).await.unwrap().total;
    assert_eq!(open().await, 1);
    desk.temp.rules().update(made.id, &rule(false)).await.unwrap();
    desk.recorder.rules_changed();
    assert_eq!(open().await, 0);
    desk.recorder.append(&[], &[busy(desk.devices[0], 90, 99.0)]).await.unwrap();
    desk.tell_all().await;
    assert_eq!(desk.got().len(), told + 1);
    assert_eq!(desk.got().last().map(String::as_str), Some("incident-1-closed"));
}

#[tokio::test]
async fn outages_that_come_one_by_one_are_told_together_from_the_twentieth_of_a_minute_on() {
    let desk = Desk::open(60, Severity::Info).await;
    for (second, id) in desk.devices.iter().enumerate() {
        desk.record(&[goes(*id, State::Up, State::Down, i64::try_from(second).unwrap())]).await;
        desk.courier.deliver(desk.channel).await.unwrap();
        desk.temp.clock.forward(900);
    }
    desk.tell_all().await;
    let (alone, together): (Vec<_>, Vec<_>) =
        desk.got().into_iter().partition(|id| id.starts_with("incident-"));
    assert!(alone.len() == 19 && together.len() <= 10, "{alone:?} {together:?}");
}

#[tokio::test]
async fn what_waited_for_longer_than_a_day_is_given_up_and_not_told() {
    let desk = Desk::open(1, Severity::Info).await;
    desk.record(&[goes(desk.devices[0], State::Up, State::Down, 0)]).await;
    desk.temp.clock.forward(25 * 3_600_000);
    desk.tell_all().await;
    assert!(desk.got().is_empty());
    assert_eq!(desk.temp.channels().list().await.unwrap().remove(0).health.given_up, 1);
}

#[tokio::test]
async fn pausing_a_device_withdraws_what_a_rule_had_to_say_of_it_and_resuming_begins_anew() {
    let desk = Desk::open(1, Severity::Info).await;
    let id = desk.devices[0];
    desk.temp.rules().create(&rule(true)).await.unwrap();
    let measure = async |second| desk.recorder.append(&[], &[busy(id, second, 99.0)]).await.unwrap();
    measure(0).await;
    measure(60).await;
    let open = async || desk.temp.incidents().list(true, (0, 10)).await.unwrap().total;
    assert_eq!(open().await, 1);
    desk.record(&[goes(id, State::Up, State::Paused, 70)]).await;
    assert_eq!(open().await, 0);
    measure(100).await;
    assert_eq!(open().await, 1, "it still is where it must not be");
}

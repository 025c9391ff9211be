//! Devices at one address, and a monitor that is cut off.

use super::*;
use engine::Reach;

/// Devices at one address, the first so many of the desk's.
pub async fn share(desk: &Desk, count: usize) {
    for (number, id) in desk.devices[..count].iter().enumerate() {
        let draft = DeviceDraft { address: "198.51.100.7".to_owned(), ..draft(number) };
        desk.temp.devices().update(*id, draft, &desk.temp.vault).await.unwrap();
    }
}

#[tokio::test]
async fn a_channel_whose_secret_cannot_be_opened_says_so_and_tells_once_it_is_entered_again() {
    let desk = Desk::open(1, Severity::Info).await;
    let other = tempfile::tempdir().unwrap();
    let stranger = crate::vault::Vault::open_file(&other.path().join("secret.key")).unwrap();
    let url = desk.receiver.start().await;
    let mut draft = ChannelDraft {
        name: "locked".to_owned(),
        kind: ChannelKind::Webhook,
        enabled: true,
        language: "en".to_owned(),
        severity: Severity::Info,
        settings: Settings::from(BTreeMap::from([("url".to_owned(), url)])),
        secrets: BTreeMap::from([("secret".to_owned(), Some("between us".to_owned()))]),
    };
    let locked = desk.temp.channels().create(&draft, &stranger).await.unwrap();
    let opened = desk.temp.channels().open(locked, &desk.temp.vault).await.unwrap();
    assert!(opened.trouble.is_some_and(|why| why.contains("enter them again")));
    desk.record(&[goes(desk.devices[0], State::Up, State::Down, 0)]).await;
    desk.courier.deliver(locked).await.unwrap();
    let health = async || {
        let all = desk.temp.channels().list().await.unwrap();
        all.into_iter().find(|channel| channel.id == locked).unwrap().health
    };
    assert!(health().await.failure.is_some_and(|why| why.contains("enter them again")));
    assert_eq!((health().await.waiting, health().await.given_up), (1, 0));
    draft.secrets = BTreeMap::from([("secret".to_owned(), Some("anew".to_owned()))]);
    desk.temp.channels().update(locked, &draft, &desk.temp.vault).await.unwrap();
    desk.courier.deliver(locked).await.unwrap();
    assert_eq!((desk.got(), health().await.failure), (vec!["incident-1-opened".to_owned()], None));
}

fn titles(desk: &Desk) -> Vec<String> {
    let bodies = desk.receiver.bodies.lock();
    bodies.iter().map(|body| body["title"].as_str().unwrap().to_owned()).collect()
}

async fn open(desk: &Desk) -> Vec<Incident> {
    desk.temp.incidents().list(true, (0, 10)).await.unwrap().incidents
}

fn down(desk: &Desk, devices: std::ops::Range<usize>, second: i64) -> Vec<Outcome> {
    desk.devices[devices].iter().map(|id| goes(*id, State::Up, State::Down, second)).collect()
}

fn up(desk: &Desk, devices: std::ops::Range<usize>, second: i64) -> Vec<Outcome> {
    desk.devices[devices].iter().map(|id| goes(*id, State::Down, State::Up, second)).collect()
}

#[tokio::test]
async fn nine_tunnels_on_one_host_are_one_incident_and_one_message_that_lists_them_all() {
    let desk = Desk::open(10, Severity::Info).await;
    share(&desk, 9).await;
    // They are found out about one after the other, and somebody else goes down meanwhile.
    desk.record(&down(&desk, 0..1, 0)).await;
    desk.record(&down(&desk, 9..10, 1)).await;
    desk.record(&down(&desk, 1..9, 3)).await;
    desk.tell_all().await;
    assert_eq!(desk.got(), ["incident-1-opened", "incident-2-opened"]);
    assert_eq!(titles(&desk), ["🔴 9 devices at 198.51.100.7 are down", "🔴 d0009 is down"]);
    let body = desk.receiver.bodies.lock()[0].clone();
    let text = body["body"].as_str().unwrap_or_default();
    assert!(text.contains("d0000, d0001, d0002"), "{body}");
    assert_eq!(open(&desk).await.len(), 2);

    // All of them come back, one batch after the other.
    desk.record(&up(&desk, 0..4, 60)).await;
    desk.record(&up(&desk, 4..9, 65)).await;
    desk.tell_all().await;
    assert_eq!(desk.got().last().unwrap(), "incident-1-closed");
    assert_eq!(titles(&desk).last().unwrap(), "🟢 9 devices at 198.51.100.7 are up again, after 1min");
    assert_eq!(open(&desk).await.len(), 1);
}

#[tokio::test]
async fn those_that_do_not_come_back_with_the_others_are_told_once_by_name() {
    let desk = Desk::open(4, Severity::Info).await;
    share(&desk, 4).await;
    desk.record(&down(&desk, 0..4, 0)).await;
    desk.tell_all().await;
    desk.record(&up(&desk, 0..3, 60)).await;
    assert!(!desk.temp.incidents().look().await.unwrap(), "the last may follow soon");
    assert_eq!(open(&desk).await[0].together, Some(Together { devices: 4, down: 1 }));
    desk.temp.clock.forward(61_000);
    assert!(desk.temp.incidents().look().await.unwrap());
    assert!(!desk.temp.incidents().look().await.unwrap(), "once");
    desk.tell_all().await;
    let body = desk.receiver.bodies.lock().last().unwrap().clone();
    assert_eq!(body["title"], "🟡 198.51.100.7: 3 of 4 devices are up again, these are not");
    assert!(!body.to_string().contains("d0000, d0001"), "{body}");
    desk.record(&up(&desk, 3..4, 600)).await;
    desk.tell_all().await;
    assert_eq!(desk.got(), ["incident-1-opened", "incident-1-partly", "incident-1-closed"]);
}

#[tokio::test]
async fn one_that_goes_down_after_the_message_went_out_is_told_by_name() {
    let desk = Desk::open(3, Severity::Info).await;
    share(&desk, 3).await;
    desk.record(&down(&desk, 0..2, 0)).await;
    desk.tell_all().await;
    desk.record(&down(&desk, 2..3, 30)).await;
    desk.tell_all().await;
    assert_eq!(desk.got(), ["incident-1-opened", "incident-2-opened"]);
    assert_eq!(titles(&desk)[1], "🔴 d0002 is down");
    desk.record(&up(&desk, 0..3, 60)).await;
    desk.tell_all().await;
    assert!(open(&desk).await.is_empty());
    assert_eq!(desk.got().len(), 4);
}

#[tokio::test]
async fn one_that_is_down_again_before_it_was_told_that_it_is_back_is_not_told_to_be_back() {
    let desk = Desk::open(2, Severity::Info).await;
    share(&desk, 2).await;
    desk.record(&down(&desk, 0..2, 0)).await;
    desk.tell_all().await;
    desk.record(&up(&desk, 0..1, 60)).await;
    desk.record(&down(&desk, 0..1, 70)).await;
    desk.temp.clock.forward(61_000);
    desk.temp.incidents().look().await.unwrap();
    desk.tell_all().await;
    assert_eq!(desk.got(), ["incident-1-opened"]);
    // The next time it is back counts anew.
    desk.record(&up(&desk, 0..1, 200)).await;
    desk.temp.clock.forward(61_000);
    assert!(desk.temp.incidents().look().await.unwrap());
    desk.tell_all().await;
    assert_eq!(desk.got(), ["incident-1-opened", "incident-1-partly"]);
}

#[tokio::test]
async fn what_goes_down_there_much_later_is_another_outage_and_what_flaps_is_the_same() {
    let desk = Desk::open(3, Severity::Info).await;
    share(&desk, 3).await;
    desk.record(&down(&desk, 0..2, 0)).await;
    desk.record(&up(&desk, 0..1, 400)).await;
    desk.record(&down(&desk, 0..1, 500)).await;
    assert_eq!(open(&desk).await.len(), 1, "it was a part of it");
    desk.record(&down(&desk, 2..3, 900)).await;
    assert_eq!(open(&desk).await.len(), 2);
    desk.record(&up(&desk, 0..3, 1_000)).await;
    assert!(open(&desk).await.is_empty());
}

#[tokio::test]
async fn one_of_several_that_is_removed_or_paused_leaves_the_others_and_the_last_ends_it() {
    let desk = Desk::open(3, Severity::Info).await;
    share(&desk, 3).await;
    desk.record(&down(&desk, 0..3, 0)).await;
    desk.temp.devices().remove(desk.devices[0]).await.unwrap();
    assert_eq!(open(&desk).await.len(), 1, "two of them are down");
    desk.record(&[goes(desk.devices[1], State::Down, State::Paused, 10)]).await;
    assert_eq!(open(&desk).await[0].together, Some(Together { devices: 2, down: 1 }));
    desk.temp.devices().remove(desk.devices[2]).await.unwrap();
    assert!(open(&desk).await.is_empty());
}

#[tokio::test]
async fn a_monitor_that_is_cut_off_is_said_once_and_so_is_its_return_also_across_a_start() {
    let mut desk = Desk::open(2, Severity::Info).await;
    let news = |reach, second: i64| {
        let at = Timestamp(BEGIN + second * 1_000);
        Outcome { at, reach: Some(reach), ..Outcome::default() }
    };
    let since = Timestamp(BEGIN);
    // Nothing was known to be wrong.
    desk.record(&[news(Reach::Restored, 0)]).await;
    desk.record(&[news(Reach::CutOff { since }, 8)]).await;
    desk.record(&[news(Reach::CutOff { since }, 9)]).await;
    assert_eq!(desk.temp.incidents().cut_off_since().await.unwrap(), Some(since));
    let fleet = Fleet::new(desk.temp.clock.clone());
    desk.recorder = Recorder::open(desk.temp.store.clone(), fleet, desk.temp.clock.clone(), Arc::default())
        .await
        .unwrap();
    desk.record(&[news(Reach::Restored, 300)]).await;
    desk.tell_all().await;
    assert_eq!(desk.got(), ["incident-1-opened", "incident-1-closed"]);
    let bodies = desk.receiver.bodies.lock().clone();
    assert_eq!(bodies[0]["incident"]["kind"], "cut_off");
    assert_eq!(titles(&desk)[1], "🟢 The monitor sees again, after 5min");
    assert!(bodies[1].to_string().contains("It was cut off from 20"), "{}", bodies[1]);
    assert_eq!(desk.temp.incidents().cut_off_since().await.unwrap(), None);
}

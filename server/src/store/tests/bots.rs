//! Who may speak to a bot, that what was said is done once, and that reports are written once.

use super::*;
use crate::store::entity::incident;
use sea_orm::{EntityTrait, Set};

const BOT: &str = "123@api.telegram.org";
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

fn mark(update: i64) -> Mark<'static> {
    Mark { bot: BOT, update }
}

fn person(person: i64) -> Newcomer<'static> {
    Newcomer { person, called: "@ani", bot_called: "@our_bot" }
}

async fn account(temp: &Temp, name: &str, role: Role) -> User {
    temp.store.users().create(name, role, "hash".to_owned()).await.unwrap()
}

async fn offer(temp: &Temp, user: &User, hash: &str) {
    let until = Timestamp(temp.clock.now().0 + 10 * MINUTE_MS);
    temp.store.bots().offer(user.id, hash, ("id", until)).await.unwrap();
}

async fn bound(temp: &Temp, user: &User, update: i64, of: i64) -> Bound {
    let hash = format!("hash {update}");
    offer(temp, user, &hash).await;
    match temp.store.bots().bind(mark(update), &hash, person(of)).await.unwrap() {
        Heard::Done(bound) => bound,
        other => panic!("{other:?}"),
    }
}

async fn incident(temp: &Temp, device: &str) -> IncidentId {
    let row = incident::ActiveModel {
        device: Set(device.to_owned()),
        address: Set("192.0.2.1".to_owned()),
        kind: Set("down".to_owned()),
        severity: Set("critical".to_owned()),
        opened_at: Set(1),
        told_at: Set(1),
        ..Default::default()
    };
    let transaction = temp.store.begin().await.unwrap();
    let id = incident::Entity::insert(row).exec(&transaction).await.unwrap().last_insert_id;
    transaction.commit().await.unwrap();
    IncidentId(id)
}

#[tokio::test]
async fn a_code_binds_one_person_once_and_not_for_long() {
    let temp = Store::open_temp().await;
    let (bots, ani) = (temp.store.bots(), account(&temp, "ani", Role::Admin).await);
    assert!(!bots.is_wanted(BOT).await.unwrap());
    offer(&temp, &ani, "first").await;
    offer(&temp, &ani, "second").await;
    assert!(bots.is_wanted(BOT).await.unwrap());
    assert_eq!(bots.bind(mark(1), "first", person(7)).await.unwrap(), Heard::Refused, "a newer one counts");
    let Heard::Done(done) = bots.bind(mark(2), "second", person(7)).await.unwrap() else { panic!() };
    assert_eq!((done.user.id, done.language.as_str()), (ani.id, "id"));
    assert_eq!(bots.bind(mark(2), "second", person(8)).await.unwrap(), Heard::Before);
    assert_eq!(bots.bind(mark(3), "second", person(8)).await.unwrap(), Heard::Refused, "it was used");

    offer(&temp, &ani, "late").await;
    temp.clock.forward(10 * MINUTE_MS);
    assert_eq!(bots.bind(mark(4), "late", person(8)).await.unwrap(), Heard::Refused);
    assert_eq!(bots.bound(BOT, 7).await.unwrap(), Some(done.clone()));
    assert_eq!(bots.bound("456@api.telegram.org", 7).await.unwrap(), None, "another bot");
    let listed = bots.bindings(Some(ani.id)).await.unwrap();
    assert_eq!((listed.len(), listed[0].called.as_str(), listed[0].bot.as_str()), (1, "@ani", "@our_bot"));
    let told = temp.store.audit().list(&Wanted { limit: 1, ..Wanted::default() }).await.unwrap();
    assert_eq!(
        (told[0].act.as_str(), told[0].who.as_str(), told[0].via.as_str()),
        ("chat_bound", "ani", "telegram")
    );
    assert!(told[0].detail.as_ref().unwrap().contains("(7)"));
}

#[tokio::test]
async fn who_is_disabled_removed_or_unbound_speaks_no_more_and_a_new_role_counts_at_once() {
    let temp = Store::open_temp().await;
    let (bots, users) = (temp.store.bots(), temp.store.users());
    account(&temp, "root", Role::Admin).await;
    let ani = account(&temp, "ani", Role::Admin).await;
    let one = bound(&temp, &ani, 1, 7).await;
    incident(&temp, "edge").await;

    users.update(ani.id, Role::Viewer, true).await.unwrap();
    let refused = bots.acknowledge(mark(2), &one, (&Which::All, 7)).await.unwrap();
    assert_eq!(refused, Heard::Refused, "whoever was an admin a moment ago");
    assert_eq!(bots.acknowledge(mark(2), &one, (&Which::All, 7)).await.unwrap(), Heard::Before);
    users.update(ani.id, Role::Admin, false).await.unwrap();
    assert_eq!(bots.bound(BOT, 7).await.unwrap(), None);
    assert_eq!(bots.acknowledge(mark(3), &one, (&Which::All, 7)).await.unwrap(), Heard::Refused);
    users.update(ani.id, Role::Admin, true).await.unwrap();
    assert!(bots.bound(BOT, 7).await.unwrap().is_some());

    let bert = account(&temp, "bert", Role::Viewer).await;
    assert!(bots.unbind(one.id, Some(bert.id)).await.is_err(), "somebody else's");
    bots.unbind(one.id, Some(ani.id)).await.unwrap();
    assert_eq!(bots.bound(BOT, 7).await.unwrap(), None);
    bound(&temp, &ani, 4, 7).await;
    users.remove(ani.id).await.unwrap();
    assert_eq!(bots.bound(BOT, 7).await.unwrap(), None);
    assert_eq!(bots.bindings(None).await.unwrap(), []);
}

#[tokio::test]
async fn a_new_password_ends_who_speaks_and_every_code_and_a_disabled_account_s_code_ends_too() {
    let temp = Store::open_temp().await;
    let (bots, users) = (temp.store.bots(), temp.store.users());
    account(&temp, "root", Role::Admin).await;
    let ani = account(&temp, "ani", Role::Admin).await;
    bound(&temp, &ani, 1, 7).await;
    offer(&temp, &ani, "offered").await;
    users.set_password(ani.id, "new".to_owned(), None).await.unwrap();
    assert_eq!(bots.bound(BOT, 7).await.unwrap(), None);
    assert_eq!(bots.bind(mark(2), "offered", person(8)).await.unwrap(), Heard::Refused);
    offer(&temp, &ani, "again").await;
    users.update(ani.id, Role::Admin, false).await.unwrap();
    users.update(ani.id, Role::Admin, true).await.unwrap();
    assert_eq!(bots.bind(mark(3), "again", person(8)).await.unwrap(), Heard::Refused);
}

#[tokio::test]
async fn an_admin_silences_once_however_often_it_is_heard_and_others_do_not() {
    let temp = Store::open_temp().await;
    let (bots, users) = (temp.store.bots(), temp.store.users());
    account(&temp, "root", Role::Admin).await;
    let ani = account(&temp, "ani", Role::Admin).await;
    let one = bound(&temp, &ani, 1, 7).await;
    let live = async || temp.store.quiets().live().await.unwrap().len();
    assert_eq!(bots.mute(mark(2), &one, (60, None)).await.unwrap(), Heard::Done(()));
    assert_eq!(bots.mute(mark(2), &one, (60, None)).await.unwrap(), Heard::Before);
    assert_eq!(bots.mute(mark(3), &one, (1, Some("edge"))).await.unwrap(), Heard::Done(()));
    assert_eq!(live().await, 2);
    users.update(ani.id, Role::Viewer, true).await.unwrap();
    assert_eq!(bots.mute(mark(4), &one, (60, None)).await.unwrap(), Heard::Refused);
    assert_eq!(live().await, 2);
    temp.clock.forward(60 * MINUTE_MS);
    assert_eq!(live().await, 0);
}

#[tokio::test]
async fn one_person_speaks_for_one_account_and_an_account_has_ten_at_most() {
    let temp = Store::open_temp().await;
    let (ani, bert) = (account(&temp, "ani", Role::Admin).await, account(&temp, "bert", Role::Viewer).await);
    bound(&temp, &ani, 1, 7).await;
    bound(&temp, &bert, 2, 7).await;
    assert_eq!(temp.store.bots().bound(BOT, 7).await.unwrap().unwrap().user.id, bert.id);
    for of in 100..110 {
        bound(&temp, &ani, of, of).await;
    }
    let until = Timestamp(temp.clock.now().0 + 1);
    assert_eq!(refused(temp.store.bots().offer(ani.id, "more", ("en", until)).await), ["code"]);
}

#[tokio::test]
async fn what_was_said_is_done_once_and_numbers_may_begin_anew_after_a_week_of_silence() {
    let temp = Store::open_temp().await;
    let bots = temp.store.bots();
    assert_eq!(bots.next_update(BOT).await.unwrap(), 0);
    assert!(bots.read(mark(900), None).await.unwrap());
    assert_eq!(bots.next_update(BOT).await.unwrap(), 901);
    for (update, is_new) in [(900, false), (5, false), (901, true), (901, false), (903, true), (902, false)] {
        assert_eq!(bots.read(mark(update), None).await.unwrap(), is_new, "{update}");
    }
    temp.clock.forward(7 * DAY_MS);
    assert_eq!(bots.next_update(BOT).await.unwrap(), 0);
    assert!(bots.read(mark(17), None).await.unwrap());
    assert!(!bots.read(mark(17), None).await.unwrap());
    assert_eq!(bots.next_update(BOT).await.unwrap(), 18);
}

#[tokio::test]
async fn alerts_are_acknowledged_by_number_by_device_or_all_and_each_is_written_down() {
    let temp = Store::open_temp().await;
    let (bots, ani) = (temp.store.bots(), account(&temp, "ani", Role::Admin).await);
    let one = bound(&temp, &ani, 1, 7).await;
    let edge = incident(&temp, "edge").await;
    for name in ["core", "core", "tower"] {
        incident(&temp, name).await;
    }
    let mut update = 1;
    let mut acknowledge = async |which: Which| {
        update += 1;
        let said = bots.acknowledge(mark(update), &one, (&which, -100)).await.unwrap();
        assert_eq!(bots.acknowledge(mark(update), &one, (&Which::All, -100)).await.unwrap(), Heard::Before);
        said
    };
    let names = |names: &[&str]| Heard::Done(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    assert_eq!(acknowledge(Which::One(edge)).await, names(&["edge"]));
    assert_eq!(acknowledge(Which::One(edge)).await, names(&[]), "it was");
    assert_eq!(acknowledge(Which::Of("core".to_owned())).await, names(&["core", "core"]));
    assert_eq!(acknowledge(Which::Of("Core".to_owned())).await, names(&[]));
    assert_eq!(acknowledge(Which::All).await, names(&["tower"]));
    assert_eq!(temp.store.incidents().open().await.unwrap(), (4, 0));
    let wanted = Wanted { act: Some(Act::IncidentAcknowledged), limit: 9, ..Wanted::default() };
    let told = temp.store.audit().list(&wanted).await.unwrap();
    assert_eq!(told.len(), 4);
    assert!(told.iter().all(|entry| entry.detail.as_deref() == Some("Telegram chat -100")));
}

fn summary(to: i64) -> Summary {
    Summary {
        from: Timestamp(to - 1),
        to: Timestamp(to),
        counts: Counts { up: 1, ..Counts::default() },
        down: Vec::new(),
        down_total: 0,
        worst: vec![Worst { name: "edge".to_owned(), uptime: 0.999, down_ms: 7, outages: 1 }],
        outages: 1,
        busiest: Vec::new(),
        open: 0,
        unseen: 0,
        reconnects: Vec::new(),
    }
}

async fn channel(temp: &Temp, name: &str, enabled: bool) -> ChannelId {
    let draft = ChannelDraft {
        name: name.to_owned(),
        kind: ChannelKind::Webhook,
        enabled,
        language: "en".to_owned(),
        severity: Severity::Info,
        settings: Settings::new(),
        secrets: Default::default(),
    };
    temp.store.channels().create(&draft, &temp.vault).await.unwrap()
}

#[tokio::test]
async fn a_period_is_reported_once_to_the_chosen_channels_that_are_on() {
    let temp = Store::open_temp().await;
    let reports = temp.store.reports();
    assert_eq!(reports.plan().await.unwrap(), ReportPlan { hours: 6, channels: Vec::new() });
    let (on, off) = (channel(&temp, "on", true).await, channel(&temp, "off", false).await);
    channel(&temp, "not chosen", true).await;
    let plan = ReportPlan { hours: 12, channels: vec![on, off, ChannelId(77)] };
    reports.set_plan(&plan).await.unwrap();
    assert_eq!(reports.plan().await.unwrap(), ReportPlan { hours: 12, channels: vec![on, off] });

    assert!(reports.write(&summary(1_000)).await.unwrap());
    assert!(!reports.write(&summary(1_000)).await.unwrap(), "once");
    assert!(!reports.write(&summary(999)).await.unwrap(), "and not for what was before");
    assert_eq!(reports.told().await.unwrap(), Some(Timestamp(1_000)));
    let due: Vec<_> = reports.due().await.unwrap().into_keys().collect();
    assert_eq!(due, [on]);
    let first = reports.head(on).await.unwrap().unwrap();
    assert_eq!((&first.summary, first.attempts), (&summary(1_000), 0));

    let later = Came::Later { at: Timestamp(temp.clock.now().0 + 5), why: "busy".to_owned() };
    reports.settle(first.id, &later).await.unwrap();
    let again = reports.head(on).await.unwrap().unwrap();
    assert_eq!((again.id, again.attempts, again.due_at.0), (first.id, 1, temp.clock.now().0 + 5));
    reports.settle(first.id, &Came::Sent).await.unwrap();
    assert_eq!((reports.head(on).await.unwrap(), reports.due().await.unwrap().len()), (None, 0));

    // Even where it is not known any more that it was.
    reports.pass_over(Timestamp(10)).await.unwrap();
    assert!(!reports.write(&summary(1_000)).await.unwrap());
    temp.store.channels().remove(on).await.unwrap();
    assert_eq!(reports.plan().await.unwrap().channels, [off]);
}

#[tokio::test]
async fn what_is_over_is_forgotten_after_a_month_and_what_waits_is_not() {
    let temp = Store::open_temp().await;
    let reports = temp.store.reports();
    let on = channel(&temp, "on", true).await;
    reports.set_plan(&ReportPlan { hours: 6, channels: vec![on] }).await.unwrap();
    for to in [1, 2] {
        reports.write(&summary(to)).await.unwrap();
    }
    let first = reports.head(on).await.unwrap().unwrap();
    reports.settle(first.id, &Came::Sent).await.unwrap();
    temp.clock.forward(31 * DAY_MS);
    reports.write(&summary(3)).await.unwrap();
    let left = crate::store::entity::report::Entity::find().all(temp.store.reader()).await.unwrap();
    assert_eq!(left.iter().map(|row| row.period_to).collect::<Vec<_>>(), [2, 3]);
}

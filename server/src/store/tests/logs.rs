//! Lines of routers' logs: kept once, found in every way, forgotten when they are old or many.

use super::*;
use crate::store::{
    logs::{FORGET_MAX, NewLine},
    temp::cut_short,
};
use engine::log::Line;
use std::collections::BTreeSet;

fn line(device: DeviceId, at: i64, level: LogLevel, (topics, message): (&str, &str)) -> NewLine {
    let topics = topics.split(',').map(str::to_owned).collect();
    let line = Line { at: Timestamp(at), level, topics, message: message.to_owned(), is_after_gap: at == 30 };
    NewLine { device, way: if at == 40 { LogWay::Syslog } else { LogWay::Api }, line }
}

/// Two routers with three lines each.
async fn two_routers(temp: &Temp) -> [DeviceId; 2] {
    let edge = temp.devices().create(router("edge"), &temp.vault).await.unwrap().id;
    let core = temp.devices().create(router("core"), &temp.vault).await.unwrap().id;
    let lines = [
        line(edge, 10, LogLevel::Info, ("system,account", "user admin logged in from 192.0.2.7 via winbox")),
        line(edge, 30, LogLevel::Critical, ("system", "Login Failure for user 100%_x!")),
        line(edge, 50, LogLevel::Warning, ("dhcp", "нет адресов")),
        line(core, 20, LogLevel::Debug, ("dhcp,packet", "discover")),
        line(core, 40, LogLevel::Error, ("interface", "ether1 link down")),
        line(core, 50, LogLevel::Info, ("interface", "ether1 link up")),
    ];
    temp.logs().write(&lines, &[(edge, vec![1, 2, u64::MAX]), (core, vec![7])]).await.unwrap();
    [edge, core]
}

async fn found(temp: &Temp, wish: LogWish) -> Vec<String> {
    let found = temp.logs().search(&wish, None, 100).await.unwrap();
    assert_eq!(found.next, None);
    found.lines.into_iter().map(|line| line.message).collect()
}

#[tokio::test]
async fn lines_are_found_by_device_level_topic_words_and_time_on_every_database() {
    let temp = Store::open_temp().await;
    let [edge, core] = two_routers(&temp).await;
    let wish = LogWish::default;
    let all = found(&temp, wish()).await;
    assert_eq!(all.len(), 6);
    assert!(all[..2].contains(&"нет адресов".to_owned()) && all[5].starts_with("user admin"), "{all:?}");
    assert_eq!(found(&temp, LogWish { device: Some(core), ..wish() }).await.len(), 3);
    let level = |level| LogWish { level: Some(level), ..wish() };
    assert_eq!(
        found(&temp, level(LogLevel::Error)).await,
        ["ether1 link down", "Login Failure for user 100%_x!"]
    );
    assert_eq!(found(&temp, level(LogLevel::Debug)).await.len(), 6);
    let topics =
        |topics: &[&str]| LogWish { topics: topics.iter().map(|&t| t.to_owned()).collect(), ..wish() };
    assert_eq!(found(&temp, topics(&["dhcp"])).await, ["нет адресов", "discover"]);
    assert_eq!(found(&temp, topics(&["packet", "account"])).await.len(), 2);
    assert_eq!(found(&temp, topics(&["dhc"])).await, [""; 0]);
    let text = |text: &str| LogWish { text: Some(text.to_owned()), ..wish() };
    assert_eq!(found(&temp, text("LOGIN failure")).await.len(), 1);
    assert_eq!(found(&temp, text("100%_x!")).await.len(), 1);
    assert_eq!(found(&temp, text("%")).await.len(), 1);
    assert_eq!(found(&temp, text("нет")).await.len(), 1);
    assert_eq!(found(&temp, text("INTERFACE")).await.len(), 2, "topics are words too");
    let between = LogWish { from: Some(Timestamp(20)), to: Some(Timestamp(40)), ..wish() };
    assert_eq!(found(&temp, between).await, ["Login Failure for user 100%_x!", "discover"]);
    let only = temp.logs().search(&wish(), Some(&[edge]), 100).await.unwrap();
    assert!(only.lines.len() == 3 && only.lines.iter().all(|line| line.device == edge));
    assert_eq!(temp.logs().search(&wish(), Some(&[]), 100).await.unwrap().lines, []);
    let gap: Vec<_> = only.lines.iter().map(|line| line.is_after_gap).collect();
    assert_eq!(gap, [false, true, false]);
}

#[tokio::test]
async fn what_was_dropped_is_read_back_with_its_count_and_reason_and_is_no_line_that_was_sent() {
    let temp = Store::open_temp().await;
    let [edge, core] = two_routers(&temp).await;
    for why in [LossCause::TooMany, LossCause::NoRoom] {
        let loss = LogLoss { lines: 1_936, why };
        let mut new = line(edge, 60, LogLevel::Warning, ("", &loss.to_string()));
        new.way = LogWay::Dropped(loss);
        temp.logs().write(&[new], &[]).await.unwrap();
        let read = temp.logs().search(&LogWish::default(), None, 1).await.unwrap();
        assert_eq!(read.lines[0].way, LogWay::Dropped(loss));
    }
    let sent = temp.logs().sent_last(100).await.unwrap();
    assert_eq!(sent.iter().map(|line| line.device).collect::<Vec<_>>(), [core]);
}

#[tokio::test]
async fn a_list_goes_on_where_it_ended_and_what_is_new_is_told_apart() {
    let temp = Store::open_temp().await;
    let [edge, _] = two_routers(&temp).await;
    let mut wish = LogWish::default();
    let mut ids = Vec::new();
    let newest = loop {
        let part = temp.logs().search(&wish, None, 2).await.unwrap();
        ids.extend(part.lines.iter().map(|line| line.id));
        match part.next {
            Some(next) => wish.before = Some(next),
            None => break part.newest,
        }
    };
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), ids.last()), (6, Some(&newest)));
    // By the time of its router it stands in the middle, and is new all the same.
    temp.logs().write(&[line(edge, 25, LogLevel::Info, ("script", "late"))], &[]).await.unwrap();
    let new =
        temp.logs().search(&LogWish { after: Some(newest), ..LogWish::default() }, None, 100).await.unwrap();
    assert_eq!(new.lines.iter().map(|line| line.message.as_str()).collect::<Vec<_>>(), ["late"]);
    assert!(new.newest > newest);
}

#[tokio::test]
async fn words_are_looked_for_in_so_many_lines_at_a_time_and_none_is_passed_over() {
    let temp = Store::open_temp().await;
    let id = temp.devices().create(router("edge"), &temp.vault).await.unwrap().id;
    let message = |number: i64| if number % 10 == 0 { format!("rare {number}") } else { "usual".to_owned() };
    let lines: Vec<_> = (0..100)
        .map(|number| line(id, 1_000 + number / 3, LogLevel::Info, ("script", &message(number))))
        .collect();
    temp.logs().write(&lines, &[]).await.unwrap();
    let mut wish = LogWish { text: Some("rare".to_owned()), ..LogWish::default() };
    let (mut found, mut questions) = (Vec::new(), 0);
    loop {
        let part = temp.logs().search_within((&wish, None), 100, 7).await.unwrap();
        questions += 1;
        found.extend(part.lines.into_iter().map(|line| line.message));
        let Some(next) = part.next else { break };
        wish.before = Some(next);
    }
    assert_eq!(found, (0..10).rev().map(|ten| format!("rare {}", ten * 10)).collect::<Vec<_>>());
    assert!(questions > 10, "{questions}");
}

/// Everything that is found, part after part, and how many parts that took.
async fn all_parts(temp: &Temp, wish: LogWish, devices: Option<&[DeviceId]>) -> (Vec<String>, usize) {
    let (mut wish, mut found, mut parts) = (wish, Vec::new(), 0);
    loop {
        let part = temp.logs().search_within((&wish, devices), 3, 7).await.unwrap();
        (parts, wish.before) = (parts + 1, part.next);
        assert!(part.lines.len() <= 3);
        found.extend(part.lines.into_iter().map(|line| line.message));
        if wish.before.is_none() {
            return (found, parts);
        }
    }
}

#[tokio::test]
async fn whatever_is_wished_for_only_a_part_is_looked_at_at_a_time_and_nothing_is_passed_over() {
    let temp = Store::open_temp().await;
    let mut routers = Vec::new();
    for number in 0..12 {
        routers.push(temp.devices().create(router(&format!("r{number}")), &temp.vault).await.unwrap().id);
    }
    let level = |number: i64| if number % 25 == 0 { LogLevel::Critical } else { LogLevel::Info };
    let new = |number: i64| {
        let device = routers[usize::try_from(number).unwrap() % routers.len()];
        line(device, 1_000 + number / 3, level(number), ("script", &number.to_string()))
    };
    temp.logs().write(&(0..120).map(new).collect::<Vec<_>>(), &[]).await.unwrap();
    let critical = LogWish { level: Some(LogLevel::Critical), ..LogWish::default() };
    let every = |step: usize, first: usize| -> Vec<String> {
        (first..120).step_by(step).map(|number| number.to_string()).rev().collect()
    };
    let (found, _) = all_parts(&temp, critical.clone(), None).await;
    assert_eq!(found, every(25, 0));
    for after in [Some(0), None] {
        let wish = LogWish { after, ..critical.clone() };
        let (found, parts) = all_parts(&temp, LogWish { text: Some("0".into()), ..wish }, None).await;
        assert_eq!(found, ["100", "50", "0"], "{after:?}");
        assert!(after.is_none() || parts > 10, "{parts}");
        let wish = LogWish { after, ..LogWish::default() };
        let (found, parts) = all_parts(&temp, wish.clone(), Some(&routers[3..4])).await;
        assert_eq!(found, every(12, 3), "{after:?}");
        assert!(parts >= 4, "{parts}");
        let one = LogWish { device: Some(routers[3]), ..wish.clone() };
        assert_eq!(all_parts(&temp, one, None).await.0, every(12, 3), "{after:?}");
        let (found, parts) = all_parts(&temp, wish.clone(), Some(&routers[..11])).await;
        assert_eq!((found.len(), found.first().unwrap().as_str()), (110, "118"), "{after:?}");
        assert!(parts > 30, "{parts}");
        assert_eq!(all_parts(&temp, wish, None).await.0, every(1, 0), "{after:?}");
    }
    let since =
        LogWish { after: Some(0), from: Some(Timestamp(1_030)), to: Some(Timestamp(1_031)), ..critical };
    let since = LogWish { level: None, ..since };
    assert_eq!(all_parts(&temp, since, None).await.0, ["92", "91", "90"]);
}

#[tokio::test]
async fn a_rare_word_in_a_big_table_is_looked_for_in_parts_also_among_what_is_new() {
    let temp = Store::open_temp().await;
    let id = temp.devices().create(router("edge"), &temp.vault).await.unwrap().id;
    for part in 0..51 {
        let message = |number: i64| if part + number == 0 { "rare" } else { "usual" };
        let new = |number| line(id, part * 1_000 + number, LogLevel::Info, ("script", message(number)));
        temp.logs().write(&(0..1_000).map(new).collect::<Vec<_>>(), &[]).await.unwrap();
    }
    for after in [Some(0), None] {
        let mut wish = LogWish { after, text: Some("rare".to_owned()), ..LogWish::default() };
        let part = temp.logs().search(&wish, None, 100).await.unwrap();
        assert!(part.lines.is_empty() && part.next.is_some(), "{after:?}: it walked through everything");
        wish.before = part.next;
        let part = temp.logs().search(&wish, None, 100).await.unwrap();
        assert_eq!((part.lines.len(), part.next), (1, None), "{after:?}");
    }
}

#[tokio::test]
async fn the_lines_of_a_device_that_is_to_be_removed_go_some_at_a_time() {
    let temp = Store::open_temp().await;
    let [edge, core] = two_routers(&temp).await;
    let new = |number| line(edge, number, LogLevel::Info, ("script", "one of many"));
    for part in 0..5 {
        temp.logs().write(&(part * 900..(part + 1) * 900).map(new).collect::<Vec<_>>(), &[]).await.unwrap();
    }
    let left = async || temp.logs().counts().await.unwrap().get(&edge).copied().unwrap_or_default();
    let all = left().await;
    let (mut steps, mut seen) = (1, BTreeSet::from([all]));
    while cut_short(steps, temp.logs().empty(edge)).await.is_none() {
        seen.insert(left().await);
        steps += 1;
    }
    let whole: BTreeSet<u64> = [all, all - FORGET_MAX, all - 2 * FORGET_MAX, 0].into();
    assert!(seen.is_subset(&whole) && seen.len() > 1, "{seen:?}: wherever it is cut, whole parts are gone");
    assert_eq!(temp.logs().counts().await.unwrap().into_iter().collect::<Vec<_>>(), [(core, 3)]);
    let books = temp.logs().look_up().await.unwrap().0;
    let known = [edge, core].map(|device| books[&device].known.len());
    assert_eq!(known, [0, 1], "what stays after all is read from the beginning");
}

#[tokio::test]
async fn where_a_log_was_read_to_is_kept_with_its_lines_and_the_switch_beside_it() {
    let temp = Store::open_temp().await;
    let [edge, core] = two_routers(&temp).await;
    let books = temp.logs().look_up().await.unwrap().0;
    assert_eq!((books[&edge].known.as_slice(), books[&edge].is_off), ([1, 2, u64::MAX].as_slice(), false));
    temp.logs().set_read(edge, false).await.unwrap();
    let many: Vec<u64> = (0..1_000).collect();
    temp.logs().write(&[], &[(edge, many.clone()), (DeviceId(99), vec![1])]).await.unwrap();
    let books = temp.logs().look_up().await.unwrap().0;
    assert!(books[&edge].is_off && many.ends_with(&books[&edge].known) && !books[&edge].known.is_empty());
    temp.logs().set_read(edge, true).await.unwrap();
    assert!(!temp.logs().look_up().await.unwrap().0[&edge].is_off);
    assert!(matches!(temp.logs().set_read(DeviceId(99), false).await, Err(StoreError::NotFound)));
    temp.devices().remove(core).await.unwrap();
    let orphan = line(core, 60, LogLevel::Info, ("script", "of a device that is gone"));
    temp.logs().write(&[orphan], &[(core, vec![1])]).await.unwrap();
    assert_eq!(temp.logs().counts().await.unwrap().into_iter().collect::<Vec<_>>(), [(edge, 3)]);
    assert!(!temp.logs().look_up().await.unwrap().0.contains_key(&core));
}

#[tokio::test]
async fn what_was_sent_last_is_told_as_it_was_written() {
    let temp = Store::open_temp().await;
    let [_, core] = two_routers(&temp).await;
    let sent = line(core, 40, LogLevel::Error, ("interface", "ether1 link down"));
    assert_eq!(temp.logs().sent_last(100).await.unwrap(), [sent]);
    assert_eq!(temp.logs().sent_last(1).await.unwrap(), []);
}

#[tokio::test]
async fn what_is_old_or_too_much_goes_the_oldest_first() {
    let temp = Store::open_temp().await;
    let [edge, core] = two_routers(&temp).await;
    let gone = temp.logs().forget(None, Some(Timestamp(30)), 100).await.unwrap();
    assert_eq!(gone, [edge, core]);
    assert_eq!(temp.logs().forget(Some(core), None, 1).await.unwrap(), [core]);
    assert_eq!(temp.logs().forget(None, None, 1).await.unwrap(), [edge]);
    let left = found(&temp, LogWish::default()).await;
    assert_eq!(left.len(), 2);
    assert_eq!(temp.logs().forget(Some(DeviceId(99)), None, 5).await.unwrap(), []);
}

#[tokio::test]
async fn a_batch_whose_answer_was_lost_is_known_again_by_its_last_id() {
    let temp = Store::open_temp().await;
    let id = temp.devices().create(router("edge"), &temp.vault).await.unwrap().id;
    let (mut steps, mut newest, mut kept) = (1, 0, 0);
    loop {
        let batch = [line(id, 1_000, LogLevel::Info, ("script", "a line"))];
        let answer = cut_short(steps, temp.logs().write(&batch, &[(id, vec![steps as u64])])).await;
        let (books, now) = temp.logs().look_up().await.unwrap();
        let was_written = now > newest;
        (newest, kept) = (now, kept + u64::from(was_written));
        let lines = temp.logs().counts().await.unwrap().get(&id).copied().unwrap_or_default();
        assert_eq!(lines, kept, "after {steps} steps");
        let has_read_to = books.get(&id).is_some_and(|book| book.known == [steps as u64]);
        assert_eq!(has_read_to, was_written, "after {steps} steps");
        if let Some(answer) = answer {
            assert_eq!(answer.unwrap(), now);
            break;
        }
        steps += 1;
    }
    assert!(steps > 1 && kept > 0, "it takes more than {steps} steps");
}

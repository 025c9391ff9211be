//! No line twice, none out of order, and none lost unsaid.

use super::super::follow::{Ask, Follower, Heard, Taken};
use proptest::prelude::*;
use std::collections::VecDeque;

/// What happens to a router and to us.
#[derive(Clone, Debug)]
enum Act {
    /// It writes so many lines.
    Write(usize),
    /// It starts again: its lines are gone, and it counts from one.
    Reboot,
    /// Its clock goes an hour on: summer time.
    Hour,
    /// A day begins: version 6 writes the same times otherwise.
    Day,
    Read,
    /// The answer is read and never written down.
    ReadInVain,
    /// So many of its lines are written down, and then we start again.
    ReadInPart(usize),
    /// Our program starts again with what it kept.
    Restart,
}

struct Router {
    ring: VecDeque<(u64, Heard)>,
    room: usize,
    id: u32,
    /// Counts every line it ever wrote.
    serial: u64,
    seconds: u64,
    hours: u64,
    has_dates: bool,
    /// It understands `?>.id=`.
    is_clever: bool,
}

impl Router {
    fn write(&mut self) {
        (self.id, self.serial, self.seconds) = (self.id + 1, self.serial + 1, self.seconds + 1);
        let second = self.seconds % 60;
        let minute = self.seconds / 60 % 60;
        // Routers repeat themselves.
        let message = format!("line {}", self.serial % 3);
        let line = Heard {
            id: format!("*{:X}", self.id),
            time: format!("{minute:02}:{second:02}"),
            topics: "system,info".into(),
            message,
        };
        self.ring.push_back((self.serial, line));
        if self.ring.len() > self.room {
            self.ring.pop_front();
        }
    }

    fn print(&self, ask: &Ask) -> Vec<(u64, Heard)> {
        let since = match ask {
            Ask::Since(id) if self.is_clever => u32::from_str_radix(&id[1..], 16).unwrap(),
            // It compares ids as if they were words, and finds nothing.
            Ask::Since(_) => u32::MAX,
            Ask::Whole => 0,
        };
        let shown = |(serial, line): &(u64, Heard)| {
            let date = if self.has_dates { "sep/11 " } else { "" };
            let time = format!("{date}{:02}:{}", self.hours % 24, line.time);
            (*serial, Heard { time, ..line.clone() })
        };
        let is_since = |(_, line): &&(u64, Heard)| u32::from_str_radix(&line.id[1..], 16).unwrap() > since;
        self.ring.iter().filter(is_since).map(shown).collect()
    }
}

/// What was written down: the line's serial number, and whether it says that some may be missing before it.
fn read(router: &Router, follower: &mut Follower) -> Vec<(u64, bool)> {
    marked(router, follower).0
}

/// The same, and by what each is known again.
fn marked(router: &Router, follower: &mut Follower) -> (Vec<(u64, bool)>, Vec<u64>) {
    for _ in 0..2 {
        let printed = router.print(&follower.ask());
        let rows: Vec<Heard> = printed.iter().map(|(_, line)| line.clone()).collect();
        if let Taken::New { rows, is_after_gap } = follower.take(rows) {
            let serial = |row: &Heard| printed.iter().find(|(_, line)| line == row).unwrap().0;
            let said = |(at, row): (usize, &Heard)| (serial(row), at == 0 && is_after_gap);
            let marks = rows.iter().map(Heard::identity).collect();
            return (rows.iter().enumerate().map(said).collect(), marks);
        }
    }
    panic!("asked for everything, it still wants more");
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0_usize..40).prop_map(Act::Write),
        4 => Just(Act::Read),
        1 => Just(Act::ReadInVain),
        1 => (0_usize..10).prop_map(Act::ReadInPart),
        1 => Just(Act::Reboot),
        1 => Just(Act::Restart),
        1 => Just(Act::Hour),
        1 => Just(Act::Day),
    ]
}

proptest! {
    #[test]
    fn no_line_is_taken_twice_and_none_is_lost_unsaid(
        acts in prop::collection::vec(act(), 1..60),
        room in 1_usize..30,
        is_clever in any::<bool>(),
    ) {
        let (ring, id, serial) = (VecDeque::new(), 0, 0);
        let mut router =
            Router { ring, room, id, serial, seconds: 0, hours: 10, has_dates: false, is_clever };
        let mut follower = Follower::default();
        let mut kept: Vec<(u64, bool)> = Vec::new();
        for act in acts {
            match act {
                Act::Write(lines) => (0..lines).for_each(|_| router.write()),
                Act::Reboot => {
                    router.ring.clear();
                    router.id = 0;
                }
                Act::Hour => router.hours += 1,
                Act::Day => router.has_dates = !router.has_dates,
                Act::Read => kept.extend(read(&router, &mut follower)),
                Act::ReadInVain => drop(read(&router, &mut follower.clone())),
                Act::ReadInPart(part) => {
                    let mut known = follower.known();
                    let (lines, marks) = marked(&router, &mut follower);
                    kept.extend(lines.into_iter().take(part));
                    known.extend(marks.into_iter().take(part));
                    follower = Follower::after(known);
                }
                Act::Restart => follower = Follower::after(follower.known()),
            }
        }
        kept.extend(read(&router, &mut follower));
        for pair in kept.windows(2) {
            let ((before, _), (line, says_gap)) = (pair[0], pair[1]);
            prop_assert!(before < line, "in order, and no line twice: {before} {line}");
            prop_assert!(line == before + 1 || says_gap, "lost unsaid: {before} {line}");
        }
        prop_assert_eq!(kept.last().map_or(0, |(serial, _)| *serial), router.ring.back().map_or(
            kept.last().map_or(0, |(serial, _)| *serial), |(serial, _)| *serial));
    }
}

fn line(id: u32) -> Heard {
    let time = format!("10:00:{id:02}");
    Heard { id: format!("*{id:X}"), time, topics: "system,info".into(), message: "m".into() }
}

#[test]
fn after_the_first_look_only_what_follows_is_asked_for() {
    let mut follower = Follower::default();
    assert_eq!(follower.ask(), Ask::Whole);
    follower.take(vec![line(1), line(2), line(10)]);
    assert_eq!(follower.ask(), Ask::Since("*2".into()));
    let taken = follower.take(vec![line(10), line(11)]);
    assert_eq!(taken, Taken::New { rows: vec![line(11)], is_after_gap: false });
    assert_eq!(follower.ask(), Ask::Since("*A".into()));
}

#[test]
fn a_router_that_does_not_understand_the_question_is_asked_for_everything_from_then_on() {
    let mut follower = Follower::default();
    let all = vec![line(1), line(2), line(3)];
    follower.take(all.clone());
    for _ in 0..2 {
        assert!(matches!(follower.ask(), Ask::Since(_)) && !follower.is_costly());
        assert_eq!(follower.take(Vec::new()), Taken::Unproven);
        assert_eq!(follower.ask(), Ask::Whole);
        assert_eq!(follower.take(all.clone()), Taken::New { rows: Vec::new(), is_after_gap: false });
    }
    assert!(follower.is_costly() && follower.ask() == Ask::Whole);
}

#[test]
fn an_id_that_is_none_is_not_said_back() {
    let mut follower = Follower::default();
    let odd = Heard { id: "*1\n=.tag=2".into(), ..line(2) };
    follower.take(vec![odd, line(3)]);
    assert_eq!(follower.ask(), Ask::Whole);
}

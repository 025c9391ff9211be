//! Answers beside each other: those that say the same stand together, and what differs is marked.

use model::{CommandAnswer, CommandOutcome, DeviceId};
use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

/// Devices that answered the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Of what they answered, to tell it from others.
    pub key: u64,
    pub outcome: CommandOutcome,
    /// By name.
    pub members: Vec<(DeviceId, String)>,
}

/// Lines that follow one another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    pub text: String,
    /// Whether the usual answer has no such lines.
    pub is_unusual: bool,
}

/// What failed first, then the largest; of equals, the one whose first name comes first.
pub fn groups(answers: &[CommandAnswer]) -> Vec<Group> {
    let mut found: HashMap<&CommandOutcome, Vec<(DeviceId, String)>> = HashMap::new();
    for answer in answers {
        found.entry(&answer.outcome).or_default().push((answer.device, answer.name.clone()));
    }
    let groups = found.into_iter().map(|(outcome, members)| group(key_of(outcome), outcome, members));
    sorted(groups.collect())
}

/// Every device by itself.
pub fn each(answers: &[CommandAnswer]) -> Vec<Group> {
    let alone = |answer: &CommandAnswer| {
        let key = key_of(&(answer.device, &answer.outcome));
        group(key, &answer.outcome, vec![(answer.device, answer.name.clone())])
    };
    sorted(answers.iter().map(alone).collect())
}

fn group(key: u64, outcome: &CommandOutcome, mut members: Vec<(DeviceId, String)>) -> Group {
    members.sort_by(|one, other| one.1.cmp(&other.1));
    Group { key, outcome: outcome.clone(), members }
}

fn sorted(mut groups: Vec<Group>) -> Vec<Group> {
    let names = |group: &Group| group.members.iter().map(|(_, name)| name.clone()).collect::<Vec<_>>();
    groups.sort_by_cached_key(|group| {
        (group.outcome.is_good(), std::cmp::Reverse(group.members.len()), names(group))
    });
    groups
}

fn key_of(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// What the most devices answered, if any answered: of those with code 0, or else of all.
pub fn usual(groups: &[Group]) -> Option<&str> {
    let first = |is_usual: fn(&CommandOutcome) -> bool| groups.iter().find(|group| is_usual(&group.outcome));
    first(CommandOutcome::is_good)
        .or_else(|| first(CommandOutcome::is_answer))
        .map(|group| group.outcome.output())
}

/// An answer beside the usual one, where there is one.
pub fn passages(output: &str, usual: Option<&str>) -> Vec<Passage> {
    let is_other = usual.is_some_and(|usual| output != usual);
    let known: HashSet<&str> = usual.unwrap_or_default().lines().collect();
    let mut passages: Vec<Passage> = Vec::new();
    for line in output.lines() {
        let is_unusual = is_other && !known.contains(line);
        match passages.last_mut().filter(|last| last.is_unusual == is_unusual) {
            Some(last) => {
                last.text.push('\n');
                last.text.push_str(line);
            }
            None => passages.push(Passage { text: line.to_owned(), is_unusual }),
        }
    }
    passages
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(name: &str, outcome: CommandOutcome) -> CommandAnswer {
        CommandAnswer { device: DeviceId(0), name: name.to_owned(), took_ms: 1, outcome }
    }

    fn said(output: &str) -> CommandOutcome {
        CommandOutcome::Answered { output: output.to_owned(), is_cut: false, exit_code: Some(0) }
    }

    fn names(groups: &[Group]) -> Vec<String> {
        let of =
            |group: &Group| group.members.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(" ");
        groups.iter().map(of).collect()
    }

    #[test]
    fn failures_come_first_then_those_that_said_the_same_the_most_of_them_first() {
        let failed = CommandOutcome::Failed { why: "no route".to_owned(), output: String::new() };
        let code = CommandOutcome::Answered { output: "x\ny".to_owned(), is_cut: false, exit_code: Some(1) };
        let all = [
            answer("b", said("x\ny")),
            answer("c", said("x\nz")),
            answer("d", failed),
            answer("a", said("x\ny")),
            answer("e", code),
        ];
        let grouped = groups(&all);
        assert_eq!(names(&grouped), ["d", "e", "a b", "c"]);
        assert_eq!(usual(&grouped), Some("x\ny"));
        assert_eq!(names(&each(&all)), ["d", "e", "a", "b", "c"]);
        let keys: HashSet<u64> = grouped.iter().map(|group| group.key).collect();
        assert_eq!(keys.len(), 4);
    }

    #[test]
    fn where_nobody_ended_with_code_0_the_others_are_beside_the_most_of_those_that_answered() {
        let code = |output: &str| CommandOutcome::Answered {
            output: output.to_owned(),
            is_cut: false,
            exit_code: Some(3),
        };
        let failed = CommandOutcome::Failed { why: "no route".to_owned(), output: "so far".to_owned() };
        let grouped =
            groups(&[answer("a", code("vm\n1")), answer("b", code("vm\n2")), answer("c", failed.clone())]);
        assert_eq!(usual(&grouped), Some("vm\n1"));
        assert_eq!(usual(&groups(&[answer("c", failed)])), None);
        let other: Vec<_> =
            passages("vm\n2", usual(&grouped)).into_iter().map(|one| one.is_unusual).collect();
        assert_eq!(other, [false, true], "what is equal is not marked");
    }

    #[test]
    fn what_the_usual_answer_does_not_have_is_marked() {
        let beside = |output: &str, usual: Option<&str>| -> Vec<String> {
            let unusual = passages(output, usual).into_iter().filter(|passage| passage.is_unusual);
            unusual.map(|passage| passage.text).collect()
        };
        let marked = |output: &str| beside(output, Some("x\ny"));
        assert_eq!(marked("x\nz"), ["z"]);
        assert_eq!(marked("a\nb\nx\nc"), ["a\nb", "c"]);
        assert_eq!(marked("x\ny"), Vec::<String>::new());
        assert_eq!(marked("y"), Vec::<String>::new());
        assert_eq!(beside("x", Some("")), ["x"], "the others print nothing");
        assert_eq!(beside("x", None), Vec::<String>::new(), "there are no others");
        let whole: Vec<_> =
            passages("a\nx\n\ny", Some("x")).into_iter().map(|passage| passage.text).collect();
        assert_eq!(whole.join("\n"), "a\nx\n\ny");
    }
}

//! What silence says, by table.

use super::*;
use proptest::prelude::*;

fn check(gateway: Option<Gateway>, witnesses: usize, silent: usize, expected: Finding) {
    let evidence = Evidence { is_heard: false, gateway, witnesses, silent };
    assert_eq!(judge(evidence), expected, "{evidence:?}");
    assert_eq!(judge(Evidence { is_heard: true, ..evidence }), Finding::Fine);
}

#[test]
fn silence_is_the_monitors_own_only_where_nothing_else_can_be_heard() {
    use Finding::{CutOff, Fine, Unsettled};
    use Gateway::{Answers, NotKnown, Silent};
    check(Some(Answers), 8, 100, Fine);
    check(None, 0, 100, Unsettled);
    check(Some(Silent), 1, 100, Unsettled);
    check(Some(Silent), 0, 2, CutOff);
    check(Some(Silent), 0, 1, Fine);
    check(Some(NotKnown), 1, 100, Unsettled);
    check(Some(NotKnown), 0, 5, CutOff);
    check(Some(NotKnown), 0, 4, Fine);
}

fn gateways() -> impl Strategy<Value = Option<Gateway>> {
    prop_oneof![
        Just(None),
        Just(Some(Gateway::NotKnown)),
        Just(Some(Gateway::Answers)),
        Just(Some(Gateway::Silent))
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn more_silence_never_makes_it_less_and_a_word_always_ends_it(
        gateway in gateways(), witnesses in 0usize..3, silent in 0usize..10, more in 0usize..10,
    ) {
        let evidence = Evidence { is_heard: false, gateway, witnesses, silent };
        let worse = judge(Evidence { silent: silent + more, ..evidence });
        prop_assert!(judge(evidence) != Finding::CutOff || worse == Finding::CutOff);
        prop_assert_eq!(judge(Evidence { is_heard: true, ..evidence }), Finding::Fine);
        prop_assert_eq!(judge(Evidence { gateway: Some(Gateway::Answers), ..evidence }), Finding::Fine);
        // While somebody is still asked, nothing is said of the monitor.
        let asked = judge(Evidence { witnesses: witnesses + 1, ..evidence });
        prop_assert!(asked != Finding::CutOff);
    }
}

#[test]
fn this_machine_is_known_by_its_addresses() {
    for own in ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST"] {
        assert!(is_this_machine(own), "{own}");
    }
    for other in ["192.0.2.1", "2001:db8::1", "edge.example", ""] {
        assert!(!is_this_machine(other), "{other}");
    }
}

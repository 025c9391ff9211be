//! Which settings each kind accepts, and what it says of the others.

use super::*;
use crate::{RuntimeClock, Workers};
use model::{Check as Stored, CheckId, Device, DeviceId, DeviceKind, Timestamp};

/// What checks need, with real pings; the workers end with the runtime.
pub(crate) fn tools() -> (Tools, Workers) {
    let clock: Arc<dyn Clock> = Arc::new(RuntimeClock::starting_at(Timestamp(1_000_000)));
    let workers = Workers::new(clock.clone(), TaskTracker::new());
    let stop = CancellationToken::new();
    let pinger = Pinger::open(&workers, &stop);
    let tools =
        Tools { pinger, resolver: Resolver::default(), clock, tracker: workers.tracker().clone(), stop };
    (tools, workers)
}

/// A device with one check.
pub(crate) fn watched(address: &str, kind: CheckKind, settings: Settings) -> Watched {
    let check = Stored { id: CheckId(1), kind, interval_s: 30, timeout_s: 5, settings };
    let device =
        Device { checks: vec![check], ..Device::new(DeviceId(1), "edge-1", DeviceKind::Server, address) };
    Watched { device, routeros: None }
}

fn draft(kind: CheckKind, settings: &[(&str, &str)]) -> CheckDraft {
    let settings = settings.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    CheckDraft { kind, interval_s: None, timeout_s: None, settings }
}

#[test]
fn what_is_wrong_with_settings_is_said_at_the_field() {
    let drafts = [
        draft(CheckKind::Tcp, &[("port", "443")]),
        draft(CheckKind::Tcp, &[]),
        draft(CheckKind::Tcp, &[("port", "65536"), ("prot", "1")]),
        draft(CheckKind::Icmp, &[("count", "0")]),
        draft(CheckKind::Icmp, &[("count", " ")]),
    ];
    let errors = errors(&drafts, false);
    let told: Vec<_> = errors.iter().map(|error| (error.field.as_str(), error.code.as_str())).collect();
    assert_eq!(
        told,
        [
            ("checks[1].settings.port", "error_required"),
            ("checks[2].settings.port", "error_out_of_range"),
            ("checks[2].settings.prot", "error_unknown_setting"),
            ("checks[3].settings.count", "error_out_of_range"),
        ]
    );
}

#[test]
fn every_kind_has_a_form_and_every_default_is_accepted() {
    let forms = forms();
    for kind in CheckKind::ALL {
        let form = forms.iter().find(|form| form.kind == kind).unwrap_or_else(|| panic!("{kind:?}: no form"));
        let interval_s = form.interval_s.unwrap_or(*model::INTERVAL_S.start());
        assert!(model::INTERVAL_S.contains(&interval_s), "{kind:?}");
        for field in &form.fields {
            let default = field.default.as_deref();
            assert!(default.is_none() || field.input.refusal(default, true).is_none(), "{}", field.name);
        }
    }
    assert_eq!(forms.len(), CheckKind::ALL.len(), "each once");
}

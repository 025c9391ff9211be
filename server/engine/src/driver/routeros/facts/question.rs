//! Every command that watching sends to a router: what it asks, which columns, whose loss costs which feature.
//!
//! To ask for more: a word in [`Subject`], a line in [`FAST`] or [`SLOW`], a reader beside this file, and its
//! call in `memory.rs`. Nothing here changes a router, and every print names its columns.

use super::super::{AskError, Command};
use super::{external_ip, health, interfaces, resource, routerboard, service, update, wan};
use model::Missing;
use std::time::Duration;

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Resource,
    Interfaces,
    Identity,
    Health,
    Routerboard,
    Routes,
    Addresses,
    DhcpClients,
    Cloud,
    Services,
    Update,
}

/// One command, and what it is good for.
#[derive(Debug)]
pub struct Question {
    pub subject: Subject,
    /// The locale key of the feature that is lost without an answer.
    pub feature: &'static str,
    pub path: &'static str,
    /// Always named: a router computes slow ones otherwise.
    pub columns: &'static [&'static str],
    query: &'static [&'static str],
    /// The policy that gives it.
    policy: &'static str,
    /// How long its answer is waited for.
    pub patience: Duration,
}

/// Longest time a round may take, whatever the check allows.
pub const ROUND_MAX: Duration = Duration::from_secs(10);
/// An ordinary menu answers at once or not at all.
const PATIENCE: Duration = Duration::from_secs(4);
/// The update menu may hang while the router waits for MikroTik's server.
const UPDATE_PATIENCE: Duration = Duration::from_secs(2);

/// Decides whether the router is there; asked first in every round.
pub static RESOURCE: Question = Question {
    // Connecting and logging in may take all that the round has.
    patience: ROUND_MAX,
    ..Question::of(Subject::Resource, "feature_resource", "/system/resource/print", resource::PROPLIST)
};
/// The counters: the other half of the fast group.
pub static INTERFACES: Question = Question {
    query: interfaces::QUERY,
    ..Question::of(Subject::Interfaces, "feature_interfaces", "/interface/print", interfaces::PROPLIST)
};
/// What seldom changes. The one that may hang comes last.
pub static SLOW: [Question; 9] = [
    Question::of(
        Subject::Identity,
        "feature_identity",
        "/system/identity/print",
        routerboard::IDENTITY_PROPLIST,
    ),
    Question {
        query: wan::ROUTES_QUERY,
        ..Question::of(Subject::Routes, "feature_wan", "/ip/route/print", wan::ROUTES_PROPLIST)
    },
    Question::of(Subject::Addresses, "feature_wan", "/ip/address/print", wan::ADDRESSES_PROPLIST),
    Question::of(Subject::DhcpClients, "feature_wan", "/ip/dhcp-client/print", wan::DHCP_PROPLIST),
    Question::of(Subject::Cloud, "feature_external_ip", "/ip/cloud/print", external_ip::PROPLIST),
    Question {
        // Some versions count sensors among what only `policy` may see.
        policy: "policy",
        ..Question::of(Subject::Health, "feature_health", "/system/health/print", health::PROPLIST)
    },
    Question::of(
        Subject::Routerboard,
        "feature_routerboard",
        "/system/routerboard/print",
        routerboard::PROPLIST,
    ),
    Question::of(Subject::Services, "feature_webfig", "/ip/service/print", service::PROPLIST),
    Question {
        patience: UPDATE_PATIENCE,
        ..Question::of(Subject::Update, "feature_update", "/system/package/update/print", update::PROPLIST)
    },
];

impl Question {
    const fn of(
        subject: Subject,
        feature: &'static str,
        path: &'static str,
        columns: &'static [&'static str],
    ) -> Self {
        Self { subject, feature, path, columns, query: &[], policy: "read", patience: PATIENCE }
    }

    pub fn command(&self) -> Command {
        let command = Command::new(self.path).proplist(self.columns);
        self.query.iter().fold(command, |command, query| command.query(query))
    }

    /// What the refusal costs.
    pub fn missing(&self, refusal: &AskError) -> Missing {
        missing(self.feature, self.path, self.policy, refusal)
    }
}

/// A feature that was refused, with the policy when that is the reason.
pub fn missing(feature: &str, command: &str, policy: &str, refusal: &AskError) -> Missing {
    Missing {
        feature: feature.to_owned(),
        command: command.to_owned(),
        why: super::words::clean(&refusal.to_string()).unwrap_or_default(),
        policy: refusal.is_no_permission().then(|| policy.to_owned()),
    }
}

//! Tries a login once, question by question, and says what works, what does not, and which policy would
//! give it. Changes nothing on the router and keeps nothing open.

use super::super::{AskError, Disconnect, Endpoint, Row, Runtime, Session, Stage};
use super::question::{INTERFACES, Question, RESOURCE, SLOW, Subject, missing};
use super::{rate, resource, routerboard, words::text};
use crate::Login;
use model::{Metrics, ProbeReport};
use std::time::Duration;
use tokio::time::Instant;

/// How long the router may take to let us in and answer for the first time.
const CONNECT_MAX: Duration = Duration::from_secs(8);
/// How long the whole trial may take: a person is waiting for it.
const TRIAL_MAX: Duration = Duration::from_secs(20);
/// Longest explanation; the router's own words may be part of it.
const SENTENCE_CHARS_MAX: usize = 500;
/// The feature of second-by-second rates, which is no print.
const RATE_FEATURE: &str = "feature_live_rate";

/// Logs in and tries everything that watching will ask.
pub async fn probe_permissions(host: &str, login: Login, runtime: Runtime) -> ProbeReport {
    let endpoint = Endpoint { host: host.to_owned(), login };
    let session = Session::new(endpoint, runtime);
    let mut report = ProbeReport::default();
    let first = session.ask(RESOURCE.command(), CONNECT_MAX).await;
    report.fingerprint = session.first_seen_certificate();
    if let Err(lost) = &first
        && lost.is_about_the_session()
    {
        report.fingerprint = report.fingerprint.or_else(|| seen_certificate(lost));
        report.error = Some(explain(lost));
        return report;
    }
    report.is_connected = true;
    let deadline = Instant::now() + TRIAL_MAX;
    let mut trial = Trial { report, metrics: Metrics::default(), interface: None };
    trial.judge(&RESOURCE, first.map(|answer| answer.rows));
    for question in std::iter::once(&INTERFACES).chain(&SLOW) {
        let within = question.patience.min(deadline.saturating_duration_since(Instant::now()));
        let answer = session.ask(question.command(), within).await;
        trial.judge(question, answer.map(|answer| answer.rows));
    }
    if let Some(interface) = trial.interface.take() {
        let within = INTERFACES.patience.min(deadline.saturating_duration_since(Instant::now()));
        match session.ask(rate::command(&interface), within).await {
            Ok(_) => trial.grant(RATE_FEATURE),
            Err(refusal) => {
                trial.report.missing.push(missing(RATE_FEATURE, rate::PATH, rate::POLICY, &refusal));
            }
        }
    }
    trial.finish()
}

/// The report in the making.
struct Trial {
    report: ProbeReport,
    metrics: Metrics,
    /// Some interface to measure.
    interface: Option<String>,
}

impl Trial {
    fn judge(&mut self, question: &'static Question, answer: Result<Vec<Row>, AskError>) {
        let rows = match answer {
            Ok(rows) => rows,
            Err(refusal) => return self.report.missing.push(question.missing(&refusal)),
        };
        match question.subject {
            Subject::Resource => resource::read(&rows, &mut self.metrics),
            Subject::Identity => routerboard::read_identity(&rows, &mut self.metrics),
            Subject::Routerboard => routerboard::read(&rows, &mut self.metrics),
            Subject::Interfaces => self.interface = rows.iter().find_map(|row| text(row, "name")),
            _ => {}
        }
        self.grant(question.feature);
    }

    fn grant(&mut self, feature: &str) {
        if !self.report.available.iter().any(|known| known == feature) {
            self.report.available.push(feature.to_owned());
        }
    }

    /// A feature works when nothing that it needs is missing.
    fn finish(self) -> ProbeReport {
        let mut report = self.report;
        let missing = &report.missing;
        report.available.retain(|feature| missing.iter().all(|one| one.feature != *feature));
        report.identity = self.metrics.identity;
        report.model = self.metrics.model;
        report.routeros_version = self.metrics.routeros_version;
        report
    }
}

fn seen_certificate(lost: &AskError) -> Option<String> {
    match lost {
        AskError::Disconnected(Disconnect::CertificateChanged { seen, .. }) => Some(seen.clone()),
        _ => None,
    }
}

/// Why a router does not let us in and what to look at, in words for people.
fn explain(lost: &AskError) -> String {
    match lost {
        AskError::Disconnected(Disconnect::LoginRefused { message, .. }) => format!(
            "{} Check the user name and the password, that the user's group has the policy 'api', and that the \
             addresses the user may come from include this server's.",
            sentence(&format!("the router refused the login: {message}"))
        ),
        AskError::Timeout { stage: Stage::Connect, .. }
        | AskError::Disconnected(Disconnect::Silent { stage: Stage::Connect, .. }) => {
            let hint = "Check the address, and that no firewall on the way drops the connection.";
            format!("{} {hint}", sentence(&lost.to_string()))
        }
        _ => sentence(&lost.to_string()),
    }
}

/// The same words with a capital and a full stop.
fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    let mut sentence: String = first.chain(chars).take(SENTENCE_CHARS_MAX).collect();
    if !sentence.ends_with('.') {
        sentence.push('.');
    }
    sentence
}

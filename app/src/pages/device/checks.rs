//! How each check stands, why it fails, and when it was last asked.

use crate::{
    format,
    i18n::{Words, use_words},
    live::RowSignal,
    parts::{Card, Icon, IconName, Since, StateMark},
};
use leptos::prelude::*;
use model::{CheckKind, CheckLive, CheckStatus, Row, State};

#[component]
pub fn Checks(row: RowSignal) -> impl IntoView {
    let words = use_words();
    let lines = move || {
        row.with(|row| row.live.checks.clone()).into_iter().map(|check| line(words, check)).collect_view()
    };
    view! {
        <Card title=words.checks_title()>
            <div class="table-frame">
                <table class="table plain">
                    <thead>
                        <tr>
                            <th scope="col">{words.checks_check()}</th>
                            <th scope="col">{words.checks_status()}</th>
                            <th scope="col" class="num">
                                {words.column_response()}
                            </th>
                            <th scope="col" class="num">
                                {words.checks_asked()}
                            </th>
                        </tr>
                    </thead>
                    <tbody>{lines}</tbody>
                </table>
            </div>
        </Card>
    }
}

/// What is wrong with a device, as far as its checks know. One that is up may have something too, such
/// as a login that the router refuses.
pub fn reason(words: Words, row: &Row) -> Option<String> {
    if row.live.state == State::Paused {
        return None;
    }
    row.live.cause.clone().or_else(|| {
        let failing =
            row.live.checks.iter().find(|check| check.why.is_some() && check.status != CheckStatus::Ok)?;
        Some(format!("{}: {}", status_word(words, failing.status), failing.why.as_ref()?))
    })
}

/// Beside the word of a device that is up: something about it wants a look all the same.
#[component]
pub fn Doubt(row: RowSignal) -> impl IntoView {
    let words = use_words();
    let why = Memo::new(move |_| row.with(|row| reason(words, row).filter(|_| row.live.state == State::Up)));
    move || {
        why.get().map(|why| {
            let title = why.clone();
            view! {
                <span class="doubt" title=title>
                    <Icon name=IconName::Warning />
                    <span class="hidden">{why}</span>
                </span>
            }
        })
    }
}

fn line(words: Words, check: CheckLive) -> impl IntoView {
    let kind = match check.kind {
        CheckKind::Icmp => words.check_icmp(),
        CheckKind::Tcp => words.check_tcp(),
        CheckKind::Routeros => words.check_routeros(),
    };
    let port = check.port.map(|port| format!(" {port}"));
    let time = check.time_ms.filter(|_| check.status == CheckStatus::Ok);
    view! {
        <tr>
            <th scope="row">{kind} {port}</th>
            <td>
                <span class="check-status" title=status_word(words, check.status)>
                    <StateMark state=as_state(check.status) quiet=true />
                    {status_word(words, check.status)}
                </span>
                {check.why.map(|why| view! { <span class="check-why">{why}</span> })}
            </td>
            <td class="num">{time.map(|ms| format::milliseconds(words, ms))}</td>
            <td class="num">{check.at.map(|at| view! { <Since at=at /> })}</td>
        </tr>
    }
}

fn as_state(status: CheckStatus) -> State {
    match status {
        CheckStatus::Ok => State::Up,
        CheckStatus::Failing => State::Degraded,
        CheckStatus::Failed => State::Down,
        CheckStatus::Pending | CheckStatus::NeverAnswered | CheckStatus::Unknown => State::Unknown,
    }
}

fn status_word(words: Words, status: CheckStatus) -> &'static str {
    match status {
        CheckStatus::Pending => words.status_pending(),
        CheckStatus::Ok => words.status_ok(),
        CheckStatus::Failing => words.status_failing(),
        CheckStatus::Failed => words.status_failed(),
        CheckStatus::NeverAnswered => words.status_never_answered(),
        CheckStatus::Unknown => words.status_unknown(),
    }
}

//! What the tests of all kinds share, and what holds of every kind.

use super::{sim::Sim, *};
use std::net::SocketAddr;

/// When the tests begin: Tue, 14 Nov 2023 22:13:20 GMT.
pub const NOW: Timestamp = Timestamp(1_700_000_000_000);

/// A clock that shows [`NOW`], however slow the machine.
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        NOW
    }
}

/// A message as the queue hands it over.
pub fn message(title: &str, body: &str) -> Message {
    Message {
        id: "7".into(),
        title: title.into(),
        body: body.into(),
        thread: "incident-7".into(),
        path: "/alerts".into(),
        url: None,
        severity: Severity::Critical,
        at: Timestamp(NOW.0 + 123),
        data: serde_json::Value::Null,
    }
}

/// Real names, and the authorities that browsers trust.
pub fn tools() -> Tools {
    Tools::new(Resolver::default(), Arc::new(Still)).unwrap()
}

/// One authority more.
pub fn tools_that_trust(root: Vec<u8>) -> Tools {
    let names = Names::of(Resolver::default());
    Tools::with(names, Arc::new(Still), vec![root.into()]).unwrap()
}

/// A name service that gives these answers one after the other, and the last one for good.
pub fn names(answers: &[&[&str]]) -> Names {
    let all: Vec<Vec<SocketAddr>> = answers
        .iter()
        .map(|answer| answer.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect())
        .collect();
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let lookup: Lookup = Arc::new(move |_, _| {
        let number = asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let answer = all[number.min(all.len() - 1)].clone();
        Box::pin(std::future::ready(Ok(answer)))
    });
    Names::new(lookup)
}

pub fn tools_with(names: Names) -> Tools {
    Tools::with(names, Arc::new(Still), Vec::new()).unwrap()
}

pub fn channel(
    kind: ChannelKind,
    settings: &[(&str, &str)],
    secrets: &[(&str, &str)],
    tools: &Tools,
) -> Result<Box<dyn Channel>, FieldError> {
    let (settings, secrets) = (pairs(settings).collect(), sealed(secrets));
    build(kind, &BuildArgs { settings: &settings, secrets: &secrets, tools })
}

pub fn pairs<'a>(pairs: &'a [(&str, &str)]) -> impl Iterator<Item = (String, String)> + 'a {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
}

fn sealed(secrets: &[(&str, &str)]) -> Secrets {
    pairs(secrets).map(|(name, open)| (name, Secret::new(open))).collect()
}

/// The delivery to a server that has heard it and stays silent: the clock runs only from then on.
pub async fn deliver_to_silence(channel: &dyn Channel, sim: &Sim) -> (Delivery, Duration) {
    let message = message("t", "b");
    let begun = tokio::time::Instant::now();
    let pausing = async {
        sim.heard().await;
        tokio::time::pause();
    };
    let (delivery, ()) = tokio::join!(channel.deliver(&message), pausing);
    (delivery, begun.elapsed())
}

/// Told to be later, for this reason.
pub fn later(why: &str) -> Delivery {
    Delivery::Later { why: why.into(), after: None }
}

pub fn later_after(why: &str, seconds: u64) -> Delivery {
    Delivery::Later { why: why.into(), after: Some(Duration::from_secs(seconds)) }
}

pub fn refused(why: &str) -> Delivery {
    Delivery::Refused { why: why.into() }
}

#[test]
fn every_kind_has_a_form_and_every_default_is_accepted() {
    let forms = forms();
    for kind in ChannelKind::ALL {
        let form = forms.iter().find(|form| form.kind == kind).unwrap_or_else(|| panic!("{kind:?}: no form"));
        for ChannelField { field, is_secret, .. } in &form.fields {
            let default = field.default.as_deref();
            assert!(default.is_none() || field.input.refusal(default, true).is_none(), "{}", field.name);
            assert!(!is_secret || default.is_none(), "{}: a secret that everybody knows", field.name);
        }
    }
    assert_eq!(forms.len(), ChannelKind::ALL.len(), "each once");
}

#[tokio::test]
async fn what_is_wrong_is_said_at_the_field() {
    let tools = tools();
    let told = |kind, settings: &[(&str, &str)], secrets: &[(&str, &str)]| {
        let (settings, secrets) = (pairs(settings).collect(), sealed(secrets));
        let errors = errors(kind, &BuildArgs { settings: &settings, secrets: &secrets, tools: &tools });
        errors.into_iter().map(|error| format!("{} {}", error.field, error.code)).collect::<Vec<_>>()
    };
    let telegram =
        |settings: &[(&str, &str)], token| told(ChannelKind::Telegram, settings, &[("token", token)]);
    assert_eq!(telegram(&[("chat_id", "-1001")], "1:a"), Vec::<String>::new());
    assert_eq!(telegram(&[], ""), ["secrets.token error_required", "settings.chat_id error_required"]);
    assert_eq!(
        telegram(&[("chat_id", "1"), ("token", "1:a")], "1:a"),
        ["settings.token error_unknown_setting"]
    );
    assert_eq!(telegram(&[("chat_id", "a b")], "1:a"), ["settings.chat_id error_chat"]);
    assert_eq!(telegram(&[("chat_id", "1")], "1/../a"), ["secrets.token error_token"]);
    for url in ["ftp://a", "http://u:p@a", "a", "http://a/?b=c"] {
        let told = telegram(&[("chat_id", "@a_b"), ("api_url", url)], "1:a");
        assert_eq!(told, ["settings.api_url error_url"], "{url}");
    }
    for url in ["ftp://a", "http://u:p@a", "http://u@a", "a.example", "http://"] {
        assert_eq!(told(ChannelKind::Webhook, &[("url", url)], &[]), ["settings.url error_url"], "{url}");
    }
    let odd = told(ChannelKind::Webhook, &[("url", "http://a")], &[("secret", "s"), ("url", "x")]);
    assert_eq!(odd, ["secrets.url error_unknown_setting"]);
}

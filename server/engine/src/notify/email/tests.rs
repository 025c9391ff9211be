//! Letters handed to a mail server in all its moods.

use super::{
    sim::{Act, MailSim, Manners, Tls},
    *,
};
use crate::notify::{
    sim::tls,
    tests::{channel, later, message, refused, tools, tools_that_trust},
};

const TO_ALL: &str = "a@example.net, b@example.net,c@example.net";

fn mail_as(at: &MailSim, settings: &[(&str, &str)], password: &str, tools: &Tools) -> Box<dyn Channel> {
    let port = at.at.port().to_string();
    let mut all = vec![("from", "watch@example.net"), ("host", "localhost"), ("port", port.as_str())];
    all.extend(settings);
    let secrets: &[(&str, &str)] = if password.is_empty() { &[] } else { &[("password", password)] };
    channel(ChannelKind::Email, &all, secrets, tools).unwrap()
}

fn mail(at: &MailSim, to: &str) -> Box<dyn Channel> {
    mail_as(at, &[("to", to), ("security", "none")], "", &tools())
}

async fn told(acts: &[(&'static str, Act)], to: &str) -> (Delivery, Vec<String>) {
    let sim = MailSim::start(Manners { acts: acts.to_vec(), ..Manners::default() }).await;
    let delivery = mail(&sim, to).deliver(&message("t", "b")).await;
    (delivery, sim.heard())
}

#[tokio::test]
async fn a_letter_is_handed_over_line_by_line() {
    let (delivery, heard) = told(&[], TO_ALL).await;
    assert_eq!(delivery, Delivery::Delivered);
    assert_eq!(
        heard[..6],
        [
            "EHLO [127.0.0.1]",
            "MAIL FROM:<watch@example.net>",
            "RCPT TO:<a@example.net>",
            "RCPT TO:<b@example.net>",
            "RCPT TO:<c@example.net>",
            "DATA",
        ]
    );
    assert!(heard[6].contains("Subject: t\r\n") && heard[6].ends_with("\r\n\r\nb\r\n.\r\n"), "{}", heard[6]);
}

#[tokio::test]
async fn what_the_server_says_for_now_is_later_and_for_good_is_refused_at_every_step() {
    for step in ["greet", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        let (delivery, _) =
            told(&[(step, Act::Say("451-greylisted,\r\n451 try\x07 again\r\n"))], "a@example.net").await;
        let Delivery::Later { why, after: None } = delivery else { panic!("{step}: {delivery:?}") };
        assert!(why.ends_with("451 greylisted, try  again"), "{step}: {why}");
        let (delivery, _) = told(&[(step, Act::Say("554 5.7.1 not from you\r\n"))], "a@example.net").await;
        let Delivery::Refused { why } = delivery else { panic!("{step}: {delivery:?}") };
        assert!(why.ends_with("554 5.7.1 not from you"), "{step}: {why}");
    }
}

#[tokio::test]
async fn a_connection_that_ends_at_any_step_may_hold_the_next_time() {
    for step in ["greet", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        let (delivery, _) = told(&[(step, Act::Drop)], "a@example.net").await;
        let Delivery::Later { why, .. } = delivery else { panic!("{step}: {delivery:?}") };
        assert!(["the connection broke off", "connection reset"].contains(&why.as_str()), "{step}: {why}");
    }
    assert_eq!(told(&[("QUIT", Act::Drop)], "a@example.net").await.0, Delivery::Delivered);
    let sim = MailSim::start(Manners::default()).await;
    let nobody = mail(&sim, "a@example.net");
    drop(sim);
    tokio::task::yield_now().await;
    let delivery = nobody.deliver(&message("t", "b")).await;
    assert!(matches!(delivery, Delivery::Later { .. }), "{delivery:?}");
}

#[tokio::test]
async fn silence_at_any_step_ends_at_the_deadline() {
    for step in ["greet", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        let sim = MailSim::start(Manners { acts: vec![(step, Act::Hang)], ..Manners::default() }).await;
        let (mail, message) = (mail(&sim, "a@example.net"), message("t", "b"));
        let pausing = async {
            sim.is_silent().await;
            tokio::time::pause();
        };
        let (delivery, ()) = tokio::join!(mail.deliver(&message), pausing);
        assert_eq!(delivery, later("no answer within 30 s"), "{step}");
        tokio::time::resume();
    }
    let (delivery, _) = told(&[("QUIT", Act::Hang)], "a@example.net").await;
    assert_eq!(delivery, Delivery::Delivered, "what comes after does not count");
}

#[tokio::test]
async fn whoever_talks_without_end_or_sense_is_left() {
    for flood in ["x", "220-and\r\n", "250-and another thing\r\n"] {
        for step in ["greet", "EHLO", "."] {
            let (delivery, _) = told(&[(step, Act::Flood(flood))], "a@example.net").await;
            assert!(matches!(delivery, Delivery::Later { .. }), "{step}: {delivery:?}");
        }
    }
    for odd in ["SSH-2.0-OpenSSH_9.2\r\n", "\r\n", "99\r\n", "2200 x\r\n"] {
        let (delivery, _) = told(&[("greet", Act::Say(odd))], "a@example.net").await;
        assert_eq!(delivery, later("the server does not speak SMTP"), "{odd}");
    }
    let long = told(
        &[(
            "RCPT",
            Act::Say(concat!(
                "550 ",
                "long words without end, long words without end, \
        long words without end, long words without end, long words without end, long words without end, \
        long words without end, long words without end, long words without end\r\n"
            )),
        )],
        TO_ALL,
    )
    .await
    .0;
    let Delivery::Refused { why } = long else { panic!() };
    assert!(why.chars().count() <= 300 && ["a@", "b@", "c@"].iter().all(|to| why.contains(to)), "{why}");
}

#[tokio::test]
async fn one_unknown_mailbox_of_several_is_named_and_the_others_have_the_letter() {
    let sim = MailSim::start(Manners {
        acts: vec![("RCPT TO:<b@", Act::Say("550 5.1.1 no such user\r\n"))],
        ..Manners::default()
    })
    .await;
    let mail = mail(&sim, TO_ALL);
    let why = "b@example.net: 550 5.1.1 no such user; 2 others have it";
    assert_eq!(mail.deliver(&message("t", "b")).await, refused(why));
    assert!(sim.heard().contains(&"DATA".to_owned()));
    let before = sim.heard().len();
    assert_eq!(mail.deliver(&message("t", "b")).await, refused(why), "another try of the same message");
    assert_eq!(sim.heard().len(), before, "asks nobody again");
    let mut next = message("t", "b");
    next.id = "8".into();
    assert_eq!(mail.deliver(&next).await, refused(why));
    assert!(sim.heard().len() > before, "another message is for all");
}

#[tokio::test]
async fn whoever_has_a_letter_does_not_get_it_again_when_another_gets_it_later() {
    let sim = MailSim::start(Manners {
        acts: vec![
            ("RCPT TO:<b@", Act::Say("452 4.2.2 mailbox full\r\n")),
            ("RCPT TO:<c@", Act::Say("550 5.1.1 no such user\r\n")),
        ],
        mends_after: 2,
        ..Manners::default()
    })
    .await;
    let mail = mail(&sim, TO_ALL);
    let first = mail.deliver(&message("t", "b")).await;
    let why =
        "b@example.net: 452 4.2.2 mailbox full; c@example.net: 550 5.1.1 no such user; 1 others have it";
    assert_eq!(first, later(why));
    let letters = || sim.heard().iter().filter(|line| line.contains("Message-ID")).count();
    assert_eq!(letters(), 1);
    assert_eq!(mail.deliver(&message("t", "b")).await, later(why));
    assert_eq!(letters(), 1, "nobody took it");
    let third = mail.deliver(&message("t", "b")).await;
    assert_eq!(third, refused("c@example.net: 550 5.1.1 no such user; 2 others have it"));
    let asked =
        |to: &str| sim.heard().iter().filter(|line| line.contains(to) && line.starts_with("RCPT")).count();
    assert_eq!((asked("a@"), asked("b@"), asked("c@"), letters()), (1, 3, 1, 2));
}

#[tokio::test]
async fn a_password_is_sent_only_under_tls_that_somebody_vouches_for() {
    let (acceptor, root) = tls();
    let login = [("to", "a@example.net"), ("username", "watch")];
    for (word, tls) in [("starttls", Tls::Starttls(acceptor.clone())), ("tls", Tls::First(acceptor))] {
        let offers = &["STARTTLS", "AUTH LOGIN PLAIN"];
        let sim = MailSim::start(Manners { offers, tls, ..Manners::default() }).await;
        let settings = [&[("security", word)], login.as_slice()].concat();
        let distrusting = mail_as(&sim, &settings, "pass word", &tools());
        let Delivery::Later { why, .. } = distrusting.deliver(&message("t", "b")).await else { panic!() };
        assert!(why.starts_with("TLS failed: invalid peer certificate"), "{why}");
        assert!(!sim.heard().iter().any(|line| line.starts_with("AUTH")));
        let trusting = mail_as(&sim, &settings, "pass word", &tools_that_trust(root.clone()));
        assert_eq!(trusting.deliver(&message("t", "b")).await, Delivery::Delivered, "{word}");
        assert!(sim.heard().contains(&"AUTH PLAIN AHdhdGNoAHBhc3Mgd29yZA==".to_owned()), "{:?}", sim.heard());
    }
    let stripped = MailSim::start(Manners::default()).await;
    let mail = mail_as(&stripped, &login, "pass word", &tools());
    assert_eq!(mail.deliver(&message("t", "b")).await, later("the mail server offers no STARTTLS"));
    assert_eq!(stripped.heard(), ["EHLO [127.0.0.1]"]);
}

#[tokio::test]
async fn what_is_said_before_tls_does_not_count_as_said_under_it() {
    let (acceptor, root) = tls();
    let sim = MailSim::start(Manners {
        offers: &["STARTTLS"],
        acts: vec![("STARTTLS", Act::Say("220 go on\r\n250 injected\r\n"))],
        tls: Tls::Starttls(acceptor),
        ..Manners::default()
    })
    .await;
    let mail = mail_as(&sim, &[("to", "a@example.net")], "", &tools_that_trust(root));
    assert_eq!(mail.deliver(&message("t", "b")).await, later("the server spoke before it was asked"));
}

#[tokio::test]
async fn a_password_is_proved_by_what_the_server_knows_and_never_repeated() {
    let settings = [("to", "a@example.net"), ("username", "watch"), ("security", "none")];
    let told = async |offers, act| {
        let acts = vec![("AUTH", act)];
        let sim = MailSim::start(Manners { offers, acts, ..Manners::default() }).await;
        let delivery = mail_as(&sim, &settings, "pass word", &tools()).deliver(&message("t", "b")).await;
        (delivery, sim.heard())
    };
    let (delivery, heard) = told(&["AUTH=LOGIN"], Act::Say("235 ok\r\n")).await;
    assert_eq!(
        (delivery, &heard[1..4]),
        (Delivery::Delivered, &["AUTH LOGIN", "d2F0Y2g=", "cGFzcyB3b3Jk"].map(String::from)[..])
    );
    let (delivery, _) = told(&["AUTH CRAM-MD5"], Act::Drop).await;
    assert_eq!(delivery, refused("the mail server takes no password by PLAIN or LOGIN"));
    let wrong = "535 not pass word nor AHdhdGNoAHBhc3Mgd29yZA== nor cGFzcyB3b3Jk\r\n";
    let (delivery, _) = told(&["AUTH PLAIN"], Act::Say(wrong)).await;
    assert_eq!(delivery, refused("the mail server answered 535 not *** nor *** nor ***"));
    let (delivery, _) = told(&["AUTH PLAIN"], Act::Say("454 later\r\n")).await;
    assert_eq!(delivery, later("the mail server answered 454 later"));
}

#[tokio::test]
async fn not_even_half_of_a_password_is_repeated_where_a_reason_is_cut() {
    let password = "correct-horse-battery-staple";
    let settings = [("to", "a@example.net"), ("username", "watch"), ("security", "none")];
    for said in [
        concat!(
            "550 correct-horse-battery-staple correct-horse-battery-staple correct-horse-battery-staple ",
            "correct-horse-battery-staple correct-horse-battery-staple correct-horse-battery-staple ",
            "correct-horse-battery-staple correct-horse-battery-staple\r\n"
        ),
        concat!(
            "550 ----------------------------------------------------------------------------------------",
            "----------------------------correct-horse-battery-staple\r\n"
        ),
    ] {
        let sim = MailSim::start(Manners {
            offers: &["AUTH PLAIN"],
            acts: vec![("RCPT", Act::Say(said))],
            ..Manners::default()
        })
        .await;
        let mail = mail_as(&sim, &settings, password, &tools());
        let Delivery::Refused { why } = mail.deliver(&message("t", "b")).await else { panic!() };
        assert!(!why.contains("corr") && why.starts_with("a@example.net: 550"), "{why}");
    }
}

#[tokio::test]
async fn what_is_no_mail_server_or_no_address_is_refused_at_its_field() {
    let tools = tools();
    let field = |settings: &[(&str, &str)], password: &str| {
        let good = [("to", "a@b.example"), ("from", "a@b.example"), ("host", "mail.example.net")];
        let mut all = good.to_vec();
        all.retain(|(name, _)| !settings.iter().any(|(other, _)| other == name));
        all.extend(settings);
        let secrets: &[(&str, &str)] = if password.is_empty() { &[] } else { &[("password", password)] };
        channel(ChannelKind::Email, &all, secrets, &tools).err().map(|error| error.field)
    };
    let eleven: Vec<_> = (0..11).map(|number| format!("a{number}@b.example")).collect();
    for to in
        ["", ",", "a", "a@b.example junk", "a@b.example; c@d.example", "A <a@b.example>", &eleven.join(",")]
    {
        assert_eq!(field(&[("to", to)], "").as_deref(), Some("settings.to"), "{to}");
    }
    for from in ["a", "A <a>", "A <a@b.example> x", "<>"] {
        assert_eq!(field(&[("from", from)], "").as_deref(), Some("settings.from"), "{from}");
    }
    for host in ["a b", "http://a", "a:25", "1.2.3"] {
        assert_eq!(field(&[("host", host)], "").as_deref(), Some("settings.host"), "{host}");
    }
    assert_eq!(field(&[("security", "ssl")], "").as_deref(), Some("settings.security"));
    assert_eq!(field(&[("port", "0")], "").as_deref(), Some("settings.port"));
    assert_eq!(field(&[("username", "a")], "").as_deref(), Some("secrets.password"));
    assert_eq!(field(&[], "p").as_deref(), Some("settings.username"));
    assert_eq!(field(&[("username", "a"), ("security", "none")], "p").as_deref(), Some("settings.security"));
    assert_eq!(field(&[("username", "a"), ("security", "none"), ("host", "127.0.0.1")], "p"), None);
    assert_eq!(
        field(&[("from", "\"Роутер, 1\" <a@b.example>"), ("to", "a@b.example,, c@d.example ")], ""),
        None
    );
}

#[tokio::test]
async fn a_mail_server_is_not_looked_for_where_nobody_should_be() {
    let settings = [("to", "a@b.example"), ("from", "a@b.example"), ("host", "169.254.169.254")];
    let mail = channel(ChannelKind::Email, &settings, &[], &tools()).unwrap();
    let why = "the address 169.254.169.254 is not one to send to";
    assert_eq!(mail.deliver(&message("t", "b")).await, refused(why));
}

/// A real mail server, when the environment names one: `ROUTEWARDEN_MAIL_SERVER` as `127.0.0.1:2525`, which takes
/// letters for `a@example.net` and knows nobody called `nobody`; for its TLS `ROUTEWARDEN_MAIL_CA`, a file in DER
/// with a certificate for `localhost`; for its AUTH `ROUTEWARDEN_MAIL_LOGIN` as `name:password`.
#[tokio::test]
async fn a_real_mail_server_takes_a_letter() {
    let set = |name: &str| std::env::var(name).ok();
    let Some(server) = set("ROUTEWARDEN_MAIL_SERVER") else {
        println!("skipped: ROUTEWARDEN_MAIL_SERVER does not name a mail server");
        return;
    };
    let (host, port) = server.rsplit_once(':').unwrap();
    let base = [("from", "Роутер <watch@example.net>"), ("port", port)];
    let message = message("роутер «крыша» is down", "no answer\n.\n..dots\nsince 12:00 – ещё");
    let deliver = async |settings: &[(&str, &str)], secrets: &[(&str, &str)], tools: &Tools| {
        let settings = [base.as_slice(), settings].concat();
        channel(ChannelKind::Email, &settings, secrets, tools).unwrap().deliver(&message).await
    };
    let plain = [("host", host), ("security", "none"), ("to", "a@example.net,nobody@example.net")];
    let Delivery::Refused { why } = deliver(&plain, &[], &tools()).await else { panic!("nobody is known") };
    assert!(why.starts_with("nobody@example.net: 550") && why.ends_with("1 others have it"), "{why}");
    let Some(authority) = set("ROUTEWARDEN_MAIL_CA") else { return };
    let tools = tools_that_trust(std::fs::read(authority).unwrap());
    let sealed = [("host", "localhost"), ("to", "a@example.net")];
    assert_eq!(deliver(&sealed, &[], &tools).await, Delivery::Delivered);
    let Some(login) = set("ROUTEWARDEN_MAIL_LOGIN") else { return };
    let (name, password) = login.split_once(':').unwrap();
    let named = [sealed.as_slice(), &[("username", name)]].concat();
    assert_eq!(deliver(&named, &[("password", password)], &tools).await, Delivery::Delivered);
    assert!(matches!(deliver(&named, &[("password", "wrong")], &tools).await, Delivery::Refused { .. }));
}

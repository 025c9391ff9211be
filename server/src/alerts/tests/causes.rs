//! The causes that the engine gives are known to the words by which people are told.

use super::*;
use app::told::{News, alert};
use engine::driver::reach::Unreached;
use std::io::{Error, ErrorKind};

#[tokio::test]
async fn what_the_engine_says_of_a_refusal_and_of_silence_is_told_in_the_readers_language() {
    let desk = Desk::open(1, Severity::Info).await;
    let id = desk.devices[0];
    let say = async |cause: String| {
        let mut down = goes(id, State::Up, State::Down, 0);
        down.transition.as_mut().unwrap().cause = Some(cause.clone());
        desk.record(&[down]).await;
        let incident = desk.temp.incidents().list(true, (0, 1)).await.unwrap().incidents.remove(0);
        desk.record(&[goes(id, State::Down, State::Up, 1)]).await;
        let news = News {
            incident: &incident,
            is_over: false,
            is_partly: false,
            late_s: None,
            affected_named_max: 0,
        };
        for language in ["id", "ru"] {
            let (_, body) = alert(language, &news);
            assert!(!body.contains(&cause), "{language}: {body}");
        }
        assert!(alert("en", &news).1.contains(&cause));
    };
    let address = "127.0.0.1".parse().unwrap();
    for kind in [
        ErrorKind::ConnectionRefused,
        ErrorKind::ConnectionReset,
        ErrorKind::TimedOut,
        ErrorKind::HostUnreachable,
        ErrorKind::NetworkUnreachable,
    ] {
        say(Unreached::new(&Error::from(kind), address).why).await;
    }
}

//! The causes that the engine gives are known to the words by which people are told, and so is who is hidden.

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

#[tokio::test]
async fn who_went_out_of_sight_once_it_was_told_is_named_with_the_end() {
    let desk = Desk::open(3, Severity::Info).await;
    let (parent, early, late) = (desk.devices[0], desk.devices[1], desk.devices[2]);
    desk.record(&[goes(parent, State::Up, State::Down, 0), hidden(early, parent, 0)]).await;
    desk.tell_all().await;
    desk.record(&[hidden(late, parent, 5)]).await;
    desk.record(&[goes(parent, State::Down, State::Up, 60)]).await;
    desk.tell_all().await;
    let bodies = desk.receiver.bodies.lock().clone();
    let text = |place: usize| bodies[place]["body"].as_str().unwrap();
    assert!(text(0).contains("1 device cannot be seen because of it: d0001"), "{}", text(0));
    assert!(text(1).contains("1 more device could not be seen meanwhile: d0002"), "{}", text(1));
}

//! What happens while nothing is said: paused time, and a pipe in place of the network.

use super::super::actor::{Bell, Request};
use super::super::connect::Link;
use super::super::exchange::Exchange;
use super::super::session::Answer;
use super::super::sim::codec::{put_word, take_sentence};
use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// A router at the other end of a pipe, moved by hand.
struct Peer {
    pipe: DuplexStream,
    inbox: Vec<u8>,
}

impl Peer {
    /// The next command, and its tag.
    async fn hear(&mut self) -> (String, String) {
        loop {
            if let Some(words) = take_sentence(&mut self.inbox).unwrap() {
                let word = |at: usize| String::from_utf8(words[at].clone()).unwrap();
                return (word(0), word(1));
            }
            assert_ne!(self.pipe.read_buf(&mut self.inbox).await.unwrap(), 0, "hung up");
        }
    }

    async fn say(&mut self, words: &[&str]) {
        let mut bytes = Vec::new();
        words.iter().for_each(|word| put_word(word.as_bytes(), &mut bytes));
        bytes.push(0);
        self.pipe.write_all(&bytes).await.unwrap();
    }
}

struct Ends {
    peer: Peer,
    requests: mpsc::Sender<Request>,
    tracker: TaskTracker,
    /// Why it ended, and after how much silence.
    ended: oneshot::Receiver<(Option<Disconnect>, Duration)>,
}

/// A session right after its login.
fn logged_in(keep_alive: Option<Duration>) -> Ends {
    let (ours, theirs) = duplex(64 * 1024);
    let (requests, mut receiver) = mpsc::channel(8);
    let (tell, ended) = oneshot::channel();
    let tracker = TaskTracker::new();
    tracker.spawn(async move {
        let mut exchange = Exchange::new(Link::new(Box::new(ours)), Vec::new(), keep_alive);
        let why = exchange.run(&mut receiver).await;
        let _ = tell.send((why, exchange.idle()));
    });
    Ends { peer: Peer { pipe: theirs, inbox: Vec::new() }, requests, tracker, ended }
}

type Waiting = oneshot::Receiver<Result<Answer, AskError>>;

async fn ask(requests: &mpsc::Sender<Request>) -> Waiting {
    send(requests, "/system/identity/print", None, false).await
}

async fn send(
    requests: &mpsc::Sender<Request>,
    path: &'static str,
    bell: Option<Bell>,
    is_modest: bool,
) -> Waiting {
    let (answered, answer) = oneshot::channel();
    let command = Command::new(path);
    let request = Request { answered: Some(answered), bell, is_modest, ..Request::new(command) };
    requests.send(request).await.ok().unwrap();
    answer
}

#[tokio::test(start_paused = true)]
async fn what_can_wait_never_begins_in_the_last_place_and_begins_once_the_first_is_free() {
    let Ends { mut peer, requests, .. } = logged_in(None);
    let bell: Bell = Arc::new(|| ());
    let listening = send(&requests, "/log/listen", Some(bell), true).await;
    let (heard, listen_tag) = peer.hear().await;
    assert_eq!(heard, "/log/listen");
    let reading = send(&requests, "/log/print", None, true).await;
    let left = send(&requests, "/log/print", None, true).await;
    drop(left);
    for _ in 0..3 {
        let facts = ask(&requests).await;
        let (heard, tag) = peer.hear().await;
        assert_eq!(heard, "/system/identity/print", "others go on beside what is listened to");
        peer.say(&["!done", &tag]).await;
        facts.await.unwrap().unwrap();
    }
    drop(listening);
    assert_eq!(peer.hear().await.0, "/cancel");
    let facts = ask(&requests).await;
    let (_, facts_tag) = peer.hear().await;
    peer.say(&["!trap", &listen_tag, "=message=interrupted"]).await;
    peer.say(&["!done", &listen_tag]).await;
    assert!(timeout(Duration::from_millis(500), peer.hear()).await.is_err(), "facts are still on their way");
    peer.say(&["!done", &facts_tag]).await;
    facts.await.unwrap().unwrap();
    let (heard, tag) = peer.hear().await;
    assert_eq!(heard, "/log/print");
    peer.say(&["!done", &tag]).await;
    reading.await.unwrap().unwrap();
    assert!(timeout(Duration::from_secs(60), peer.hear()).await.is_err(), "nobody waits for the other one");
}

#[tokio::test(start_paused = true)]
async fn a_router_that_cuts_idle_sessions_is_asked_something_cheap_in_time_but_not_for_ever() {
    let every = Duration::from_secs(8);
    let Ends { mut peer, requests, tracker, ended } = logged_in(Some(every));
    let answer = ask(&requests).await;
    let (_, tag) = peer.hear().await;
    peer.say(&["!done", &tag]).await;
    answer.await.unwrap().unwrap();
    let begun = Instant::now();
    let mut kept_awake = 0;
    while let Ok((command, tag)) = timeout(every * 2, peer.hear()).await {
        assert_eq!(command, "/system/identity/print");
        assert!(begun.elapsed().abs_diff(every * (kept_awake + 1)) < Duration::from_secs(1));
        kept_awake += 1;
        peer.say(&["!re", &tag, "=name=r"]).await;
        peer.say(&["!done", &tag]).await;
    }
    assert_eq!(kept_awake, 600 / 8, "a session that nobody uses is let go");
    drop(requests);
    assert_eq!(ended.await.unwrap().0, None);
    tracker.close();
    tracker.wait().await;
}

#[tokio::test(start_paused = true)]
async fn a_router_without_that_habit_is_left_in_peace() {
    let Ends { mut peer, requests, .. } = logged_in(None);
    let answer = ask(&requests).await;
    let (_, tag) = peer.hear().await;
    peer.say(&["!done", &tag]).await;
    answer.await.unwrap().unwrap();
    assert!(timeout(Duration::from_secs(86_400), peer.hear()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_keep_alive_that_stays_unanswered_is_a_loss() {
    let Ends { mut peer, requests, ended, .. } = logged_in(Some(Duration::from_secs(8)));
    let answer = ask(&requests).await;
    let (_, tag) = peer.hear().await;
    drop(answer);
    // The caller left: its command is cancelled, and the router ends it.
    let (cancel, _) = peer.hear().await;
    assert_eq!(cancel, "/cancel");
    peer.say(&["!trap", &tag, "=category=2", "=message=interrupted"]).await;
    peer.say(&["!done", &tag]).await;
    let (command, _) = peer.hear().await;
    assert_eq!(command, "/system/identity/print");
    assert!(matches!(ended.await.unwrap().0, Some(Disconnect::Silent { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_trap_without_its_done_blocks_its_place_for_a_while_only() {
    let Ends { mut peer, requests, .. } = logged_in(None);
    for _ in 0..6 {
        let answer = ask(&requests).await;
        let (_, tag) = peer.hear().await;
        peer.say(&["!trap", &tag, "=message=no"]).await;
        assert!(matches!(answer.await.unwrap(), Err(AskError::Trap { .. })));
    }
}

#[tokio::test(start_paused = true)]
async fn a_close_that_crosses_a_command_after_a_long_silence_gives_the_command_back() {
    let Ends { mut peer, requests, ended, .. } = logged_in(None);
    let answer = ask(&requests).await;
    let (_, tag) = peer.hear().await;
    peer.say(&["!done", &tag]).await;
    answer.await.unwrap().unwrap();
    tokio::time::advance(Duration::from_secs(30)).await;
    let _answer = ask(&requests).await;
    peer.hear().await;
    drop(peer);
    let (why, idle) = ended.await.unwrap();
    assert_eq!(why, Some(Disconnect::IdleClosed));
    assert_eq!(idle.as_secs(), 30, "the silence that the router cut, from which its habit is learnt");
}

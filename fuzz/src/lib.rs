//! What outsiders write, and what has to hold of whoever reads it: no panic, no growth, no surprise.
//!
//! To add a target: a function here with a line in [`TARGETS`], its seeds, a file in `fuzz_targets`, and a
//! `[[bin]]` in the manifest. `cargo xtask fuzz` runs them with coverage; the server's tests run the same
//! functions on a few thousand mutations, without building anything more.

mod seeds;

use app::api::{account, devices, users, wire as form};
use engine::{
    driver::routeros::Decoder,
    log::{
        MESSAGE_CHARS_MAX,
        syslog::{Frames, LINE_BYTES_MAX, understand},
        topics_of, wall_ms,
    },
    notify::telegram::{Event, updates_in},
};
use serde::{Serialize, de::DeserializeOwned};
use server::{
    config::{Config, KEYS, Layers, Sources},
    import,
};
use std::{fs, path::PathBuf};

/// Reads one input.
pub type Target = fn(&[u8]);

/// Every target by its name.
pub const TARGETS: &[(&str, Target)] = &[
    ("sentences", sentences),
    ("import", import),
    ("fernet", fernet),
    ("wire", wire),
    ("updates", updates),
    ("configuration", configuration),
    ("syslog", syslog),
    ("log_times", log_times),
];

/// Where a target writes its seeds before it starts, if anywhere.
const SEEDS: &str = "ROUTEWARDEN_SEEDS";
/// What a decoder may hold: a sentence, and room for what follows.
const HELD_BYTES_MAX: usize = 272 * 1024;
/// In a printed configuration: a secret that is not told, and characters in escapes that TOML does not have.
const UNREADABLE: [&str; 3] = ["***", "\\u{", "\\0"];

/// Whole inputs that make sense, for a target to begin with.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    match target {
        "sentences" => seeds::sentences(),
        "import" => seeds::import(),
        "fernet" => seeds::fernet(),
        "wire" => seeds::wire(),
        "updates" => seeds::updates(),
        "configuration" => seeds::configuration(),
        "syslog" => seeds::syslog(),
        "log_times" => seeds::log_times(),
        _ => Vec::new(),
    }
}

/// Writes the seeds into the folder that the environment names.
pub fn write_seeds(target: &str) {
    let Some(folder) = std::env::var_os(SEEDS).map(PathBuf::from) else { return };
    for (number, seed) in seeds(target).into_iter().enumerate() {
        fs::write(folder.join(format!("seed-{number:03}")), seed).expect("the folder can be written to");
    }
}

/// A router's bytes come in pieces of any size, and mean the same in all of them.
pub fn sentences(bytes: &[u8]) {
    let [first, rest @ ..] = bytes else { return };
    let is_in = first & 1 == 1;
    let piece = usize::from(first >> 1).max(1);
    assert_eq!(decode(rest, piece, is_in), decode(rest, rest.len().max(1), is_in));
}

/// Everything that is read, as text, and how it ended.
fn decode(bytes: &[u8], piece: usize, is_in: bool) -> (Vec<String>, Option<String>) {
    let mut decoder = Decoder::default();
    if is_in {
        decoder.admit();
    }
    let mut told = Vec::new();
    for piece in bytes.chunks(piece) {
        decoder.space().extend_from_slice(piece);
        loop {
            match decoder.next_reply() {
                Ok(Some(reply)) => {
                    let message = reply.message();
                    let is_short = message.chars().count() <= 256;
                    assert!(is_short && !message.chars().any(char::is_control), "{message:?}");
                    told.push(format!("{reply:?} {message} {:?} {:?}", reply.ret(), reply.category()));
                }
                Ok(None) => break,
                Err(error) => return (told, Some(error.to_string())),
            }
        }
        // What comes at once is held at once; all that came before it counts for one sentence at most.
        assert!(decoder.held() <= HELD_BYTES_MAX + 2 * piece.len(), "{}", decoder.held());
    }
    (told, None)
}

/// Whatever a file holds, it is understood or refused.
pub fn import(bytes: &[u8]) {
    match import::read(bytes) {
        Ok(plan) => drop(format!("{plan:?}")),
        Err(refused) => assert!(!refused.to_string().is_empty()),
    }
}

/// A key, a line feed, and a token.
pub fn fernet(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (key, token) = text.split_once('\n').unwrap_or((text, text));
    if let Some(key) = import::FernetKey::parse(key) {
        drop(key.open(token));
    }
}

/// A body is refused, or says what it says when it is written again.
pub fn wire(bytes: &[u8]) {
    let [kind, body @ ..] = bytes else { return };
    match kind % 16 {
        0 => again::<model::FromBrowser>(body),
        1 => again::<devices::CreateDevice>(body),
        2 => again::<devices::UpdateDevice>(body),
        3 => again::<devices::ProbeRouteros>(body),
        4 => again::<devices::PinCertificate>(body),
        5 => again::<devices::CheckNow>(body),
        6 => again::<devices::SetDeviceEnabled>(body),
        7 => again::<devices::LoadOverview>(body),
        8 => again::<account::LogIn>(body),
        9 => again::<account::SetUp>(body),
        10 => again::<account::CreateToken>(body),
        11 => again::<account::EnterCode>(body),
        12 => again::<users::CreateUser>(body),
        13 => again::<users::UpdateUser>(body),
        14 => again::<model::FromServer>(body),
        _ => again::<app::api::ApiError>(body),
    }
}

/// What people say to a bot is read as far as it makes sense, and no more of it than was asked for.
pub fn updates(bytes: &[u8]) {
    for update in updates_in(bytes).unwrap_or_default() {
        let (text, name) = match &update.event {
            Some(Event::Said(said)) => (&said.text, said.sender.as_ref()),
            Some(Event::Pressed(press)) => (&press.data, Some(&press.sender)),
            None => continue,
        };
        assert!(text.chars().count() <= 4096);
        assert!(
            name.is_none_or(|one| one.name.chars().count() <= 64 && !one.name.chars().any(char::is_control))
        );
    }
}

fn again<T: Serialize + DeserializeOwned>(body: &[u8]) {
    if let Some(read) = form::decode::<T>(body) {
        let written = form::encode(&read);
        let read: T = form::decode(&written).expect("what was written can be read");
        assert_eq!(form::encode(&read), written);
    }
}

/// A file is refused in one line, or says the same when it is printed and read again, where that is possible.
pub fn configuration(bytes: &[u8]) {
    let file = std::env::temp_dir().join(format!("routewarden-fuzz-{}.toml", std::process::id()));
    let sources = Sources { file: Some(file.clone()), environment: Default::default() };
    let load = |bytes: &[u8]| {
        fs::write(&file, bytes).expect("the temporary folder can be written to");
        Config::load(&[], &sources)
    };
    match load(bytes) {
        Ok((config, layers)) => {
            let printed = layers.to_string();
            if !UNREADABLE.iter().any(|part| printed.contains(part)) {
                let (again, same) = load(printed.as_bytes()).expect("what was printed can be read");
                assert_eq!(values(&same), values(&layers), "{printed}");
                assert_eq!(format!("{again:?}"), format!("{config:?}"), "{printed}");
            }
        }
        Err(refused) => assert!(!refused.to_string().contains('\n'), "{refused}"),
    }
    // Another input comes into the same place.
    let _ = fs::remove_file(file);
}

/// A stream comes in pieces of any size and is the same lines in all of them; each is a line of text, or nothing.
pub fn syslog(bytes: &[u8]) {
    let [first, rest @ ..] = bytes else { return };
    let lines = framed(rest, usize::from(*first).max(1));
    assert_eq!(lines, framed(rest, rest.len().max(1)));
    for line in lines.iter().filter_map(|line| understand(line, model::Timestamp(0))) {
        assert!(!line.message.chars().any(char::is_control), "{:?}", line.message);
        assert!(line.message.chars().count() <= 8 * MESSAGE_CHARS_MAX + 1);
        assert!(line.topics.iter().all(|topic| !topic.contains(',') && !topic.chars().any(char::is_control)));
    }
}

fn framed(bytes: &[u8], piece: usize) -> Vec<Vec<u8>> {
    let (mut frames, mut lines) = (Frames::default(), Vec::new());
    for piece in bytes.chunks(piece) {
        if frames.take(piece, |line| lines.push(line.to_vec())).is_err() {
            return lines;
        }
        assert!(frames.held() <= LINE_BYTES_MAX);
    }
    frames.end(|line| lines.push(line.to_vec()));
    lines
}

/// A time of a router's log is read or not, whatever its clock says; so are a line's topics.
pub fn log_times(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (time, topics) = text.split_once('\n').unwrap_or((&text, &text));
    for now in [i64::MIN, -1, 0, 1_694_511_000_000, i64::MAX] {
        let _ = wall_ms(time, now);
    }
    let (_, topics) = topics_of(topics);
    assert!(topics.iter().all(|topic| topic.chars().count() <= 200 && !topic.contains(',')));
}

fn values(layers: &Layers) -> Vec<Option<&str>> {
    KEYS.iter().map(|key| layers.given(key.name).map(|given| given.value.as_str())).collect()
}

//! The decoder: what goes in comes out, and nothing that comes in does harm.

use super::super::row::Row;
use super::super::sim::codec::{put_word, take_sentence};
use super::super::wire::*;
use mikrotik_rs::proto::codec::encode_word;
use proptest::prelude::*;

/// Feeds the bytes in pieces of the given size, and gives the replies, or why they ended.
fn decode(bytes: &[u8], piece: usize, is_in: bool) -> (Vec<Reply>, Option<WireError>, usize) {
    let mut decoder = Decoder::default();
    if is_in {
        decoder.admit();
    }
    let (mut replies, mut held_max) = (Vec::new(), 0);
    for piece in bytes.chunks(piece.max(1)) {
        decoder.space().extend_from_slice(piece);
        held_max = held_max.max(decoder.held());
        loop {
            match decoder.next_reply() {
                Ok(Some(reply)) => replies.push(reply),
                Ok(None) => break,
                Err(error) => return (replies, Some(error), held_max),
            }
        }
    }
    (replies, None, held_max)
}

/// A sentence written by the simulator's codec, which is not the driver's.
fn sentence(words: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    words.iter().for_each(|word| put_word(word, &mut bytes));
    bytes.push(0);
    bytes
}

#[test]
fn a_reply_keeps_order_duplicates_raw_bytes_tag_and_ret() {
    let bytes =
        sentence(&[b"!done", b".tag=7", b"=b=1", b"=a=", b"=b=2", b"=flag", b"=ret=*3", b"=c=caf\xe9"]);
    let (replies, error, _) = decode(&bytes, 3, true);
    assert_eq!(error, None);
    let reply = &replies[0];
    assert_eq!((&reply.kind, reply.tag, reply.ret().as_deref()), (&Kind::Done, Some(7), Some("*3")));
    let pairs: Vec<_> = reply.row.pairs().map(|(key, value)| format!("{key}:{value}")).collect();
    assert_eq!(pairs, ["b:1", "a:", "b:2", "flag:", "ret:*3", "c:café"]);
    assert_eq!(reply.row.raw("c"), Some(&b"caf\xe9"[..]));
    assert_eq!((reply.row.text("b").unwrap(), reply.row.text("none")), ("1".into(), None));
}

#[test]
fn text_that_is_not_utf8_is_read_as_windows_1252() {
    let row = |bytes: &[u8]| decode(&sentence(&[b"!re", bytes]), 9, true).0.remove(0).row;
    assert_eq!(row(b"=c=\xe4\xf6\xfc\xdf \x80 \x93x\x94").text("c").unwrap(), "äöüß € “x”");
    assert_eq!(row("=c=Москва €".as_bytes()).text("c").unwrap(), "Москва €");
}

#[test]
fn every_reply_word_is_told_apart_and_traps_keep_what_they_say() {
    let bytes = [
        sentence(&[b"!re", b".tag=1"]),
        sentence(&[b"!empty"]),
        sentence(&[b"!trap", b"=category=2", b"=message=interrupted", b"=extra=1"]),
        sentence(&[b"!trap"]),
        sentence(&[b"!fatal", b"too many", b"sessions"]),
        sentence(&[b"!news", b".tag=x"]),
    ]
    .concat();
    let (replies, error, _) = decode(&bytes, 1, true);
    assert_eq!(error, None);
    let kinds: Vec<_> = replies.iter().map(|reply| reply.kind.clone()).collect();
    use Kind::*;
    assert_eq!(kinds, [Row, Empty, Trap, Trap, Fatal, Unknown]);
    assert_eq!((replies[2].category(), replies[2].message()), (Some(2), "interrupted".into()));
    assert_eq!((replies[3].category(), replies[3].message()), (None, "no reason given".into()));
    assert_eq!(replies[4].message(), "too many sessions");
    assert_eq!(replies[5].tag, None);
    let spliced = sentence(&[b"!re", b".tag=1", b"=a=b", b"!done", b".tag=2"]);
    assert_eq!(decode(&spliced, 1, true).1, Some(WireError::Spliced));
    for word in [&b"re"[..], b"!Re", b"!re\x05", b"\xff\xfe"] {
        assert_eq!(decode(&sentence(&[word]), 1, true).1, Some(WireError::NoReplyWord));
    }
}

#[test]
fn a_length_that_no_word_has_is_refused_before_a_byte_of_it_arrives() {
    for length in [65_537u32, 1 << 20, 1 << 28, u32::MAX] {
        let mut bytes = vec![0xf0];
        bytes.extend_from_slice(&length.to_be_bytes());
        let (_, error, held) = decode(&bytes, 1, true);
        assert_eq!(error, Some(WireError::WordTooLong(length.into())));
        assert!(held <= 8 * 1024, "{held}");
    }
    assert_eq!(decode(&[0xf8], 1, true).1, Some(WireError::Length(0xf8)));
}

#[test]
fn a_sentence_has_a_last_word_and_a_last_byte() {
    let many = [b"\x03!re".to_vec(), b"\x03=a=".repeat(300)].concat();
    assert_eq!(decode(&many, 100, true).1, Some(WireError::TooManyWords));
    let mut word = Vec::new();
    put_word(&vec![b'x'; WORD_BYTES_MAX], &mut word);
    let (_, error, held) = decode(&word.repeat(20), 4096, true);
    assert_eq!(error, Some(WireError::SentenceTooLong(SENTENCE_BYTES_MAX)));
    assert!(held <= SENTENCE_BYTES_MAX + 8 * 1024, "{held}");
    assert_eq!(decode(&[0], 1, true).1, Some(WireError::EmptySentence));
}

#[test]
fn before_the_login_a_router_may_say_little() {
    let row = sentence(&[b"!re", &[b'x'; 1000]]);
    let (replies, error, _) = decode(&row.repeat(100), 500, false);
    assert_eq!(error, Some(WireError::TooMuchBeforeLogin));
    assert!(replies.len() < 66, "{}", replies.len());
}

#[test]
fn a_long_sentence_in_small_pieces_is_read_in_linear_time() {
    // 255 words of 1,000 bytes, one byte at a time: a quarter of a million calls, each looking at one length prefix.
    let mut bytes = Vec::new();
    put_word(b"!re", &mut bytes);
    (0..255).for_each(|_| put_word(&[b'x'; 1000], &mut bytes));
    bytes.push(0);
    let (replies, error, _) = decode(&bytes, 1, true);
    assert_eq!((replies.len(), error), (1, None));
}

fn words() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let word = prop_oneof![
        8 => prop::collection::vec(any::<u8>(), 1..140).prop_map(|mut word| {
            // A second reply word is a sign of damage, not data.
            word[0] = if word[0] == b'!' { b'=' } else { word[0] };
            word
        }),
        1 => (16_380usize..16_390, b'a'..=b'z').prop_map(|(length, byte)| vec![byte; length]),
        4 => Just(b"=name=ether1".to_vec()),
    ];
    prop::collection::vec(word, 0..20).prop_map(|mut words| {
        words.insert(0, b"!re".to_vec());
        words
    })
}

#[test]
fn what_a_router_says_is_short_and_without_control_characters() {
    let mut bytes = Vec::new();
    put_word(b"!trap", &mut bytes);
    put_word(&[b"=message=\x1b[31mno\n".as_slice(), &[b'x'; 60_000]].concat(), &mut bytes);
    bytes.push(0);
    let (replies, error, _) = decode(&bytes, 4_000, true);
    assert_eq!(error, None);
    let message = replies[0].message();
    assert!(message.starts_with("[31mnox") && message.len() == 256, "{message}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn what_either_codec_writes_the_other_reads(sentences in prop::collection::vec(words(), 1..5), piece in 7usize..5000) {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for words in &sentences {
            words.iter().for_each(|word| encode_word(word, &mut ours));
            words.iter().for_each(|word| put_word(word, &mut theirs));
            ours.push(0);
            theirs.push(0);
        }
        prop_assert_eq!(&ours, &theirs);
        let (replies, error, _) = decode(&theirs, piece, true);
        prop_assert_eq!(error, None);
        let read: Vec<Vec<Vec<u8>>> =
            replies.iter().map(|reply| reply.row.words().map(<[u8]>::to_vec).collect()).collect();
        prop_assert_eq!(&read, &sentences);
        for words in &sentences {
            prop_assert_eq!(&take_sentence(&mut ours).unwrap().unwrap(), words);
        }
    }

    #[test]
    fn arbitrary_bytes_neither_panic_nor_grow(bytes in prop::collection::vec(any::<u8>(), 0..6_000), piece in 1usize..3000, is_in: bool) {
        let (replies, _, held) = decode(&bytes, piece, is_in);
        prop_assert!(held <= SENTENCE_BYTES_MAX + 2 * (4 * 1024 + piece));
        for reply in replies {
            let _ = (reply.message(), reply.category(), reply.ret(), format!("{:?}", reply.row));
        }
        let _ = take_sentence(&mut bytes.clone());
    }

    /// Mostly well-formed streams get deeper than noise does.
    #[test]
    fn damaged_sentences_neither_panic_nor_grow(mut sentences in prop::collection::vec(words(), 1..5), at: prop::sample::Index, byte: u8, piece in 7usize..3000) {
        sentences.iter_mut().for_each(|words| words.truncate(8));
        let mut bytes = Vec::new();
        for words in &sentences {
            words.iter().for_each(|word| put_word(word, &mut bytes));
            bytes.push(0);
        }
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let (_, _, held) = decode(&bytes, piece, true);
        prop_assert!(held <= SENTENCE_BYTES_MAX + 2 * (4 * 1024 + piece));
    }

    #[test]
    fn rows_say_what_they_were_made_of(pairs in prop::collection::vec(("[a-z-]{1,12}", "\\PC{0,40}"), 0..20)) {
        let borrowed: Vec<_> = pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let row = Row::of(&borrowed);
        let read: Vec<_> = row.pairs().map(|(key, value)| (key.into_owned(), value.into_owned())).collect();
        prop_assert_eq!(read, pairs);
    }
}

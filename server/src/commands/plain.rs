//! What a device printed, as plain text: no colours, no cursor, and nothing that a terminal or a page would act upon.

use std::{iter::Peekable, str::Chars};

/// Lines as everywhere, no control character but their ends and tabs, and none that turns text around.
pub fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' => skip_sequence(&mut letters),
            // The same in one character.
            '\u{9b}' => skip_to_final(&mut letters),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => skip_string(&mut letters),
            '\r' => {
                if letters.peek() != Some(&'\n') {
                    plain.push('\n');
                }
            }
            '\n' | '\t' => plain.push(letter),
            letter if letter.is_control() || model::is_bidi_control(letter) => plain.push('\u{fffd}'),
            letter => plain.push(letter),
        }
    }
    plain.truncate(plain.trim_end().len());
    plain
}

/// What follows an escape (ECMA-48).
fn skip_sequence(letters: &mut Peekable<Chars<'_>>) {
    match letters.peek() {
        Some('[') => {
            letters.next();
            skip_to_final(letters);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            letters.next();
            skip_string(letters);
        }
        _ => {
            while letters.next_if(|c| matches!(c, ' '..='/')).is_some() {}
            letters.next_if(|c| matches!(c, '0'..='~'));
        }
    }
}

/// The parameters of a control sequence, and the character that ends it.
fn skip_to_final(letters: &mut Peekable<Chars<'_>>) {
    while letters.next_if(|c| matches!(c, ' '..='?')).is_some() {}
    letters.next_if(|c| matches!(c, '@'..='~'));
}

/// A title or the like. One that is not closed takes its line with it, and no more.
fn skip_string(letters: &mut Peekable<Chars<'_>>) {
    while let Some(letter) = letters.next_if(|c| *c != '\n') {
        match letter {
            '\u{7}' | '\u{9c}' => return,
            '\u{1b}' => {
                letters.next_if_eq(&'\\');
                return;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sequences_go_whole_and_text_stays() {
        for (printed, shown) in [
            (&b"a\r\nb\n\n"[..], "a\nb"),
            (b"one\rtwo", "one\ntwo"),
            (b"\x1b[1;31mred\x1b[0m \x1b[2Jx", "red x"),
            (b"\x1b]0;title\x07after", "after"),
            (b"\x1b]52;c;cm0=\x1b\\after", "after"),
            (b"\x1bP1$r\x1b\\after\x1b(Bx\x1bcy", "afterxy"),
            (b"\x1b]never closed\nnext", "\nnext"),
            (b"tab\there \x00\x08\x7f", "tab\there \u{fffd}\u{fffd}\u{fffd}"),
            (b"\xff\xfe", "\u{fffd}\u{fffd}"),
            ("\u{9b}31mred \u{202e}gnp \u{9d}0;x\u{9c}y".as_bytes(), "red \u{fffd}gnp y"),
            (b"\x1b[", ""),
            (b"<b>&\"'", "<b>&\"'"),
        ] {
            assert_eq!(plain(printed), shown, "{printed:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_acts_is_left(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let shown = plain(&bytes);
            let is_tame = |c: char| matches!(c, '\n' | '\t') || !c.is_control() && !model::is_bidi_control(c);
            prop_assert!(shown.chars().all(is_tame), "{:?}", shown);
        }
    }
}

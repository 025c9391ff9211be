//! Throws mutations at what reads what people say to a bot.

#![no_main]

libfuzzer_sys::fuzz_target!(init: fuzz::write_seeds("updates"), |bytes: &[u8]| fuzz::updates(bytes));

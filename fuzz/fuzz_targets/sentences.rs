//! Throws mutations at what reads what a router says over its API.

#![no_main]

libfuzzer_sys::fuzz_target!(init: fuzz::write_seeds("sentences"), |bytes: &[u8]| fuzz::sentences(bytes));

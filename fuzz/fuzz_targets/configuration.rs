//! Throws mutations at what reads a configuration file.

#![no_main]

libfuzzer_sys::fuzz_target!(init: fuzz::write_seeds("configuration"), |bytes: &[u8]| fuzz::configuration(bytes));

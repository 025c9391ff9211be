//! Throws mutations at what receives and understands lines sent by syslog.

#![no_main]

libfuzzer_sys::fuzz_target!(init: fuzz::write_seeds("syslog"), |bytes: &[u8]| fuzz::syslog(bytes));

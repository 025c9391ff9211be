//! Throws mutations at what reads the times and topics of a router's log.

#![no_main]

libfuzzer_sys::fuzz_target!(init: fuzz::write_seeds("log_times"), |bytes: &[u8]| fuzz::log_times(bytes));

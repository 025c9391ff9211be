//! Throws mutations at what reads the dashboard's key and what it sealed.

#![no_main]

libfuzzer_sys::fuzz_target!(init: fuzz::write_seeds("fernet"), |bytes: &[u8]| fuzz::fernet(bytes));

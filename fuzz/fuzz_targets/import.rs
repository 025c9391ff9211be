//! Throws mutations at what reads a file to import.

#![no_main]

libfuzzer_sys::fuzz_target!(init: fuzz::write_seeds("import"), |bytes: &[u8]| fuzz::import(bytes));

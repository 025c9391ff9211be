//! Throws mutations at what reads what a page sends to a server function or over its socket.

#![no_main]

libfuzzer_sys::fuzz_target!(init: fuzz::write_seeds("wire"), |bytes: &[u8]| fuzz::wire(bytes));

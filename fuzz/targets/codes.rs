#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| guestlist::fuzz::run("codes", bytes));

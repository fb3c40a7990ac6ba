#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| guestlist::fuzz::run("password_hash", bytes));

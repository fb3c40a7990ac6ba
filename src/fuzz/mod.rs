//! What reads strangers' bytes, each as a function that a fuzzer can run: it must not panic, whatever comes, and it
//! asserts what must hold of what it has read.
//!
//! `fuzz/` has a program and a corpus for each; `tests/it/fuzz.rs` runs the corpora and variations of them.

#![expect(clippy::panic, reason = "a property that does not hold is to stop the fuzzer")]

mod facades;
mod lines;
mod requests;
mod texts;
mod tokens;

/// A name and what it runs.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: &[Target] = &[
    ("access_token", tokens::access_token),
    ("address", texts::address),
    ("body", requests::body),
    ("codes", tokens::codes),
    ("cursor", tokens::cursor),
    ("document", texts::document),
    ("forwarded", requests::forwarded),
    ("head", requests::head),
    ("import_line", lines::import_line),
    ("key_set", tokens::key_set),
    ("meiro", facades::meiro),
    ("members", lines::members),
    ("moment", texts::moment),
    ("panel", facades::panel),
    ("password_hash", texts::password_hash),
    ("public_url", texts::public_url),
    ("refresh_token", tokens::refresh_token),
    ("search", texts::search),
    ("texts", texts::texts),
];

/// Runs one of the [`TARGETS`].
///
/// # Panics
/// If there is none of that name, or if a property does not hold.
pub fn run(name: &str, bytes: &[u8]) {
    let found = TARGETS.iter().find(|(known, _)| *known == name);
    let Some((_, run)) = found else { panic!("there is no target {name}") };
    run(bytes);
}

/// The bytes as a text; what is none is not of interest.
fn text(bytes: &[u8]) -> Option<&str> {
    str::from_utf8(bytes).ok()
}

/// The parts of an input that a target takes apart: what lies between bytes of 0xFF, which no text has.
fn parts(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == 0xFF)
}

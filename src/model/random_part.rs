//! What nobody can guess: 32 random bytes in base64url, of which tokens and keys are made.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::random::Random;

/// How many characters they are.
const CHARS: usize = 43;

/// New ones.
pub(super) fn make(random: &Random) -> String {
    URL_SAFE_NO_PAD.encode(random.bytes::<32>())
}

/// Reads what somebody shows; its form only.
pub(super) fn read(text: &str) -> Option<String> {
    let form = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (text.len() == CHARS && text.bytes().all(form)).then(|| text.to_owned())
}

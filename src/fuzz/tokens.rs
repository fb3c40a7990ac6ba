//! What callers show to prove something.

use super::{parts, text};
use crate::{
    auth::{jwk::KeySet, jws::Jws},
    model::{
        code::{Code, InviteCode},
        refresh_token::RefreshToken,
    },
    secret::{Secret, Secrets},
    table::{
        Direction, Index,
        cursor::{Cursors, Scope},
    },
};

/// A key of an issuer, of which nobody has the private part.
const KEYS: &str = r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "one",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

/// No token is taken that its issuer has not signed.
pub(super) fn access_token(bytes: &[u8]) {
    let Some(jws) = text(bytes).and_then(|text| Jws::parse(text).ok()) else { return };
    let _ = jws.is_access_token();
    let Ok(keys) = KeySet::parse(KEYS.as_bytes()) else { return };
    for id in [None, jws.key_id.as_deref()] {
        if let Ok(key) = keys.find(id, jws.algorithm) {
            assert!(jws.check(key).is_err(), "a token that nobody has signed");
        }
    }
}

/// A set of keys, and a token that is checked by them.
pub(super) fn key_set(bytes: &[u8]) {
    let mut parts = parts(bytes);
    let Some(Ok(keys)) = parts.next().map(KeySet::parse) else { return };
    assert_eq!(keys.algorithms().count() == 0, keys.is_empty(), "keys without an algorithm");
    let Some(jws) = parts.next().and_then(text).and_then(|text| Jws::parse(text).ok()) else {
        return;
    };
    if let Ok(key) = keys.find(jws.key_id.as_deref(), jws.algorithm) {
        let _ = jws.check(key);
    }
}

/// No cursor opens that was not sealed here.
pub(super) fn cursor(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let secret = |byte| Secret::new([byte; 32]);
    let cursors = Cursors::new(&Secrets { current: secret(1), previous: vec![secret(2)] });
    let scope = Scope { index: Index::Gs1, direction: Direction::Forward, query: "account#1" };
    assert!(cursors.open(text, scope).is_none(), "a cursor that nobody has sealed");
}

/// A refresh token that was read is the one that was given.
pub(super) fn refresh_token(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let Some(token) = RefreshToken::parse(text) else { return };
    let again = RefreshToken::parse(&token.reveal());
    assert!(again.is_some_and(|again| again.reveal() == token.reveal()), "another token");
}

/// A code that was read is the one that was given.
pub(super) fn codes(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    if let Some(code) = Code::parse(text) {
        assert_eq!(code.reveal(), text.trim(), "another code");
    }
    if let Some(InviteCode { code, proof: Some(proof) }) = InviteCode::parse(text) {
        assert_eq!(format!("{}.{}", code.reveal(), proof.reveal()), text.trim(), "another code");
    }
}

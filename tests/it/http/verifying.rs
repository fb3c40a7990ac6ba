//! The example in Rust of docs/tokens.md, letter by letter but for its visibility.

use jsonwebtoken::{
    Algorithm, DecodingKey, TokenData, Validation, decode, decode_header,
    errors::{Error, ErrorKind},
    jwk::JwkSet,
};
use serde_json::Value;

pub fn verify(
    token: &str,
    keys: &JwkSet,
    issuer: &str,
    audience: &str,
) -> Result<TokenData<Value>, Error> {
    let header = decode_header(token)?;
    let key = header.kid.and_then(|kid| keys.find(&kid)).ok_or(ErrorKind::InvalidToken)?;
    let known = [Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256].contains(&header.alg);
    if !known || header.typ.as_deref() != Some("at+jwt") {
        return Err(ErrorKind::InvalidToken.into());
    }
    let mut rules = Validation::new(header.alg);
    rules.set_issuer(&[issuer]);
    rules.set_audience(&[audience]);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    decode(token, &DecodingKey::from_jwk(key)?, &rules)
}

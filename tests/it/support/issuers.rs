//! Outside issuers, whose tokens a test makes itself.

use jsonwebtoken::{EncodingKey, Header};
use serde_json::json;

/// The secret that the outside issuers of these tests share with the service.
const SHARED: &str = "not a secret since it is in a test";

/// A token of an outside issuer, whose word on emails counts only if it is `trusted`.
pub(crate) fn outside(issuer: &str, subject: &str, email: &str, verified: bool) -> String {
    outside_since(issuer, (subject, email, verified), None)
}

/// The same, whose person has signed in at that second.
pub(crate) fn outside_since(
    issuer: &str,
    (subject, email, verified): (&str, &str, bool),
    since: Option<u64>,
) -> String {
    let claims = json!({
        "iss": issuer, "aud": "app", "sub": subject, "email": email,
        "email_verified": verified, "exp": 2_000_000_000, "iat": since,
    });
    let key = EncodingKey::from_secret(SHARED.as_bytes());
    jsonwebtoken::encode(&Header::default(), &claims, &key).unwrap()
}

pub(crate) fn issuer(name: &str, trust_email: bool) -> String {
    format!("--issuer=issuer={name},audience=app,hs256_secret={SHARED},trust_email={trust_email}")
}

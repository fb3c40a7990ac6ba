//! A signed token taken apart (JWS compact serialization, RFC 7515, section 7.1). Nothing that it says
//! may be believed before [`Jws::check`].

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::auth::{algorithm::Algorithm, claims::Claims, jwk::VerifyingKey, rejected::Rejected};

/// What access tokens call themselves (RFC 9068, section 2.1).
const ACCESS_TOKEN: &str = "at+jwt";
/// What the tokens call themselves that speak for a person. Others are signed with the same keys: notices that somebody
/// has signed out, proofs that a client has a key.
const TYPES: [&str; 2] = ["jwt", ACCESS_TOKEN];

/// A token's parts.
#[derive(Debug)]
pub(crate) struct Jws<'a> {
    /// `alg`.
    pub(crate) algorithm: Algorithm,
    /// `kid`: which of the issuer's keys.
    pub(crate) key_id: Option<String>,
    /// `typ`: what kind of token it is, as it says itself, in small letters and without `application/`.
    media_type: Option<String>,
    /// The payload, unverified.
    pub(crate) claims: Claims,
    message: &'a str,
    signature: &'a str,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    typ: Option<String>,
    #[serde(default)]
    crit: Option<Value>,
}

impl<'a> Jws<'a> {
    /// Takes a token apart.
    pub(crate) fn parse(token: &'a str) -> Result<Self, Rejected> {
        let (message, signature) = token.rsplit_once('.').ok_or(Rejected::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(Rejected::Malformed)?;
        let header: Header = part(header)?;
        if header.alg.eq_ignore_ascii_case("none") {
            return Err(Rejected::Unsigned);
        }
        if header.crit.is_some() {
            return Err(Rejected::CriticalExtension);
        }
        let algorithm = header.alg.parse().map_err(|_| Rejected::AlgorithmNotAllowed)?;
        let media_type = header.typ.as_deref().map(media_type);
        let claims: Claims = part(payload)?;
        let is_persons = media_type.as_deref().is_none_or(|name| TYPES.contains(&name));
        if !is_persons || claims.is_notice() {
            return Err(Rejected::WrongType);
        }
        Ok(Self { algorithm, key_id: header.kid, media_type, claims, message, signature })
    }

    /// All that the payload says, in a form of the caller's own.
    pub(crate) fn payload<T: DeserializeOwned>(&self) -> Result<T, Rejected> {
        part(self.message.split_once('.').map_or("", |(_, payload)| payload))
    }

    /// Whether it says that it is an access token (RFC 9068, section 2.1).
    pub(crate) fn is_access_token(&self) -> bool {
        self.media_type.as_deref() == Some(ACCESS_TOKEN)
    }

    /// Checks the signature; after this, the claims are the word of the key's owner.
    pub(crate) fn check(&self, key: &VerifyingKey) -> Result<(), Rejected> {
        if key.algorithm != self.algorithm {
            return Err(Rejected::KeyMismatch);
        }
        let message = self.message.as_bytes();
        let algorithm = self.algorithm.into();
        match jsonwebtoken::crypto::verify(self.signature, message, &key.key, algorithm) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Rejected::WrongSignature),
            // With a key of the right type, only the signature's base64 is left to be at fault.
            Err(_) => Err(Rejected::Malformed),
        }
    }
}

/// A media type in small letters, without the `application/` that may be left out (RFC 7515, section 4.1.9).
fn media_type(text: &str) -> String {
    let text = text.to_ascii_lowercase();
    text.strip_prefix("application/").map(str::to_owned).unwrap_or(text)
}

fn part<T: DeserializeOwned>(text: &str) -> Result<T, Rejected> {
    let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| Rejected::Malformed)?;
    serde_json::from_slice(&json).map_err(|_| Rejected::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str, payload: &str, expected: Result<(), Rejected>) {
        let token =
            format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        assert_eq!(Jws::parse(&token).map(drop), expected, "{header} {payload}");
    }

    #[test]
    fn headers_are_read_strictly() {
        check(r#"{"alg":"RS256"}"#, "{}", Ok(()));
        check(r#"{"alg":"EdDSA","kid":"a","typ":"JWT","x5t":"b"}"#, "{}", Ok(()));
        for own in ["JWT", "jwt", "at+jwt", "AT+JWT", "application/jwt", "application/at+jwt"] {
            check(&format!(r#"{{"alg":"ES256","typ":"{own}"}}"#), "{}", Ok(()));
        }
        for other in
            ["logout+jwt", "secevent+jwt", "dpop+jwt", "application/logout+jwt", "JOSE", ""]
        {
            let header = format!(r#"{{"alg":"ES256","typ":"{other}"}}"#);
            check(&header, "{}", Err(Rejected::WrongType));
        }
        check(r#"{"alg":"Ed25519"}"#, "{}", Ok(()));
        check(r#"{"alg":"Ed25519"}"#, r#"{"events":{}}"#, Err(Rejected::WrongType));
        for none in ["none", "None", "NONE"] {
            check(&format!(r#"{{"alg":"{none}"}}"#), "{}", Err(Rejected::Unsigned));
        }
        for other in ["rs256", "RS512", "PS256", "HS512", "ES384", ""] {
            check(&format!(r#"{{"alg":"{other}"}}"#), "{}", Err(Rejected::AlgorithmNotAllowed));
        }
        check(
            r#"{"alg":"RS256","crit":["b64"],"b64":false}"#,
            "{}",
            Err(Rejected::CriticalExtension),
        );
        let malformed = [
            "{}",
            "[]",
            r#"{"alg":1}"#,
            r#"{"alg":"RS256","kid":7}"#,
            r#"{"alg":"RS256","alg":"ES256"}"#,
        ];
        for header in malformed {
            check(header, "{}", Err(Rejected::Malformed));
        }
    }

    #[test]
    fn claims_of_a_wrong_type_are_malformed() {
        for payload in
            ["", "[1]x", r#"{"exp":"soon"}"#, r#"{"sub":7}"#, r#"{"aud":{}}"#, r#"{"exp":1e999}"#]
        {
            check(r#"{"alg":"RS256"}"#, payload, Err(Rejected::Malformed));
        }
        check(r#"{"alg":"RS256"}"#, r#"{"sub":"a","sub":"b"}"#, Err(Rejected::Malformed));
    }

    #[test]
    fn three_parts_of_base64url_are_needed() {
        for token in
            ["", ".", "..", "a.b", "e30.e30.e30.e30.e30", "e30=.e30.e30", "gl_key", "é.é.é"]
        {
            assert_eq!(Jws::parse(token).map(drop), Err(Rejected::Malformed), "{token}");
        }
    }
}

//! The built-in issuer: mints tokens for people who signed in here, and publishes its keys.

use std::time::Duration;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{EncodingKey, Header};
use serde::Serialize;

use crate::{
    auth::{
        algorithm::Algorithm,
        claims::Expected,
        identity::is_subject,
        jwk::{Jwk, JwkSet, KeySet, VerifyingKey},
        jws::Jws,
        rejected::Rejected,
    },
    clock::Clock,
    model::{email::Email, id::SessionId, sign_in::ISSUER, text::Name},
    secret::{Secret, Secrets, sha256},
};

/// What a new token is to say.
#[derive(Clone, Debug, Default)]
pub struct NewToken {
    /// The person: 1 to 255 characters, none of them a control character.
    pub subject: String,
    /// The person's e-mail address.
    pub email: Option<Email>,
    /// Whether the address is known to be the person's.
    pub email_verified: bool,
    /// First name.
    pub first: Option<Name>,
    /// Last name.
    pub last: Option<Name>,
    /// The session that the token belongs to, and ends with.
    pub session: Option<SessionId>,
    /// How long the token is valid, from now.
    pub lifetime: Duration,
}

/// Why the built-in issuer cannot make its keys or a token.
#[derive(Debug, thiserror::Error)]
pub enum MintError {
    /// The subject is empty, too long or has control characters.
    #[error("the subject of a token must be between 1 and 255 printable characters")]
    Subject,
    /// The cryptographic library refused its input.
    #[error("the signing key could not be made or used")]
    Key,
}

/// The issuer of this service: Ed25519 keys that are derived from the service's secrets.
#[derive(Debug)]
pub struct BuiltIn {
    expected: Expected,
    signing: EncodingKey,
    key_id: String,
    published: JwkSet,
    keys: KeySet,
    clock: Clock,
}

/// The claims of a minted token (RFC 7519, section 4.1; OIDC Core 1.0, section 5.1).
#[derive(Serialize)]
struct Minted<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    iat: u64,
    nbf: u64,
    exp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a Email>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    given_name: Option<&'a Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    family_name: Option<&'a Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<SessionId>,
}

impl BuiltIn {
    /// The issuer that signs with the current secret and accepts what the previous ones signed.
    pub fn new(secrets: &Secrets, clock: Clock) -> Result<Self, MintError> {
        let signer = pair(&secrets.current)?;
        let pairs = secrets.all().map(pair).collect::<Result<Vec<_>, _>>()?;
        let published = JwkSet { keys: pairs.iter().map(public).collect() };
        Ok(Self {
            expected: Expected {
                issuer: ISSUER.to_owned(),
                audiences: vec![ISSUER.to_owned()],
                trusted: true,
            },
            signing: EncodingKey::from_ed_der(
                signer.to_pkcs8v1().map_err(|_| MintError::Key)?.as_ref(),
            ),
            key_id: fingerprint(signer.public_key().as_ref()),
            keys: KeySet::new(published.keys.clone()).ok_or(MintError::Key)?,
            published,
            clock,
        })
    }

    /// A signed token that says what `new` says.
    pub fn mint(&self, new: &NewToken) -> Result<String, MintError> {
        if !is_subject(&new.subject) {
            return Err(MintError::Subject);
        }
        let now = self.clock.now();
        let claims = Minted {
            iss: ISSUER,
            aud: ISSUER,
            sub: &new.subject,
            iat: now.seconds(),
            nbf: now.seconds(),
            exp: now.plus(new.lifetime).seconds(),
            email: new.email.as_ref(),
            email_verified: new.email.as_ref().map(|_| new.email_verified),
            given_name: new.first.as_ref(),
            family_name: new.last.as_ref(),
            sid: new.session,
        };
        let mut header = Header::new(Algorithm::EdDSA.into());
        header.kid = Some(self.key_id.clone());
        jsonwebtoken::encode(&header, &claims, &self.signing).map_err(|_| MintError::Key)
    }

    /// The public keys, for `/.well-known/jwks.json`; the first is the one in use.
    pub fn jwks(&self) -> &JwkSet {
        &self.published
    }

    /// What its tokens must say.
    pub(crate) fn expected(&self) -> &Expected {
        &self.expected
    }

    /// The key to check a token's signature with.
    pub(crate) fn key(&self, jws: &Jws<'_>) -> Result<VerifyingKey, Rejected> {
        match jws.algorithm {
            Algorithm::EdDSA => self.keys.find(jws.key_id.as_deref(), jws.algorithm).cloned(),
            Algorithm::RS256 | Algorithm::ES256 | Algorithm::HS256 => {
                Err(Rejected::AlgorithmNotAllowed)
            }
        }
    }
}

fn pair(secret: &Secret) -> Result<Ed25519KeyPair, MintError> {
    let seed = secret.derive("signing");
    Ed25519KeyPair::from_seed_unchecked(seed.expose()).map_err(|_| MintError::Key)
}

/// The public key as a JWK (RFC 8037, section 2).
fn public(pair: &Ed25519KeyPair) -> Jwk {
    let point = pair.public_key().as_ref();
    Jwk {
        kty: "OKP".to_owned(),
        usage: Some("sig".to_owned()),
        alg: Some(Algorithm::EdDSA.as_str().to_owned()),
        kid: Some(fingerprint(point)),
        crv: Some("Ed25519".to_owned()),
        x: Some(URL_SAFE_NO_PAD.encode(point)),
        ..Jwk::default()
    }
}

/// The thumbprint of a public key (RFC 7638, with the members that RFC 8037, section 2 names).
fn fingerprint(point: &[u8]) -> String {
    let x = URL_SAFE_NO_PAD.encode(point);
    URL_SAFE_NO_PAD
        .encode(sha256(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#).as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn issuer() -> BuiltIn {
        let secrets =
            Secrets { current: Secret::new([1; 32]), previous: vec![Secret::new([2; 32])] };
        BuiltIn::new(&secrets, Clock::manual(Timestamp::from_millis(1_800_000_000_999))).unwrap()
    }

    fn new(subject: &str, email: Option<&str>) -> NewToken {
        NewToken {
            subject: subject.into(),
            email: email.map(|text| Email::parse(text).unwrap()),
            email_verified: true,
            lifetime: Duration::from_mins(15),
            ..NewToken::default()
        }
    }

    fn claims(token: &str) -> String {
        let payload = token.split('.').nth(1).unwrap();
        String::from_utf8(URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
    }

    #[test]
    fn the_key_is_named_as_in_the_example_of_rfc_8037() {
        let point = URL_SAFE_NO_PAD.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        assert_eq!(fingerprint(&point), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_token_says_who_and_how_long() {
        let token = issuer().mint(&new("u1", Some("Ada@Example.com"))).unwrap();
        let expected = r#"{"iss":"guestlist","aud":"guestlist","sub":"u1","iat":1800000000,"nbf":1800000000,"exp":1800000900,"email":"ada@example.com","email_verified":true}"#;
        assert_eq!(claims(&token), expected);
        assert!(!claims(&issuer().mint(&new("u1", None)).unwrap()).contains("email"));
    }

    #[test]
    fn nobody_is_no_subject() {
        assert!(matches!(issuer().mint(&new("", None)), Err(MintError::Subject)));
        assert!(matches!(issuer().mint(&new("a\n", None)), Err(MintError::Subject)));
    }

    #[test]
    fn every_key_is_published_the_one_in_use_first() {
        let issuer = issuer();
        let keys = &issuer.jwks().keys;
        assert_eq!(keys.len(), 2);
        assert_eq!(keys[0].kid.as_ref(), Some(&issuer.key_id));
        let json = serde_json::to_value(issuer.jwks()).unwrap();
        let names: Vec<_> = json["keys"][0].as_object().unwrap().keys().cloned().collect();
        assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x"]);
    }
}

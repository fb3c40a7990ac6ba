//! The built-in issuer: mints tokens for people who signed in here, and publishes its keys.

use std::{path::PathBuf, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;

use crate::{
    auth::{
        algorithm::Algorithm,
        claim_names::{ClaimNames, TrustEmail},
        claims::Expected,
        identity::is_subject,
        jwk::{JwkSet, KeySet, VerifyingKey},
        jws::Jws,
        rejected::Rejected,
        signing::{SigningFault, SigningKey},
    },
    clock::{Clock, Timestamp},
    model::{
        email::Email,
        id::{AccountId, SessionId, UserId},
        session::Method,
        sign_in::ISSUER,
        text::Name,
    },
    public_url::PublicUrl,
    random::Random,
    role::Role,
    secret::{Secret, Secrets},
};

/// `client_id` of all tokens (RFC 9068, section 2.2), until several apps have names of their own.
const CLIENT: &str = "guestlist";
/// What the tokens say of a person, for the documents of discovery.
pub(crate) const CLAIMS: &[&str] = &[
    "iss",
    "aud",
    "sub",
    "client_id",
    "iat",
    "exp",
    "jti",
    "sid",
    "auth_time",
    "amr",
    "account_id",
    "user_id",
    "role",
    "email",
    "email_verified",
    "given_name",
    "family_name",
];

/// Whether a text can name another service that tokens are for.
pub(crate) fn is_audience(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What the service's own tokens are signed with.
#[derive(Clone, Debug)]
pub struct TokenKeys {
    /// The algorithm: one of [`Algorithm::PUBLIC`].
    pub algorithm: Algorithm,
    /// Where the key is for RS256; the others follow from the secret.
    pub file: Option<PathBuf>,
    /// The key files before it, whose tokens are still accepted.
    pub previous: Vec<PathBuf>,
}

impl Default for TokenKeys {
    fn default() -> Self {
        Self { algorithm: Algorithm::EdDSA, file: None, previous: Vec::new() }
    }
}

/// What a new token is to say.
#[derive(Clone, Debug, Default)]
pub struct NewToken {
    /// The person: 1 to 255 characters, none of them a control character.
    pub subject: String,
    /// The person's email address.
    pub email: Option<Email>,
    /// Whether the address is known to be the person's.
    pub email_verified: bool,
    /// First name.
    pub first: Option<Name>,
    /// Last name.
    pub last: Option<Name>,
    /// The session that the token belongs to, and ends with.
    pub session: Option<SessionId>,
    /// The account that it is for, if it is for one.
    pub member: Option<TokenMember>,
    /// For whom it is, where that is another service than this one.
    pub audience: Option<String>,
    /// When the person last showed a credential, if it has signed in here.
    pub auth_time: Option<Timestamp>,
    /// Which ones.
    pub amr: Vec<Method>,
    /// How long the token is valid, from now.
    pub lifetime: Duration,
    /// When it ends, where that is not to be counted from now.
    pub expires: Option<Timestamp>,
}

/// The account that a token is for, and who its person is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenMember {
    /// The account.
    pub account: AccountId,
    /// The user.
    pub user: UserId,
    /// The user's role when the token is made.
    pub role: Role,
}

/// Why the built-in issuer cannot make its keys or a token.
#[derive(Debug, thiserror::Error)]
pub enum MintError {
    /// The subject is empty, too long or has control characters.
    #[error("the subject of a token must be between 1 and 255 printable characters")]
    Subject,
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] SigningFault),
    /// The cryptographic library failed.
    #[error("the token could not be signed")]
    Sign,
}

/// The issuer of this service, by the name of its public URL.
#[derive(Debug)]
pub struct BuiltIn {
    name: String,
    expected: Expected,
    signing: SigningKey,
    header: String,
    published: JwkSet,
    keys: KeySet,
    audiences: Vec<String>,
    clock: Clock,
    random: Random,
}

/// The header of a token (RFC 9068, section 2.1).
#[derive(Serialize)]
struct Header<'a> {
    typ: &'a str,
    alg: Algorithm,
    kid: Option<&'a str>,
}

/// The claims of a minted token (RFC 9068, section 2.2; OIDC Core 1.0, section 5.1).
#[derive(Serialize)]
struct Minted<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    client_id: &'a str,
    iat: u64,
    exp: u64,
    jti: String,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<u64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    amr: &'a [Method],
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
}

impl BuiltIn {
    /// The issuer of that name, which signs with the current secret or the key file and accepts what the
    /// previous ones signed.
    ///
    /// Both keys that follow from a secret are published, whichever is in use: tokens stay valid when the
    /// algorithm is changed.
    ///
    /// # Errors
    /// Those of [`SigningFault`].
    pub fn new(
        name: &PublicUrl,
        secrets: &Secrets,
        keys: &TokenKeys,
        (clock, random): (Clock, Random),
    ) -> Result<Self, MintError> {
        let signing = signing_key(&secrets.current, keys)?;
        let mut published = vec![signing.public()];
        for secret in secrets.all() {
            published.extend([
                SigningKey::ed25519(secret)?.public(),
                SigningKey::p256(secret)?.public(),
            ]);
        }
        for file in &keys.previous {
            published.push(SigningKey::rsa(file)?.public());
        }
        let mut known = std::collections::BTreeSet::new();
        published.retain(|key| known.insert(key.kid.clone()));
        let kid = published.first().and_then(|key| key.kid.as_deref());
        let header = encoded(&Header { typ: "at+jwt", alg: signing.algorithm(), kid })?;
        Ok(Self {
            name: name.to_string(),
            expected: Expected {
                issuer: ISSUER.to_owned(),
                audiences: vec![name.to_string()],
                claims: ClaimNames::default(),
                trust: TrustEmail::Always,
            },
            signing,
            header,
            keys: KeySet::new(published.clone()),
            published: JwkSet { keys: published },
            audiences: Vec::new(),
            clock,
            random,
        })
    }

    /// The same, which also makes tokens for these other services.
    #[must_use]
    pub fn for_audiences(self, audiences: Vec<String>) -> Self {
        Self { audiences, ..self }
    }

    /// The other services that tokens can be for.
    pub fn audiences(&self) -> &[String] {
        &self.audiences
    }

    /// A signed token that says what `new` says.
    ///
    /// # Errors
    /// `Subject` for a subject that none can be, `Sign`.
    pub fn mint(&self, new: &NewToken) -> Result<String, MintError> {
        if !is_subject(&new.subject) {
            return Err(MintError::Subject);
        }
        let now = self.clock.now();
        let claims = encoded(&Minted {
            iss: &self.name,
            aud: new.audience.as_deref().unwrap_or(&self.name),
            sub: &new.subject,
            client_id: CLIENT,
            iat: now.seconds(),
            exp: new.expires.unwrap_or_else(|| now.plus(new.lifetime)).seconds(),
            jti: URL_SAFE_NO_PAD.encode(self.random.bytes::<16>()),
            email: new.email.as_ref(),
            email_verified: new.email.as_ref().map(|_| new.email_verified),
            given_name: new.first.as_ref(),
            family_name: new.last.as_ref(),
            sid: new.session,
            auth_time: new.auth_time.map(Timestamp::seconds),
            amr: &new.amr,
            account_id: new.member.map(|member| member.account),
            user_id: new.member.map(|member| member.user),
            role: new.member.map(|member| member.role),
        })?;
        let message = format!("{}.{claims}", self.header);
        let signature = self.signing.sign(message.as_bytes()).ok_or(MintError::Sign)?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// What tokens call it: the public URL.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs with.
    pub const fn algorithm(&self) -> Algorithm {
        self.signing.algorithm()
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
        if !jws.is_access_token() {
            return Err(Rejected::NoAccessToken);
        }
        match jws.algorithm {
            Algorithm::EdDSA | Algorithm::ES256 | Algorithm::RS256 => {
                self.keys.find(jws.key_id.as_deref(), jws.algorithm).cloned()
            }
            Algorithm::HS256 => Err(Rejected::AlgorithmNotAllowed),
        }
    }
}

/// The key that new tokens are signed with.
fn signing_key(secret: &Secret, keys: &TokenKeys) -> Result<SigningKey, SigningFault> {
    match (keys.algorithm, &keys.file) {
        (Algorithm::ES256, _) => SigningKey::p256(secret),
        (Algorithm::RS256, Some(file)) => SigningKey::rsa(file),
        // The settings see to it that there is a file with RS256, and that HS256 is none of the choices.
        (Algorithm::EdDSA | Algorithm::RS256 | Algorithm::HS256, _) => SigningKey::ed25519(secret),
    }
}

/// A part of a token.
fn encoded<T: Serialize>(part: &T) -> Result<String, MintError> {
    serde_json::to_vec(part).map(|json| URL_SAFE_NO_PAD.encode(json)).map_err(|_| MintError::Sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "https://auth.example.com";

    fn issuer(algorithm: Algorithm) -> BuiltIn {
        let secrets =
            Secrets { current: Secret::new([1; 32]), previous: vec![Secret::new([2; 32])] };
        let keys = TokenKeys { algorithm, ..TokenKeys::default() };
        let clock = Clock::manual(Timestamp::from_millis(1_800_000_000_999));
        let name = PublicUrl::parse(NAME).unwrap();
        BuiltIn::new(&name, &secrets, &keys, (clock, Random::seeded(1))).unwrap()
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

    fn part(token: &str, number: usize) -> String {
        let part = token.split('.').nth(number).unwrap();
        String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    #[test]
    fn a_token_says_who_and_how_long() {
        let issuer = issuer(Algorithm::EdDSA);
        let token = issuer.mint(&new("u1", Some("Ada@Example.com"))).unwrap();
        let head = r#"{"iss":"https://auth.example.com","aud":"https://auth.example.com","sub":"u1","client_id":"guestlist","iat":1800000000,"exp":1800000900,"jti":""#;
        let said = part(&token, 1);
        let (jti, rest) = said.strip_prefix(head).unwrap().split_once('"').unwrap();
        assert_eq!(jti.len(), 22);
        assert_eq!(rest, r#","email":"ada@example.com","email_verified":true}"#);
        assert!(!part(&issuer.mint(&new("u1", None)).unwrap(), 1).contains("email"));
    }

    #[test]
    fn a_token_says_that_it_is_an_access_token_and_by_which_key() {
        for algorithm in [Algorithm::EdDSA, Algorithm::ES256] {
            let issuer = issuer(algorithm);
            let kid = issuer.jwks().keys[0].kid.clone().unwrap();
            let head = part(&issuer.mint(&new("u1", None)).unwrap(), 0);
            assert_eq!(head, format!(r#"{{"typ":"at+jwt","alg":"{algorithm}","kid":"{kid}"}}"#));
        }
    }

    #[test]
    fn nobody_is_no_subject() {
        let issuer = issuer(Algorithm::EdDSA);
        assert!(matches!(issuer.mint(&new("", None)), Err(MintError::Subject)));
        assert!(matches!(issuer.mint(&new("a\n", None)), Err(MintError::Subject)));
    }

    #[test]
    fn every_key_is_published_once_the_one_in_use_first() {
        let kids = |issuer: &BuiltIn| -> Vec<String> {
            issuer.jwks().keys.iter().map(|key| key.kid.clone().unwrap()).collect()
        };
        let (mut ed, mut ec) = (kids(&issuer(Algorithm::EdDSA)), kids(&issuer(Algorithm::ES256)));
        assert_eq!(ec.len(), 4);
        assert_eq!((&ed[0], &ed[1]), (&ec[1], &ec[0]));
        ed.sort();
        ec.sort();
        assert_eq!(ed, ec);
        let json = serde_json::to_value(issuer(Algorithm::ES256).jwks()).unwrap();
        let names: Vec<_> = json["keys"][0].as_object().unwrap().keys().cloned().collect();
        assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
    }
}

//! Public keys as issuers publish them (JWK, RFC 7517), and as the keys that signatures are checked with.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::auth::{algorithm::Algorithm, jws::Jws, rejected::Rejected};

/// A public key in JSON (RFC 7517, section 4; RFC 7518, section 6; RFC 8037, section 2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Jwk {
    /// The family: `RSA`, `EC` or `OKP`.
    pub kty: String,
    /// What the key is for: `sig`, or left out.
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
    /// What may be done with the key, `verify` among it, or left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_ops: Option<Vec<String>>,
    /// The only algorithm that the key is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// The name that tokens call the key by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// The curve of an `EC` or `OKP` key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
    /// The point of an `EC` or `OKP` key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// The other half of an `EC` key's point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// The modulus of an `RSA` key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// The exponent of an `RSA` key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub e: Option<String>,
}

/// Public keys in JSON (RFC 7517, section 5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JwkSet {
    /// The keys.
    pub keys: Vec<Jwk>,
}

/// A key that signatures of one algorithm can be checked with.
#[derive(Clone, Debug)]
pub(crate) struct VerifyingKey {
    pub(crate) algorithm: Algorithm,
    pub(crate) key: DecodingKey,
}

/// The usable keys of one issuer.
#[derive(Clone, Debug)]
pub(crate) struct KeySet {
    /// As they were published.
    jwks: Vec<Jwk>,
    keys: Vec<(Option<String>, VerifyingKey)>,
}

/// Sets of the same keys are equal, whatever else is published beside them.
impl PartialEq for KeySet {
    fn eq(&self, other: &Self) -> bool {
        self.jwks == other.jwks
    }
}

impl KeySet {
    /// Reads a JWK set, leaving out keys that are of no use here (RFC 7517, section 5). None may be left: then the
    /// issuer has none.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, &'static str> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<Value>,
        }
        let document: Document = serde_json::from_slice(json).map_err(|_| "it is not a JWK set")?;
        // Key by key, so that one that follows a later standard does not spoil the others.
        let jwks = document.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok());
        Ok(Self::new(jwks))
    }

    /// The usable ones of these keys.
    pub(crate) fn new(jwks: impl IntoIterator<Item = Jwk>) -> Self {
        let usable = |jwk: Jwk| Some((verifying_key(&jwk)?, jwk));
        let (keys, jwks): (Vec<_>, Vec<_>) = jwks
            .into_iter()
            .filter_map(usable)
            .map(|(key, jwk)| ((jwk.kid.clone(), key), jwk))
            .unzip();
        Self { jwks, keys }
    }

    /// Whether there is no usable key.
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Checks a token's signature with the key that it names.
    pub(crate) fn check(&self, jws: &Jws<'_>) -> Result<(), Rejected> {
        jws.check(self.find(jws.key_id.as_deref(), jws.algorithm)?)
    }

    /// The key that a token is signed with, by its `kid` and `alg`. Without `kid`, the set must leave
    /// no choice.
    pub(crate) fn find(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<&VerifyingKey, Rejected> {
        let named = self.keys.iter().filter(|(name, _)| id.is_none() || name.as_deref() == id);
        let mut fitting = named.clone().filter(|(_, key)| key.algorithm == algorithm);
        match (fitting.next(), fitting.next()) {
            (Some((_, key)), None) => Ok(key),
            (Some(_), Some(_)) => Err(Rejected::AmbiguousKey),
            (None, _) if id.is_some() && named.count() > 0 => Err(Rejected::KeyMismatch),
            (None, _) => Err(Rejected::UnknownKey),
        }
    }

    /// The algorithm of each key.
    pub(crate) fn algorithms(&self) -> impl Iterator<Item = Algorithm> {
        self.keys.iter().map(|(_, key)| key.algorithm)
    }
}

/// The key that a JWK holds, if it is for one of the algorithms here and for signatures.
fn verifying_key(jwk: &Jwk) -> Option<VerifyingKey> {
    let signs = jwk.usage.as_deref().is_none_or(|usage| usage == "sig");
    let verifies = jwk.key_ops.as_ref().is_none_or(|all| all.iter().any(|one| one == "verify"));
    let (algorithm, key) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", _) => (Algorithm::RS256, rsa(jwk)?),
        ("EC", Some("P-256")) => (Algorithm::ES256, p256(jwk)?),
        ("OKP", Some("Ed25519")) => (Algorithm::EdDSA, ed25519(jwk)?),
        _ => return None,
    };
    let meant = jwk.alg.as_deref().is_none_or(|name| name.parse() == Ok(algorithm));
    (signs && verifies && meant).then_some(VerifyingKey { algorithm, key })
}

/// RFC 7518, section 6.3.1; at least the 2048 bits that section 3.3 demands.
fn rsa(jwk: &Jwk) -> Option<DecodingKey> {
    // Some issuers lead with a zero byte, as DER does.
    let modulus: Vec<u8> = bytes(jwk.n.as_deref())?.into_iter().skip_while(|b| *b == 0).collect();
    let exponent = bytes(jwk.e.as_deref())?;
    let fits = (256..=1024).contains(&modulus.len()) && !exponent.is_empty();
    fits.then(|| DecodingKey::from_rsa_raw_components(&modulus, &exponent))
}

/// RFC 7518, section 6.2.1: both coordinates in full length.
fn p256(jwk: &Jwk) -> Option<DecodingKey> {
    let (x, y) = (bytes(jwk.x.as_deref())?, bytes(jwk.y.as_deref())?);
    let point = [&[4], x.as_slice(), y.as_slice()].concat();
    (x.len() == 32 && y.len() == 32).then(|| DecodingKey::from_ec_der(&point))
}

/// RFC 8037, section 2.
fn ed25519(jwk: &Jwk) -> Option<DecodingKey> {
    let point = bytes(jwk.x.as_deref())?;
    (point.len() == 32).then(|| DecodingKey::from_ed_der(&point))
}

/// Bytes in base64url, or as some issuers write them: in the standard alphabet, with padding.
fn bytes(text: Option<&str>) -> Option<Vec<u8>> {
    let text = text?.trim_end_matches('=').replace('+', "-").replace('/', "_");
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use super::*;

    const POINT: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn ed(more: &Value) -> Value {
        let mut key = json!({"kty": "OKP", "crv": "Ed25519", "x": POINT});
        key.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        key
    }

    fn ec(kid: &str) -> Value {
        json!({"kty": "EC", "crv": "P-256", "x": POINT, "y": POINT, "kid": kid})
    }

    fn rsa(bytes: usize) -> Value {
        json!({"kty": "RSA", "n": URL_SAFE_NO_PAD.encode(vec![0x81; bytes]), "e": "AQAB"})
    }

    fn parse(keys: &[Value]) -> Result<KeySet, &'static str> {
        KeySet::parse(json!({ "keys": keys }).to_string().as_bytes())
    }

    #[test]
    fn usable_keys_are_taken_and_the_others_left_out() {
        let usable = [
            ed(&json!({})),
            ed(&json!({"use": "sig", "alg": "EdDSA", "key_ops": ["verify"]})),
            ed(&json!({"alg": "Ed25519"})),
            ec("a"),
            rsa(256),
            json!({"kty": "RSA", "n": STANDARD.encode([&[0], &[0xfb; 256][..]].concat()), "e": "AQAB"}),
        ];
        for key in usable {
            assert!(!parse(std::slice::from_ref(&key)).unwrap().is_empty(), "{key}");
        }
        let useless = [
            ed(&json!({"use": "enc"})),
            ed(&json!({"alg": "ES256"})),
            ed(&json!({"key_ops": ["encrypt"]})),
            ed(&json!({"crv": "Ed448"})),
            ed(&json!({"x": "AAAA"})),
            ed(&json!({"kid": 7})),
            json!({"kty": "EC", "crv": "P-384", "x": POINT, "y": POINT}),
            json!({"kty": "EC", "crv": "P-256", "x": POINT}),
            json!({"kty": "oct", "k": POINT, "alg": "HS256"}),
            json!({"kty": "AKP", "pub": "…"}),
            json!(7),
            rsa(255),
            rsa(1025),
        ];
        for key in &useless {
            assert!(parse(std::slice::from_ref(key)).unwrap().is_empty(), "{key}");
        }
        let mixed = [&useless[..], &[ec("a")]].concat();
        assert_eq!(parse(&mixed).unwrap().algorithms().collect::<Vec<_>>(), [Algorithm::ES256]);
    }

    #[test]
    fn what_is_no_key_set_says_so() {
        for text in ["", "<html>", "[]", "{}", r#"{"keys":7}"#] {
            assert_eq!(
                KeySet::parse(text.as_bytes()).unwrap_err(),
                "it is not a JWK set",
                "{text}"
            );
        }
        assert!(parse(&[]).unwrap().is_empty());
    }

    #[test]
    fn a_key_is_found_by_its_name_and_algorithm() {
        let set = parse(&[ed(&json!({"kid": "a"})), ec("a"), ec("b"), ec("b"), ec("c")]).unwrap();
        let find = |id, algorithm| set.find(id, algorithm).map(|key| key.algorithm);
        assert_eq!(find(Some("a"), Algorithm::EdDSA), Ok(Algorithm::EdDSA));
        assert_eq!(find(Some("a"), Algorithm::ES256), Ok(Algorithm::ES256));
        assert_eq!(find(Some("a"), Algorithm::RS256), Err(Rejected::KeyMismatch));
        assert_eq!(find(Some("b"), Algorithm::ES256), Err(Rejected::AmbiguousKey));
        assert_eq!(find(Some("d"), Algorithm::ES256), Err(Rejected::UnknownKey));
        assert_eq!(find(None, Algorithm::EdDSA), Ok(Algorithm::EdDSA));
        assert_eq!(find(None, Algorithm::ES256), Err(Rejected::AmbiguousKey));
        assert_eq!(find(None, Algorithm::RS256), Err(Rejected::UnknownKey));
    }
}

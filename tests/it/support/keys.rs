//! Key pairs of an issuer, and tokens signed with them: made with the cryptographic library alone, so
//! that the service's own reading of the standards is put to the test.

use std::sync::{Arc, LazyLock};

use aws_lc_rs::{
    encoding::AsDer,
    hmac,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
        KeyPair, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents, UnparsedPublicKey,
    },
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

/// RSA keys take long to make, so all tests share two.
static RSA: LazyLock<[Arc<RsaKeyPair>; 2]> =
    LazyLock::new(|| [(); 2].map(|()| Arc::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())));

/// A key pair under a name.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) kid: String,
    pair: Pair,
}

#[derive(Clone)]
enum Pair {
    Rsa(Arc<RsaKeyPair>),
    P256(Arc<EcdsaKeyPair>),
    Ed25519(Arc<Ed25519KeyPair>),
    Secret(Vec<u8>),
}

impl Key {
    /// One of two RSA keys.
    pub(crate) fn rsa(kid: &str, index: usize) -> Self {
        Self { kid: kid.into(), pair: Pair::Rsa(Arc::clone(&RSA[index])) }
    }

    /// A new P-256 key.
    pub(crate) fn p256(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self { kid: kid.into(), pair: Pair::P256(Arc::new(pair)) }
    }

    /// A new Ed25519 key.
    pub(crate) fn ed25519(kid: &str) -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        Self { kid: kid.into(), pair: Pair::Ed25519(Arc::new(pair)) }
    }

    /// An HMAC key.
    pub(crate) fn secret(kid: &str, secret: &[u8]) -> Self {
        Self { kid: kid.into(), pair: Pair::Secret(secret.to_vec()) }
    }

    /// The same key under another name.
    pub(crate) fn named(&self, kid: &str) -> Self {
        Self { kid: kid.into(), ..self.clone() }
    }

    /// The algorithm that the key is for.
    pub(crate) fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::P256(_) => "ES256",
            Pair::Ed25519(_) => "EdDSA",
            Pair::Secret(_) => "HS256",
        }
    }

    /// The public half as a JWK.
    pub(crate) fn jwk(&self) -> Value {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut jwk = match &self.pair {
            Pair::Rsa(pair) => {
                let parts = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({"kty": "RSA", "n": encode(&parts.n), "e": encode(&parts.e)})
            }
            Pair::P256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y)})
            }
            Pair::Ed25519(pair) => {
                let x = encode(pair.public_key().as_ref());
                json!({"kty": "OKP", "crv": "Ed25519", "x": x})
            }
            Pair::Secret(secret) => json!({"kty": "oct", "k": encode(secret)}),
        };
        jwk["kid"] = json!(self.kid);
        jwk["use"] = json!("sig");
        jwk["alg"] = json!(self.algorithm());
        jwk
    }

    /// The public half in DER, which an attacker may take for an HMAC secret.
    pub(crate) fn public_der(&self) -> Vec<u8> {
        match &self.pair {
            Pair::Rsa(pair) => pair.public_key().as_der().unwrap().as_ref().to_vec(),
            Pair::P256(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Secret(secret) => secret.clone(),
        }
    }

    /// The private half of a P-256 key as PEM (PKCS #8).
    pub(crate) fn pem(&self) -> String {
        let Pair::P256(pair) = &self.pair else { panic!("not a P-256 key") };
        let der = STANDARD.encode(pair.to_pkcs8v1().unwrap().as_ref());
        format!("-----BEGIN PRIVATE KEY-----\n{der}\n-----END PRIVATE KEY-----\n")
    }

    /// Header and claims of a token that a P-256 key has signed.
    pub(crate) fn opened(&self, token: &str) -> Option<(Value, Value)> {
        let (message, signature) = token.rsplit_once('.')?;
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.public_der());
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        public.verify(message.as_bytes(), &signature).ok()?;
        let (header, claims) = message.split_once('.')?;
        let read = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
        Some((read(header)?, read(claims)?))
    }

    /// A token with this key's `alg` and `kid`.
    pub(crate) fn token(&self, claims: &Value) -> String {
        self.sign(&json!({"typ": "JWT", "alg": self.algorithm(), "kid": self.kid}), claims)
    }

    /// A token with any header.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let encode = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let message = format!("{}.{}", encode(header), encode(claims));
        let signature = self.signature(message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn signature(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
            Pair::P256(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::Secret(secret) => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
                hmac::sign(&key, message).as_ref().to_vec()
            }
        }
    }
}

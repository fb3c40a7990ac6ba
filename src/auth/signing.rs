//! The key pairs that the built-in issuer signs with, and their public halves.

use std::{fmt, io, path::PathBuf};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
        RsaKeyPair,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject as _};

use crate::{
    auth::{algorithm::Algorithm, jwk::Jwk},
    secret::{Secret, sha256},
};

/// How often a P-256 key is drawn anew from a secret. One draw in 2³² is no key.
const MAX_DRAWS: u32 = 8;
/// A P-256 key as SEC 1 writes it (RFC 5915, section 3), up to the 32 bytes of the key itself.
const EC_HEAD: &[u8] = &[0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20];
/// What follows them: that the curve is P-256. The public key, which may be there, is left out.
const EC_TAIL: &[u8] = &[0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

/// Why a key of the built-in issuer cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SigningFault {
    /// The file could not be read.
    #[error("the key file {path} cannot be read: {error}")]
    Read {
        /// The file.
        path: String,
        /// Why not.
        error: io::Error,
    },
    /// There is something else in it.
    #[error(
        "the key file {0} must hold an RSA private key of 2048 to 8192 bits in PEM; make one with: \
         openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048"
    )]
    Content(String),
    /// The cryptographic library refused a derived key.
    #[error("the signing key could not be made")]
    Derive,
}

/// A key pair.
pub(super) enum SigningKey {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl SigningKey {
    /// The Ed25519 key that follows from a secret.
    pub(super) fn ed25519(secret: &Secret) -> Result<Self, SigningFault> {
        let seed = secret.derive("signing");
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.expose());
        pair.map(Self::Ed25519).map_err(|_| SigningFault::Derive)
    }

    /// The P-256 key that follows from a secret: the first of the drawn numbers that is a key.
    pub(super) fn p256(secret: &Secret) -> Result<Self, SigningFault> {
        let drawn = (0..MAX_DRAWS).find_map(|draw| {
            let number = secret.derive(&format!("signing-es256-{draw}"));
            let der = zeroize::Zeroizing::new([EC_HEAD, number.expose(), EC_TAIL].concat());
            EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).ok()
        });
        drawn.map(Self::P256).ok_or(SigningFault::Derive)
    }

    /// The P-256 key in a PEM (PKCS #8, or SEC 1).
    pub(super) fn p256_in(pem: &[u8]) -> Option<Self> {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = match PrivateKeyDer::from_pem_slice(pem).ok()? {
            PrivateKeyDer::Pkcs8(der) => {
                EcdsaKeyPair::from_pkcs8(algorithm, der.secret_pkcs8_der()).ok()?
            }
            PrivateKeyDer::Sec1(der) => {
                EcdsaKeyPair::from_private_key_der(algorithm, der.secret_sec1_der()).ok()?
            }
            PrivateKeyDer::Pkcs1(_) | _ => return None,
        };
        Some(Self::P256(pair))
    }

    /// The RSA key in a PEM file (PKCS #8, or PKCS #1).
    pub(super) fn rsa(file: &PathBuf) -> Result<Self, SigningFault> {
        let path = || file.display().to_string();
        let pem = std::fs::read(file).map(zeroize::Zeroizing::new);
        let pem = pem.map_err(|error| SigningFault::Read { path: path(), error })?;
        let pair = match PrivateKeyDer::from_pem_slice(&pem) {
            Ok(PrivateKeyDer::Pkcs8(der)) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).ok(),
            Ok(PrivateKeyDer::Pkcs1(der)) => RsaKeyPair::from_der(der.secret_pkcs1_der()).ok(),
            Ok(_) | Err(_) => None,
        };
        pair.map(Self::Rsa).ok_or_else(|| SigningFault::Content(path()))
    }

    /// What it signs with.
    pub(super) const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Ed25519(_) => Algorithm::EdDSA,
            Self::P256(_) => Algorithm::ES256,
            Self::Rsa(_) => Algorithm::RS256,
        }
    }

    /// The signature of a message (RFC 7518, sections 3.3 and 3.4; RFC 8037, section 3.1); `None` only if
    /// the cryptographic library fails.
    pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match self {
            Self::Ed25519(pair) => Some(pair.sign(message).as_ref().to_vec()),
            Self::P256(pair) => Some(pair.sign(&random, message).ok()?.as_ref().to_vec()),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).ok()?;
                Some(signature)
            }
        }
    }

    /// The public key as a JWK, named by its thumbprint (RFC 7638).
    pub(super) fn public(&self) -> Jwk {
        let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (key, members) = match self {
            Self::Ed25519(pair) => {
                let x = encoded(pair.public_key().as_ref());
                let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
                (
                    Jwk {
                        kty: "OKP".into(),
                        crv: Some("Ed25519".into()),
                        x: Some(x),
                        ..Jwk::default()
                    },
                    members,
                )
            }
            Self::P256(pair) => {
                // One byte that says "not compressed", and the two coordinates (SEC 1, section 2.3.3).
                let (x, y) = pair.public_key().as_ref().split_at(33);
                let (x, y) = (encoded(x.get(1..).unwrap_or_default()), encoded(y));
                let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
                (
                    Jwk {
                        kty: "EC".into(),
                        crv: Some("P-256".into()),
                        x: Some(x),
                        y: Some(y),
                        ..Jwk::default()
                    },
                    members,
                )
            }
            Self::Rsa(pair) => {
                let key = pair.public_key();
                let n = encoded(key.modulus().big_endian_without_leading_zero());
                let e = encoded(key.exponent().big_endian_without_leading_zero());
                let members = format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#);
                (Jwk { kty: "RSA".into(), n: Some(n), e: Some(e), ..Jwk::default() }, members)
            }
        };
        Jwk {
            usage: Some("sig".to_owned()),
            alg: Some(self.algorithm().as_str().to_owned()),
            kid: Some(encoded(&sha256(members.as_bytes()))),
            ..key
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.algorithm())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_named_as_in_the_examples_of_the_rfcs() {
        // RFC 8037, appendix A.
        let seed = URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
        let key = SigningKey::Ed25519(Ed25519KeyPair::from_seed_unchecked(&seed).unwrap()).public();
        assert_eq!(key.x.as_deref(), Some("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"));
        assert_eq!(key.kid.as_deref(), Some("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"));
    }

    #[test]
    fn a_p256_key_is_that_of_its_number() {
        // RFC 6979, appendix A.2.5.
        let number = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";
        let number: Vec<u8> = number
            .as_bytes()
            .chunks(2)
            .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap())
            .collect();
        let der = [EC_HEAD, &number, EC_TAIL].concat();
        let pair = EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, &der);
        let x = SigningKey::P256(pair.unwrap()).public().x.unwrap();
        assert_eq!(&URL_SAFE_NO_PAD.decode(x).unwrap()[..4], [0x60, 0xfe, 0xd4, 0xba]);
    }

    #[test]
    fn zero_is_no_p256_key() {
        let der = [EC_HEAD, &[0; 32], EC_TAIL].concat();
        let made = EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, &der);
        assert!(made.is_err());
        let der = [EC_HEAD, &[0xff; 32], EC_TAIL].concat();
        let made = EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, &der);
        assert!(made.is_err());
    }
}

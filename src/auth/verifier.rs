//! From a token to the identity that it proves; the way into everything about tokens.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use quick_cache::sync::Cache;

use crate::{
    auth::{
        claims::{Expected, expired},
        identity::Identity,
        issuer::{Issuer, IssuerFault},
        jwk::VerifyingKey,
        jws::Jws,
        rejected::{Rejected, VerifyError},
        token::BuiltIn,
    },
    clock::Clock,
    secret::sha256,
};

/// The longest token that is looked at.
pub(crate) const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// How many verified tokens are remembered.
const CACHED_TOKENS: usize = 20_000;

/// Verifies the tokens of all issuers, each token once.
pub struct Verifier {
    built_in: Arc<BuiltIn>,
    issuers: HashMap<String, Issuer>,
    clock: Clock,
    /// By the SHA-256 of the token; grows as it is used.
    verified: Cache<[u8; 32], Arc<Identity>>,
    verifications: AtomicU64,
}

/// Whose token it is, if it is anybody's.
enum Signer<'a> {
    BuiltIn(&'a BuiltIn),
    Outside(&'a Issuer),
}

impl Verifier {
    /// A verifier for the built-in issuer and these outside ones.
    pub fn new(
        built_in: BuiltIn,
        issuers: Vec<Issuer>,
        clock: Clock,
    ) -> Result<Self, Vec<IssuerFault>> {
        let mut faults = Vec::new();
        let mut by_name = HashMap::new();
        for issuer in issuers {
            if let Some(twin) = by_name.insert(issuer.name().to_owned(), issuer) {
                faults.push(IssuerFault::Duplicate(twin.name().to_owned()));
            }
        }
        // Also one that others would take for it, who may compare less strictly.
        let alike = |name: &str| name.trim_end_matches('/').eq_ignore_ascii_case(built_in.name());
        let twins = by_name.keys().filter(|name| alike(name));
        faults.extend(twins.map(|name| IssuerFault::PublicUrl(name.clone())));
        if !faults.is_empty() {
            return Err(faults);
        }
        let verified = Cache::new(CACHED_TOKENS);
        let built_in = Arc::new(built_in);
        Ok(Self { built_in, issuers: by_name, clock, verified, verifications: AtomicU64::new(0) })
    }

    /// What a token proves. A token that was verified before is not verified again; one that was
    /// rejected is.
    pub async fn verify(&self, token: &str) -> Result<Arc<Identity>, VerifyError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Rejected::TooLong.into());
        }
        let digest = sha256(token.as_bytes());
        if let Some(identity) = self.verified.get(&digest) {
            if expired(identity.expires, self.clock.now()) {
                self.verified.remove(&digest);
                return Err(Rejected::Expired.into());
            }
            return Ok(identity);
        }
        let identity = Arc::new(Identity { token: digest, ..self.verify_anew(token).await? });
        self.verified.insert(digest, Arc::clone(&identity));
        Ok(identity)
    }

    /// The issuer that makes this service's own tokens.
    pub fn built_in(&self) -> &Arc<BuiltIn> {
        &self.built_in
    }

    /// The outside issuers, in no particular order.
    pub fn issuers(&self) -> impl Iterator<Item = &Issuer> {
        self.issuers.values()
    }

    /// How many signatures have been checked so far.
    pub fn verifications(&self) -> u64 {
        self.verifications.load(Ordering::Relaxed)
    }

    async fn verify_anew(&self, token: &str) -> Result<Identity, VerifyError> {
        let jws = Jws::parse(token)?;
        let signer = self.signer(jws.claims.iss.as_deref())?;
        let key = signer.key(&jws).await?;
        self.verifications.fetch_add(1, Ordering::Relaxed);
        jws.check(&key)?;
        Ok(jws.claims.prove(signer.expected(), self.clock.now())?)
    }

    /// The issuer whose keys and rules a token is measured by. Only a name is taken from the token: if
    /// it lies about that, the signature does not fit.
    fn signer(&self, name: Option<&str>) -> Result<Signer<'_>, Rejected> {
        match name {
            None => Err(Rejected::MissingIssuer),
            Some(name) if name == self.built_in.name() => Ok(Signer::BuiltIn(&self.built_in)),
            Some(name) => {
                self.issuers.get(name).map(Signer::Outside).ok_or(Rejected::UnknownIssuer)
            }
        }
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("issuers", &self.issuers).finish_non_exhaustive()
    }
}

impl Signer<'_> {
    async fn key(&self, jws: &Jws<'_>) -> Result<VerifyingKey, VerifyError> {
        match self {
            Self::BuiltIn(issuer) => Ok(issuer.key(jws)?),
            Self::Outside(issuer) => issuer.key(jws).await,
        }
    }

    fn expected(&self) -> &Expected {
        match self {
            Self::BuiltIn(issuer) => issuer.expected(),
            Self::Outside(issuer) => issuer.expected(),
        }
    }
}

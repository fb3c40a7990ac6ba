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
        claims::expired,
        identity::Identity,
        issuer::{Issuer, SignedBy},
        issuer_settings::IssuerFault,
        jws::Jws,
        rejected::{Rejected, VerifyError},
        token::BuiltIn,
    },
    clock::Clock,
    secret::sha256,
};

/// The longest token that is looked at, if nothing else is set.
const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// How many verified tokens are remembered.
const CACHED_TOKENS: usize = 20_000;

/// Verifies the tokens of all issuers, each token once as long as its issuer has the same keys.
pub struct Verifier {
    built_in: Arc<BuiltIn>,
    issuers: Vec<Arc<Issuer>>,
    /// By every spelling of their names.
    by_name: HashMap<String, Arc<Issuer>>,
    clock: Clock,
    max_token_bytes: usize,
    /// By the SHA-256 of the token; grows as it is used.
    verified: Cache<[u8; 32], Verified>,
    verifications: AtomicU64,
}

/// What a token has proved.
#[derive(Clone)]
struct Verified {
    identity: Arc<Identity>,
    /// Whose key it was; none of an outside issuer's if it is missing.
    signed: Option<(Arc<Issuer>, SignedBy)>,
}

/// Whose token it is, if it is anybody's.
enum Signer<'a> {
    BuiltIn(&'a BuiltIn),
    Outside(&'a Arc<Issuer>),
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
        let issuers: Vec<_> = issuers.into_iter().map(Arc::new).collect();
        for issuer in &issuers {
            for name in issuer.names() {
                if by_name.insert(name.clone(), Arc::clone(issuer)).is_some() {
                    faults.push(IssuerFault::Duplicate(name.clone()));
                }
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
        let (max_token_bytes, verifications) = (MAX_TOKEN_BYTES, AtomicU64::new(0));
        Ok(Self { built_in, issuers, by_name, clock, max_token_bytes, verified, verifications })
    }

    /// The same, which looks at tokens of that length: as much as the head of a request may have.
    #[must_use]
    pub fn up_to(self, max_token_bytes: usize) -> Self {
        Self { max_token_bytes, ..self }
    }

    /// What a token proves. A token that was verified before is not verified again while its issuer has the same keys;
    /// one that was rejected is.
    pub async fn verify(&self, token: &str) -> Result<Arc<Identity>, VerifyError> {
        if token.len() > self.max_token_bytes {
            return Err(Rejected::TooLong.into());
        }
        let digest = sha256(token.as_bytes());
        if let Some(Verified { identity, signed }) = self.verified.get(&digest) {
            if expired(identity.expires, self.clock.now()) {
                self.verified.remove(&digest);
                return Err(Rejected::Expired.into());
            }
            if signed.is_none_or(|(issuer, signed)| issuer.stands_by(&signed)) {
                return Ok(identity);
            }
            self.verified.remove(&digest);
        }
        let (identity, signed) = self.verify_anew(token).await?;
        let identity = Arc::new(Identity { token: digest, ..identity });
        let verified = Verified { identity: Arc::clone(&identity), signed };
        self.verified.insert(digest, verified);
        Ok(identity)
    }

    /// The issuer that makes this service's own tokens.
    pub fn built_in(&self) -> &Arc<BuiltIn> {
        &self.built_in
    }

    /// The outside issuers, in the order of the settings.
    pub fn issuers(&self) -> impl Iterator<Item = &Issuer> {
        self.issuers.iter().map(AsRef::as_ref)
    }

    /// How many signatures have been checked so far.
    pub fn verifications(&self) -> u64 {
        self.verifications.load(Ordering::Relaxed)
    }

    async fn verify_anew(
        &self,
        token: &str,
    ) -> Result<(Identity, Option<(Arc<Issuer>, SignedBy)>), VerifyError> {
        let jws = Jws::parse(token)?;
        let signer = self.signer(jws.claims.issuer())?;
        self.verifications.fetch_add(1, Ordering::Relaxed);
        let now = || self.clock.now();
        Ok(match signer {
            Signer::BuiltIn(own) => {
                jws.check(&own.key(&jws)?)?;
                (jws.claims.prove(own.expected(), now())?, None)
            }
            Signer::Outside(issuer) => {
                let by = issuer.check_signature(&jws).await?;
                let identity = jws.claims.prove(issuer.expected(), now())?;
                (identity, Some((Arc::clone(issuer), by)))
            }
        })
    }

    /// The issuer whose keys and rules a token is measured by. Only a name is taken from the token: if
    /// it lies about that, the signature does not fit.
    fn signer(&self, name: Option<&str>) -> Result<Signer<'_>, Rejected> {
        match name {
            None => Err(Rejected::MissingIssuer),
            Some(name) if name == self.built_in.name() => Ok(Signer::BuiltIn(&self.built_in)),
            Some(name) => {
                self.by_name.get(name).map(Signer::Outside).ok_or(Rejected::UnknownIssuer)
            }
        }
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("issuers", &self.issuers).finish_non_exhaustive()
    }
}

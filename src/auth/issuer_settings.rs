//! What the settings say about an outside issuer of tokens (Cognito, Auth0, Keycloak, …), and what is wrong with it.

use std::{fmt, path::PathBuf};

use url::Url;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    auth::{
        algorithm::Algorithm,
        claim_names::{ClaimNames, EmailVerified, TrustEmail},
        keyring::KeysFault,
    },
    model::sign_in::ISSUER,
    web::UrlFault,
};

/// Where Microsoft Entra issues tokens.
const ENTRA: [&str; 5] = [
    "login.microsoftonline.com",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "login.windows.net",
    "sts.windows.net",
];
/// What it calls all tenants, those of organizations, and that of private people.
const ALL_TENANTS: [&str; 3] = ["common", "organizations", "consumers"];
/// What tokens call the tenant of private people.
const PRIVATE_PEOPLE: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// What the settings say about an outside issuer.
#[derive(Clone, Debug)]
pub struct IssuerSettings {
    /// How its tokens spell `iss`; identities are stored under the first one.
    pub names: Vec<String>,
    /// Whom its tokens are for: their audience must name one of these.
    pub audiences: Vec<String>,
    /// Where its keys come from.
    pub keys: KeySource,
    /// Whether its keys, or what leads to them, may be fetched without TLS.
    pub insecure_http: bool,
    /// The algorithms that its tokens may use; empty for all that fit the kind of keys.
    pub algorithms: Vec<Algorithm>,
    /// Which claims of its tokens say what.
    pub claims: ClaimNames,
    /// Which verified addresses in its tokens are believed.
    pub trust_email: TrustEmail,
}

/// Where an issuer's keys come from.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// A JWK set over HTTP (`jwks_uri`).
    Url(String),
    /// A JWK set in a file.
    File(PathBuf),
    /// A secret that the issuer shares with this service.
    Secret(SharedSecret),
    /// A JWK set where the issuer's metadata says, which is at this URL, or at the usual one below its name.
    Discovery(Option<String>),
}

/// The secret of HS256, at least 32 bytes of text; never printed, wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SharedSecret(String);

/// A shared secret that can be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the shared secret must have at least {} bytes", SharedSecret::MIN_BYTES)]
pub struct SecretTooShort;

/// What is wrong with an issuer's settings.
#[derive(Debug, thiserror::Error)]
pub enum IssuerFault {
    /// No `issuer`.
    #[error("an issuer in the settings has no name; set issuer to the iss of its tokens")]
    NoName,
    /// The name of the built-in issuer.
    #[error("the issuer name {ISSUER} is reserved for this service itself")]
    Reserved,
    /// The name that this service's own tokens have.
    #[error("issuer {0} is the public URL of this service itself; set public_url to another one")]
    PublicUrl(String),
    /// Twice the same `issuer`.
    #[error("issuer {0} is in the settings twice; remove one of them")]
    Duplicate(String),
    /// Without an audience, tokens for any other service would be good here too.
    #[error("issuer {0} has no audience, or an empty one; set it to the aud of its tokens")]
    NoAudience(String),
    /// An algorithm that does not go with the kind of keys.
    #[error(
        "issuer {issuer}: {algorithm} does not match its keys; HS256 needs a shared secret, and a shared secret \
             works only with HS256"
    )]
    Algorithm {
        /// The issuer.
        issuer: String,
        /// The algorithm.
        algorithm: Algorithm,
    },
    /// The owner of a tenant there decides what is in its tokens.
    #[error(
        "issuer {0} has several tenants, each of which can put any email into its tokens; leave out trust_email and \
         email_verified = \"always\", or set issuer to that of your own tenant"
    )]
    SeveralTenants(String),
    /// The URL is not one to fetch keys from.
    #[error("issuer {issuer}: the URL of its {of} {fault}")]
    Url {
        /// The issuer.
        issuer: String,
        /// What is there.
        of: &'static str,
        /// What is wrong with the URL.
        fault: UrlFault,
    },
    /// The file is not one to read keys from.
    #[error("issuer {issuer}: the keys in {}: {fault}", path.display())]
    File {
        /// The issuer.
        issuer: String,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: KeysFault,
    },
}

impl SharedSecret {
    /// The fewest bytes (RFC 7518, section 3.2: as many as the hash has).
    pub const MIN_BYTES: usize = 32;

    /// A secret, its bytes being those of the text.
    pub fn parse(mut text: String) -> Result<Self, SecretTooShort> {
        if text.len() < Self::MIN_BYTES {
            text.zeroize();
            return Err(SecretTooShort);
        }
        Ok(Self(text))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret(…)")
    }
}

impl IssuerSettings {
    /// An issuer with keys, whose tokens are for one of these audiences, with what is usual for all else.
    pub fn new(name: &str, audiences: Vec<String>, keys: KeySource) -> Self {
        Self {
            names: vec![name.to_owned()],
            audiences,
            keys,
            insecure_http: false,
            algorithms: Vec::new(),
            claims: ClaimNames::default(),
            trust_email: TrustEmail::Never,
        }
    }

    /// What identities are stored under.
    pub fn name(&self) -> &str {
        self.names.first().map(String::as_str).unwrap_or_default()
    }

    /// Why no token can ever be one of this issuer's, if that can be told by a spelling of its name.
    pub fn never_matches(&self) -> Option<String> {
        let found = self.names.iter().find_map(|name| Some((name, why_never(name)?)));
        found.map(|(name, why)| format!("no token has the issuer {name}: {why}"))
    }

    /// What is wrong apart from the place of the keys.
    pub(super) fn faults(&self) -> Vec<IssuerFault> {
        let mut faults = Vec::new();
        if self.names.is_empty() || self.names.iter().any(String::is_empty) {
            faults.push(IssuerFault::NoName);
        }
        if self.names.iter().any(|name| name == ISSUER) {
            faults.push(IssuerFault::Reserved);
        }
        let issuer = self.name().to_owned();
        if self.audiences.is_empty() || self.audiences.iter().any(String::is_empty) {
            faults.push(IssuerFault::NoAudience(issuer.clone()));
        }
        let trusts = self.trust_email != TrustEmail::Never
            || self.claims.email_verified == EmailVerified::Always;
        if let Some(many) = self.names.iter().find(|name| trusts && has_several_tenants(name)) {
            faults.push(IssuerFault::SeveralTenants(many.clone()));
        }
        let shared = matches!(self.keys, KeySource::Secret(_));
        let misfits = self.algorithms.iter().filter(|one| shared != (**one == Algorithm::HS256));
        faults.extend(
            misfits.map(|one| IssuerFault::Algorithm { issuer: issuer.clone(), algorithm: *one }),
        );
        faults
    }
}

fn why_never(name: &str) -> Option<&'static str> {
    if name.contains(['{', '}']) {
        return Some(
            "the part in braces stands for a tenant; replace it with the ID of your tenant",
        );
    }
    if name.contains(char::is_whitespace) {
        return Some("it contains a space");
    }
    if name.contains("/.well-known/") {
        return Some("that is where its metadata is; set issuer to what the metadata calls issuer");
    }
    let tenant = entra_tenant(name)?;
    let all = ALL_TENANTS.contains(&tenant.as_str());
    all.then_some("tokens name their tenant; put the ID of your tenant there")
}

fn has_several_tenants(name: &str) -> bool {
    let tenant = entra_tenant(name);
    let many = |tenant: &str| ALL_TENANTS.contains(&tenant) || tenant == PRIVATE_PEOPLE;
    name.contains(['{', '}']) || tenant.is_some_and(|tenant| many(&tenant))
}

/// The tenant in the name of an issuer at Microsoft Entra, in small letters.
fn entra_tenant(name: &str) -> Option<String> {
    let url = Url::parse(name).ok()?;
    let is_entra = url.host_str().is_some_and(|host| ENTRA.contains(&host));
    let tenant = url.path_segments()?.next()?.to_ascii_lowercase();
    is_entra.then_some(tenant)
}

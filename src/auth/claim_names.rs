//! Which claims of an issuer's tokens say what, and which of its addresses are believed: what the settings make of the
//! ways in which issuers differ.

use crate::model::email::Email;

/// The claim that says whether an address is verified (OIDC Core 1.0, section 5.1).
pub(crate) const EMAIL_VERIFIED: &str = "email_verified";
/// Claims that people write themselves, at Supabase and Clerk.
const EDITABLE: [&str; 2] = ["user_metadata", "unsafe_metadata"];
/// Claims that may be another person's tomorrow (OIDC Core 1.0, section 5.7).
const PASSED_ON: [&str; 4] = ["email", "preferred_username", "name", "nickname"];
/// The longest name of a claim, in bytes.
const MAX_BYTES: usize = 255;

/// Which claims say what; the defaults are those of OIDC Core 1.0, section 5.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimNames {
    /// For whom a token is: of these, the first that is there.
    pub audience: Vec<String>,
    /// The name that the issuer has for the person.
    pub subject: String,
    /// The address, or a list of addresses of which the first counts.
    pub email: String,
    /// Whether the address is verified.
    pub email_verified: EmailVerified,
    /// The first name.
    pub first: String,
    /// The last name.
    pub last: String,
    /// The whole name, which counts where first and last name are missing.
    pub name: String,
}

/// What says that an address is the person's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmailVerified {
    /// A claim of that name.
    Claim(String),
    /// The settings: the issuer vouches for all its addresses.
    Always,
}

/// Which of an issuer's verified addresses are believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TrustEmail {
    /// None.
    #[default]
    Never,
    /// All.
    Always,
    /// Those of these domains, in the spelling of [`Email`]; not of domains below them.
    Domains(Vec<String>),
}

/// Why a text cannot be the name of a claim that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimFault {
    /// Not a name at all.
    #[error("must be the name of a claim, of 1 to {MAX_BYTES} bytes without spaces")]
    Name,
    /// People could say of themselves what they want.
    #[error("must be a claim that people cannot edit themselves")]
    Editable,
    /// It is not one person's for good.
    #[error(
        "must be a claim that belongs to one person forever; a claim that can change or be reassigned cannot be used"
    )]
    PassedOn,
}

impl Default for ClaimNames {
    fn default() -> Self {
        Self {
            audience: vec!["aud".to_owned()],
            subject: "sub".to_owned(),
            email: "email".to_owned(),
            email_verified: EmailVerified::Claim(EMAIL_VERIFIED.to_owned()),
            first: "given_name".to_owned(),
            last: "family_name".to_owned(),
            name: "name".to_owned(),
        }
    }
}

impl TrustEmail {
    /// Whether an address is one of those that are believed.
    pub(crate) fn covers(&self, email: Option<&Email>) -> bool {
        let domain = email.and_then(|email| email.as_str().rsplit_once('@'));
        match self {
            Self::Never => false,
            Self::Always => true,
            Self::Domains(all) => {
                domain.is_some_and(|(_, domain)| all.iter().any(|it| it == domain))
            }
        }
    }
}

/// The name of a claim that may say something about a person.
pub fn claim(name: &str) -> Result<String, ClaimFault> {
    let fits = (1..=MAX_BYTES).contains(&name.len());
    if !fits || name.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(ClaimFault::Name);
    }
    if EDITABLE.contains(&name) {
        return Err(ClaimFault::Editable);
    }
    Ok(name.to_owned())
}

/// The name of a claim that a person can be known by.
pub fn subject_claim(name: &str) -> Result<String, ClaimFault> {
    if PASSED_ON.contains(&name) {
        return Err(ClaimFault::PassedOn);
    }
    claim(name)
}

//! What somebody carries who signs in by a provider: a state on the way there and back, and a ticket for what is still
//! to be shown. Both are sealed, good for ten minutes and for one use, and worth nothing without the key that the
//! page keeps which has begun.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    model::{
        email::Email,
        id::{AccountId, SessionId, SignInId},
        page_key::PageKey,
        random_part,
        session::FRESH_FOR,
        sign_in::ProviderCredential,
        text::{Language, Name},
        user::IdentityKey,
    },
    random::Random,
    secret::{Sealer, digest_of, same},
};

/// How long a state, and a ticket, can be used.
pub(crate) const LIFETIME: Duration = Duration::from_mins(10);
/// The longest sealed text that is opened.
const MAX_SEALED: usize = 4096;

/// What a sign-in with a provider is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum Goal {
    /// To sign in.
    SignIn(Wish),
    /// To add the identity to a sign-in.
    Link(Linking),
}

/// In which session somebody has asked to add an identity to the own sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Linking {
    /// The sign-in.
    pub sign_in: SignInId,
    /// Its epoch then.
    pub epoch: u64,
    /// The session.
    pub session: SessionId,
}

/// What somebody who signs in wants besides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Wish {
    /// To join by this invite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite: Option<String>,
    /// To be in this account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// To have the account called so that joining makes (the setup code).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_name: Option<Name>,
    /// To have emails in this language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

/// What goes to the provider and back (`state`, RFC 6749, section 4.1.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct State {
    /// The provider's name.
    pub provider: String,
    /// The page's key, as a digest.
    key: String,
    /// What the challenge is made of (RFC 7636).
    pub verifier: String,
    /// What the ID token has to repeat.
    pub nonce: String,
    /// What it is for.
    pub goal: Goal,
    /// Until when it can be used.
    expires: Timestamp,
}

impl State {
    /// A new one.
    pub(crate) fn new(
        (provider, goal): (&str, Goal),
        key: &PageKey,
        now: Timestamp,
        random: &Random,
    ) -> Self {
        Self {
            provider: provider.to_owned(),
            key: key.digest(),
            verifier: random_part::make(random),
            nonce: random_part::make(random),
            goal,
            expires: now.plus(LIFETIME),
        }
    }

    /// Until when it can be used.
    pub(crate) const fn expires(&self) -> Timestamp {
        self.expires
    }

    /// Whether an identity is to be linked: then the person is to choose which account there, and not the one that is
    /// signed in anyway.
    pub(crate) const fn is_linking(&self) -> bool {
        matches!(self.goal, Goal::Link(_))
    }

    /// How long ago the person may have signed in there (`max_age`, `OpenID` Connect Core 1.0, section 3.1.2.1), if that
    /// matters: the identity of somebody who is still signed in there in this browser is not to be linked.
    pub(crate) fn max_age(&self) -> Option<Duration> {
        self.is_linking().then_some(FRESH_FOR)
    }

    /// What it is known by once it is used.
    pub(crate) fn id(&self) -> String {
        digest_of(&self.nonce)
    }

    /// What the provider is told of the verifier (RFC 7636, section 4.2, `S256`).
    pub(crate) fn challenge(&self) -> String {
        digest_of(&self.verifier)
    }
}

/// Why a ticket was given, and so what it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Asks {
    /// A code of the second factor of this sign-in, which the identity opens, while it is in this epoch.
    SecondFactor {
        /// The sign-in.
        sign_in: SignInId,
        /// Its epoch then.
        epoch: u64,
    },
    /// A credential of the sign-in that has the address, or a code from the mailbox.
    Credential,
    /// A code from the mailbox: nobody knows whether the address is the person's.
    Code,
}

/// What somebody holds whom a provider has told, and who has something to show yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ticket {
    /// What tells it from others.
    id: String,
    /// The page's key, as a digest.
    key: String,
    /// What it asks for.
    pub asks: Asks,
    /// What the provider has said.
    pub proven: Proven,
    /// The address that it is about.
    pub email: Email,
    /// What the person wants besides.
    pub wish: Wish,
    /// Until when it can be used.
    pub expires: Timestamp,
}

/// What a provider has said about a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Proven {
    /// What the settings call the provider.
    pub provider: String,
    /// What they call it for people.
    pub label: String,
    /// The provider, by the name that it gives itself, and its name for the person.
    pub identity: IdentityKey,
    /// The address, if it tells one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Whether the provider says that the address is the person's.
    pub verified: bool,
    /// Whether the settings believe that.
    pub trusted: bool,
    /// First name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// Last name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// When the person last showed a credential there, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<Timestamp>,
}

impl Proven {
    /// The address, if the provider's word on it counts.
    pub(crate) fn trusted_email(&self) -> Option<&Email> {
        self.email.as_ref().filter(|_| self.verified && self.trusted)
    }

    /// What a sign-in keeps of it that is linked now.
    pub(crate) fn credential(&self, linked: Timestamp) -> ProviderCredential {
        let IdentityKey { issuer, subject } = self.identity.clone();
        let Self { provider, label, email, .. } = self.clone();
        ProviderCredential { provider, label, issuer, subject, email, linked }
    }
}

impl Ticket {
    /// A new one, for the page that has this key.
    pub(crate) fn new(
        (asks, email): (Asks, &Email),
        (proven, wish): (&Proven, &Wish),
        key: &PageKey,
        (now, random): (Timestamp, &Random),
    ) -> Self {
        Self {
            id: random_part::make(random),
            key: key.digest(),
            asks,
            proven: proven.clone(),
            email: email.clone(),
            wish: wish.clone(),
            expires: now.plus(LIFETIME),
        }
    }

    /// What it, and the code that is sent for it, are known by.
    pub(crate) fn used_as(&self) -> String {
        digest_of(&self.id)
    }
}

/// What is to be shown before a sign-in with a provider goes on.
#[derive(Clone, PartialEq, Eq)]
pub struct Show {
    /// Whether it is a code of the second factor; else a credential of the sign-in that has the address.
    pub(crate) second_factor: bool,
    /// The sealed ticket that goes with it.
    pub(crate) ticket: String,
    /// Until when.
    pub(crate) expires: Timestamp,
}

impl fmt::Debug for Show {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.second_factor { "a second factor" } else { "a credential" })
    }
}

/// A state or a ticket, as it is outside.
pub(crate) trait Sealed: Serialize + for<'a> Deserialize<'a> {
    /// What keeps one kind from being taken for the other.
    const CONTEXT: &'static str;

    /// The digest of the page's key.
    fn key(&self) -> &str;

    /// Until when it can be used.
    fn expires(&self) -> Timestamp;

    /// The sealed text.
    fn seal(&self, sealer: &Sealer) -> Option<String> {
        sealer.seal(Self::CONTEXT, serde_json::to_vec(self).ok()?)
    }

    /// Opens what is shown together with the page's key; `None` for whatever keeps it from being used.
    fn open(text: &str, key: &PageKey, sealer: &Sealer, now: Timestamp) -> Option<Self> {
        if text.len() > MAX_SEALED {
            return None;
        }
        let opened: Self = serde_json::from_slice(&sealer.open(Self::CONTEXT, text)?).ok()?;
        let fits = same(opened.key().as_bytes(), key.digest().as_bytes());
        (fits && now < opened.expires()).then_some(opened)
    }
}

impl Sealed for State {
    const CONTEXT: &'static str = "state";

    fn key(&self) -> &str {
        &self.key
    }

    fn expires(&self) -> Timestamp {
        self.expires
    }
}

impl Sealed for Ticket {
    const CONTEXT: &'static str = "ticket";

    fn key(&self) -> &str {
        &self.key
    }

    fn expires(&self) -> Timestamp {
        self.expires
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::{Secret, Secrets};

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn sealer() -> Sealer {
        let secrets = Secrets { current: Secret::new([7; 32]), previous: Vec::new() };
        Sealer::new(&secrets, "provider")
    }

    fn state(key: &PageKey, random: &Random) -> State {
        State::new(("Google", Goal::SignIn(Wish::default())), key, NOW, random)
    }

    #[test]
    fn a_state_opens_for_its_page_for_ten_minutes() {
        let random = Random::seeded(1);
        let (key, other) = (PageKey::new(&random), PageKey::new(&random));
        let made = state(&key, &random);
        let text = made.seal(&sealer()).unwrap();
        let open = |key, at| State::open(&text, key, &sealer(), at);
        assert_eq!(
            open(&key, NOW.plus(LIFETIME.saturating_sub(Duration::from_millis(1)))),
            Some(made)
        );
        assert_eq!(open(&key, NOW.plus(LIFETIME)), None);
        assert_eq!(open(&other, NOW), None);
        assert_eq!(State::open(&text.replace('A', "B"), &key, &sealer(), NOW), None);
        assert_eq!(State::open(&"A".repeat(MAX_SEALED + 1), &key, &sealer(), NOW), None);
    }

    #[test]
    fn a_state_is_no_ticket() {
        let random = Random::seeded(1);
        let key = PageKey::new(&random);
        let text = state(&key, &random).seal(&sealer()).unwrap();
        assert!(Ticket::open(&text, &key, &sealer(), NOW).is_none());
    }

    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        let random = Random::seeded(1);
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned();
        let state = State { verifier, ..state(&PageKey::new(&random), &random) };
        // RFC 7636, appendix B.
        assert_eq!(state.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}

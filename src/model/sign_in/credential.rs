//! What a person can sign in with: a list of credentials, each of a kind that has a file of its own.
//!
//! Here is what is true of all kinds: how they lie in the record, and which of them exclude each other.

use std::fmt;

use serde::{Deserialize, Serialize, de::Error as _};
use serde_json::{Map, Value};

use super::{
    SignIn, password::PasswordCredential, provider::ProviderCredential, totp::TotpCredential,
};
use crate::model::password_hash::PasswordHash;

/// One credential, which names its kind where it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", try_from = "Map<String, Value>")]
pub(crate) enum Credential {
    /// A password.
    Password(PasswordCredential),
    /// An authenticator app, with its recovery codes.
    Totp(TotpCredential),
    /// An identity at a provider; there can be several.
    Provider(ProviderCredential),
    /// Of a kind that this program does not know.
    #[serde(untagged)]
    Unknown(UnknownCredential),
}

/// A credential that a newer Guestlist has stored, which runs beside this one during an upgrade.
/// It is kept as it is; what it asks of somebody who signs in, nobody here can tell.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct UnknownCredential(Map<String, Value>);

impl fmt::Debug for UnknownCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnknownCredential(…)")
    }
}

impl TryFrom<Map<String, Value>> for Credential {
    type Error = serde_json::Error;

    /// One of a known kind must be readable: what is damaged is not passed on as if it were new.
    fn try_from(stored: Map<String, Value>) -> serde_json::Result<Self> {
        match stored.get("kind").and_then(Value::as_str) {
            Some("password") => serde_json::from_value(stored.into()).map(Self::Password),
            Some("totp") => serde_json::from_value(stored.into()).map(Self::Totp),
            Some("provider") => serde_json::from_value(stored.into()).map(Self::Provider),
            Some(_) => Ok(Self::Unknown(UnknownCredential(stored))),
            None => Err(serde_json::Error::custom("a credential without a kind")),
        }
    }
}

impl Credential {
    /// A password, of which this is the hash.
    pub(crate) const fn of_password(hash: PasswordHash) -> Self {
        Self::Password(PasswordCredential { hash })
    }

    /// Whether a sign-in cannot have both.
    fn excludes(&self, other: &Self) -> bool {
        match self {
            Self::Password(_) => matches!(other, Self::Password(_)),
            Self::Totp(_) => matches!(other, Self::Totp(_)),
            Self::Provider(provider) => {
                matches!(other, Self::Provider(other) if other.identity() == provider.identity())
            }
            Self::Unknown(_) => false,
        }
    }
}

impl SignIn {
    /// The same with this credential, in place of one that it excludes.
    #[must_use]
    pub(crate) fn with_credential(mut self, credential: Credential) -> Self {
        self.credentials.set(credential);
        self
    }
}

/// All credentials of a sign-in, in the order in which they came; none excludes another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Credential>")]
pub(crate) struct Credentials(Vec<Credential>);

impl TryFrom<Vec<Credential>> for Credentials {
    type Error = &'static str;

    /// Of two that exclude each other one would be dropped by the next write: rather none is read.
    fn try_from(stored: Vec<Credential>) -> Result<Self, &'static str> {
        let excluded = stored.iter().enumerate().any(|(at, credential)| {
            stored.iter().skip(at + 1).any(|other| credential.excludes(other))
        });
        if excluded { Err("two credentials of which there can be one") } else { Ok(Self(stored)) }
    }
}

impl Credentials {
    /// The one that `pick` finds.
    pub(super) fn find<'a, T>(&'a self, pick: impl Fn(&'a Credential) -> Option<T>) -> Option<T> {
        self.0.iter().find_map(pick)
    }

    /// Those that `pick` finds, in their order.
    pub(super) fn all<'a, T>(
        &'a self,
        pick: impl Fn(&'a Credential) -> Option<T>,
    ) -> impl Iterator<Item = T> {
        self.0.iter().filter_map(pick)
    }

    /// Puts it where the one is that it excludes, or at the end.
    pub(super) fn set(&mut self, credential: Credential) {
        match self.0.iter_mut().find(|known| credential.excludes(known)) {
            Some(known) => *known = credential,
            None => self.0.push(credential),
        }
    }

    /// Takes out those that `is_meant`.
    pub(super) fn remove(&mut self, is_meant: impl Fn(&Credential) -> bool) {
        self.0.retain(|credential| !is_meant(credential));
    }

    /// Whether all are of kinds that this program knows. Where one is not, nobody can be signed in
    /// here: it may be a second factor.
    pub(crate) fn are_known(&self) -> bool {
        self.0.iter().all(|credential| match credential {
            Credential::Password(_) | Credential::Totp(_) | Credential::Provider(_) => true,
            Credential::Unknown(_) => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::sign_in::{SignIn, tests::*};

    fn read(stored: &Value) -> Result<Credentials, String> {
        serde_json::from_value(stored.clone()).map_err(|error| error.to_string())
    }

    fn password() -> Value {
        json!({"kind": "password", "hash": HASH})
    }

    fn google(subject: &str) -> Value {
        json!({
            "kind": "provider", "provider": "google", "label": "Google",
            "issuer": "https://accounts.google.com",
            "subject": subject, "linked": "2026-01-01T00:00:00.000Z",
        })
    }

    fn app() -> Value {
        json!({
            "kind": "totp", "secret": "sealed", "confirmed": true, "lastStep": 7,
            "recovery": ["digest"],
        })
    }

    #[test]
    fn what_is_stored_is_read_and_stored_again() {
        let new = json!({"kind": "totp", "secret": "sealed", "confirmed": false});
        let two = json!([google("1"), password(), google("2")]);
        let known = [json!([]), json!([password()]), json!([app(), password()]), json!([new]), two];
        for stored in known {
            let read = read(&stored).unwrap();
            assert!(read.are_known());
            assert_eq!(serde_json::to_value(&read).unwrap(), stored);
        }
    }

    #[test]
    fn what_a_newer_program_has_stored_is_kept_as_it_is() {
        let key = json!({"kind": "passkey", "id": "x", "count": 3, "more": {"deep": [1.5, null]}});
        let stored = json!([key, password(), key]);
        let credentials = read(&stored).unwrap();
        assert!(!credentials.are_known());
        let sign_in = SignIn { credentials, ..ada() };
        let changed = sign_in.with_totp(totp()).without_totp().with_password(hash());
        assert_eq!(serde_json::to_value(&changed.credentials).unwrap(), stored);
        assert!(!format!("{changed:?}").contains("deep"), "it may be secret");
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let check = |stored: Value, why: &str| {
            let refused = read(&stored).unwrap_err();
            assert!(refused.contains(why), "{stored}: {refused}");
        };
        check(json!([{"kind": "password"}]), "hash");
        check(json!([{"kind": "password", "hash": "x"}]), "hash of a password");
        check(json!([{"kind": "totp", "confirmed": true}]), "secret");
        check(json!([{"hash": HASH}]), "without a kind");
        check(json!([{"kind": 1}]), "without a kind");
        check(json!(["password"]), "map");
        check(json!([password(), password()]), "two credentials");
        check(json!([app(), password(), app()]), "two credentials");
        check(json!([google("1"), google("1")]), "two credentials");
    }
}

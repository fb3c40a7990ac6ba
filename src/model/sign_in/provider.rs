//! An identity at a provider as a credential. A sign-in may have several.
//!
//! Issuer and subject alone count; the rest is for people who look at what they sign in with.

use serde::{Deserialize, Serialize};

use super::{Credential, SignIn};
use crate::{
    clock::Timestamp,
    model::{email::Email, user::IdentityKey},
};

/// How many a sign-in can have.
pub(crate) const MAX_PROVIDERS: usize = 5;

/// What is kept of an identity at a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProviderCredential {
    /// What the settings called the provider when it was linked.
    pub provider: String,
    /// What they called it for people.
    pub label: String,
    /// The provider, by the name that it gives itself.
    pub issuer: String,
    /// Its name for the person.
    pub subject: String,
    /// The address that it told then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// When it was linked.
    pub linked: Timestamp,
}

impl ProviderCredential {
    /// Who it says that the person is.
    pub(crate) fn identity(&self) -> IdentityKey {
        IdentityKey { issuer: self.issuer.clone(), subject: self.subject.clone() }
    }
}

impl SignIn {
    /// The identities at providers, in the order in which they were linked.
    pub(crate) fn providers(&self) -> impl Iterator<Item = &ProviderCredential> {
        self.credentials.all(|credential| {
            if let Credential::Provider(provider) = credential { Some(provider) } else { None }
        })
    }

    /// The one that is this identity.
    pub(crate) fn provider(&self, identity: &IdentityKey) -> Option<&ProviderCredential> {
        self.providers().find(|provider| provider.identity() == *identity)
    }

    /// The same with this identity, too.
    #[must_use]
    pub(crate) fn with_provider(self, provider: ProviderCredential) -> Self {
        self.with_credential(Credential::Provider(provider))
    }

    /// The same without those that `is_meant`.
    #[must_use]
    pub(crate) fn without_providers(
        mut self,
        is_meant: impl Fn(&ProviderCredential) -> bool,
    ) -> Self {
        self.credentials.remove(
            |credential| matches!(credential, Credential::Provider(provider) if is_meant(provider)),
        );
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sign_in::tests::*;

    fn google(subject: &str) -> ProviderCredential {
        ProviderCredential {
            provider: "google".to_owned(),
            label: "Google".to_owned(),
            issuer: "https://accounts.google.com".to_owned(),
            subject: subject.to_owned(),
            email: None,
            linked: Timestamp::from_millis(1_700_000_000_000),
        }
    }

    #[test]
    fn there_can_be_several_but_no_two_of_one_identity() {
        let renamed = ProviderCredential { label: "G".to_owned(), ..google("1") };
        let both = ada().with_provider(google("1")).with_provider(google("2"));
        let renewed = both.clone().with_provider(renamed.clone());
        assert_eq!(renewed.providers().collect::<Vec<_>>(), [&renamed, &google("2")]);
        assert_eq!(both.provider(&google("2").identity()), Some(&google("2")));
        let one = both.without_providers(|it| it.subject == "1");
        assert_eq!(one.providers().collect::<Vec<_>>(), [&google("2")]);
    }
}

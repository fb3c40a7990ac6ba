//! What is counted of sign-ins with providers.

use std::fmt;

use prometheus_client::{
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

/// What has come of a sign-in with a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProviderOutcome {
    /// The person is signed in.
    SignedIn,
    /// A code was sent to the address.
    Pending,
    /// A credential, or a code of the second factor, is to be shown first.
    MoreAsked,
    /// The identity was linked to the own sign-in.
    Linked,
    /// The provider has told who it is, and the person may not come in, or not have it linked.
    Rejected,
    /// The person, or the provider, has said no.
    Denied,
    /// What the provider has replied proves nothing.
    Refused,
    /// The provider could not be reached.
    Unavailable,
}

/// What has come of sign-ins with each provider. Clones count the same.
#[derive(Clone, Default)]
pub struct ProviderOutcomes(Family<Vec<(&'static str, String)>, Counter>);

impl ProviderOutcome {
    const ALL: [Self; 8] = [
        Self::SignedIn,
        Self::Pending,
        Self::MoreAsked,
        Self::Linked,
        Self::Rejected,
        Self::Denied,
        Self::Refused,
        Self::Unavailable,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::Pending => "pending",
            Self::MoreAsked => "more_asked",
            Self::Linked => "linked",
            Self::Rejected => "rejected",
            Self::Denied => "denied",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
        }
    }
}

impl ProviderOutcomes {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let outcomes = Self::default();
        let help = "Sign-ins with providers";
        registry.register("guestlist_provider_sign_ins", help, outcomes.0.clone());
        outcomes
    }

    /// Has all that can be counted of the provider of that name be there from the start.
    pub(crate) fn announce(&self, provider: &str) {
        for outcome in ProviderOutcome::ALL {
            let _ = self.0.get_or_create_owned(&labels(provider, outcome));
        }
    }

    /// Counts what has come of a sign-in with the provider of that name.
    pub(crate) fn count(&self, provider: &str, outcome: ProviderOutcome) {
        self.0.get_or_create_owned(&labels(provider, outcome)).inc();
    }
}

impl fmt::Debug for ProviderOutcomes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProviderOutcomes(…)")
    }
}

fn labels(provider: &str, outcome: ProviderOutcome) -> Vec<(&'static str, String)> {
    vec![("provider", provider.to_owned()), ("outcome", outcome.name().to_owned())]
}

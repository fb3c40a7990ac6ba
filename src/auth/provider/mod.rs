//! Providers: services that people sign in with here by the authorization code flow (`OpenID` Connect Core 1.0,
//! section 3.1; GitHub by OAuth 2). What they say is proved here; what comes of it is the store's business.

mod client_secret;
mod endpoints;
mod github;
mod id_token;
mod oauth;
mod oidc;
mod settings;

use std::{sync::Arc, time::Duration};

use tokio::{sync::Semaphore, time::timeout};

pub(crate) use self::settings::is_provider_name;
pub use self::{
    client_secret::{ClientSecret, ClientSecretFault},
    settings::{ProviderFault, ProviderKind, ProviderSettings, ResponseMode},
};
use self::{github::GitHub, oidc::Oidc};
use crate::{
    auth::known,
    clock::{Clock, Timestamp},
    metrics::{ProviderOutcome, ProviderOutcomes},
    model::{
        email::Email,
        provider::{Proven, State},
        user::IdentityKey,
    },
    public_url::PublicUrl,
    web::{FetchError, Web},
};

/// How many sign-ins may be finished with one provider at once.
const MAX_EXCHANGES: usize = 16;
/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long all that takes may take: the exchange, the keys, and what is asked besides.
const DEADLINE: Duration = Duration::from_secs(8);
/// When another try makes sense with a provider that cannot be reached.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The providers of the settings, in their order.
#[derive(Debug, Default)]
pub struct Providers {
    all: Vec<Provider>,
    outcomes: ProviderOutcomes,
}

/// One provider.
#[derive(Debug)]
pub struct Provider {
    settings: Arc<ProviderSettings>,
    /// Where it leads back to.
    redirect_url: String,
    protocol: Protocol,
    exchanges: Semaphore,
}

#[derive(Debug)]
enum Protocol {
    Oidc(Box<Oidc>),
    GitHub(GitHub),
}

/// Why a provider has proved nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderError {
    /// It cannot be reached, or makes no sense; another try may help.
    #[error("the provider cannot be used right now: {0}")]
    Unavailable(String),
    /// It does not take the code: it was made up, used, or is too old.
    #[error("the provider rejected the code")]
    Code,
    /// It does not say that the person has signed in there just now, as it was asked to see to.
    #[error("the provider did not confirm that the person has just signed in there")]
    Stale,
    /// What it has replied proves nothing.
    #[error("the provider's reply is not valid: {0}")]
    Refused(&'static str),
}

/// What a provider has said about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    subject: String,
    email: Option<Email>,
    verified: bool,
    /// The domain of the organisation that the person's account belongs to (`hd`, Google).
    organisation: Option<String>,
    first: Option<String>,
    last: Option<String>,
    auth_time: Option<Timestamp>,
}

impl Providers {
    /// Those of the settings.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn new(
        settings: Vec<ProviderSettings>,
        (public_url, issuers): (&PublicUrl, &[&str]),
        (web, clock): (&Web, &Clock),
        outcomes: ProviderOutcomes,
    ) -> Result<Self, Vec<ProviderFault>> {
        let faults = settings::faults(&settings, (public_url, issuers));
        if !faults.is_empty() {
            return Err(faults);
        }
        for one in &settings {
            outcomes.announce(&one.name);
        }
        let provider = |settings| Provider::new(settings, public_url, web, clock);
        Ok(Self { all: settings.into_iter().map(provider).collect(), outcomes })
    }

    /// The one of that name.
    pub(crate) fn find(&self, name: &str) -> Option<&Provider> {
        self.all.iter().find(|provider| provider.name() == name)
    }

    /// Counts what has come of a sign-in with the provider of that name.
    pub(crate) fn count(&self, name: &str, outcome: ProviderOutcome) {
        self.outcomes.count(name, outcome);
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.all.iter()
    }
}

impl Provider {
    fn new(settings: ProviderSettings, public_url: &PublicUrl, web: &Web, clock: &Clock) -> Self {
        let redirect_url = format!("{public_url}/provider/{}", settings.name);
        let settings = Arc::new(settings);
        let protocol = match settings.kind {
            ProviderKind::Oidc => {
                Protocol::Oidc(Box::new(Oidc::new(Arc::clone(&settings), web, clock)))
            }
            ProviderKind::GitHub => {
                Protocol::GitHub(GitHub::new(Arc::clone(&settings), web, clock))
            }
        };
        Self { settings, redirect_url, protocol, exchanges: Semaphore::new(MAX_EXCHANGES) }
    }

    /// What the settings call it.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// What it is called for people.
    pub fn label(&self) -> &str {
        &self.settings.label
    }

    /// The name that it gives itself.
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// How a browser comes back from it.
    pub(crate) fn response_mode(&self) -> ResponseMode {
        self.settings.response_mode
    }

    /// The URL that leads back from it, which it has to know.
    pub fn redirect_url(&self) -> &str {
        &self.redirect_url
    }

    /// Whether what was said by a provider of that name is this one's word.
    pub(crate) fn has_said(&self, proven: &Proven) -> bool {
        self.name() == proven.provider && self.issuer() == proven.identity.issuer
    }

    /// Fetches anew what it publishes about itself, for `guestlist check`. Returns what there is to say about it.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub async fn check(&self) -> Result<String, String> {
        match &self.protocol {
            Protocol::Oidc(oidc) => oidc.check().await.map_err(|error| error.to_string()),
            Protocol::GitHub(_) => Ok("GitHub by OAuth 2; nothing is fetched ahead".to_owned()),
        }
    }

    /// The URL that a browser is sent to, where the person says yes.
    ///
    /// # Errors
    /// `Unavailable`.
    pub(crate) async fn authorize(
        &self,
        state: &State,
        sealed: &str,
    ) -> Result<String, ProviderError> {
        let asked = Asked { state, sealed, redirect_url: &self.redirect_url };
        match &self.protocol {
            Protocol::Oidc(oidc) => oidc.authorize(&asked).await,
            Protocol::GitHub(github) => github.authorize(&asked),
        }
    }

    /// Whether what has come back names this provider: by its issuer (RFC 9207), or by the path that it has come back on,
    /// which is each provider's own.
    ///
    /// # Errors
    /// `Unavailable` if nobody knows yet whether it names its issuer.
    pub(crate) async fn is_named(
        &self,
        iss: Option<&str>,
        path: Option<&str>,
    ) -> Result<bool, ProviderError> {
        let promises = match &self.protocol {
            Protocol::Oidc(oidc) => oidc.promises_issuer().await?,
            Protocol::GitHub(_) => false,
        };
        Ok(match iss {
            Some(iss) => iss == self.issuer() && path.is_none_or(|path| path == self.name()),
            None => !promises && path == Some(self.name()),
        })
    }

    /// A turn at finishing a sign-in.
    ///
    /// # Errors
    /// `Unavailable` if too many are being finished.
    pub(crate) async fn turn(&self) -> Result<Turn<'_>, ProviderError> {
        match timeout(PATIENCE, self.exchanges.acquire()).await {
            Ok(Ok(permit)) => Ok(Turn { provider: self, _permit: permit }),
            Ok(Err(_)) | Err(_) => {
                Err(ProviderError::Unavailable("too many sign-ins are being finished".to_owned()))
            }
        }
    }

    fn proven(&self, said: Said) -> Proven {
        let ProviderSettings { issuer, trust_email, .. } = self.settings.as_ref();
        let (email, organisation) = (said.email.as_ref(), said.organisation.as_deref());
        let trusted = known::believes((issuer, trust_email), email, organisation);
        let Said { subject, email, verified, organisation: _, first, last, auth_time } = said;
        Proven {
            provider: self.settings.name.clone(),
            label: self.settings.label.clone(),
            identity: IdentityKey { issuer: self.settings.issuer.clone(), subject },
            verified: verified && email.is_some(),
            email,
            trusted,
            first,
            last,
            auth_time,
        }
    }
}

/// The right to finish one sign-in now.
pub(crate) struct Turn<'a> {
    provider: &'a Provider,
    _permit: tokio::sync::SemaphorePermit<'a>,
}

impl Turn<'_> {
    /// What the provider says about the person whose code that is.
    ///
    /// # Errors
    /// Why it says nothing that counts.
    pub(crate) async fn prove(self, code: &str, state: &State) -> Result<Proven, ProviderError> {
        let provider = self.provider;
        let back = Back { code, state, redirect_url: &provider.redirect_url };
        let said = async {
            match &provider.protocol {
                Protocol::Oidc(oidc) => oidc.redeem(&back).await,
                Protocol::GitHub(github) => github.redeem(&back).await,
            }
        };
        let late = || ProviderError::Unavailable("it did not answer in time".to_owned());
        let said = timeout(DEADLINE, Box::pin(said)).await.map_err(|_| late())??;
        Ok(provider.proven(said))
    }
}

/// What a browser is sent to a provider with.
struct Asked<'a> {
    state: &'a State,
    /// The same, sealed.
    sealed: &'a str,
    redirect_url: &'a str,
}

/// What has come back.
struct Back<'a> {
    code: &'a str,
    state: &'a State,
    redirect_url: &'a str,
}

impl ProviderError {
    /// When another try makes sense.
    pub(crate) const RETRY_AFTER: Duration = RETRY_AFTER;
}

impl From<FetchError> for ProviderError {
    fn from(error: FetchError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

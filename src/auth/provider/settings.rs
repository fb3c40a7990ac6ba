//! What the settings say about a provider.

use super::client_secret::ClientSecret;
use crate::{
    auth::{claim_names::TrustEmail, known},
    model::sign_in::ISSUER,
    public_url::PublicUrl,
    web::{PlainHttp, UrlFault, WebUrl},
};

/// What GitHub calls itself.
const GITHUB: &str = "https://github.com";
/// Parts of issuers that stand for any organisation: each organisation decides there which addresses are verified.
const ANYBODYS: [&str; 4] = ["/common", "/organizations", "/consumers", "{tenantid}"];
/// The longest name, in characters.
const MAX_NAME: usize = 32;

/// What the settings say about a provider.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// Its name in calls and in the URL that it leads back to: 1 to 32 of `a` to `z`, `0` to `9` and `-`.
    pub name: String,
    /// What it is called for people.
    pub label: String,
    /// How it speaks.
    pub kind: ProviderKind,
    /// The name that it gives itself, under which its metadata lies.
    pub issuer: String,
    /// What it knows this service by.
    pub client_id: String,
    /// What this service shows that it is that client; none for a public client.
    pub client_secret: Option<ClientSecret>,
    /// What it is asked to tell.
    pub scopes: Vec<String>,
    /// How a browser comes back from it.
    pub response_mode: ResponseMode,
    /// Whose addresses it is believed to have verified.
    pub trust_email: TrustEmail,
    /// Where it may be called without TLS.
    pub plain_http: PlainHttp,
}

/// How a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    /// `OpenID` Connect.
    Oidc,
    /// GitHub's OAuth 2.
    GitHub,
}

/// How a browser brings what a provider answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the query of the URL (OAuth 2.0 Multiple Response Types, section 2.1).
    #[default]
    Query,
    /// In a form that it posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

/// What is wrong with the settings of providers.
#[derive(Debug, thiserror::Error)]
#[error("provider {provider}: {why}")]
pub struct ProviderFault {
    provider: String,
    why: String,
}

/// Whether a text can be the name of a provider.
pub(crate) fn is_provider_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=MAX_NAME).contains(&text.len()) && text.chars().all(fits)
}

impl ProviderKind {
    /// What a provider of this kind calls itself, if there is one that most mean.
    pub fn usual_issuer(self) -> Option<&'static str> {
        match self {
            Self::Oidc => None,
            Self::GitHub => Some(GITHUB),
        }
    }

    /// What it is asked to tell, unless the settings say otherwise.
    pub fn usual_scopes(self) -> Vec<String> {
        let scopes: &[&str] = match self {
            Self::Oidc => &["openid", "email", "profile"],
            Self::GitHub => &["read:user", "user:email"],
        };
        scopes.iter().map(|&scope| scope.to_owned()).collect()
    }
}

impl ProviderSettings {
    fn faults(&self, (public_url, issuers): (&PublicUrl, &[&str])) -> Vec<String> {
        let mut faults = Vec::new();
        if !is_provider_name(&self.name) {
            faults.push("name must be 1 to 32 of a to z, 0 to 9 and '-'".to_owned());
        }
        if self.client_id.is_empty() {
            faults.push("client_id is required".to_owned());
        }
        if let Err(fault) = WebUrl::parse(&self.issuer, self.plain_http) {
            faults.push(format!("issuer {}", said_of_issuer(fault)));
        }
        if self.issuer == ISSUER || self.issuer == public_url.as_str() {
            faults.push("issuer is this service itself".to_owned());
        }
        if issuers.contains(&self.issuer.as_str()) {
            let why = "issuer is also in the setting issuers: either its tokens are accepted directly, or people \
                       sign in with it; remove it from one of the two";
            faults.push(why.to_owned());
        }
        if self.kind == ProviderKind::Oidc && !self.scopes.iter().any(|scope| scope == "openid") {
            faults.push("scopes must include openid".to_owned());
        }
        faults.extend(self.faults_of_answers());
        faults.extend(self.faults_of_trust());
        faults
    }

    fn faults_of_answers(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let posts = self.response_mode == ResponseMode::FormPost;
        if posts && self.kind == ProviderKind::GitHub {
            faults.push("response_mode must be query for GitHub".to_owned());
        }
        let asks_for_data = self.scopes.iter().any(|scope| scope == "name" || scope == "email");
        if !posts && asks_for_data && known::posts_what_it_tells(&self.issuer) {
            let why = "response_mode must be form_post for Apple, which refuses the scopes name and email otherwise";
            faults.push(why.to_owned());
        }
        faults
    }

    fn faults_of_trust(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.kind == ProviderKind::GitHub {
            if self.trust_email != TrustEmail::Never {
                let why = "trust_email must be false for GitHub: an address was verified there once, by its owner at \
                           that time; people confirm it with an emailed code instead";
                faults.push(why.to_owned());
            }
            if self.client_secret.is_none() {
                faults.push("client_secret is required for GitHub".to_owned());
            }
        }
        let issuer = self.issuer.to_ascii_lowercase();
        let of_anybody = ANYBODYS.iter().any(|part| issuer.contains(part));
        if of_anybody {
            let why = "issuer stands for many organisations, whose tokens each name a different issuer; set the \
                       issuer of your own, such as https://login.microsoftonline.com/TENANT/v2.0";
            faults.push(why.to_owned());
        }
        faults
    }
}

/// All that is wrong with them.
pub(super) fn faults(
    settings: &[ProviderSettings],
    others: (&PublicUrl, &[&str]),
) -> Vec<ProviderFault> {
    let mut faults = Vec::new();
    for (at, one) in settings.iter().enumerate() {
        let mut all = one.faults(others);
        let mut earlier = settings.iter().take(at);
        if earlier.clone().any(|other| other.name == one.name) {
            all.push("there are two with this name".to_owned());
        }
        if earlier.any(|other| other.issuer == one.issuer) {
            all.push("another provider has the same issuer".to_owned());
        }
        let fault = |why| ProviderFault { provider: one.name.clone(), why };
        faults.extend(all.into_iter().map(fault));
    }
    faults
}

fn said_of_issuer(fault: UrlFault) -> &'static str {
    match fault {
        UrlFault::Syntax => "must be a URL such as https://id.example.com",
        UrlFault::Insecure => {
            "must begin with https:// (http:// works only for this machine, or with insecure_http = true)"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn google() -> ProviderSettings {
        ProviderSettings {
            name: "google".to_owned(),
            label: "Google".to_owned(),
            kind: ProviderKind::Oidc,
            issuer: "https://accounts.google.com".to_owned(),
            client_id: "id".to_owned(),
            client_secret: None,
            scopes: ProviderKind::Oidc.usual_scopes(),
            response_mode: ResponseMode::Query,
            trust_email: TrustEmail::Always,
            plain_http: PlainHttp::Loopback,
        }
    }

    fn check(settings: &[ProviderSettings], expected: &[&str]) {
        let own = PublicUrl::parse("https://auth.example.com").unwrap();
        let found = faults(settings, (&own, &["https://id.example.com"]));
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.contains(expected), "{found}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        check(&[google()], &[]);
        let with = |change: &dyn Fn(&mut ProviderSettings)| {
            let mut settings = google();
            change(&mut settings);
            settings
        };
        check(&[with(&|it| it.name = "Google".to_owned())], &["a to z"]);
        check(&[with(&|it| it.client_id = String::new())], &["client_id"]);
        check(&[with(&|it| it.issuer = "http://id.example.org".to_owned())], &["https://"]);
        check(
            &[with(&|it| it.issuer = "https://id.example.com".to_owned())],
            &["in the setting issuers"],
        );
        check(&[with(&|it| it.issuer = "https://auth.example.com".to_owned())], &["itself"]);
        check(&[with(&|it| it.scopes = vec!["email".to_owned()])], &["openid"]);
        let entra = "https://login.microsoftonline.com/common/v2.0";
        check(&[with(&|it| it.issuer = entra.to_owned())], &["many organisations"]);
        let git_hub = with(&|it| {
            it.kind = ProviderKind::GitHub;
            it.issuer = GITHUB.to_owned();
        });
        check(&[git_hub], &["trust_email", "client_secret"]);
        let apple = with(&|it| it.issuer = "https://appleid.apple.com".to_owned());
        check(std::slice::from_ref(&apple), &["form_post"]);
        check(&[ProviderSettings { response_mode: ResponseMode::FormPost, ..apple }], &[]);
        let twin = with(&|it| it.label = "Other".to_owned());
        check(&[google(), twin], &["two with this name", "same issuer"]);
    }
}

//! What an issuer says of itself (OIDC Discovery 1.0): where its keys are.

use serde::{Deserialize, de::DeserializeOwned};

use crate::web::{FetchError, PlainHttp, UrlFault, Web, WebUrl};

/// Where issuers say it, below their names.
const PATH: &str = "/.well-known/openid-configuration";

/// Where an issuer's metadata is, and what it must say.
#[derive(Clone, Debug)]
pub(crate) struct Discovery {
    url: WebUrl,
    /// The names that the settings have for the issuer.
    names: Vec<String>,
    plain: PlainHttp,
}

/// An issuer's metadata (section 3), of which `T` is what matters.
#[derive(Deserialize)]
struct Metadata<T> {
    issuer: String,
    #[serde(flatten)]
    more: T,
}

/// Where its keys are.
#[derive(Deserialize)]
struct Keys {
    jwks_uri: String,
}

/// What is wrong with an issuer's metadata.
#[derive(Clone, Debug, thiserror::Error)]
pub enum MetadataFault {
    /// It cannot be fetched, or is something else.
    #[error("the metadata at {url}: {error}")]
    Fetch {
        /// Where it should be.
        url: String,
        /// Why not.
        error: FetchError,
    },
    /// It is that of another issuer (section 4.3).
    #[error(
        "the metadata at {url} is for {found:?}; if you mean that issuer, set issuer to exactly this value"
    )]
    Issuer {
        /// Where it is.
        url: String,
        /// What it says.
        found: String,
    },
    /// It does not say where keys could be fetched from.
    #[error("the metadata at {url}: jwks_uri {fault}")]
    Keys {
        /// Where it is.
        url: String,
        /// What is wrong with the URL in it.
        fault: UrlFault,
    },
}

impl Discovery {
    /// The metadata of the issuer that has the first of these names, at a URL of its own or where issuers have it.
    pub(crate) fn new(
        names: &[String],
        url: Option<&str>,
        plain: PlainHttp,
    ) -> Result<Self, UrlFault> {
        let name = names.first().map(String::as_str).unwrap_or_default();
        let usual = || format!("{}{PATH}", name.trim_end_matches('/'));
        let url = WebUrl::parse(&url.map_or_else(usual, str::to_owned), plain)?;
        Ok(Self { url, names: names.to_vec(), plain })
    }

    /// Where the keys are.
    pub(crate) async fn jwks_url(&self, web: &Web) -> Result<WebUrl, MetadataFault> {
        let Keys { jwks_uri } = self.metadata(web).await?;
        let keys = self.named(&jwks_uri);
        keys.map_err(|fault| MetadataFault::Keys { url: self.url.to_string(), fault })
    }

    /// Fetches the metadata, which must be those of the issuer.
    pub(crate) async fn metadata<T: DeserializeOwned>(
        &self,
        web: &Web,
    ) -> Result<T, MetadataFault> {
        let url = || self.url.to_string();
        let fetched = async { web.get(&self.url, "application/json", None).await?.ok()?.json() };
        let metadata: Metadata<T> =
            fetched.await.map_err(|error| MetadataFault::Fetch { url: url(), error })?;
        if self.names.contains(&metadata.issuer) {
            Ok(metadata.more)
        } else {
            Err(MetadataFault::Issuer { url: url(), found: metadata.issuer })
        }
    }

    /// A URL that the metadata name. What has come without TLS may name one without TLS in the same place only, and
    /// what has come with TLS none.
    pub(crate) fn named(&self, text: &str) -> Result<WebUrl, UrlFault> {
        let url = WebUrl::parse(text, self.plain)?;
        if url.is_as_safe_as(&self.url) { Ok(url) } else { Err(UrlFault::Insecure) }
    }
}

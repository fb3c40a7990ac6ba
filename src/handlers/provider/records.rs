//! What the replies of `provider/*` consist of.

use crate::{
    clock::Timestamp,
    cookie::CookieChange,
    handlers::identity::SignedUp,
    model::{page_key::PageKey, sign_in::ProviderCredential},
    redact::{Record, Value},
};

/// Where a browser is sent.
pub(super) struct SentOff {
    pub(super) url: String,
    pub(super) key: PageKey,
    pub(super) expires: Timestamp,
}

impl Record for SentOff {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "url" => Some(Value::Text(&self.url)),
            "key" => Some(Value::Text(self.key.reveal())),
            "expires" => Some(Value::Time(self.expires)),
            _ => None,
        }
    }
}

/// How far somebody has come.
pub(crate) enum Finished {
    /// The person is signed in.
    In(Box<SignedUp>),
    /// A code is on its way.
    Pending { link: String, expires: Timestamp },
}

impl Record for Finished {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match (self, name) {
            (Self::In(signed_up), name) => signed_up.field(name),
            (Self::Pending { .. }, "state") => Some(Value::Text("pending")),
            (Self::Pending { link, .. }, "link") => Some(Value::Text(link)),
            (Self::Pending { expires, .. }, "expires") => Some(Value::Time(*expires)),
            (Self::Pending { .. }, _) => None,
        }
    }

    fn cookie(&self) -> Option<CookieChange> {
        match self {
            Self::In(signed_up) => signed_up.cookie(),
            Self::Pending { .. } => None,
        }
    }
}

/// Until when a code can be used.
pub(super) struct CodeSent(pub(super) Timestamp);

impl Record for CodeSent {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        (name == "expires").then_some(Value::Time(self.0))
    }
}

/// What somebody can sign in with.
pub(super) struct WaysInRecord {
    pub(super) password: bool,
    pub(super) providers: Vec<Linked>,
}

impl Record for WaysInRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "hasPassword" => Some(Value::Flag(self.password)),
            "linked" => Some(Value::list(&self.providers)),
            _ => None,
        }
    }
}

/// An identity at a provider.
pub(crate) struct Linked(pub(crate) ProviderCredential);

impl Record for Linked {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        let Self(ProviderCredential { provider, label, issuer, subject, email, linked }) = self;
        match name {
            "provider" => Some(Value::Text(provider)),
            "label" => Some(Value::Text(label)),
            "issuer" => Some(Value::Text(issuer)),
            "subject" => Some(Value::Text(subject)),
            "email" => email.as_ref().map(|email| Value::Text(email.as_str())),
            "since" => Some(Value::Time(*linked)),
            _ => None,
        }
    }
}

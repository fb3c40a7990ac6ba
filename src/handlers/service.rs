//! `service/*`: what pages need to know before anybody has signed in.

use super::{Cx, NoFields, Replied};
use crate::{
    auth::provider::Provider,
    contract::MAX_BATCH,
    error::Result,
    redact::{Record, Value},
};

/// What the service offers: nothing that differs from caller to caller, and no counts.
pub(crate) async fn about(cx: &Cx, _: NoFields) -> Replied {
    Ok(Box::new(About::new(cx).await?))
}

struct About {
    is_open: bool,
    is_set_up: bool,
    ways_in: Vec<String>,
    languages: Vec<String>,
    providers: Vec<Offered>,
    cookie_origin: Option<String>,
    body_bytes: usize,
}

impl About {
    async fn new(cx: &Cx) -> Result<Self> {
        Ok(Self {
            is_open: cx.store.takes_strangers(),
            is_set_up: cx.store.is_set_up().await?,
            ways_in: cx.offer.ways_in.clone(),
            languages: cx.offer.languages.clone(),
            providers: cx.providers.iter().map(Offered::new).collect(),
            cookie_origin: cx.offer.cookie_origin.clone(),
            body_bytes: cx.offer.body_bytes,
        })
    }
}

/// A provider that people can sign in with.
struct Offered {
    name: String,
    label: String,
}

impl Offered {
    fn new(provider: &Provider) -> Self {
        Self { name: provider.name().to_owned(), label: provider.label().to_owned() }
    }
}

impl Record for Offered {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "name" => Some(Value::Text(&self.name)),
            "label" => Some(Value::Text(&self.label)),
            _ => None,
        }
    }
}

impl Record for About {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "registration" => Some(Value::Text(if self.is_open { "open" } else { "invite" })),
            "setUp" => Some(Value::Flag(self.is_set_up)),
            "waysIn" => Some(Value::Texts(&self.ways_in)),
            "providers" => Some(Value::list(&self.providers)),
            "cookieOrigin" => self.cookie_origin.as_deref().map(Value::Text),
            "languages" => Some(Value::Texts(&self.languages)),
            "maxBodyBytes" => Some(Value::Number(self.body_bytes as u64)),
            "maxBatchCalls" => Some(Value::Number(MAX_BATCH as u64)),
            _ => None,
        }
    }
}

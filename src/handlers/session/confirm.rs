//! `session/code` and `session/confirm`: showing once more who one is.

use super::tokens::{Tokens, beside};
use crate::{
    auth::identity::Identity,
    clock::Timestamp,
    handlers::{Cx, NoFields, Replied},
    model::{
        fields::{Fields, FromFields},
        page_key::PageKey,
        session::FRESH_FOR,
    },
    redact::{Record, Value},
    store::entry::confirm::Shown,
};

/// Sends a code to the own address.
pub(crate) async fn code(cx: &Cx, identity: &Identity, _: NoFields) -> Replied {
    let (key, expires) = cx.store.send_code(&cx.by(), identity).await?;
    Ok(Box::new(CodeSent { key, expires }))
}

/// What a code counts with that is on its way.
struct CodeSent {
    key: PageKey,
    expires: Timestamp,
}

impl Record for CodeSent {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "key" => Some(Value::Text(self.key.reveal())),
            "expires" => Some(Value::Time(self.expires)),
            _ => None,
        }
    }
}

/// `session/confirm`
pub(crate) struct ConfirmSession(Shown);

impl FromFields for ConfirmSession {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let names = ["currentPassword", "totp", "emailCode"];
        let given: Vec<_> = names.into_iter().filter(|name| fields.has_any(&[name])).collect();
        match given.as_slice() {
            [] => {
                let why = "currentPassword, totp, or emailCode and key are required";
                fields.fault("currentPassword", "required", why);
            }
            [_] => {}
            [surplus, _, ..] => {
                fields.fault(
                    surplus,
                    "unexpected",
                    "send one of currentPassword, totp and emailCode",
                );
            }
        }
        match (fields.has_any(&["emailCode"]), fields.has_any(&["key"])) {
            (true, false) => fields.fault("key", "required", "key is required with emailCode"),
            (false, true) => fields.fault("key", "unexpected", "key is only for emailCode"),
            (true, true) | (false, false) => {}
        }
        let password = fields.optional("currentPassword").map(Shown::Password);
        let second = fields.optional("totp").map(Shown::Second);
        let mailed = fields.optional("emailCode").zip(fields.optional("key"));
        let mailed = mailed.map(|(code, key)| Shown::Mailed(code, key));
        password.or(second).or(mailed).map(Self)
    }
}

/// Renews when the person has last shown a credential; gives an access token that says so, which does not outlive
/// the one that was shown.
pub(crate) async fn confirm(cx: &Cx, identity: &Identity, call: ConfirmSession) -> Replied {
    let ConfirmSession(shown) = call;
    if identity.session.is_none() {
        let until = cx.store.confirm_token(identity, &shown).await?;
        return Ok(Box::new(Confirmed { until, tokens: None }));
    }
    let exchange = cx.store.confirm_session(&cx.by(), identity, &shown).await?;
    let until = exchange.at.plus(FRESH_FOR);
    let expires = identity.expires.min(exchange.session.expires);
    let tokens = beside(cx, &exchange, expires, |said| said)?;
    Ok(Box::new(Confirmed { until, tokens: Some(tokens) }))
}

/// Until when somebody is fresh, and an access token that says so.
struct Confirmed {
    until: Timestamp,
    tokens: Option<Tokens>,
}

impl Record for Confirmed {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "freshUntil" => Some(Value::Time(self.until)),
            _ => self.tokens.as_ref()?.field(name),
        }
    }
}

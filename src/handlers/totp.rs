//! `totp/*`: the second factor.

use super::{Cx, InAccount, Replied, optional_selector, user::changed};
use crate::{
    error::Result,
    model::{
        fields::{Fields, FromFields},
        password::Password,
        totp::{RecoveryCode, TotpCode},
        user::User,
    },
    redact::{Record, Value},
    store::{Reach, find::select::Selector, sign_in::totp::Enrolment},
};

/// `totp/enroll`
pub(crate) struct EnrollTotp(Option<Password>);

impl FromFields for EnrollTotp {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self(fields.optional("currentPassword")))
    }
}

/// A secret for the caller's authenticator app.
pub(crate) async fn enroll(cx: &Cx, call: EnrollTotp) -> Replied {
    let user = oneself(cx).await?;
    let enrolment = cx.store.enroll_totp(&cx.by(), &user, call.0.as_ref()).await?;
    Ok(Box::new(EnrolmentRecord(enrolment)))
}

/// `totp/confirm`
pub(crate) struct ConfirmTotp(TotpCode);

impl FromFields for ConfirmTotp {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self(fields.required("code")?))
    }
}

/// Turns the second factor on; the recovery codes are in this reply and nowhere else.
pub(crate) async fn confirm(cx: &Cx, call: ConfirmTotp) -> Replied {
    let user = oneself(cx).await?;
    let codes = cx.store.confirm_totp(&cx.by(), &user, &call.0).await?;
    Ok(Box::new(RecoveryCodes(codes.iter().map(RecoveryCode::reveal).collect())))
}

/// `totp/remove`
pub(crate) struct RemoveTotp {
    who: Selector,
    password: Option<Password>,
    version: Option<u64>,
}

impl FromFields for RemoveTotp {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self {
            who: optional_selector(fields),
            password: fields.optional("currentPassword"),
            version: fields.optional("version"),
        })
    }
}

/// Turns a user's second factor off.
pub(crate) async fn remove(cx: &Cx, call: InAccount<RemoveTotp>) -> Replied {
    let RemoveTotp { who, password, version } = call.request;
    let who = cx.one_or_self(who)?;
    let reach = cx.reach(call.account, &who).await?;
    let user = cx.store.remove_totp(&cx.by(), reach, &who, (password.as_ref(), version)).await?;
    changed(cx, &user).await
}

async fn oneself(cx: &Cx) -> Result<User> {
    let who = cx.one_or_self(Selector::default())?;
    Ok(cx.store.user(Reach::Account(cx.account(None)?), &who).await?)
}

struct EnrolmentRecord(Enrolment);

impl Record for EnrolmentRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "secret" => Some(Value::Text(&self.0.secret)),
            "url" => Some(Value::Text(&self.0.url)),
            _ => None,
        }
    }
}

struct RecoveryCodes(Vec<String>);

impl Record for RecoveryCodes {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        (name == "recoveryCodes").then_some(Value::Texts(&self.0))
    }
}

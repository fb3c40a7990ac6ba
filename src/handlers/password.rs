//! `password/*`: a new password for people who have forgotten the old one.

use super::{Cx, Replied, records::Nothing};
use crate::{
    model::{
        code::Code,
        email::Email,
        fields::{Fields, FromFields},
        password::NewPassword,
    },
    redact::{Record, Value},
    store::entry::reset::{self as store, ResetSummary},
};

/// `password/forgot`
pub(crate) struct ForgotPassword(Email);

impl FromFields for ForgotPassword {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self(fields.required("email")?))
    }
}

/// Sends a code, if somebody has the address; the reply is the same if nobody has.
pub(crate) async fn forgot(cx: &Cx, call: ForgotPassword) -> Replied {
    cx.store.forgot_password(&cx.by(), &call.0).await?;
    Ok(Box::new(Nothing))
}

/// `password/check`
pub(crate) struct CheckReset(Code);

impl FromFields for CheckReset {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self(fields.required("code")?))
    }
}

/// Whose password can be set with the code of a letter, so that a page can say so before a new one is typed.
pub(crate) async fn check(cx: &Cx, call: CheckReset) -> Replied {
    Ok(Box::new(OpenReset(cx.store.check_reset(&cx.by(), &call.0).await?)))
}

struct OpenReset(ResetSummary);

impl Record for OpenReset {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        let account = self.0.account.as_ref();
        match name {
            "email" => Some(Value::Text(self.0.email.as_str())),
            "expires" => Some(Value::Time(self.0.expires)),
            "accountName" => account.map(|account| Value::Text(account.name.as_str())),
            "accountLogo" => {
                account.and_then(|it| it.logo.as_ref()).map(|logo| Value::Made(logo.path()))
            }
            _ => None,
        }
    }
}

/// `password/reset`
pub(crate) struct ResetPassword {
    code: Code,
    new: store::ResetPassword,
}

impl FromFields for ResetPassword {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let (code, new) = (fields.required("code"), fields.required("newPassword"));
        let keep_providers = fields.optional("keepProviders").unwrap_or(false);
        Some(Self { code: code?, new: store::ResetPassword { password: new?, keep_providers } })
    }
}

/// `user/undoEmail`
pub(crate) struct UndoEmail {
    pub(super) code: Code,
    pub(super) new: NewPassword,
}

impl FromFields for UndoEmail {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let (code, new) = (fields.required("code"), fields.required("newPassword"));
        Some(Self { code: code?, new: new? })
    }
}

/// Sets a new password with the code of a letter.
pub(crate) async fn reset(cx: &Cx, call: ResetPassword) -> Replied {
    let email = cx.store.reset_password(&cx.by(), &call.code, &call.new).await?;
    Ok(Box::new(Address(email)))
}

/// Whose password was set.
pub(super) struct Address(pub(super) Email);

impl Record for Address {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        (name == "email").then_some(Value::Text(self.0.as_str()))
    }
}

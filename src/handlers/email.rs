//! `user/confirmEmail` and `user/undoEmail`: the own address, moved by a code, and the way back.

use super::{
    Cx, Replied,
    password::{Address, UndoEmail},
    user::changed,
};
use crate::model::{
    code::Code,
    fields::{Fields, FromFields},
};

/// `user/confirmEmail`
pub(crate) struct ConfirmEmail(Code);

impl FromFields for ConfirmEmail {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self(fields.required("code")?))
    }
}

/// Moves the caller's own sign-in to the address that the code was sent to.
pub(crate) async fn confirm(cx: &Cx, call: ConfirmEmail) -> Replied {
    let user = cx.store.confirm_email(&cx.by(), &call.0).await?;
    changed(cx, &user).await
}

/// Brings a sign-in back to the address that the code was sent to, and sets a new password.
pub(crate) async fn undo(cx: &Cx, call: UndoEmail) -> Replied {
    let email = cx.store.undo_email(&cx.by(), &call.code, &call.new).await?;
    Ok(Box::new(Address(email)))
}

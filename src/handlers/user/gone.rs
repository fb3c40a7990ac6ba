//! `user/remove` and `user/leave`: how users go.

use super::changed;
use crate::{
    error::{Code, Error},
    handlers::{Cx, InAccount, OneUser, Replied},
    model::fields::{Fields, FromFields},
};

/// `user/remove`
pub(crate) struct RemoveUser {
    one: OneUser,
    keep_keys: bool,
}

impl FromFields for RemoveUser {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let keep_keys = fields.optional("keepKeys").unwrap_or(false);
        Some(Self { one: OneUser::from_fields(fields)?, keep_keys })
    }
}

/// Puts a user into the trash.
pub(crate) async fn remove(cx: &Cx, call: InAccount<RemoveUser>) -> Replied {
    let RemoveUser { one: OneUser { who, version }, keep_keys } = call.request;
    let reach = cx.reach(call.account, &who).await?;
    let user = cx.store.remove_user(&cx.by(), reach, &who, (version, keep_keys)).await?;
    changed(cx, &user).await
}

/// `user/leave`
pub(crate) struct LeaveAccount {
    version: Option<u64>,
}

impl FromFields for LeaveAccount {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self { version: fields.optional("version") })
    }
}

/// Takes the calling user out of its account.
pub(crate) async fn leave(cx: &Cx, call: LeaveAccount) -> Replied {
    let (Some(account), Some(user)) = (cx.caller.account(), cx.caller.user()) else {
        return Err(Error::new(
            Code::Forbidden,
            "Only a user can leave an account; an API key cannot.",
        ));
    };
    let user = cx.store.leave(&cx.by(), (account, user), call.version).await?;
    changed(cx, &user).await
}

//! `invite/*`: what the page behind an invite's link needs.

use super::{Cx, Replied, records::InviteRecord};
use crate::model::{
    code::Code,
    fields::{Fields, FromFields},
};

/// `invite/check`
pub struct CheckInvite(Code);

impl FromFields for CheckInvite {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self(fields.required("invite")?))
    }
}

/// What an invite offers to whoever has its code.
pub async fn check(cx: &Cx, call: CheckInvite) -> Replied {
    Ok(Box::new(InviteRecord(cx.store.check_invite(&cx.by(), &call.0).await?)))
}

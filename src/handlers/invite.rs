//! `invite/*`: what the page behind an invite's link needs, and taking invites back.

use super::{Cx, InAccount, OneUser, Replied, records::InviteRecord, user::changed};
use crate::{
    model::{
        code::InviteCode,
        fields::{Fields, FromFields},
    },
    store::invite::InviteTerms,
};

/// `invite/check`
pub(crate) struct CheckInvite(InviteCode);

impl FromFields for CheckInvite {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self(fields.required("invite")?))
    }
}

/// What an invite offers to whoever has its code.
pub(crate) async fn check(cx: &Cx, call: CheckInvite) -> Replied {
    Ok(Box::new(InviteRecord(cx.store.check_invite(&cx.by(), &call.0).await?)))
}

/// Takes the invite back that is out for a user.
pub(crate) async fn revoke(cx: &Cx, call: InAccount<OneUser>) -> Replied {
    let OneUser { who, version } = call.request;
    let reach = cx.reach(call.account, &who).await?;
    let user = cx.store.revoke_invite(&cx.by(), reach, &who, version).await?;
    changed(cx, &user).await
}

/// The invite that a request asks for, if it does.
pub(super) fn invite_terms(fields: &mut Fields) -> Option<InviteTerms> {
    let expires = fields.optional("inviteExpires");
    let terms = fields.optional("sendInvite").unwrap_or(false).then_some(InviteTerms { expires });
    if expires.is_some() && terms.is_none() {
        fields.fault("sendInvite", "required", "sendInvite must be true with inviteExpires");
    }
    terms
}

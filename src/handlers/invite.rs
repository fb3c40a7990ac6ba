//! `invite/*`: what the page behind an invite's link needs, and taking invites back.

use super::{
    Cx, InAccount, OneUser, Replied, page_request,
    records::{InviteRecord, PageRecord},
    user::changed,
};
use crate::{
    model::{
        code::{InviteCode, InviteCodes},
        fields::{Fields, FromFields},
    },
    redact::{Record, Value},
    role::Role,
    store::{
        invite::{InviteTerms, open::OpenInvite},
        ledger::page::PageRequest,
    },
};

/// `invite/check`
pub(crate) struct CheckInvite(InviteCode);

impl FromFields for CheckInvite {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self(fields.required("invite")?))
    }
}

/// What an invite offers to the holder of its code.
pub(crate) async fn check(cx: &Cx, call: CheckInvite) -> Replied {
    Ok(Box::new(InviteRecord(cx.store.check_invite(&cx.by(), &call.0).await?)))
}

/// `invite/find`
pub(crate) struct FindInvites(PageRequest);

impl FromFields for FindInvites {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self(page_request(fields)))
    }
}

/// A page of the account's invites that are out.
pub(crate) async fn find(cx: &Cx, call: InAccount<FindInvites>) -> Replied {
    let account = cx.own_or_home(call.account).await?;
    let page = cx.store.open_invites(account, &call.request.0).await?;
    let codes = cx.store.invite_codes();
    let record = |open| OpenInviteRecord { open, codes: codes.clone() };
    Ok(Box::new(PageRecord::new(page, record)))
}

/// An invite that is out.
struct OpenInviteRecord {
    open: OpenInvite,
    /// See [`UserRecord`](super::records::UserRecord).
    codes: InviteCodes,
}

impl Record for OpenInviteRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        let OpenInvite { user, inviter } = &self.open;
        let open = user.invite.as_ref()?;
        match name {
            "userId" => Some(Value::Plain(&user.id)),
            "email" => Some(Value::Text(user.email.as_str())),
            "first" => user.first.as_ref().map(|name| Value::Text(name.as_str())),
            "last" => user.last.as_ref().map(|name| Value::Text(name.as_str())),
            "role" => Some(Value::Text(user.role.name())),
            "inviter" => inviter.as_deref().map(Value::Text),
            "sent" => user.invite_sent.map(Value::Time),
            "expires" => Some(Value::Time(open.expires)),
            "invite" => {
                let code = self.codes.code(user.id, open)?;
                Some(Value::Made(code.reveal().to_owned()))
            }
            "version" => Some(Value::Number(user.version)),
            _ => None,
        }
    }

    fn role(&self) -> Option<Role> {
        Some(self.open.user.role)
    }
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
        fields.fault("sendInvite", "required", "inviteExpires needs sendInvite: true");
    }
    terms
}

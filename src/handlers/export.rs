//! `user/export`: everything stored about a user, as one document.

use super::{
    Cx, InAccount, Replied, audit::EntryRecord, hold::HoldRecord, records::UserRecord,
    session::SessionRecord,
};
use crate::{
    model::{
        fields::{Fields, FromFields},
        letter::Letter,
    },
    redact::{Record, Value},
    store::{find::select::Selector, ledger::queue::Queued, user::export::Export},
};

/// `user/export`
pub(crate) struct ExportUser(Selector);

impl FromFields for ExportUser {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self(Selector { id: fields.optional("id"), ..Selector::default() }))
    }
}

/// What is stored about a user; without an id, about the calling one.
pub(crate) async fn export(cx: &Cx, call: InAccount<ExportUser>) -> Replied {
    let who = cx.one_or_self(call.request.0)?;
    let reach = cx.reach(call.account, &who)?;
    let Export { user, trail, truncated, letters, holds, sessions } =
        cx.store.export_user(&cx.by(), reach, &who).await?;
    Ok(Box::new(ExportRecord {
        user: UserRecord::of(&user, cx.store.invite_codes())?,
        holds: holds.into_iter().map(HoldRecord).collect(),
        sessions: sessions.into_iter().map(|session| SessionRecord::new(cx, session)).collect(),
        trail: trail.into_iter().map(EntryRecord).collect(),
        truncated,
        letters: letters.into_iter().map(ExportedLetter).collect(),
    }))
}

/// The document.
struct ExportRecord {
    user: UserRecord,
    holds: Vec<HoldRecord>,
    sessions: Vec<SessionRecord>,
    trail: Vec<EntryRecord>,
    truncated: bool,
    letters: Vec<ExportedLetter>,
}

impl Record for ExportRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "user" => Some(Value::Record(&self.user)),
            "holds" => Some(Value::list(&self.holds)),
            "sessions" => Some(Value::list(&self.sessions)),
            "audit" => Some(Value::list(&self.trail)),
            "truncated" => Some(Value::Flag(self.truncated)),
            "letters" => Some(Value::list(&self.letters)),
            _ => None,
        }
    }
}

/// A letter as its addressee may know of it: that it is under way, not what it opens.
struct ExportedLetter(Queued<Letter>);

impl Record for ExportedLetter {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        let Queued { job: letter, attempts, .. } = &self.0;
        match name {
            "kind" => Some(Value::Text(letter.content.kind().name())),
            "to" => Some(Value::Text(letter.to.as_str())),
            "created" => Some(Value::Time(letter.created)),
            "attempts" => Some(Value::Number((*attempts).into())),
            _ => None,
        }
    }
}

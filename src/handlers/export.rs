//! `user/export`: everything stored about a user, as one document.

use super::{
    Cx, InAccount, Replied, audit::EntryRecord, hold::HoldRecord, provider::Linked,
    records::UserRecord, session::SessionRecord,
};
use crate::{
    model::{
        fields::{Fields, FromFields},
        letter::Letter,
        sign_in::SignIn,
    },
    redact::{Record, Value},
    store::{
        find::select::Selector,
        ledger::queue::Queued,
        sign_in::session::Seen,
        user::export::{Export, ExportedSignIn},
    },
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
    let reach = cx.reach(call.account, &who).await?;
    let Export { user, trail, truncated, letters, holds, sign_in } =
        cx.store.export_user(&cx.by(), reach, &who).await?;
    Ok(Box::new(ExportRecord {
        user: UserRecord::of(cx, &user).await?,
        holds: holds.into_iter().map(HoldRecord).collect(),
        sign_in: sign_in.map(|sign_in| SignInRecord::new(cx, sign_in)),
        trail: trail.into_iter().map(EntryRecord).collect(),
        truncated,
        letters: letters.into_iter().map(ExportedLetter).collect(),
    }))
}

/// The document.
struct ExportRecord {
    user: UserRecord,
    holds: Vec<HoldRecord>,
    sign_in: Option<SignInRecord>,
    trail: Vec<EntryRecord>,
    truncated: bool,
    letters: Vec<ExportedLetter>,
}

impl Record for ExportRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "user" => Some(Value::Record(&self.user)),
            "holds" => Some(Value::list(&self.holds)),
            "signIn" => self.sign_in.as_ref().map(|sign_in| Value::Record(sign_in)),
            "audit" => Some(Value::list(&self.trail)),
            "truncated" => Some(Value::Flag(self.truncated)),
            "letters" => Some(Value::list(&self.letters)),
            _ => None,
        }
    }
}

/// A person's own sign-in, with what was done with it.
struct SignInRecord {
    sign_in: SignIn,
    linked: Vec<Linked>,
    sessions: Vec<SessionRecord>,
    trail: Vec<EntryRecord>,
}

impl SignInRecord {
    fn new(cx: &Cx, ExportedSignIn { sign_in, linked, sessions, trail }: ExportedSignIn) -> Self {
        let session = |session| SessionRecord::new(cx, Seen::Session(Box::new(session)));
        Self {
            sign_in,
            linked: linked.into_iter().map(Linked).collect(),
            sessions: sessions.into_iter().map(session).collect(),
            trail: trail.into_iter().map(EntryRecord).collect(),
        }
    }
}

impl Record for SignInRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        let sign_in = &self.sign_in;
        match name {
            "email" => Some(Value::Text(sign_in.email.as_str())),
            "verified" => Some(Value::Flag(sign_in.verified)),
            "first" => sign_in.first.as_ref().map(|name| Value::Text(name.as_str())),
            "last" => sign_in.last.as_ref().map(|name| Value::Text(name.as_str())),
            "language" => sign_in.language.as_ref().map(|it| Value::Made(it.to_string())),
            "twoFactor" => Some(Value::Flag(sign_in.second_factor().is_some())),
            "created" => Some(Value::Time(sign_in.created)),
            "linked" => Some(Value::list(&self.linked)),
            "sessions" => Some(Value::list(&self.sessions)),
            "audit" => Some(Value::list(&self.trail)),
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

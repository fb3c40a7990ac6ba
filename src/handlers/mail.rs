//! `mail/*`: the outbox, and whether emails leave it.

use std::{sync::Arc, time::Duration};

use serde_json::Value as Json;

use super::{Cx, NoFields, Replied, page_request, records::PageRecord};
use crate::{
    caller::Caller,
    error::{Code, Error, Result},
    mail::{
        advice::Advice,
        courier::Courier,
        transport::Route,
        trial::{NotTaken, TrialStage},
    },
    model::{
        email::Email,
        fields::{Fields, Flaw, FromField, FromFields},
        id::LetterId,
    },
    redact::{Record, Value},
    store::{
        ledger::page::PageRequest,
        outbox::{
            mail::{Entry, LetterState, Retried},
            trial::Backlog,
            tries::LastTries,
            trouble::MailTrouble,
        },
    },
};

/// When a test email may be tried again that others are in the way of.
const TRY_AGAIN: Duration = Duration::from_secs(5);

/// `mail/find`
pub(crate) struct FindLetters {
    state: LetterState,
    page: PageRequest,
}

impl FromFields for FindLetters {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let state = fields.optional("state").unwrap_or(LetterState::Undeliverable);
        Some(Self { state, page: page_request(fields) })
    }
}

impl FromField for LetterState {
    fn from_field(value: Json) -> Result<Self, Flaw> {
        match String::from_field(value)?.as_str() {
            "waiting" => Ok(Self::Waiting),
            "undeliverable" => Ok(Self::Undeliverable),
            _ => Err(Flaw::Value("in", "must be waiting or undeliverable".into())),
        }
    }
}

/// A page of the letters that wait, or of those that cannot be delivered.
pub(crate) async fn find(cx: &Cx, call: FindLetters) -> Replied {
    let page = cx.store.letters(call.state, &call.page).await?;
    Ok(Box::new(PageRecord::new(page, LetterRecord)))
}

/// `mail/retry`
pub(crate) enum RetryLetters {
    /// This one.
    One(LetterId),
    /// Those behind this one, or the first.
    Some(Option<LetterId>),
}

impl FromFields for RetryLetters {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let (id, after) = (fields.optional("id"), fields.optional("after"));
        if id.is_some() && after.is_some() {
            fields.fault("after", "unexpected", "send either id, for one email, or after");
        }
        Some(id.map_or(Self::Some(after), Self::One))
    }
}

/// Has one undeliverable letter sent again, or as many as one step takes.
pub(crate) async fn retry(cx: &Cx, call: RetryLetters) -> Replied {
    let retried = match call {
        RetryLetters::One(id) => cx.store.retry_letter(&cx.by(), id).await?,
        RetryLetters::Some(after) => cx.store.retry_letters(&cx.by(), after).await?,
    };
    let Retried { letters, more } = retried;
    let letters = letters.into_iter().map(LetterRecord).collect();
    Ok(Box::new(RetriedRecord { letters, more }))
}

/// By which server emails leave, when one last did, and how many wait.
pub(crate) async fn state(cx: &Cx, _: NoFields) -> Replied {
    Ok(Box::new(StateRecord {
        courier: Arc::clone(&cx.courier),
        last: cx.courier.last_tries().await?,
        trouble: cx.store.mail_trouble().await?,
        backlog: cx.store.backlog().await?,
    }))
}

/// Sends a test email to the caller, and says what the mail server made of it.
pub(crate) async fn test(cx: &Cx, _: NoFields) -> Replied {
    let Caller::User(user) = cx.caller else {
        let why = "A test email goes to the caller's own address, which an API key does not have: sign in, or run \
                   guestlist mail test on the server.";
        return Err(Error::new(Code::Forbidden, why));
    };
    // It is waited for, which must not keep many calls from being answered.
    let trials = &cx.courier.trials;
    let Some(_turn) = trials.turn() else {
        let why = "Other test emails are being sent; try again in a few seconds.";
        return Err(Error::new(Code::TooManyRequests, why).retry_after(TRY_AGAIN));
    };
    let letter = cx.store.begin_test_email(&cx.by(), user).await?;
    let tried = cx.courier.try_out(&letter, trials.patience).await;
    Ok(Box::new(TestRecord { to: letter.to, tried }))
}

/// How the mail server is doing.
struct StateRecord {
    courier: Arc<Courier>,
    last: LastTries,
    trouble: Option<MailTrouble>,
    backlog: Backlog,
}

impl Record for StateRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        let failed = self.last.failed.as_ref();
        let advice = failed.and_then(|failed| Advice::named(failed.advice.as_deref()?));
        match (name, self.courier.transport.route()) {
            ("host", Route::Server { host, .. }) => Some(Value::Made(host.to_owned())),
            ("port", Route::Server { port, .. }) => Some(Value::Number(port.into())),
            ("tls", Route::Server { tls, .. }) => Some(Value::Text(tls)),
            ("folder", Route::Folder(folder)) => Some(Value::Made(folder.display().to_string())),
            ("sender", _) => Some(Value::Made(self.courier.transport.sender())),
            ("lastSent", _) => self.last.sent.map(Value::Time),
            ("lastFailed", _) => failed.map(|failed| Value::Time(failed.at)),
            ("lastError", _) => failed.map(|failed| Value::Text(&failed.why)),
            ("advice", _) => advice.map(|advice| Value::Text(advice.sentence())),
            ("adviceCode", _) => advice.map(|advice| Value::Text(advice.code())),
            ("refusedSince", _) => self.trouble.as_ref().map(|it| Value::Time(it.since)),
            ("waiting", _) => Some(Value::Number(self.backlog.count)),
            ("more", _) => Some(Value::Flag(self.backlog.more)),
            ("oldest", _) => self.backlog.oldest.map(Value::Time),
            _ => None,
        }
    }
}

/// What has become of a test email.
struct TestRecord {
    to: Email,
    tried: Result<String, NotTaken>,
}

impl Record for TestRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        let refused = self.tried.as_ref().err();
        match name {
            "to" => Some(Value::Text(self.to.as_str())),
            "accepted" => Some(Value::Flag(refused.is_none())),
            "stage" => refused.map(|it| Value::Text(TrialStage::name(it.stage))),
            "reply" => match &self.tried {
                Ok(reply) | Err(NotTaken { reply, .. }) => Some(Value::Text(reply)),
            },
            "advice" => refused.map(|it| Value::Text(it.advice.sentence())),
            "adviceCode" => refused.map(|it| Value::Text(it.advice.code())),
            _ => None,
        }
    }
}

/// A letter in the outbox.
struct LetterRecord(Entry);

impl Record for LetterRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        let Entry { id, state, due, letter } = &self.0;
        let readable = letter.as_ref().ok();
        match name {
            "id" => Some(Value::Text(id)),
            "to" => readable.map(|letter| Value::Text(letter.job.to.as_str())),
            "kind" => readable.map(|letter| Value::Text(letter.job.content.kind().name())),
            "state" => Some(Value::Text(state.name())),
            "created" => readable.map(|letter| Value::Time(letter.job.created)),
            "due" => due.map(Value::Time),
            "attempts" => readable.map(|letter| Value::Number(letter.attempts.into())),
            "lastError" => match letter {
                Ok(letter) => letter.last_error.as_deref().map(Value::Text),
                Err(why) => Some(Value::Text(why)),
            },
            _ => None,
        }
    }
}

/// Letters that are on their way again, and whether others are left.
struct RetriedRecord {
    letters: Vec<LetterRecord>,
    more: bool,
}

impl Record for RetriedRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "data" => Some(Value::list(&self.letters)),
            "more" => Some(Value::Flag(self.more)),
            _ => None,
        }
    }
}

//! `mail/*`: the outbox.

use serde_json::Value as Json;

use super::{Cx, Replied, page_request, records::PageRecord};
use crate::{
    error::Result,
    model::{
        fields::{Fields, Flaw, FromField, FromFields},
        id::LetterId,
    },
    redact::{Record, Value},
    store::{
        ledger::page::PageRequest,
        outbox::mail::{Entry, LetterState, Retried},
    },
};

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
            fields.fault("after", "unexpected", "id names one letter: send either id or after");
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

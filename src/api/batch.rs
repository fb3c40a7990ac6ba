//! Several calls in one request: each is admitted, carried out, counted, audited and refused by itself.

use futures_util::{StreamExt as _, stream};
use serde_json::{Map, Value as Json, json};

use super::{
    Client,
    call::{Request, call_by, read, viewer_of},
};
use crate::{
    admit::takes_fresh_sign_in,
    caller::Caller,
    contract::{self, BATCHED, Endpoint, MAX_BATCH},
    error::{Error, Result},
    model::fields::{Fields, Flaw, FromField, FromFields},
    nearest::did_you_mean,
    redact::{Record, Reply, Value, redact},
};

/// How many calls of a batch are under way at once.
const AT_ONCE: usize = 8;

/// The calls of a batch, in their order.
struct Batch(Vec<Part>);

/// One of them.
struct Part {
    endpoint: &'static Endpoint,
    body: Map<String, Json>,
}

impl FromFields for Batch {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        fields.required("calls")
    }
}

impl FromField for Batch {
    fn from_field(value: Json) -> Result<Self, Flaw> {
        let Json::Array(list) = value else { return Err(Flaw::Type("a list of calls")) };
        if !(1..=MAX_BATCH).contains(&list.len()) {
            let why = format!("has {} calls; 1 to {MAX_BATCH} are allowed", list.len());
            return Err(Flaw::Value("length", why));
        }
        list.into_iter().map(Part::read).collect::<Result<_, _>>().map(Self)
    }
}

impl Part {
    fn read(value: Json) -> Result<Self, Flaw> {
        let Json::Object(map) = value else { return Err(Flaw::Type("a list of objects")) };
        let part = Fields::read_inside(map, &["call", "body"], |fields| {
            let (call, body) = (fields.required::<Batched>("call"), fields.required("body"));
            Some(Self { endpoint: call?.0, body: body? })
        })?;
        part.ok_or(Flaw::Type("a list of objects with call and body"))
    }
}

struct Batched(&'static Endpoint);

impl FromField for Batched {
    fn from_field(value: Json) -> Result<Self, Flaw> {
        let name = String::from_field(value)?;
        let known = BATCHED.iter().any(|known| *known == name);
        contract::endpoint(&name).ok().filter(|_| known).map(Self).ok_or_else(|| {
            let hint = did_you_mean(&name, BATCHED.iter().copied());
            Flaw::Value("in", format!("must be one of {}.{hint}", BATCHED.join(", ")))
        })
    }
}

/// Makes the calls of a batch. Where one of them takes a fresh sign-in, nothing is done before there is one. With
/// an `Idempotency-Key` each of them is carried out at most once, and where one finds out only by itself that it takes a
/// fresh sign-in, that is the answer to all.
///
/// # Errors
/// What is wrong with the batch itself; what is wrong with a call stands in its outcome.
pub(super) async fn batch(
    client: &Client<'_>,
    caller: Caller,
    endpoint: &'static Endpoint,
    request: Request,
) -> Result<Reply> {
    let (address, agent) = (request.address, request.agent.clone());
    let key = request.idempotency_key;
    let goes_on = key.is_some();
    let Batch(parts) =
        read(Request { body: request.body, query: request.query, ..Request::default() })?;
    if parts.iter().any(|part| takes_fresh_sign_in(part.endpoint, &caller, &part.body)) {
        client.require_fresh_sign_in().await?;
    }
    let outcomes = parts.into_iter().enumerate().map(|(at, Part { endpoint, body })| {
        let request = Request {
            body,
            address,
            agent: agent.clone(),
            idempotency_key: key.as_ref().map(|key| key.of_part(at)),
            ..Request::default()
        };
        async move { Box::pin(call_by(client, endpoint.name, request)).await }
    });
    let mut outcomes: Vec<Result<Reply>> = stream::iter(outcomes).buffered(AT_ONCE).collect().await;
    let is_stale = |outcome: &Result<Reply>| {
        outcome.as_ref().is_err_and(|error| error.reauthentication().is_some())
    };
    if goes_on && let Some(at) = outcomes.iter().position(is_stale) {
        // Sent again under its key it goes on, once the person has shown a credential.
        return outcomes.swap_remove(at);
    }
    let is_repeated = |outcome: &Result<Reply>| outcome.as_ref().is_ok_and(Reply::is_repeated);
    let repeated = outcomes.iter().all(is_repeated);
    let outcomes = outcomes.into_iter().map(Outcome::from).collect();
    let record = Box::new(Outcomes(outcomes));
    let reply = redact(record, endpoint.reply.fields, viewer_of(&caller));
    Ok(if repeated { Reply::repeated(reply.into_json()) } else { reply })
}

/// What has become of the calls, in their order.
struct Outcomes(Vec<Outcome>);

impl Record for Outcomes {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        (name == "data").then(|| Value::list(&self.0))
    }
}

/// What has become of a call: its reply, written for its caller, or its error.
struct Outcome(Result<String, String>);

impl From<Result<Reply>> for Outcome {
    fn from(outcome: Result<Reply>) -> Self {
        Self(outcome.map(Reply::into_json).map_err(|error| written(&error)))
    }
}

impl Record for Outcome {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match (name, &self.0) {
            ("user", Ok(json)) | ("error", Err(json)) => Some(Value::Json(json)),
            (_, _) => None,
        }
    }
}

/// An error as its own answer would say it.
fn written(error: &Error) -> String {
    error.log();
    let code = error.code();
    let mut failure = json!({
        "status": code.status(), "code": code.name(), "detail": error.detail(),
    });
    if let Some(failure) = failure.as_object_mut() {
        if !error.fields().is_empty() {
            failure.insert("errors".to_owned(), json!(error.fields()));
        }
        if let Some(existing) = error.existing() {
            failure.insert("existing".to_owned(), json!(existing));
        }
        if let Some(seconds) = error.retry_after_seconds() {
            failure.insert("retryAfter".to_owned(), json!(seconds));
        }
    }
    failure.to_string()
}

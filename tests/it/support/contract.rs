//! That answers are what the OpenAPI document says: asked of every answer that any test gets to a call.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

use guestlist::contract::{Endpoint, endpoints, kind::Kind};
use jsonschema::Validator;
use serde_json::{Value, json};

use super::client::Answer;

static SCHEMAS: LazyLock<Value> =
    LazyLock::new(|| guestlist::openapi::document("")["components"].clone());

/// Checks the answer to a call, if the path is that of one.
#[track_caller]
pub(super) fn check_answer(path: &str, answer: &Answer) {
    let is_at = |endpoint: &&Endpoint| {
        path.strip_suffix(endpoint.name).is_some_and(|base| base.ends_with('/'))
    };
    let Some(endpoint) = endpoints().find(is_at) else { return };
    let body = answer.json();
    if answer.status == 200 {
        check_reply(endpoint, &body);
        return;
    }
    let code = body["code"].as_str().unwrap();
    let known = endpoint.codes().iter().any(|known| known.name() == code);
    assert!(known, "{} is not said to fail with {code}: {body}", endpoint.name);
}

#[track_caller]
fn check_reply(endpoint: &'static Endpoint, body: &Value) {
    static VALIDATORS: LazyLock<Mutex<HashMap<&str, Validator>>> = LazyLock::new(Mutex::default);
    let mut validators = VALIDATORS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let validator = validators.entry(endpoint.name).or_insert_with(|| {
        let mut schema = Kind::Record(endpoint.reply).reference();
        schema["components"] = json!(*SCHEMAS);
        jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
    });
    let faults: Vec<_> = validator.iter_errors(body).map(|fault| fault.to_string()).collect();
    assert!(faults.is_empty(), "{}: {faults:?}: {body}", endpoint.name);
    let named: Vec<_> = endpoint.reply.fields.iter().map(|field| field.name).collect();
    let unknown = body.as_object().unwrap().keys().find(|name| !named.contains(&name.as_str()));
    assert_eq!(unknown, None, "{}: {body}", endpoint.name);
}

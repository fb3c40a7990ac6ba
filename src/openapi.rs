//! The native interface in the words of OpenAPI 3.1, made from the contract alone.
//!
//! What OpenAPI has no words for stands in extensions: `x-role` is the lowest role that may make a call,
//! send or see a field, `x-effect` says whether a call changes anything, `x-cookie` what it has to do with the cookie of
//! browsers, `x-codes` are the codes that it can fail with, and `x-fresh` says which requests take a fresh sign-in.

use serde_json::{Map, Value, json};

use crate::{
    contract::{
        Admission, CookieUse, Effect, Endpoint, Fresh, Parameter, Rule, endpoints, kind::Kind,
    },
    error::Code,
    metrics, tasks,
};

const DESCRIPTION: &str = "Every call is a POST with a JSON object and replies one. `x-role` is the \
    lowest role that may make a call, send a field or see it: `public`, `user`, `admin` or `root`; \
    `identity` is a caller with an identity token. All callers see all of their own record. `x-effect`: a call \
    that only `reads` may be sent again at will, and one that `changes` something with the same \
    `Idempotency-Key` if it takes one. `x-cookie`: a call `gives` the cookie if it is asked to, `takes` \
    it in place of a token in the body, or `clears` it. Of a field \
    that need not be sent, null is the same as nothing, unless it says otherwise. `x-fresh`: a call \
    takes a fresh sign-in (see `session/confirm`) if one of these is so: `always`; the field is `sent`, \
    whatever its value; it is `set`, to neither null nor false; it `is` one of the values. API keys are \
    exempt.";
const TOKEN: &str = "An identity token or an API key (`gl_…`); `Bearer` may be left out.";

/// The document, for calls below the base path.
pub fn document(base_path: &str) -> Value {
    let calls = endpoints()
        .map(|endpoint| (format!("/{}", endpoint.name), json!({ "post": operation(endpoint) })));
    let mut tags: Vec<_> = endpoints().map(|endpoint| json!({"name": noun(endpoint)})).collect();
    tags.dedup();
    tags.push(json!({"name": "pages", "description": "What is read with GET"}));
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Guestlist",
            "summary": env!("CARGO_PKG_DESCRIPTION"),
            "description": DESCRIPTION,
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "MIT or Apache-2.0", "identifier": env!("CARGO_PKG_LICENSE")},
        },
        "servers": servers(base_path),
        "tags": tags,
        "paths": calls.chain(pages(base_path)).collect::<Map<_, _>>(),
        "components": {
            "schemas": schemas(),
            "responses": responses(),
            "headers": headers(),
            "parameters": {"AccountId": account_id(), "IdempotencyKey": idempotency_key()},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": TOKEN},
            },
        },
    })
}

fn servers(base_path: &str) -> Value {
    json!([{"url": if base_path.is_empty() { "/" } else { base_path }}])
}

fn noun(endpoint: &Endpoint) -> &'static str {
    endpoint.name.split('/').next().unwrap_or_default()
}

fn operation(endpoint: &Endpoint) -> Value {
    let (role, security) = match endpoint.admission {
        Admission::Anyone => ("public", json!([])),
        Admission::Identity => ("identity", json!([{"token": []}])),
        Admission::Role(role) => (role.name(), json!([{"token": []}])),
    };
    let codes = endpoint.codes();
    let mut responses = Map::from_iter([("200".to_owned(), success(endpoint))]);
    responses.extend(problems(&codes));
    let mut operation = json!({
        "operationId": operation_id(endpoint.name),
        "tags": [noun(endpoint)],
        "summary": endpoint.summary,
        "security": security,
        "parameters": parameters(endpoint),
        "requestBody": {
            "required": endpoint.example() != json!({}),
            "content": {"application/json": {
                "schema": request(endpoint),
                "example": endpoint.example(),
            }},
        },
        "responses": responses,
        "x-role": role,
        "x-effect": match endpoint.effect {
            Effect::Read => "reads",
            Effect::Change => "changes",
        },
        "x-codes": codes.iter().map(|code| code.name()).collect::<Vec<_>>(),
    });
    if let Some(operation) = operation.as_object_mut() {
        if !endpoint.fresh.is_empty() {
            let fresh: Vec<_> = endpoint.fresh.iter().map(Fresh::schema).collect();
            operation.insert("x-fresh".to_owned(), json!(fresh));
        }
        if let Some(cookie) = cookie_use(endpoint.cookie) {
            operation.insert("x-cookie".to_owned(), json!(cookie));
        }
    }
    operation
}

fn cookie_use(cookie: CookieUse) -> Option<&'static str> {
    match cookie {
        CookieUse::None => None,
        CookieUse::Gives => Some("gives"),
        CookieUse::Takes => Some("takes"),
        CookieUse::Clears => Some("clears"),
    }
}

/// `user/createOrRestore` as a name in programs: `userCreateOrRestore`.
fn operation_id(name: &str) -> String {
    let (noun, verb) = name.split_once('/').unwrap_or((name, ""));
    let (first, rest) = verb.split_at_checked(1).unwrap_or_default();
    format!("{noun}{}{rest}", first.to_ascii_uppercase())
}

fn parameters(endpoint: &Endpoint) -> Vec<Value> {
    let query = |parameter: &Parameter| {
        let schema = parameter.kind.reference();
        let role = parameter.role.name();
        json!({"name": parameter.name, "in": "query", "schema": schema, "x-role": role})
    };
    let key = json!({"$ref": "#/components/parameters/IdempotencyKey"});
    let key = endpoint.repeatable.then_some(key);
    let account = json!({"$ref": "#/components/parameters/AccountId"});
    let account = endpoint.is_in_account().then_some(account);
    endpoint.query.iter().map(query).chain(account).chain(key).collect()
}

fn account_id() -> Value {
    json!({
        "name": "X-Account-Id",
        "in": "header",
        "description": "The account that the call is about, for people who are in several. Without it, it is \
            the only one that the person is in, or the API key's.",
        "schema": {"type": "string", "format": "uuid"},
    })
}

fn idempotency_key() -> Value {
    json!({
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Made up afresh for each request. Sent again within 24 hours, the call is not \
            carried out again: its first successful reply is repeated.",
        "schema": {
            "type": "string",
            "pattern": "^[!-~]([ -~]{0,253}[!-~])?$",
        },
    })
}

fn request(endpoint: &Endpoint) -> Map<String, Value> {
    let fields = endpoint.request.iter();
    let properties: Map<_, _> =
        fields.clone().map(|field| (field.name.to_owned(), field.schema())).collect();
    let required: Vec<_> = fields.filter(|field| field.required).map(|field| field.name).collect();
    let rules: Vec<_> = endpoint.rules.iter().map(Rule::schema).collect();
    // `allOf` may not be an empty list.
    let rules = (!rules.is_empty()).then(|| ("allOf".to_owned(), json!(rules)));
    let members = [
        ("type", json!("object")),
        ("properties", json!(properties)),
        ("required", json!(required)),
        ("additionalProperties", json!(false)),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(rules).collect()
}

fn success(endpoint: &Endpoint) -> Value {
    let replayed = endpoint.repeatable.then_some("Idempotency-Replayed");
    let schema = Kind::Record(endpoint.reply).reference();
    json!({
        "description": "Done",
        "headers": with_headers(replayed),
        "content": {"application/json": {"schema": schema}},
    })
}

/// A response for each status that the codes go with.
fn problems(codes: &[Code]) -> impl Iterator<Item = (String, Value)> {
    codes.iter().map(|code| {
        let status = code.status().to_string();
        let response = json!({"$ref": format!("#/components/responses/Problem{status}")});
        (status, response)
    })
}

/// What errors look like, by status.
fn responses() -> Map<String, Value> {
    let of_status = |code: &Code| {
        let status = code.status();
        let header = match status {
            401 => Some("WWW-Authenticate"),
            429 | 503 => Some("Retry-After"),
            _ => None,
        };
        let codes = Code::ALL.iter().filter(|other| other.status() == status);
        let titles: Vec<_> = codes.map(|code| code.title()).collect();
        let schema = json!({"$ref": "#/components/schemas/Problem"});
        let response = json!({
            "description": titles.join("; "),
            "headers": with_headers(header),
            "content": {"application/problem+json": {"schema": schema}},
        });
        (format!("Problem{status}"), response)
    };
    Code::ALL.iter().map(of_status).collect()
}

/// The headers that every response has, and perhaps one more.
fn with_headers(more: Option<&str>) -> Map<String, Value> {
    let named = ["X-Request-Id"].into_iter().chain(more);
    let reference = |name| json!({"$ref": format!("#/components/headers/{name}")});
    named.map(|name| (name.to_owned(), reference(name))).collect()
}

fn headers() -> Value {
    json!({
        "Idempotency-Replayed": {
            "description": "The reply is that of an earlier call",
            "schema": {"type": "string", "enum": ["true"]},
        },
        "X-Request-Id": {
            "description": "Names the request, for the log",
            "required": true,
            "schema": {"type": "string", "format": "uuid"},
        },
        "Retry-After": {
            "description": "In how many seconds to try again",
            "required": true,
            "schema": {"type": "integer", "minimum": 1},
        },
        "WWW-Authenticate": {
            "description": "RFC 6750",
            "required": true,
            "schema": {"type": "string"},
        },
    })
}

fn schemas() -> Map<String, Value> {
    let mut schemas = Map::new();
    for endpoint in endpoints() {
        let asked = endpoint.query.iter().map(|parameter| parameter.kind);
        let sent = endpoint.request.iter().map(|field| field.kind);
        for kind in asked.chain(sent).chain([Kind::Record(endpoint.reply)]) {
            add(&mut schemas, kind);
        }
    }
    // What others are made of, without being any field's own.
    add(&mut schemas, Kind::Line);
    schemas.insert("Problem".to_owned(), problem());
    schemas.insert("Fault".to_owned(), fault());
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
    let codes = json!({"type": "string", "enum": codes, "description": "What kind of error it is"});
    schemas.insert("ErrorCode".to_owned(), codes);
    schemas
}

/// Adds the kind's schema, and those of the records in it.
fn add(schemas: &mut Map<String, Value>, kind: Kind) {
    if let Some(name) = kind.name() {
        schemas.insert(name, kind.schema());
    }
    if let Kind::List(shape) = kind {
        add(schemas, Kind::Record(shape));
    } else if let Kind::Record(shape) = kind {
        shape.fields.iter().for_each(|field| add(schemas, field.kind));
    }
}

/// RFC 9457, with members of our own.
fn problem() -> Value {
    json!({
        "type": "object",
        "description": "A problem detail (RFC 9457)",
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "What is wrong and what to do, for people"},
            "code": {"$ref": "#/components/schemas/ErrorCode"},
            "requestId": {"type": "string", "format": "uuid"},
            "maxAge": {
                "type": "integer",
                "description": "Where showing a credential once more would do: how old that may be, in seconds",
            },
            "confirmBy": {
                "type": "array",
                "description": "The fields of session/confirm that would do, with maxAge",
                "items": {"enum": ["currentPassword", "totp", "emailCode"]},
            },
            "link": {
                "type": "string",
                "description": "With link_required, and with totp_required after a provider: what provider/link takes",
            },
            "expires": {
                "type": "string",
                "format": "date-time",
                "description": "Until when link can be used",
            },
            "existing": {
                "type": "object",
                "description": "With email_taken of user/create: the user who is there already",
                "properties": {
                    "id": Kind::Id.reference(),
                    "role": Kind::Role.reference(),
                    "state": Kind::UsualState.reference(),
                    "inviteSent": Kind::Time.reference(),
                },
                "required": ["id", "role", "state"],
            },
            "errors": {
                "type": "array",
                "description": "All fields at fault",
                "items": {"$ref": "#/components/schemas/Fault"},
            },
        },
        "required": ["type", "title", "status", "detail", "code", "requestId"],
    })
}

fn fault() -> Value {
    json!({
        "type": "object",
        "properties": {
            "field": {
                "type": "string",
                "description": "`a.b` is inside field `a`, `?a` a query parameter; a header has its name",
            },
            "code": {"type": "string", "description": "What kind of fault it is"},
            "detail": {"type": "string", "description": "What would be right, for people"},
        },
        "required": ["field", "code", "detail"],
    })
}

/// The paths that are read with GET. All but the document itself are outside of the base path.
fn pages(base_path: &str) -> impl Iterator<Item = (String, Value)> {
    let status = json!({
        "type": "object", "properties": {"status": {"type": "string"}}, "required": ["status"],
    });
    let keys = json!({
        "type": "object",
        "properties": {"keys": {"type": "array", "items": {"type": "object"}}},
        "required": ["keys"],
    });
    let (text, object) = (json!({"type": "string"}), json!({"type": "object"}));
    let (json, ready) = ("application/json", tasks::readiness_schema());
    let pages = [
        ("/healthz", "Whether the process runs", json, status, &[][..]),
        ("/readyz", "Whether the table answers", json, ready, &[Code::Unavailable]),
        (
            "/.well-known/jwks.json",
            "The public keys of the built-in issuer (RFC 7517)",
            "application/jwk-set+json",
            keys,
            &[],
        ),
        (
            "/metrics",
            "Counts for Prometheus, unless that is off",
            metrics::MEDIA_TYPE,
            text,
            &[Code::NotFound],
        ),
        ("/openapi.json", "This document", json, object, &[]),
    ];
    pages.into_iter().map(move |(path, summary, media_type, schema, codes)| {
        let base = if path == "/openapi.json" { base_path } else { "" };
        let page = page(summary, media_type, &schema, codes);
        (path.to_owned(), json!({"get": page, "servers": servers(base)}))
    })
}

fn page(summary: &str, media_type: &str, schema: &Value, codes: &[Code]) -> Value {
    let mut responses = Map::from_iter([(
        "200".to_owned(),
        json!({
            "description": summary,
            "headers": with_headers(None),
            "content": {media_type: {"schema": schema}},
        }),
    )]);
    responses.extend(problems(codes));
    json!({"tags": ["pages"], "summary": summary, "security": [], "responses": responses})
}

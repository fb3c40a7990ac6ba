//! That the document is true: each field of each call takes what its schema says and nothing else.

use std::collections::BTreeSet;

use guestlist::contract::{Endpoint, RequestField, Rule, endpoints, kind::Kind};
use hyper::Method;
use serde_json::{Map, Value, json};

use crate::support::{
    client::Answer,
    engine::Engine,
    samples::SAMPLES,
    scene::{Scene, Target},
};

const FLAGS: [&str; 2] = ["--trusted-proxy=127.0.0.1", "--audience=https://api.example.com"];

/// Sends bodies, each from an address of its own, so that nobody has to wait.
struct Sender {
    scene: Scene,
    target: Target,
    sent: u32,
}

impl Sender {
    async fn new() -> Self {
        let scene = Scene::new(Engine::Sqlite, &FLAGS).await;
        let target = scene.target("target").await;
        Self { scene, target, sent: 0 }
    }

    async fn send(&mut self, endpoint: &Endpoint, path: &str, body: &Value) -> Answer {
        self.sent += 1;
        let address = format!("10.{}.{}.1", self.sent / 256, self.sent % 256);
        let root = &self.scene.root.token;
        let client = &self.scene.world.client;
        assert!(path.starts_with(endpoint.name));
        client.call_from(&address, path, root, body.clone()).await
    }

    /// The faults that the service finds in a body, as `field:code`.
    async fn faults(&mut self, endpoint: &Endpoint, body: &Value) -> BTreeSet<String> {
        let answer = self.send(endpoint, endpoint.name, body).await;
        assert!(!answer.outcome().contains("forbidden_field"), "{}", endpoint.name);
        if body["endSessions"] == true && answer.status == 200 {
            // The sender's own account it was.
            let root = &mut self.scene.root;
            root.token = self.scene.world.again(&root.token);
        }
        let found = if answer.status == 422 { answer.faults() } else { String::new() };
        found.split_whitespace().map(str::to_owned).collect()
    }

    /// A body that the call takes, with the field in it and whatever goes with that.
    fn body(&self, endpoint: &Endpoint, field: &RequestField, value: Value) -> Value {
        let sample = SAMPLES.iter().find(|sample| sample.endpoint == endpoint.name).unwrap();
        let mut body = endpoint.example();
        merge(&mut body, (sample.body)(&self.target));
        if endpoint.name == "user/create" || endpoint.name == "user/createOrRestore" {
            body["email"] = json!(format!("new-{}@example.com", self.sent));
        }
        if endpoint.name == "user/update" {
            // Not the caller, who must stay what it is.
            body["id"] = json!(self.target.id);
        }
        for name in companions(endpoint, field) {
            let other = endpoint.request.iter().find(|other| other.name == name).unwrap();
            merge(&mut body, json!({name: other.kind.example()}));
        }
        for rule in endpoint.rules {
            if let Rule::Apart(one, other) = rule {
                for (this, that) in [(one, other), (other, one)] {
                    if this.0 == field.name {
                        body.as_object_mut().unwrap().remove(that.0);
                    }
                }
            }
        }
        body[field.name] = value;
        body
    }
}

fn merge(body: &mut Value, other: Value) {
    let Value::Object(other) = other else { panic!("an object") };
    body.as_object_mut().unwrap().extend(other);
}

/// The fields that this one does not go without.
fn companions(endpoint: &Endpoint, field: &RequestField) -> Vec<&'static str> {
    let needed = |rule: &Rule| match rule {
        Rule::Needs(term, others) if term.0 == field.name => Some(others[0].0),
        Rule::Needs(..) | Rule::OneOf(_) | Rule::Apart(..) => None,
    };
    endpoint.rules.iter().filter_map(needed).collect()
}

/// Values of the right type at the edges of what the kind's schema allows: inside, and outside.
fn edges(kind: Kind) -> (Vec<Value>, Vec<Value>) {
    let schema = kind.schema();
    let length = |name: &str| schema[name].as_u64().map(|length| usize::try_from(length).unwrap());
    let mut values = vec![json!("\u{0}"), json!("two\nlines"), json!({"nothing": "x"})];
    for length in [length("minLength"), length("maxLength")].into_iter().flatten() {
        let lengths = [length.saturating_sub(1), length, length + 1];
        values.extend(lengths.map(if matches!(kind, Kind::Email) { address } else { text }));
    }
    let words = schema["enum"].as_array().into_iter().flatten();
    let words: Vec<_> = words.map(|word| word.as_str().unwrap()).collect();
    values.extend(words.iter().flat_map(|word| [json!(word), json!(word.to_uppercase())]));
    let numbers = ["minimum", "maximum"].map(|name| schema[name].as_u64());
    for number in numbers.into_iter().flatten() {
        values.extend([json!(number), json!(i128::from(number) - 1), json!(7.0), json!(7.5)]);
    }
    let schema = resolved(kind);
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let is_of_type = |value: &Value| {
        let kind = schema["type"].as_str().unwrap_or("string");
        (kind == "integer" && value.is_number())
            || (kind == "object" && value.is_object())
            || (kind == "string" && value.is_string())
    };
    values.retain(is_of_type);
    values.into_iter().partition(|value| validator.is_valid(value))
}

/// A text that nobody guesses.
fn text(length: usize) -> Value {
    json!("qT7vB2zK9mX4".chars().cycle().take(length).collect::<String>())
}

/// An address of that length.
fn address(length: usize) -> Value {
    let parts = [("a", 64), ("b", 63), ("c", length - 133)];
    let [local, label, other] = parts.map(|(letter, times)| letter.repeat(times));
    json!(format!("{local}@{label}.{other}.com"))
}

/// The kind's schema, with all that it refers to.
fn resolved(kind: Kind) -> Value {
    let mut schema = kind.schema();
    schema["components"] = guestlist::openapi::document("")["components"].clone();
    schema
}

/// A value of each JSON type that the kind does not have.
fn of_other_types(kind: Kind) -> Vec<Value> {
    let schema = kind.schema();
    let is = |name: &str| schema["type"].as_str().unwrap_or("string") == name;
    let all = [("string", json!("x")), ("integer", json!(1)), ("boolean", json!(true))];
    let all = all.into_iter().chain([("array", json!(["x"])), ("object", json!({"x": 1}))]);
    all.filter(|(name, _)| !is(name)).map(|(_, value)| value).collect()
}

fn at_fault(faults: &BTreeSet<String>, field: &str) -> bool {
    faults.iter().any(|fault| fault.split([':', '.']).next() == Some(field))
}

/// What the example of a field meets that only the state of things decides.
const BY_STATE: &[(&str, &str)] = &[
    // The call is made in none that could end.
    ("session/remove", "session"),
    // It is not the caller's.
    ("identity/remove", "email"),
    // It is a wrong one.
    ("totp/enroll", "currentPassword"),
    ("totp/remove", "currentPassword"),
    ("user/changePassword", "currentPassword"),
    ("user/update", "currentPassword"),
    // It is more than a year ahead, or behind.
    ("user/create", "inviteExpires"),
    ("user/createOrRestore", "inviteExpires"),
    ("user/updateRole", "inviteExpires"),
    // Nobody signs in with one here.
    ("provider/begin", "provider"),
    ("provider/beginLink", "provider"),
    // The longest text is no picture.
    ("account/create", "logo"),
    ("account/update", "logo"),
    // No such code was sent.
    ("session/confirm", "emailCode"),
];

#[tokio::test]
async fn each_field_takes_its_example_and_nothing_else() {
    let mut sender = Sender::new().await;
    for endpoint in endpoints() {
        for field in endpoint.request {
            let place = format!("{} {}", endpoint.name, field.name);
            let (inside, outside) = edges(field.kind);
            let example = field.kind.example();
            let is_null = matches!(field.kind, Kind::Null);
            assert_eq!(example.is_null(), is_null, "{place} has no example");
            for example in inside.into_iter().chain([example]) {
                let body = sender.body(endpoint, field, example);
                let faults = sender.faults(endpoint, &body).await;
                let by_state = BY_STATE.contains(&(endpoint.name, field.name));
                assert!(by_state || !at_fault(&faults, field.name), "{body}: {faults:?}");
            }
            let wrong = of_other_types(field.kind).into_iter().chain(outside);
            for wrong in wrong
                .filter(|wrong| !(field.can_clear() || field.takes_blank()) || *wrong != json!(""))
            {
                let body = sender.body(endpoint, field, wrong);
                let faults = sender.faults(endpoint, &body).await;
                assert!(at_fault(&faults, field.name), "{place}: {body}: {faults:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_required_is_required_and_nothing_else() {
    let mut sender = Sender::new().await;
    for endpoint in endpoints() {
        let faults = sender.faults(endpoint, &endpoint.example()).await;
        let by_state = |field: &str| BY_STATE.contains(&(endpoint.name, field));
        let missing = faults.iter().find_map(|fault| fault.strip_suffix(":required"));
        assert!(missing.is_none_or(by_state), "{}: {faults:?}", endpoint.name);
        let Value::Object(whole) = endpoint.example() else { panic!("an object") };
        for name in whole.keys() {
            let null = json!(null);
            for absent in [None, Some(&null)] {
                let mut body: Map<_, _> = whole.clone();
                body.remove(name);
                body.extend(absent.map(|null| (name.clone(), null.clone())));
                let faults = sender.faults(endpoint, &Value::Object(body)).await;
                let required = faults.iter().any(|fault| fault.ends_with(":required"));
                assert!(required, "{} without {name}: {faults:?}", endpoint.name);
            }
        }
        let others = endpoint.request.iter().filter(|field| !whole.contains_key(field.name));
        for field in others.filter(|field| !by_state(field.name)) {
            let mut body = endpoint.example();
            body[field.name] = Value::Null;
            let faults = sender.faults(endpoint, &body).await;
            assert!(!at_fault(&faults, field.name), "{} {body}: {faults:?}", endpoint.name);
        }
    }
}

/// Whether the body keeps to the call's rules, as its schema has them.
fn keeps_rules(endpoint: &Endpoint, body: &Value) -> bool {
    endpoint.rules.iter().all(|rule| jsonschema::is_valid(&rule.schema(), body))
}

#[tokio::test]
async fn the_rules_are_those_of_the_calls() {
    let mut sender = Sender::new().await;
    for endpoint in endpoints().filter(|endpoint| !endpoint.rules.is_empty()) {
        let names: BTreeSet<_> = endpoint.rules.iter().flat_map(named).collect();
        let Value::Object(whole) = endpoint.example() else { panic!("an object") };
        let mut plain = whole.clone();
        plain.retain(|name, _| !names.contains(name.as_str()));
        // Each two of the fields that rules are about: alone, and with what the call needs anyway.
        let values: Vec<_> = names.iter().flat_map(|name| values(endpoint, name)).collect();
        for (one, other) in
            values.iter().flat_map(|one| values.iter().map(move |other| (one, other)))
        {
            for mut body in [plain.clone(), whole.clone()] {
                body.extend([one.clone(), other.clone()]);
                let email = json!(format!("rule-{}@example.com", sender.sent));
                body.entry("email").and_modify(|was| *was = email);
                let body = Value::Object(body);
                let mut faults = sender.faults(endpoint, &body).await;
                let by_state = |fault: &str| {
                    BY_STATE.contains(&(endpoint.name, fault.split(':').next().unwrap()))
                };
                faults.retain(|fault| !by_state(fault));
                assert_eq!(faults.is_empty(), keeps_rules(endpoint, &body), "{body}: {faults:?}");
            }
        }
    }
}

/// The field with each of its values, as far as rules tell them apart.
fn values(endpoint: &Endpoint, name: &str) -> Vec<(String, Value)> {
    let field = endpoint.request.iter().find(|field| field.name == name).unwrap();
    let values = match (field.kind, field.kind.schema()["enum"].as_array()) {
        (Kind::Flag, _) => vec![json!(true), json!(false)],
        // Not too far from the time of the tests.
        (Kind::Time, _) => vec![json!("2027-02-01T00:00:00.000Z")],
        (_, Some(words)) => words.clone(),
        (_, None) => vec![field.kind.example()],
    };
    values.into_iter().map(|value| (name.to_owned(), value)).collect()
}

fn named(rule: &Rule) -> Vec<&'static str> {
    match rule {
        Rule::OneOf(groups) => groups.iter().copied().flatten().copied().collect(),
        Rule::Needs(term, others) => others.iter().chain([term]).map(|term| term.0).collect(),
        Rule::Apart(one, other) => vec![one.0, other.0],
    }
}

#[tokio::test]
async fn parameters_take_their_examples_and_nothing_else() {
    let mut sender = Sender::new().await;
    for endpoint in endpoints() {
        for parameter in endpoint.query {
            let schema = parameter.kind.schema();
            // A cursor is one that the service has made.
            if matches!(parameter.kind, Kind::Cursor) {
                continue;
            }
            let (mut good, mut bad) = (vec![String::new()], vec!["x".to_owned()]);
            let words = schema["enum"].as_array().or(schema["examples"].as_array());
            good.extend(words.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
            let numbers = ["minimum", "maximum"].map(|name| schema[name].as_u64());
            good.extend(numbers.into_iter().flatten().map(|number| number.to_string()));
            let [least, most] = numbers.map(|number| number.map(i128::from));
            let beyond = least.map(|least| least - 1).into_iter().chain(most.map(|most| most + 1));
            bad.extend(beyond.map(|number| number.to_string()));
            for (values, accepted) in [(good, true), (bad, false)] {
                for value in values {
                    let path = format!("{}?{}={value}", endpoint.name, parameter.name);
                    let answer = sender.send(endpoint, &path, &endpoint.example()).await;
                    let name = format!("?{}:", parameter.name);
                    let refused = answer.status == 422 && answer.faults().contains(&name);
                    assert_eq!(refused, !accepted, "{path}: {}", answer.json());
                }
            }
        }
    }
}

/// The service names all orders where it is given none of them.
#[tokio::test]
async fn the_orders_of_lists_are_those_of_the_schema() {
    let sender = Sender::new().await;
    let path = "/user/list?order=nothing";
    let token = sender.scene.root.token.as_str();
    let headers = [("authorization", token), ("content-type", "application/json")];
    let answer = sender.scene.world.client.send(Method::POST, path, &headers, "{}").await;
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    let names =
        detail.split_once("comma-separated list of ").unwrap().1.split_once("; a -").unwrap().0;
    assert_eq!(names.split(", ").collect::<Vec<_>>(), guestlist::contract::kind::ORDERS);
}

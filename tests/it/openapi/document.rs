//! The document as it is handed out.

use std::collections::BTreeMap;

use expect_test::expect_file;
use guestlist::{
    contract::{ReplyField, endpoints, kind::Kind},
    openapi::document,
};
use hyper::Method;
use serde_json::Value;

use crate::support::{engine::Engine, process::Site, world::World};

const PATH: &str = "/openapi.json";

#[test]
fn it_says_what_it_has_said() {
    let text = serde_json::to_string_pretty(&document("")).unwrap();
    expect_file!["../golden/openapi.json"].assert_eq(&format!("{text}\n"));
}

#[test]
fn each_call_is_described() {
    let mut summaries = BTreeMap::new();
    for endpoint in endpoints() {
        let other = summaries.insert(endpoint.summary, endpoint.name);
        assert_eq!(other, None, "{}: {:?}", endpoint.name, endpoint.summary);
        assert!(endpoint.summary.starts_with(char::is_uppercase), "{}", endpoint.name);
    }
}

/// All records of a reply, with their names.
fn shapes(name: &'static str, fields: &'static [ReplyField], found: &mut Vec<(&str, String)>) {
    found.push((name, format!("{fields:?}")));
    for field in fields {
        if let Kind::Record(shape) | Kind::List(shape) = field.kind {
            shapes(shape.name, shape.fields, found);
        }
    }
}

#[test]
fn no_two_schemas_have_one_name() {
    let mut found = Vec::new();
    endpoints().for_each(|endpoint| shapes(endpoint.reply.name, endpoint.reply.fields, &mut found));
    let mut by_name = BTreeMap::new();
    for (name, fields) in found {
        let first = by_name.entry(name).or_insert_with(|| fields.clone());
        assert_eq!(*first, fields, "{name}");
        let is_kind = endpoints()
            .flat_map(|endpoint| endpoint.request)
            .any(|field| field.kind.name().is_some_and(|kind| kind == name));
        assert!(!is_kind && !["Problem", "Fault", "ErrorCode"].contains(&name), "{name}");
    }
}

/// Every `$ref` leads somewhere.
fn check_references(whole: &Value, part: &Value) {
    match part {
        Value::Object(map) => {
            if let Some(reference) = map.get("$ref") {
                let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
                assert!(whole.pointer(pointer).is_some(), "{reference}");
            }
            map.values().for_each(|value| check_references(whole, value));
        }
        Value::Array(list) => list.iter().for_each(|value| check_references(whole, value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn nothing_refers_to_nothing() {
    let document = document("/api");
    check_references(&document, &document);
}

#[tokio::test]
async fn whoever_comes_may_read_it_for_a_while() {
    for (flags, base) in
        [(&[][..], ""), (&["--cors-origin=https://app.example.com", "--base-path=/api"], "/api")]
    {
        let world = World::new(Engine::Sqlite, flags).await;
        let path = format!("{base}{PATH}");
        for _ in 0..2 {
            let headers = [("origin", "https://other.example.com")];
            let answer = world.client.send(Method::GET, &path, &headers, "").await;
            assert_eq!(answer.ok(), document(base));
            let header = |name| answer.header(name).unwrap();
            assert_eq!(header("content-type"), "application/json");
            assert_eq!(header("cache-control"), "public, max-age=300");
            assert_eq!(header("access-control-allow-origin"), "*");
        }
        let answer = world.client.send(Method::POST, &path, &[], "").await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")));
        if !base.is_empty() {
            assert_eq!(world.client.send(Method::GET, PATH, &[], "").await.status, 404);
        }
    }
}

#[tokio::test]
async fn the_command_prints_the_same() {
    let site = Site::sqlite().with("--base-path=/api");
    let printed: Value = serde_json::from_str(&site.run(&["openapi"]).await.ok()).unwrap();
    assert_eq!(printed, document("/api"));
    assert!(!site.path("data").exists());
}

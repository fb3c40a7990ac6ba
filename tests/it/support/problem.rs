//! What every error over HTTP must look like: RFC 9457, with this service's own members.

use std::collections::BTreeSet;

use guestlist::error::Code;

use super::client::Answer;

/// Checks an error, whatever it is about.
#[track_caller]
pub(crate) fn check_problem(answer: &Answer) {
    let json = answer.json();
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{json}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{json}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{json}");
    let name = json["code"].as_str().unwrap_or_default();
    let code = Code::ALL.iter().find(|code| code.name() == name);
    let code = code.unwrap_or_else(|| panic!("unknown code: {json}"));
    assert_eq!(json["type"], format!("urn:guestlist:error:{name}"));
    assert_eq!(json["title"], code.title());
    assert_eq!(json["status"], answer.status);
    assert_eq!(code.status(), answer.status, "{json}");
    assert!(json["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{json}");
    assert_eq!(json["requestId"].as_str(), answer.header("x-request-id"), "{json}");
    let known = [
        "type",
        "title",
        "status",
        "detail",
        "code",
        "requestId",
        "errors",
        "maxAge",
        "confirmBy",
        "link",
        "expires",
        "existing",
    ];
    let members: BTreeSet<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
    assert!(members.is_subset(&BTreeSet::from(known)), "{json}");
    if let Some(faults) = json.get("errors") {
        let faults = faults.as_array().unwrap();
        let whole = |fault: &&serde_json::Value| {
            let names: Vec<_> = fault.as_object().unwrap().keys().map(String::as_str).collect();
            names == ["code", "detail", "field"] && fault["detail"] != ""
        };
        assert!(!faults.is_empty() && faults.iter().all(|fault| whole(&fault)), "{json}");
    }
    let asks = json.get("maxAge").is_some();
    assert_eq!(asks, json["confirmBy"].as_array().is_some_and(|names| !names.is_empty()), "{json}");
    assert!(!asks || name == "reauthentication_required", "{json}");
    let has_ticket = json.get("link").is_some();
    assert_eq!(has_ticket, json.get("expires").is_some(), "{json}");
    let may_have = matches!(name, "link_required" | "totp_required");
    assert!(may_have || !has_ticket, "{json}");
    assert!(has_ticket || name != "link_required", "{json}");
    assert!(json.get("existing").is_none() || name == "email_taken", "{json}");
    let needs = |header: &str, when: bool| {
        assert_eq!(answer.header(header).is_some(), when, "{header}: {json}");
    };
    needs("allow", answer.status == 405);
    needs("retry-after", matches!(answer.status, 429 | 503));
    needs("www-authenticate", answer.status == 401);
    assert!(answer.status != 500 || json.get("errors").is_none(), "{json}");
}

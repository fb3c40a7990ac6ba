//! Each field that a request may set of a user gets all the way: into the record, its reply and export, and
//! the audit trail. The fields are those of the contract, so that one which is new there is asked for here.

use std::collections::BTreeSet;

use guestlist::contract::{Endpoint, RequestField, Rule, endpoint, kind::Kind};
use serde_json::{Value, json};

use crate::support::scene::{PASSWORD, Scene, on_each_scene};

/// Where a field is told that was sent.
#[derive(Clone, Copy, Debug)]
struct Told {
    /// As which field of the record; none for what is never shown.
    shown: Option<&'static str>,
    /// As which change in the audit trail.
    changed: Option<&'static str>,
}

const SELECTS: Told = Told { shown: None, changed: None };
const PASSWORD_IS_SET: Told = Told { shown: None, changed: Some("password") };
const IS_INVITED: Told = Told { shown: None, changed: Some("invite") };

/// All fields that are not told under their own names, in the record and in the audit trail.
const OTHERWISE: &[(&str, &str, Told)] = &[
    ("user/create", "password", PASSWORD_IS_SET),
    ("user/create", "passwordHash", PASSWORD_IS_SET),
    ("user/create", "sendInvite", IS_INVITED),
    ("user/create", "inviteExpires", IS_INVITED),
    ("user/createOrRestore", "accountId", SELECTS),
    ("user/createOrRestore", "email", SELECTS),
    ("user/createOrRestore", "password", PASSWORD_IS_SET),
    ("user/createOrRestore", "passwordHash", PASSWORD_IS_SET),
    ("user/createOrRestore", "sendInvite", IS_INVITED),
    ("user/createOrRestore", "inviteExpires", IS_INVITED),
    ("user/update", "accountId", SELECTS),
    ("user/update", "email", SELECTS),
    ("user/update", "id", SELECTS),
    ("user/update", "version", SELECTS),
    ("user/update", "currentPassword", SELECTS),
    ("user/update", "identity", SELECTS),
    ("user/update", "keepKeys", SELECTS),
    ("user/update", "newPassword", PASSWORD_IS_SET),
    ("user/update", "newEmail", Told { shown: Some("email"), changed: Some("email") }),
];

fn told(call: &str, field: &RequestField) -> Told {
    let otherwise = OTHERWISE.iter().find(|(name, it, _)| (*name, *it) == (call, field.name));
    let own = Told { shown: Some(field.name), changed: Some(field.name) };
    otherwise.map_or(own, |(_, _, told)| *told)
}

/// A value of the field that a new user does not have.
fn sample(field: &RequestField, user: &Value, number: usize) -> Value {
    match format!("{:?}", field.kind).as_str() {
        "Document" => json!({"theme": "dark"}),
        "Email" if field.name == "email" => user["email"].clone(),
        "Email" => json!(format!("other-{number}@example.com")),
        "Flag" => json!(true),
        "Language" => json!("pt-BR"),
        "Null" => Value::Null,
        "Line" | "Name" => json!(format!("{} {number}", field.name)),
        "NewPassword" | "Password" => json!(PASSWORD),
        "PasswordHash" => field.kind.example(),
        "Role" => json!("admin"),
        "SettableState" => json!("suspended"),
        "Time" => json!("2027-02-01T00:00:00.000Z"),
        "UserNumber" => json!(9000 + number),
        "Username" => json!(format!("user.{number}")),
        "Count" | "Id" if !user[field.name].is_null() => user[field.name].clone(),
        kind => panic!("{} is of the kind {kind}, which has no sample here", field.name),
    }
}

/// A body with the field, and with what the call's rules want along with it.
fn body(call: &Endpoint, who: &[&str], field: &RequestField, user: &Value, value: &Value) -> Value {
    let mut body = json!({});
    for name in who {
        body[*name] = user[*name].clone();
    }
    for rule in call.rules {
        if let Rule::Needs(term, others) = rule
            && term.0 == field.name
            && term.1.is_none_or(|word| value == word)
        {
            let other = call.request.iter().find(|other| other.name == others[0].0).unwrap();
            body[other.name] = sample(other, user, 0);
        }
    }
    body[field.name] = value.clone();
    body
}

/// A user of whom nothing is said yet. Only who has joined can be suspended.
async fn bare(scene: &Scene, field: &RequestField, number: usize) -> Value {
    let email = format!("bare-{number}@example.com");
    if matches!(field.kind, Kind::SettableState) {
        let joined = scene.world.invited(&scene.root, &email, account(scene)).await;
        return scene.call("user/get", &scene.root.token, json!({"id": joined.id})).await.ok();
    }
    let mut body = account(scene);
    body["email"] = json!(email);
    scene.call("user/create", &scene.root.token, body).await.ok()
}

fn account(scene: &Scene) -> Value {
    json!({"accountId": scene.admin.account})
}

/// Makes the call; its reply, and the audit entry that it has written.
async fn entry(scene: &Scene, call: &Endpoint, body: &Value) -> (Value, Value) {
    let ids = |entries: &[Value]| entries.iter().map(|it| it["id"].to_string()).collect();
    let before: BTreeSet<String> = ids(&scene.audit(&scene.admin.account).await);
    let reply = scene.call(call.name, &scene.root.token, body.clone()).await.ok();
    let mut entries = scene.audit(&scene.admin.account).await;
    entries.retain(|entry| !before.contains(&entry["id"].to_string()));
    assert_eq!(entries.len(), 1, "{} {body}: {entries:?}", call.name);
    assert_eq!(entries[0]["action"], call.name);
    assert_eq!(entries[0]["userId"], reply["id"], "{} {body}", call.name);
    (reply, entries.remove(0))
}

/// The field has this value in the reply, and wherever else the record is shown.
async fn check_record(scene: &Scene, call: &Endpoint, shown: &str, reply: &Value, value: &Value) {
    assert_eq!(reply[shown], *value, "{}: {shown} is not in {reply}", call.name);
    let id = json!({"id": reply["id"]});
    let user = scene.call("user/get", &scene.root.token, id.clone()).await.ok();
    assert_eq!(user, *reply, "{}: {shown}", call.name);
    let export = scene.call("user/export", &scene.root.token, id).await.ok();
    assert_eq!(export["user"][shown], *value, "{}: {shown} is not exported", call.name);
}

/// Sends a change, and looks where it is told.
async fn check_change(
    scene: &Scene,
    call: &Endpoint,
    field: &RequestField,
    body: &Value,
    value: &Value,
) {
    let Told { shown, changed } = told(call.name, field);
    if changed.is_none() {
        scene.call(call.name, &scene.root.token, body.clone()).await.ok();
        return;
    }
    let (reply, entry) = entry(scene, call, body).await;
    if let Some(shown) = shown {
        check_record(scene, call, shown, &reply, value).await;
    }
    let names = entry["changed"].as_array().unwrap();
    let is_told = names.iter().any(|name| name.as_str() == changed);
    assert!(is_told, "{} {body}: {changed:?} is not in {names:?}", call.name);
}

/// As [`check_change`], there and, if the field can be cleared, back.
async fn check_there_and_back(
    scene: &Scene,
    call: &Endpoint,
    who: &[&str],
    field: &RequestField,
    user: &Value,
    value: &Value,
) {
    let trash = async || {
        if call.name == "user/createOrRestore" {
            scene.call("user/remove", &scene.root.token, json!({"id": user["id"]})).await.ok();
        }
    };
    trash().await;
    check_change(scene, call, field, &body(call, who, field, user, value), value).await;
    if field.can_clear() {
        trash().await;
        let cleared = body(call, who, field, user, &Value::Null);
        check_change(scene, call, field, &cleared, &Value::Null).await;
    }
}

#[tokio::test]
async fn what_a_new_user_is_given_it_has() {
    on_each_scene(async |scene| {
        let calls = ["user/create", "user/createOrRestore"].map(|name| endpoint(name).unwrap());
        let fields =
            calls.into_iter().flat_map(|call| call.request.iter().map(move |it| (call, it)));
        for (number, (call, field)) in fields.enumerate() {
            let mut user = account(&scene);
            user["email"] = json!(format!("new-{number}@example.com"));
            let value = sample(field, &user, number);
            let body = body(call, &["accountId", "email"], field, &user, &value);
            let (reply, _) = entry(&scene, call, &body).await;
            // Here the email and the account select nobody who is there.
            if let Some(shown) = told("user/create", field).shown {
                check_record(&scene, call, shown, &reply, &value).await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_changed_of_a_user_is_shown_and_audited() {
    on_each_scene(async |scene| {
        let call = endpoint("user/update").unwrap();
        for (number, field) in call.request.iter().enumerate() {
            let user = bare(&scene, field, number).await;
            let value = sample(field, &user, number);
            check_there_and_back(&scene, call, &["id"], field, &user, &value).await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_changed_of_a_user_on_the_way_back_is_shown_and_audited() {
    on_each_scene(async |scene| {
        let call = endpoint("user/createOrRestore").unwrap();
        for (number, field) in call.request.iter().enumerate() {
            let user = bare(&scene, field, number).await;
            let value = sample(field, &user, number);
            let who = ["accountId", "email"];
            check_there_and_back(&scene, call, &who, field, &user, &value).await;
        }
    })
    .await;
}

#[test]
fn every_exception_is_for_a_field() {
    for (call, name, _) in OTHERWISE {
        let call = endpoint(call).unwrap();
        assert!(call.request.iter().any(|field| field.name == *name), "{} {name}", call.name);
    }
}

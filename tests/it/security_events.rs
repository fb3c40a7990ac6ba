//! What the log and the metrics tell of refusals and of changed credentials, and what they keep to themselves.

use http_body_util::Full;
use serde_json::{Value, json};

use crate::support::{
    client::Answer,
    engine::Engine,
    process::{Service, Site},
    scene::PASSWORD,
};

const WRONG: &str = "hunter2 hunter2 hunter2";
const ADA: &str = "ada@example.com";

fn site() -> Site {
    Site::sqlite().with("--log-format=json")
}

/// The lines of the log that tell of this event, with what the span around them has.
fn events(log: &str, event: &str) -> Vec<Value> {
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["fields"]["event"] == event).collect()
}

/// The line that tells of this answer.
async fn told(service: &Service, event: &str, answer: &Answer) -> Value {
    let id = answer.header("x-request-id").unwrap().to_owned();
    service
        .log
        .until(&format!("{event} of {id}"), |log| {
            events(log, event).into_iter().find(|line| line["span"]["id"] == id.as_str())
        })
        .await
}

async fn sign_in(service: &Service, email: &str, password: &str) -> Answer {
    service.call("session/create", "", json!({"email": email, "password": password})).await
}

/// Somebody with a password, whom the operator has made.
async fn made(site: &Site, email: &str, role: &str) {
    let arguments = ["user", "create", email, "--role", role, "--password-stdin"];
    site.run_on(&arguments, PASSWORD).await.ok();
}

async fn token(service: &Service, email: &str) -> String {
    let reply = sign_in(service, email, PASSWORD).await.ok();
    reply["accessToken"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_request_id_of_a_refusal_finds_its_line() {
    let site = site();
    made(&site, ADA, "user").await;
    let service = site.start().await;

    let known = sign_in(&service, ADA, WRONG).await;
    let unknown = sign_in(&service, "nobody@example.com", WRONG).await;
    let again = sign_in(&service, "ADA@example.com", WRONG).await;
    let mut digests = Vec::new();
    for answer in [&known, &unknown, &again] {
        assert_eq!(answer.outcome(), "401 invalid_credentials");
        let line = told(&service, "wrong_credentials", answer).await;
        let fields = &line["fields"];
        assert_eq!(line["target"], "guestlist::security");
        assert_eq!(
            (&fields["call"], &fields["code"]),
            (&json!("session/create"), &json!("invalid_credentials"))
        );
        assert_eq!(fields["network"], "127.0.0.0/24");
        digests.push(fields["email"].as_str().unwrap().to_owned());
    }
    assert_eq!(digests[0], digests[2], "one email has one digest, however it is typed");
    assert_ne!(digests[0], digests[1]);

    let refused = service.call("user/get", "no.such.token", json!({})).await;
    let line = told(&service, "token_refused", &refused).await;
    assert_eq!(line["fields"]["rule"], "The token is not a well-formed signed JWT.");

    let ada = token(&service, ADA).await;
    let forbidden = service.call("account/find", &ada, json!({})).await;
    let line = told(&service, "forbidden", &forbidden).await;
    assert!(line["fields"]["caller"].as_str().unwrap().starts_with("user:"), "{line}");
    assert_eq!(line["fields"]["code"], "forbidden");

    let code = "A".repeat(24);
    let lost = service.call("invite/check", "", json!({"invite": code})).await;
    told(&service, "unknown_code", &lost).await;

    let log = service.log.so_far();
    for secret in [WRONG, PASSWORD, ADA, "nobody@", "no.such.token", &ada, &code] {
        assert!(!log.contains(secret), "the log has {secret:?}");
    }
}

#[tokio::test]
async fn a_lock_is_told_of_with_its_rule() {
    let site = site();
    let service = site.start().await;
    let mut last = sign_in(&service, ADA, WRONG).await;
    while last.status == 401 {
        last = sign_in(&service, ADA, WRONG).await;
    }
    let limited = told(&service, "limited", &last).await;
    assert_eq!(limited["fields"]["rule"], "wrong_for_email");
    let log = service.log.so_far();
    let locked = events(&log, "locked_out");
    assert_eq!(locked[0]["fields"]["rule"], "wrong_for_email", "{log}");
    assert_eq!(locked[0]["fields"]["email"], limited["fields"]["email"]);
}

#[tokio::test]
async fn a_flood_of_refusals_does_not_fill_the_log() {
    let site = site();
    let service = site.start().await;
    for _ in 0..60 {
        let answer = service.call("user/get", "no.such.token", json!({})).await;
        assert_eq!(answer.outcome(), "401 unauthenticated");
    }
    // Another event is not buried by it.
    let wrong = sign_in(&service, ADA, WRONG).await;
    told(&service, "wrong_credentials", &wrong).await;
    service.terminate();
    let log = service.log.end().await;
    let lines = events(&log, "token_refused").len();
    let left_out = events(&log, "lines_left_out");
    let counts = left_out.iter().map(|line| line["fields"]["count"].as_u64().unwrap());
    // A minute may have ended in between.
    assert!((10..=20).contains(&lines), "{lines} lines");
    assert_eq!(counts.sum::<u64>(), 60 - u64::try_from(lines).unwrap());
    assert!(left_out.iter().all(|line| line["fields"]["of"] == "token_refused"));
}

#[tokio::test]
async fn changes_of_credentials_are_told_of_with_ids() {
    let site = site();
    for (email, role) in [(ADA, "admin"), ("bob@example.com", "user")] {
        made(&site, email, role).await;
    }
    let service = site.start().await;
    let signed_in = sign_in(&service, ADA, PASSWORD).await;
    let reply = signed_in.ok();
    let ada = reply["accessToken"].as_str().unwrap();
    let id = told(&service, "signed_in", &signed_in).await["fields"]["subject"].clone();
    assert!(id.as_str().unwrap().starts_with("sign-in:"), "{id}");
    let me = service.call("user/get", ada, json!({})).await.ok();
    let by = format!("user:{}", me["id"].as_str().unwrap());

    let body = json!({"name": "nightly", "role": "user"});
    let answer = service.call("key/create", ada, body).await;
    let key = answer.ok();
    let line = told(&service, "key_created", &answer).await;
    assert_eq!(line["fields"]["subject"], format!("key:{}", key["id"].as_str().unwrap()));
    assert_eq!(line["fields"]["caller"], by.as_str());
    let answer = service.call("key/remove", ada, json!({"id": key["id"]})).await;
    told(&service, "key_removed", &answer).await;

    let bob = service.call("user/get", ada, json!({"email": "bob@example.com"})).await.ok();
    let of_bob = format!("user:{}", bob["id"].as_str().unwrap());
    let body = json!({"id": bob["id"], "role": "admin"});
    let answer = service.call("user/updateRole", ada, body).await;
    let line = told(&service, "role_changed", &answer).await;
    assert_eq!(line["fields"]["subject"], of_bob.as_str());
    assert_eq!(line["fields"]["rule"], "admin");
    let answer =
        service.call("user/update", ada, json!({"id": bob["id"], "state": "suspended"})).await;
    let line = told(&service, "state_changed", &answer).await;
    assert_eq!(line["fields"]["rule"], "suspended");

    let body = json!({"currentPassword": PASSWORD, "newPassword": "seven green teapots"});
    let answer = service.call("user/changePassword", ada, body).await;
    answer.ok();
    let line = told(&service, "password_changed", &answer).await;
    assert_eq!(line["fields"]["subject"], id);
    let log = service.log.so_far();
    for secret in [PASSWORD, "teapots", ADA, key["key"].as_str().unwrap()] {
        assert!(!log.contains(secret), "the log has {secret:?}");
    }
}

#[tokio::test]
async fn a_batch_is_told_of_by_one_name() {
    let site = Site::sqlite().with("--access-log=on");
    made(&site, ADA, "admin").await;
    let service = site.start().await;
    let admin = token(&service, ADA).await;
    let call = |at| json!({"call": "user/create", "body": {"email": format!("{at}@example.com")}});
    let calls: Vec<Value> = (0..20).map(call).collect();
    service.call("batch/run", &admin, json!({"calls": calls})).await.ok();
    let line = service
        .log
        .until("the batch", |log| {
            let is_batch = |it: &&str| it.contains("batch/run") && it.contains("answered");
            log.lines().find(is_batch).map(str::to_owned)
        })
        .await;
    assert_eq!(line.matches("caller=").count(), 1, "{line}");
    service.stop().await;
}

#[tokio::test]
async fn the_access_log_has_nothing_that_was_typed() {
    let site = site().with("--access-log=on");
    let service = site.start().await;
    let typed = "secret-in-a-path";
    for path in [&format!("/verify/{typed}"), &format!("/user/get?email={typed}")] {
        service.client.send(hyper::Method::POST, path, &[], "").await;
    }
    let answer = service.call("user/get", "", json!({})).await;
    let id = answer.header("x-request-id").unwrap();
    let line = service
        .log
        .until("its line", |log| {
            let mut lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            lines.find(|line| line["target"] == "guestlist::access" && line["span"]["id"] == id)
        })
        .await;
    assert_eq!(line["span"]["path"], "user/get");
    assert_eq!(
        (&line["fields"]["status"], &line["fields"]["network"]),
        (&json!(401), &json!("127.0.0.0/24"))
    );
    assert!(!service.log.so_far().contains(typed));
}

#[tokio::test]
async fn refusals_are_counted_by_what_callers_hear() {
    for engine in Engine::all() {
        let site = Site::on(engine).await;
        made(&site, ADA, "user").await;
        let service = site.start().await;
        for email in [ADA, "nobody@example.com"] {
            sign_in(&service, email, WRONG).await;
        }
        service.call("user/get", "", json!({})).await;
        let answer = service.client.send(hyper::Method::GET, "/metrics", &[], "").await;
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        for (reason, count) in
            [("invalid_credentials", 2), ("unauthenticated", 1), ("forbidden", 0)]
        {
            let line = format!("guestlist_refusals_total{{reason=\"{reason}\"}} {count}\n");
            assert!(text.contains(&line), "{line}{text}");
        }
    }
}

/// A log is kept, and read by others than those who look at a terminal.
#[tokio::test]
async fn codes_are_in_the_log_only_where_that_is_wanted() {
    let quiet = Site::sqlite().without("--log-codes");
    let service = quiet.start().await;
    let said = service.stdout.line("guestlist setup-code").await;
    assert!(said.contains("guestlist setup-code"));
    assert_eq!(service.setup_code(), None);
    let printed = quiet.run(&["setup-code"]).await.ok();
    let code = printed.lines().map(str::trim).find(|line| line.len() == 24 && !line.contains(' '));
    let code = code.unwrap().to_owned();
    let body = json!({"invite": code, "email": ADA, "password": PASSWORD});
    let root = service.call("identity/create", "", body).await.ok();
    let root = root["accessToken"].as_str().unwrap();
    let body = json!({"email": "bob@example.com", "sendInvite": true});
    service.call("user/create", root, body).await.ok();
    let line = service.log.line("written to a file").await;
    assert!(!line.contains("#invite=") && !line.contains("bob@"), "{line}");
    let over = quiet.run(&["setup-code"]).await.failure();
    assert!(over.contains("the setup code ended with the first root user"), "{over}");
    service.terminate();
    assert!(!service.stdout.end().await.contains(&code));
    assert!(!service.log.end().await.contains(&code));

    let loud = Site::sqlite();
    let service = loud.start().await;
    service.root(&loud).await;
    let root = loud.token("root@example.com").await;
    let body = json!({"email": "bob@example.com", "sendInvite": true});
    service.call("user/create", &root, body).await.ok();
    assert!(service.log.line("written to a file").await.contains("#invite="));
}

#[tokio::test]
async fn guesses_that_cannot_be_counted_are_not_answered() {
    let site = site();
    let service = site.start().await;
    assert_eq!(sign_in(&service, ADA, WRONG).await.status, 401);
    std::fs::remove_file(site.path("data/guestlist.db")).unwrap();
    assert_eq!(sign_in(&service, ADA, WRONG).await.outcome(), "503 unavailable");
}

#[tokio::test]
async fn a_key_that_asks_the_panel_for_too_much_is_told() {
    let site = site().with("--facades=panel").with("--panel-requests-per-minute=1");
    let service = site.start().await;
    service.root(&site).await;
    let key = site.run(&["key", "create", "--role", "admin", "--name", "script"]).await.ok();
    let ask = async || {
        let url = format!("http://{}/api/application/users", service.address);
        let bearer = format!("Bearer {}", key.trim());
        let request = hyper::Request::get(url).header("authorization", bearer);
        // Its errors are the panel's.
        service.client.exchange(request.body(Full::default()).unwrap()).await.unwrap()
    };
    while ask().await.status != 429 {}
    let answer = ask().await;
    let line = told(&service, "limited", &answer).await;
    assert_eq!(line["fields"]["rule"], "panel_requests_per_minute", "{line}");
    assert!(line["fields"]["caller"].as_str().is_some_and(|it| it.starts_with("key:")), "{line}");
}

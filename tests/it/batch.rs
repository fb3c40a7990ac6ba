//! `batch/run`: calls that come together and are still each by itself.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    scene::{PASSWORD, on_each_scene},
    world::{World, on_each_engine},
};

fn create(email: &str) -> Value {
    json!({"call": "user/create", "body": {"email": email}})
}

/// What has become of each call: the user's email, or the error's code.
fn outcomes(reply: &Value) -> Vec<&str> {
    let data = reply["data"].as_array().unwrap().iter();
    data.map(|it| it["user"]["email"].as_str().or(it["error"]["code"].as_str()).unwrap()).collect()
}

#[tokio::test]
async fn each_call_has_an_outcome_of_its_own_in_order() {
    on_each_scene(async |scene| {
        let token = &scene.admin.token;
        let calls = json!({"calls": [
            create("one@example.com"),
            create("uma@example.com"),
            create("no address"),
            {"call": "user/update", "body": {"email": "nobody@example.com", "first": "No"}},
            {"call": "user/create", "body": {"email": "two@example.com", "number": 7}},
            create("three@example.com"),
        ]});
        let reply = scene.call("batch/run", token, calls).await.ok();
        let expected = [
            "one@example.com",
            "email_taken",
            "validation_failed",
            "not_found",
            "forbidden_field",
            "three@example.com",
        ];
        assert_eq!(outcomes(&reply), expected);
        let refused = &reply["data"][1]["error"];
        assert_eq!(
            (&refused["status"], &refused["existing"]["state"]),
            (&json!(409), &json!("active"))
        );
        assert_eq!(reply["data"][2]["error"]["errors"][0]["field"], "email");
        // The trail tells of each as if it had come alone.
        let made = scene.audit(&scene.admin.account).await;
        let made = made.iter().filter(|entry| entry["action"] == "user/create").count();
        assert_eq!(made, 2 + 1, "those of the batch, and the scene's own");
    })
    .await;
}

#[tokio::test]
async fn a_batch_gives_nobody_more_than_its_calls_do() {
    on_each_scene(async |scene| {
        let calls = json!({"calls": [create("one@example.com")]});
        let uma = scene.refused("batch/run", &scene.user.token, calls.clone()).await;
        assert_eq!(uma.outcome(), "403 forbidden");
        let reader = scene.world.key(&scene.admin, "admin", "read").await;
        let refused = scene.refused("batch/run", &reader, calls).await;
        assert_eq!(refused.outcome(), "403 forbidden");
        let many = vec![create("one@example.com"); 101];
        for calls in [json!([]), json!(many)] {
            let body = json!({"calls": calls});
            let refused = scene.refused("batch/run", &scene.admin.token, body).await;
            assert_eq!(refused.faults(), "calls:length");
        }
        let other = json!({"calls": [{"call": "account/remove", "body": {}}]});
        let refused = scene.refused("batch/run", &scene.admin.token, other).await;
        assert_eq!(refused.faults(), "calls.call:in");
    })
    .await;
}

/// Only so many may be under way at once as may still miss; a batch waits for its own.
#[tokio::test]
async fn calls_of_a_batch_do_not_stand_in_each_others_way() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        world.signed_up("ada@example.com").await;
        let new = |email: &str| json!({"email": email, "password": PASSWORD});
        for _ in 0..20 {
            let known = world.call("user/create", &admin, new("ada@example.com")).await;
            assert_eq!(known.outcome(), "403 own_sign_in");
        }
        let emails: Vec<String> = (0..6).map(|it| format!("new{it}@example.com")).collect();
        let call = |email: &String| json!({"call": "user/create", "body": new(email)});
        let calls: Vec<Value> = emails.iter().map(call).collect();
        let reply = world.call("batch/run", &admin, json!({"calls": calls})).await.ok();
        assert_eq!(outcomes(&reply), emails);
    })
    .await;
}

#[tokio::test]
async fn nothing_is_done_before_there_is_a_fresh_sign_in() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let old = world.fresh(&admin);
        world.advance(Duration::from_mins(11));
        let calls = json!({"calls": [
            create("one@example.com"),
            {"call": "user/create", "body": {"email": "two@example.com", "role": "admin"}},
        ]});
        let refused = world.call("batch/run", &old, calls.clone()).await;
        assert_eq!(refused.outcome(), "401 reauthentication_required");
        let found = world.call("user/find", &admin, json!({"search": "one"})).await.ok();
        assert_eq!(found["data"], json!([]));
        let reply = world.call("batch/run", &world.fresh(&admin), calls).await.ok();
        assert_eq!(outcomes(&reply), ["one@example.com", "two@example.com"]);
    })
    .await;
}

#[tokio::test]
async fn what_is_sent_again_is_done_once_call_by_call() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let run = async |world: &World, calls: Value| {
            let body = json!({"calls": calls});
            world.client.call_once("key", "batch/run", &admin.token, &body).await
        };
        let first =
            run(&world, json!([create("one@example.com"), create("two@example.com")])).await;
        let again =
            run(&world, json!([create("one@example.com"), create("two@example.com")])).await;
        assert_eq!(again.ok(), first.ok());
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        // A batch that was cut short and goes on, and one that is another.
        let longer = json!([
            create("one@example.com"),
            create("three@example.com"),
            create("four@example.com")
        ]);
        let longer = run(&world, longer).await;
        let expected = ["one@example.com", "idempotency_mismatch", "four@example.com"];
        assert_eq!(outcomes(&longer.ok()), expected);
    })
    .await;
}

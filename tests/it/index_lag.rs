//! What callers see while `gs1` lags behind.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    lagging::{UNTIL_CAUGHT_UP, on_each_lagging},
    world::{Person, World},
};

/// The emails on the first page of an index.
async fn found(world: &World, by: &Person, index: &str) -> Vec<String> {
    let page = world.call(&format!("user/find?index={index}"), by, json!({})).await.ok();
    let email = |user: &Value| user["email"].as_str().unwrap().to_owned();
    page["data"].as_array().unwrap().iter().map(email).collect()
}

#[tokio::test]
async fn a_new_user_is_listed_by_email_once_the_index_has_caught_up() {
    on_each_lagging(UNTIL_CAUGHT_UP, async |world, table| {
        let admin = world.admin("alice@example.com").await;
        table.catch_up().await;
        // The ids of one millisecond are in no order.
        world.advance(Duration::from_millis(1));
        let bob = json!({"email": "bob@example.com"});
        let id = world.call("user/create", &admin, bob.clone()).await.ok()["id"].clone();
        assert_eq!(world.call("user/get", &admin, bob).await.ok()["id"], id);
        let everybody = ["alice@example.com", "bob@example.com"];
        assert_eq!(found(&world, &admin, "primary").await, everybody);
        assert_eq!(found(&world, &admin, "gs1").await, ["alice@example.com"]);
        table.catch_up().await;
        assert_eq!(found(&world, &admin, "gs1").await, everybody);
    })
    .await;
}

#[tokio::test]
async fn the_index_catches_up_by_itself() {
    on_each_lagging(Duration::from_secs(1), async |world, _| {
        let admin = world.admin("alice@example.com").await;
        assert!(found(&world, &admin, "gs1").await.is_empty());
        world.advance(Duration::from_secs(1));
        assert_eq!(found(&world, &admin, "gs1").await, ["alice@example.com"]);
    })
    .await;
}

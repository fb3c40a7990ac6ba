//! `user/*` over real HTTP, on both engines: what each call does, allowed and refused.

use serde_json::json;

use crate::support::world::on_each_engine;

#[tokio::test]
async fn setting_up_inviting_and_joining() {
    on_each_engine(async |world| {
        let root = world.root().await;
        let bob = world.invited(&root, "bob@example.com", json!({"role": "admin"})).await;
        let me = world.call("user/get", &bob, json!({})).await.ok();
        assert_eq!(me["role"], "admin");
        assert_eq!(me["state"], "active");
        assert_eq!(me["accountId"], root.account.as_str());
    })
    .await;
}

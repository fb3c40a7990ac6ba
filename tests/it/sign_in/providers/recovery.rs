//! What becomes of linked identities when somebody else had got hold of a sign-in, or of an address.

use super::*;

#[tokio::test]
async fn a_new_password_by_the_mailbox_takes_them_off() {
    Scene::on_each_engine(TRUSTED, &[], async |scene| {
        let (_, ada) = registered(&scene.world, "ada@example.com").await;
        let reset = async |keep: Value| {
            call(&scene.world, "password/forgot", json!({"email": "ada@example.com"})).await.ok();
            let code = scene.last_letter().await.code();
            let body = json!({"code": code, "newPassword": "another long password", "keepProviders": keep});
            call(&scene.world, "password/reset", body).await.ok();
        };
        scene.link(&ada.access, verified("intruder", "evil@example.org")).await.ok();
        reset(json!(true)).await;
        scene.come(verified("intruder", "evil@example.org")).await.ok();
        reset(Value::Null).await;
        let other = scene.come(verified("intruder", "evil@example.org")).await.ok();
        let said = said_by(other["accessToken"].as_str().unwrap());
        assert_eq!(said["email"], "evil@example.org", "it opens something of its own now");
    })
    .await;
}

#[tokio::test]
async fn the_first_proof_leaves_a_stranger_nothing() {
    Scene::on_each_engine(TRUSTED, &[], async |scene| {
        // An admin makes a sign-in for an address that is another's.
        let admin = scene.world.admin("admin@example.com").await;
        let body = json!({"email": "bob@example.com", "password": PASSWORD});
        let user = scene.world.call("user/create", &admin, body).await.ok();
        let theirs = Signed::from(&sign_in(&scene.world, "bob@example.com", PASSWORD).await.ok());
        let client = &scene.world.client;
        let link = client.call("provider/beginLink", &theirs.access, json!({"provider": "acme"}));
        assert_eq!(link.await.outcome(), "403 email_unverified");
        // Its owner comes by a provider that is believed: not by a click alone, since it costs the user its place.
        let trip = scene.trip(json!({}), verified("1", "bob@example.com")).await;
        let reply = scene.finish(&trip).await.ok();
        assert_eq!(reply["state"], "pending");
        let letter = scene.last_letter().await;
        assert!(letter.text.contains("Someone else set up a sign-in"), "{}", letter.text);
        let code = json!({"emailCode": digits(&letter)});
        let reply = scene.show(&trip, &reply["link"], code).await.ok();
        let said = said_by(reply["accessToken"].as_str().unwrap());
        assert_ne!(said["sub"], said_by(&theirs.access)["sub"]);
        let stranger = sign_in(&scene.world, "bob@example.com", PASSWORD).await;
        assert_eq!(stranger.outcome(), "401 invalid_credentials");
        let user = json!({"id": user["id"]});
        let user = scene.world.call("user/get", &admin, user).await.ok();
        assert_eq!(user["state"], "invited");
    })
    .await;
}

#[tokio::test]
async fn who_chooses_anothers_password_takes_them_off() {
    Scene::on_each_engine("", &["--registration=invite"], async |scene| {
        let root = scene.world.root().await;
        let body = json!({"email": "bob@example.com", "sendInvite": true});
        let user = scene.world.call("user/create", &root, body).await.ok();
        let code = scene.last_letter().await.code();
        let trip = scene.trip(json!({"invite": code}), verified("1", "bob@example.com")).await;
        scene.finish(&trip).await.ok();
        // The home account keeps a sign-in that was made by its invite.
        let body = json!({"id": user["id"], "newPassword": "chosen by the admin"});
        let root = scene.world.fresh(&root);
        scene.world.call("user/changePassword", &root, body).await.ok();
        let locked_out = scene.come(verified("1", "bob@example.com")).await.ok();
        assert_eq!(locked_out["state"], "pending", "it is linked no more");
    })
    .await;
}

#[tokio::test]
async fn a_removed_user_takes_no_identity_along() {
    Scene::on_each_engine(TRUSTED, &["--registration=invite"], async |scene| {
        let root = scene.world.root().await;
        let body = json!({"email": "bob@example.com", "sendInvite": true});
        let user = scene.world.call("user/create", &root, body).await.ok();
        let code = scene.last_letter().await.code();
        let trip = scene.trip(json!({"invite": code}), verified("1", "bob@example.com")).await;
        scene.finish(&trip).await.ok();
        let root = scene.world.fresh(&root);
        scene.world.call("user/remove", &root, json!({"id": user["id"]})).await.ok();
        assert_eq!(
            scene.come(verified("1", "bob@example.com")).await.outcome(),
            "403 not_registered"
        );
        // The identity is free for another sign-in, and nothing comes back with the user.
        let body = json!({"email": "new@example.com", "sendInvite": true});
        scene.world.call("user/create", &root, body).await.ok();
        let code = scene.last_letter().await.code();
        let trip = scene.trip(json!({"invite": code}), verified("1", "new@example.com")).await;
        let new = scene.finish(&trip).await.ok();
        scene.world.call("trash/restore", &root, json!({"id": user["id"]})).await.ok();
        let reply = scene.come(verified("1", "bob@example.com")).await.ok();
        assert_eq!(reply["accountId"], new["accountId"]);
        assert_eq!(said_by(reply["accessToken"].as_str().unwrap())["email"], "new@example.com");
    })
    .await;
}

#[tokio::test]
async fn two_who_come_at_once_make_one_sign_in() {
    for engine in Engine::all() {
        let scene = Scene::new(engine, TRUSTED, &[]).await;
        let mut trips = Vec::new();
        for _ in 0..4 {
            trips.push(scene.trip(json!({}), verified("1", "ada@example.com")).await);
        }
        let finish = trips.iter().map(|trip| scene.finish(trip));
        let answers = futures_util::future::join_all(finish).await;
        let mut subjects = Vec::new();
        for answer in answers.iter().filter(|answer| answer.status == 200) {
            let reply: Value = serde_json::from_slice(&answer.body).unwrap();
            subjects.push(said_by(reply["accessToken"].as_str().unwrap())["sub"].clone());
        }
        subjects.dedup();
        assert_eq!(subjects.len(), 1, "{answers:?}");
    }
}

//! `user/update` with a password, a role and whatever else: all of it happens in one step, or none.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Signed, call, letters, registered, sign_in, signed_in, subjects};
use crate::support::{
    scene::{PASSWORD, Scene, on_each_scene},
    tokens::said_by,
    world::{Person, World, on_each_engine},
};

const NEW: &str = "a rather different passphrase";

/// A user of the account who signs in with [`PASSWORD`].
async fn given(scene: &Scene, email: &str) -> Value {
    let body = json!({"email": email, "password": PASSWORD, "first": "Bob"});
    scene.call("user/create", &scene.admin.token, body).await.ok()
}

async fn get(world: &World, signed: &Signed) -> String {
    world.client.call("user/get", &signed.access, json!({})).await.outcome()
}

async fn tries(world: &World, email: &str, password: &str) -> String {
    sign_in(world, email, password).await.outcome()
}

/// What an access token says of the address.
fn claim(signed: &Signed, name: &str) -> Value {
    said_by(&signed.access)[name].clone()
}

/// What the latest entry of the account's trail says to have changed.
async fn changed(scene: &Scene) -> Value {
    let entries = scene.audit(&scene.admin.account).await;
    entries.iter().rfind(|entry| entry["action"] == "user/update").unwrap()["changed"].clone()
}

#[tokio::test]
async fn all_of_it_changes_in_one_step() {
    on_each_scene(async |scene| {
        let (world, token) = (&scene.world, &scene.admin.token);
        let bob = given(&scene, "bob@example.com").await;
        let before = signed_in(world, "bob@example.com").await;
        let writes = scene.table.writes();
        let body = json!({"id": bob["id"], "role": "admin", "newPassword": NEW,
            "newEmail": "rob@example.com", "first": "Rob", "username": "rob", "externalId": "7",
            "preferences": {"a": 1}});
        let rob = scene.call("user/update", token, body).await.ok();
        assert_eq!(scene.table.writes(), writes + 1);
        let mut expected = bob.clone();
        let new = json!({"role": "admin", "email": "rob@example.com", "first": "Rob",
            "username": "rob", "externalId": "7", "preferences": {"a": 1}, "version": 2,
            "updated": rob["updated"]});
        expected.as_object_mut().unwrap().extend(new.as_object().unwrap().clone());
        assert_eq!(rob, expected);
        assert_eq!(
            changed(&scene).await,
            json!(["email", "role", "first", "username", "externalId", "preferences", "password"])
        );

        assert_eq!(get(world, &before).await, "401 unauthenticated", "the session has ended");
        let body = json!({"refreshToken": before.refresh});
        assert_eq!(call(world, "session/refresh", body).await.outcome(), "401 unauthenticated");
        for (email, password) in
            [("bob@example.com", PASSWORD), ("bob@example.com", NEW), ("rob@example.com", PASSWORD)]
        {
            let outcome = tries(world, email, password).await;
            assert_eq!(outcome, "401 invalid_credentials", "{email} {password}");
        }
        let after = Signed::from(&sign_in(world, "rob@example.com", NEW).await.ok());
        assert_eq!(claim(&after, "sub"), claim(&before, "sub"));
        assert_eq!(claim(&after, "email_verified"), false);
        let found = world.client.call("trash/find", &after.access, json!({})).await;
        assert_eq!(found.outcome(), "200", "the new role");
        // All letters go to where the owner is known to read them.
        let mut told = subjects(world, "bob@example.com").await;
        told.sort();
        let role = "Your role in “New account” is now admin";
        assert_eq!(told, ["Your email was changed", "Your password was changed", role]);
        assert_eq!(subjects(world, "rob@example.com").await, Vec::<String>::new());
        // The old address is free for somebody else.
        given(&scene, "bob@example.com").await;
        assert_eq!(tries(world, "bob@example.com", PASSWORD).await, "200");
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_done_in_full_is_not_done() {
    on_each_scene(async |scene| {
        let (world, token) = (&scene.world, &scene.admin.token);
        let bob = given(&scene, "bob@example.com").await;
        let body = json!({"email": "eve@example.com", "username": "eve", "externalId": "7"});
        scene.call("user/create", token, body).await.ok();
        let session = signed_in(world, "bob@example.com").await;
        let fine = json!({"id": bob["id"], "newPassword": NEW, "role": "admin", "first": "Rob",
            "newEmail": "rob@example.com"});
        for (more, outcome, faults) in [
            (json!({"role": "root"}), "403 forbidden", ""),
            (json!({"role": "boss"}), "422 validation_failed", "role:in"),
            (json!({"newEmail": "eve@example.com"}), "409 email_taken", "newEmail:email_taken"),
            (json!({"username": "eve"}), "409 username_taken", "username:username_taken"),
            (json!({"externalId": "7"}), "409 external_id_taken", "externalId:external_id_taken"),
            (json!({"version": 9}), "409 version_mismatch", ""),
            (
                json!({"preferences": {"a": "x".repeat(17_000)}}),
                "422 validation_failed",
                "preferences:length",
            ),
            (json!({"newPassword": "short"}), "422 validation_failed", "newPassword:length"),
            (json!({"newPassword": 7}), "422 validation_failed", "newPassword:type"),
            // Known of the person as it is, and as it is to be.
            (
                json!({"newPassword": "bob@example.com"}),
                "422 validation_failed",
                "newPassword:common",
            ),
            (
                json!({"newPassword": "gwendolyn7", "first": "Gwendolyn"}),
                "422 validation_failed",
                "newPassword:common",
            ),
            (json!({"id": scene.root.id}), "404 not_found", ""),
        ] {
            let mut body = fine.clone();
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let answer = scene.refused("user/update", token, body).await;
            assert_eq!((answer.outcome().as_str(), answer.faults().as_str()), (outcome, faults));
        }
        let now = scene.call("user/get", token, json!({"id": bob["id"]})).await.ok();
        assert_eq!(now, bob);
        assert_eq!(get(world, &session).await, "200");
        assert_eq!(tries(world, "bob@example.com", NEW).await, "401 invalid_credentials");
        assert_eq!(tries(world, "bob@example.com", PASSWORD).await, "200");
        assert_eq!(subjects(world, "bob@example.com").await, Vec::<String>::new());
        // Nothing was in the way but that.
        scene.call("user/update", token, fine).await.ok();
        assert_eq!(tries(world, "rob@example.com", NEW).await, "200");
    })
    .await;
}

#[tokio::test]
async fn ones_own_takes_the_current_one_and_keeps_the_session() {
    on_each_engine(async |world| {
        let (ada, here) = registered(&world, "ada@example.com").await;
        let there = signed_in(&world, "ada@example.com").await;
        let before = world.call("user/get", &ada, json!({})).await.ok();
        let update = async |more: Value| {
            let mut body = json!({"newPassword": NEW, "first": "Augusta"});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            world.call("user/update", &ada, body).await
        };
        let right = json!({"currentPassword": PASSWORD});
        assert_eq!(update(json!({})).await.faults(), "currentPassword:required");
        let wrong = update(json!({"currentPassword": NEW})).await;
        assert_eq!(wrong.faults(), "currentPassword:wrong");
        let last = json!({"currentPassword": PASSWORD, "role": "user"});
        assert_eq!(update(last).await.outcome(), "409 last_admin");
        let last = json!({"currentPassword": PASSWORD, "state": "suspended"});
        assert_eq!(update(last).await.outcome(), "409 last_admin");
        assert_eq!(world.call("user/get", &ada, json!({})).await.ok(), before);
        assert_eq!(get(&world, &there).await, "200");
        let letters = subjects(&world, "ada@example.com").await.len();

        assert_eq!(update(right).await.ok()["first"], "Augusta");
        assert_eq!(get(&world, &here).await, "200");
        assert_eq!(get(&world, &there).await, "401 unauthenticated");
        let told = subjects(&world, "ada@example.com").await;
        assert_eq!(told[letters..], ["Your password was changed"]);
        let body = json!({"refreshToken": here.refresh});
        let here = Signed::from(&call(&world, "session/refresh", body).await.ok());
        assert_eq!(claim(&here, "email_verified"), true, "it is still the person's own");

        // With another address, which nobody has proved, all else changes.
        let ada = Person { token: here.access.clone(), ..ada };
        let body = json!({"currentPassword": NEW, "newPassword": PASSWORD,
            "newEmail": "augusta@example.com"});
        world.call("user/update", &ada, body).await.ok();
        assert_eq!(get(&world, &here).await, "200");
        let body = json!({"refreshToken": here.refresh});
        let here = Signed::from(&call(&world, "session/refresh", body).await.ok());
        assert_eq!(claim(&here, "email"), "ada@example.com");
        assert_eq!(claim(&here, "email_verified"), true);
        assert_eq!(tries(&world, "ada@example.com", PASSWORD).await, "200");
        assert_eq!(tries(&world, "augusta@example.com", PASSWORD).await, "401 invalid_credentials");
        // The letters to Ada tell from where, since it was she who called.
        let all = super::letters(&world).await;
        let told: Vec<_> = all.iter().filter(|it| it.subject.contains("was changed")).collect();
        assert_eq!(told.len(), 2);
        assert!(told.iter().all(|it| it.to == "ada@example.com" && it.text.contains("127.0.0.1")));
    })
    .await;
}

#[tokio::test]
async fn whoever_has_not_joined_comes_in_by_it() {
    on_each_scene(async |scene| {
        let (world, token) = (&scene.world, &scene.admin.token);
        let target = scene.target("ivy").await;
        let body = json!({"id": target.id, "newPassword": NEW, "newEmail": "iva@example.com",
            "role": "admin", "state": "active"});
        let user = scene.call("user/update", token, body).await.ok();
        let said = ["state", "role", "email", "issuer"].map(|name| user[name].clone());
        assert_eq!(said, ["active", "admin", "iva@example.com", "guestlist"].map(|it| json!(it)));
        assert_eq!(user["invite"], Value::Null);
        let check = call(world, "invite/check", json!({"invite": target.invite})).await;
        assert_eq!(check.outcome(), "404 not_found");
        assert_eq!(tries(world, &target.email, NEW).await, "401 invalid_credentials");
        let signed = Signed::from(&sign_in(world, "iva@example.com", NEW).await.ok());
        assert_eq!(claim(&signed, "email_verified"), false);
        assert_eq!(get(world, &signed).await, "200");
        assert_eq!(
            changed(&scene).await,
            json!(["email", "role", "state", "invite", "identity", "password"])
        );
        assert!(letters(world).await.iter().all(|letter| !letter.subject.contains("changed")));

        // Kept out all the same, if that is asked for; let in by the password, if it was not.
        let target = scene.target("ida").await;
        let body = json!({"id": target.id, "newPassword": NEW, "state": "suspended"});
        assert_eq!(scene.call("user/update", token, body).await.ok()["state"], "suspended");
        let held = Signed::from(&sign_in(world, &target.email, NEW).await.ok());
        assert_eq!(get(world, &held).await, "403 suspended");
        let body = json!({"email": "ian@example.com", "state": "suspended"});
        scene.call("user/create", token, body).await.ok();
        let body = json!({"email": "ian@example.com", "newPassword": NEW});
        assert_eq!(scene.call("user/update", token, body).await.ok()["state"], "suspended");
        let body = json!({"email": "ian@example.com", "state": "active", "newPassword": PASSWORD});
        assert_eq!(scene.call("user/update", token, body).await.ok()["state"], "active");
        assert_eq!(tries(world, "ian@example.com", PASSWORD).await, "200");

        // Somebody who has signed up there keeps the password chosen then.
        super::signed_up(world, "sue@example.com").await;
        let target = scene.target("sam").await;
        let body = json!({"id": target.id, "newPassword": NEW, "newEmail": "sue@example.com"});
        let refused = scene.refused("user/update", token, body).await;
        assert_eq!(refused.outcome(), "403 own_sign_in");
        assert_eq!(tries(world, "sue@example.com", PASSWORD).await, "200");
    })
    .await;
}

#[tokio::test]
async fn who_may_set_which_password_and_role() {
    on_each_scene(async |scene| {
        let (world, token) = (&scene.world, &scene.admin.token);
        let bob = given(&scene, "bob@example.com").await;
        // Not a user, not even the own one.
        let signed = signed_in(world, "bob@example.com").await;
        for body in [
            json!({"newPassword": NEW, "currentPassword": PASSWORD}),
            json!({"role": "user"}),
            json!({"id": bob["id"], "role": "admin"}),
        ] {
            let refused = scene.refused("user/update", &signed.access, body).await;
            assert_eq!(refused.outcome(), "403 forbidden_field");
        }
        // Not of a person who signs in elsewhere, for any caller; and then nothing else changes.
        for (id, outcome) in
            [(&scene.user.id, "403 own_sign_in"), (&scene.admin.id, "409 no_password")]
        {
            let body = json!({"id": id, "newPassword": NEW, "first": "X", "role": "admin"});
            let refused = scene.refused("user/update", token, body).await;
            assert_eq!(refused.outcome(), outcome);
        }
        // Nor of somebody of a higher role.
        let body = json!({"email": "rita@example.com", "role": "root", "password": PASSWORD});
        scene.call("user/create", &scene.root.token, body).await.ok();
        let home = json!({"role": "admin"});
        let home = world.invited(&scene.root, "home@example.com", home).await;
        for more in [json!({"newPassword": NEW}), json!({"role": "user"})] {
            let mut body = json!({"email": "rita@example.com"});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let refused = scene.refused("user/update", &home.token, body).await;
            assert_eq!(refused.outcome(), "403 forbidden");
        }
        assert_eq!(tries(world, "rita@example.com", PASSWORD).await, "200");

        // A key may; and a role alone changes just that.
        let key = world.key(&scene.admin, "admin", "write").await;
        let body = json!({"id": bob["id"], "newPassword": NEW, "version": 1});
        let user = scene.call("user/update", &key, body).await.ok();
        assert_eq!(user["version"], 1, "the sign-in has changed, and the user has not");
        assert_eq!(changed(&scene).await, json!(["password"]));
        let mine = signed_in_with(world, "bob@example.com", NEW).await;
        world.advance(std::time::Duration::from_millis(1));
        let body = json!({"id": bob["id"], "role": "admin"});
        assert_eq!(scene.call("user/update", &key, body).await.ok()["role"], "admin");
        assert_eq!(changed(&scene).await, json!(["role"]));
        assert_eq!(get(world, &mine).await, "200");
        assert_eq!(tries(world, "bob@example.com", NEW).await, "200");
    })
    .await;
}

async fn signed_in_with(world: &World, email: &str, password: &str) -> Signed {
    Signed::from(&sign_in(world, email, password).await.ok())
}

#[tokio::test]
async fn sessions_that_begin_meanwhile_end_with_the_old_password() {
    on_each_scene(async |scene| {
        let world = &scene.world;
        let bob = given(&scene, "bob@example.com").await;
        let body = json!({"id": bob["id"], "newPassword": NEW, "role": "admin"});
        let changing = scene.call("user/update", &scene.admin.token, body);
        let signing = join_all((0..5).map(|_| sign_in(world, "bob@example.com", PASSWORD)));
        let (changed, signed) = tokio::join!(changing, signing);
        changed.ok();
        for answer in signed.iter().filter(|answer| answer.status == 200) {
            let signed = Signed::from(&answer.json());
            assert_eq!(get(world, &signed).await, "401 unauthenticated");
            let body = json!({"refreshToken": signed.refresh});
            let refreshed = call(world, "session/refresh", body).await;
            assert_eq!(refreshed.outcome(), "401 unauthenticated");
        }
        assert_eq!(tries(world, "bob@example.com", NEW).await, "200");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_changes_at_once_each_is_whole() {
    on_each_scene(async |scene| {
        let world = &scene.world;
        let bob = given(&scene, "bob@example.com").await;
        let password = |number: usize| format!("passphrase of somebody who is number {number}");
        let change = |number: usize| {
            let body = json!({"id": bob["id"], "newEmail": format!("bob{number}@example.com"),
                "newPassword": password(number), "username": format!("bob{number}")});
            scene.call("user/update", &scene.admin.token, body)
        };
        let answers = join_all((0..4).map(change)).await;
        assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
        let now = scene.call("user/get", &scene.admin.token, json!({"id": bob["id"]})).await.ok();
        assert_eq!(now["version"], 5);
        let last = (0..4).find(|number| now["username"] == format!("bob{number}")).unwrap();
        for number in 0..4 {
            let email = format!("bob{number}@example.com");
            let expected = if number == last { "200" } else { "401 invalid_credentials" };
            assert_eq!(tries(world, &email, &password(number)).await, expected, "{email}");
        }
    })
    .await;
}

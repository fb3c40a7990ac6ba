//! `user/*` and `trash/*`: what each call does to a user, and what goes with it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    scene::on_each_scene,
    world::{on_each_engine, on_two_nodes},
};

#[tokio::test]
async fn a_user_goes_into_the_trash_and_comes_back_as_it_was() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let bob = world.invited(&admin, "bob@example.com", json!({"username": "bob"})).await;
        let before = world.call("user/get", &admin, json!({"id": bob.id})).await.ok();
        world.advance(Duration::from_secs(1));

        let removed = world.call("user/remove", &admin, json!({"id": bob.id})).await.ok();
        assert_eq!(removed["state"], "trashed");
        assert_eq!(removed["purgeAfter"], "2027-02-14T08:00:01.000Z");
        assert_eq!(removed["formerState"], "active");
        for body in [
            json!({"id": bob.id}),
            json!({"email": "bob@example.com"}),
            json!({"username": "bob"}),
            json!({"number": before["number"]}),
        ] {
            assert_eq!(world.call("user/get", &admin, body).await.outcome(), "404 not_found");
        }
        let again = json!({"email": "bob@example.com"});
        assert_eq!(
            world.call("user/remove", &admin, again.clone()).await.outcome(),
            "404 not_found"
        );

        let restored = world.call("trash/restore", &admin, again.clone()).await.ok();
        assert_eq!(world.call("trash/restore", &admin, again).await.outcome(), "404 not_found");
        let still = |value: &Value| {
            let mut value = value.clone();
            let map = value.as_object_mut().unwrap();
            map.retain(|name, _| name != "updated" && name != "version");
            value
        };
        assert_eq!(still(&restored), still(&before));
        assert_eq!(restored["version"], 4);
        world.client.call("user/get", &world.again(&bob.token), json!({})).await.ok();
    })
    .await;
}

#[tokio::test]
async fn an_invited_user_loses_the_invite_in_the_trash() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let body = json!({"email": "bob@example.com", "sendInvite": true});
        let bob = world.call("user/create", &admin, body).await.ok();
        world.call("user/remove", &admin, json!({"id": bob["id"]})).await.ok();
        let invite = json!({"invite": bob["invite"]});
        let check = world.client.call("invite/check", "", invite).await;
        assert_eq!(check.outcome(), "404 not_found");
        let restored = world.call("trash/restore", &admin, json!({"id": bob["id"]})).await.ok();
        assert_eq!(restored["state"], "invited");
        assert_eq!(restored["invite"], Value::Null);
        // The letter was written before, and is worth nothing now.
        while world.courier.round().await.unwrap() > 0 {}
        assert_eq!(std::fs::read_dir(world.mail.path()).unwrap().count(), 0);
    })
    .await;
}

#[tokio::test]
async fn what_is_unique_can_be_given_up_and_taken_again() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let create = async |body: Value| world.call("user/create", &admin, body).await;
        let one = json!({"email": "one@example.com", "username": "one", "externalId": "1"});
        let one = create(one).await.ok();
        for (body, outcome) in [
            (json!({"email": "ONE@example.com"}), "409 email_taken"),
            (json!({"email": "two@example.com", "username": "One"}), "409 username_taken"),
            (json!({"email": "two@example.com", "externalId": "1"}), "409 external_id_taken"),
        ] {
            assert_eq!(create(body).await.outcome(), outcome);
        }
        let update = json!({"id": one["id"], "newEmail": "uno@example.com", "username": null,
            "externalId": ""});
        let changed = world.call("user/update", &admin, update).await.ok();
        assert_eq!(changed["username"], Value::Null);
        let two = json!({"email": "one@example.com", "username": "one", "externalId": "1"});
        let two = create(two).await.ok();
        let found =
            async |body: Value| world.call("user/get", &admin, body).await.ok()["id"].clone();
        assert_eq!(found(json!({"email": "one@example.com"})).await, two["id"]);
        assert_eq!(found(json!({"username": "one", "externalId": "1"})).await, two["id"]);
        assert_eq!(found(json!({"email": "uno@example.com"})).await, one["id"]);
        let both = json!({"email": "uno@example.com", "username": "one"});
        assert_eq!(world.call("user/get", &admin, both).await.outcome(), "404 not_found");
    })
    .await;
}

#[tokio::test]
async fn external_ids_are_an_accounts_own() {
    on_each_engine(async |world| {
        for admin in ["one@example.com", "two@example.com"] {
            let admin = world.admin(admin).await;
            let body =
                json!({"email": format!("user-of-{}@example.com", admin.id), "externalId": "1"});
            world.call("user/create", &admin, body).await.ok();
        }
    })
    .await;
}

#[tokio::test]
async fn root_reaches_every_account_and_others_only_their_own() {
    on_each_engine(async |world| {
        let (root, admin) = (world.root().await, world.admin("admin@example.com").await);
        let body =
            json!({"email": "bob@example.com", "externalId": "7", "accountId": admin.account});
        let bob = world.call("user/create", &root, body).await.ok();
        assert_eq!(bob["accountId"], admin.account.as_str());
        let of_bob = [
            json!({"email": "bob@example.com"}),
            json!({"number": bob["number"]}),
            json!({"externalId": "7"}),
        ];
        let found = world.call("user/get", &root, json!({"id": bob["id"]})).await.ok();
        assert_eq!(found["id"], bob["id"]);
        // What is unique within an account means the own one, unless another is named.
        for mut body in of_bob {
            assert_eq!(
                world.call("user/get", &root, body.clone()).await.outcome(),
                "404 not_found"
            );
            body["accountId"] = json!(admin.account);
            let found = world.call("user/get", &root, body).await.ok();
            assert_eq!(found["id"], bob["id"]);
        }
        let everywhere = json!({"email": "bob@example.com", "everywhere": true});
        let found = world.call("user/find", &root, everywhere.clone()).await.ok();
        assert_eq!(found, json!({"data": [bob]}));
        let refused = world.call("user/find", &admin, everywhere).await;
        assert_eq!(refused.outcome(), "403 forbidden_field");
        let other = json!({"id": root.id});
        assert_eq!(world.call("user/get", &admin, other.clone()).await.outcome(), "404 not_found");
        assert_eq!(world.call("user/remove", &admin, other).await.outcome(), "404 not_found");
        let nowhere = json!({"email": "x@example.com", "accountId": root.id});
        assert_eq!(world.call("user/create", &root, nowhere).await.outcome(), "404 not_found");
    })
    .await;
}

#[tokio::test]
async fn nobody_sees_the_code_that_leads_to_a_higher_role() {
    on_each_engine(async |world| {
        let root = world.root().await;
        let dora = world.invited(&root, "dora@example.com", json!({"role": "admin"})).await;
        let body = json!({"email": "rita@example.com", "role": "root", "sendInvite": true});
        let rita = world.call("user/create", &root, body).await.ok();
        assert!(rita["invite"].is_string());
        let reader = world.key(&dora, "admin", "read").await;
        for token in [&dora.token, &reader] {
            let body = json!({"id": rita["id"]});
            let seen = world.client.call("user/get", token, body).await.ok();
            assert_eq!((&seen["role"], &seen["invite"]), (&json!("root"), &Value::Null));
        }
        // What she gives herself she sees.
        let body = json!({"email": "eve@example.com", "sendInvite": true});
        let eve = world.call("user/create", &dora, body).await.ok();
        assert!(eve["invite"].is_string());
    })
    .await;
}

#[tokio::test]
async fn a_search_finds_the_beginnings_of_names_and_emails() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        for (email, first, last) in [
            ("zoe@example.com", "Zoë", "Ångström"),
            ("ann@example.com", "Ann", "Zoellner"),
            ("zo#1@example.com", "Z", "Z"),
        ] {
            let body = json!({"email": email, "first": first, "last": last});
            world.call("user/create", &admin, body).await.ok();
        }
        let check = async |search: &str, expected: &[&str]| {
            let reply = world.call("user/find", &admin, json!({"search": search})).await.ok();
            let users = reply["data"].as_array().unwrap();
            let mut emails: Vec<_> =
                users.iter().map(|user| user["email"].as_str().unwrap()).collect();
            emails.sort_unstable();
            assert_eq!(emails, expected, "{search}");
        };
        check("zoe", &["ann@example.com", "zoe@example.com"]).await;
        check("ZOË å", &["zoe@example.com"]).await;
        check("angstrom z", &["zoe@example.com"]).await;
        check("z", &["ann@example.com", "zo#1@example.com", "zoe@example.com"]).await;
        check("oe", &[]).await;

        // A change of name or a removal takes the old names along.
        let body = json!({"email": "ann@example.com", "last": "Miller"});
        world.call("user/update", &admin, body).await.ok();
        check("zoell", &[]).await;
        check("miller", &["ann@example.com"]).await;
        world.call("user/remove", &admin, json!({"email": "ann@example.com"})).await.ok();
        check("miller", &[]).await;
    })
    .await;
}

#[tokio::test]
async fn another_node_follows_within_five_seconds() {
    on_two_nodes(async |here, there| {
        let admin = here.admin("admin@example.com").await;
        let bob = here.invited(&admin, "bob@example.com", json!({})).await;
        there.call("user/get", &bob, json!({})).await.ok();
        here.call("user/remove", &admin, json!({"id": bob.id})).await.ok();
        here.advance(Duration::from_secs(5));
        let outcome = there.call("user/get", &bob, json!({})).await.outcome();
        assert_eq!(outcome, "403 not_registered");
    })
    .await;
}

#[tokio::test]
async fn the_trash_is_looked_through_by_what_is_unique() {
    on_each_scene(async |scene| {
        let token = &scene.admin.token;
        let (one, two) = (scene.trashed("one").await, scene.trashed("two").await);
        let live = scene.target("live").await;
        let number = async |id: &str, name: &str| {
            let found = scene.call(name, token, json!({"id": id})).await.ok();
            let user = if name == "trash/find" { &found["data"][0] } else { &found };
            user["number"].as_u64().unwrap()
        };
        let [first, second] =
            [number(&one.id, "trash/find").await, number(&two.id, "trash/find").await];
        let live = number(&live.id, "user/get").await;
        for (body, expected) in [
            (json!({"number": first}), Some(&one.id)),
            (json!({"number": second}), Some(&two.id)),
            (json!({"number": first, "id": one.id}), Some(&one.id)),
            (json!({"number": first, "email": one.email}), Some(&one.id)),
            (json!({"number": first, "email": one.email, "id": one.id}), Some(&one.id)),
            (json!({"number": second, "id": one.id}), None),
            (json!({"number": second, "email": one.email}), None),
            (json!({"number": first, "email": one.email, "id": two.id}), None),
            (json!({"number": live}), None),
            (json!({"number": 999_999}), None),
        ] {
            let found = scene.call("trash/find", token, body.clone()).await.ok();
            let users = found["data"].as_array().unwrap();
            let ids: Vec<_> = users.iter().map(|user| user["id"].as_str().unwrap()).collect();
            let expected: Vec<_> = expected.into_iter().map(String::as_str).collect();
            assert_eq!(ids, expected, "{body}");
        }
        // Others find nothing, but for the operator in that account.
        let other = scene.world.admin("other@example.com").await;
        let found = scene.call("trash/find", &other.token, json!({"number": first})).await.ok();
        assert_eq!(found["data"], json!([]));
        let body = json!({"number": first, "accountId": scene.admin.account});
        let found = scene.call("trash/find", &scene.root.token, body).await.ok();
        assert_eq!(found["data"][0]["id"], one.id);
        for bad in [json!("7"), json!(-1), json!(1.5)] {
            let answer = scene.refused("trash/find", token, json!({"number": bad})).await;
            assert_eq!(answer.faults(), "number:type");
        }
    })
    .await;
}

#[tokio::test]
async fn a_trashed_user_comes_back_changed_in_one_step() {
    on_each_scene(async |scene| {
        let token = &scene.admin.token;
        let fields = json!({"first": "Bob", "last": "Old", "username": "bob", "role": "admin"});
        let bob = scene.world.invited(&scene.admin, "bob@example.com", fields).await;
        let before = scene.call("user/get", token, json!({"id": bob.id})).await.ok();
        scene.call("user/remove", token, json!({"id": bob.id})).await.ok();
        let writes = scene.table.writes();
        let body = json!({"email": "Bob@example.com", "last": "New", "externalId": "7",
            "preferences": {"a": 1}, "sendInvite": true});
        let back = scene.call("user/createOrRestore", token, body).await.ok();
        assert_eq!(scene.table.writes(), writes + 1);
        let mut expected = before;
        let map = expected.as_object_mut().unwrap();
        map.extend(
            json!({"last": "New", "externalId": "7", "preferences": {"a": 1},
            "version": 4})
            .as_object()
            .unwrap()
            .clone(),
        );
        // Who has joined before needs no invite.
        assert_eq!(back, expected);
        scene.call("user/get", &scene.world.again(&bob.token), json!({})).await.ok();
        let found = scene.call("trash/find", token, json!({})).await.ok();
        assert_eq!(found["data"], json!([]));
        let entries = scene.audit(&scene.admin.account).await;
        let of_call = |entry: &&Value| entry["action"] == "user/createOrRestore";
        let entries: Vec<_> = entries.iter().filter(of_call).collect();
        let changed = json!(["state", "last", "externalId", "preferences"]);
        assert!(entries.len() == 1 && entries[0]["changed"] == changed, "{entries:?}");
        // It stays, also when its time in the trash would have been up.
        scene.world.advance(Duration::from_hours(24 * 31));
        while scene.world.sweeper.round().await.unwrap() > 0 {}
        scene.call("user/get", token, json!({"id": bob.id})).await.ok();
    })
    .await;
}

#[tokio::test]
async fn an_external_id_is_given_up_on_the_way_back() {
    on_each_scene(async |scene| {
        let token = &scene.admin.token;
        let call = async |name: &str, body: Value| scene.call(name, token, body).await;
        for (number, none) in [json!(null), json!(""), json!(" ")].into_iter().enumerate() {
            let email = format!("bob{number}@example.com");
            let body = json!({"email": email, "externalId": "7"});
            let bob = call("user/create", body).await.ok();
            call("user/remove", json!({"id": bob["id"]})).await.ok();
            // Not said, it comes back, unless somebody else has it by now.
            let back = call("user/createOrRestore", json!({"email": email})).await.ok();
            assert_eq!((&back["id"], &back["externalId"]), (&bob["id"], &json!("7")));
            call("user/remove", json!({"id": bob["id"]})).await.ok();
            let body = json!({"email": format!("eve{number}@example.com"), "externalId": "7"});
            let eve = call("user/create", body).await.ok();
            let refused = call("trash/restore", json!({"id": bob["id"]})).await;
            assert_eq!(refused.outcome(), "409 external_id_taken");
            call("user/remove", json!({"id": eve["id"]})).await.ok();

            // The trail has an order by time.
            scene.world.advance(Duration::from_millis(1));
            let body = json!({"email": email, "externalId": none});
            let back = call("user/createOrRestore", body).await.ok();
            assert_eq!((&back["id"], &back["externalId"]), (&bob["id"], &json!(null)), "{none}");
            let entries = scene.audit(&scene.admin.account).await;
            assert_eq!(entries.last().unwrap()["changed"], json!(["state", "externalId"]));
            let body = json!({"externalId": "7"});
            assert_eq!(call("user/get", body).await.outcome(), "404 not_found");
            scene.world.advance(Duration::from_millis(1));
        }

        // It is free again. A new user has none by it, and an invited one loses it, too.
        let body = json!({"email": "eve@example.com", "externalId": "7", "sendInvite": true});
        let eve = call("user/create", body).await.ok();
        assert_eq!(eve["externalId"], "7");
        let body = json!({"email": "eve@example.com", "externalId": null, "sendInvite": true});
        let again = call("user/create", body).await.ok();
        assert_eq!((&again["id"], &again["externalId"]), (&eve["id"], &json!(null)));
        for (name, email) in [("user/create", "x"), ("user/createOrRestore", "y")] {
            let body = json!({"email": format!("{email}@example.com"), "externalId": null});
            assert_eq!(call(name, body).await.ok()["externalId"], json!(null), "{name}");
        }
        let long = json!({"email": "z@example.com", "externalId": "7".repeat(192)});
        let refused = scene.refused("user/createOrRestore", token, long).await;
        assert_eq!(refused.faults(), "externalId:length");
    })
    .await;
}

#[tokio::test]
async fn a_last_name_is_given_up_on_the_way_back() {
    on_each_scene(async |scene| {
        let back = async |fields: Value| {
            scene.call("user/remove", &scene.admin.token, json!({"id": scene.user.id})).await.ok();
            let mut body = json!({"email": "uma@example.com"});
            body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            scene.call("user/createOrRestore", &scene.admin.token, body).await.ok()
        };
        for (fields, last) in [
            (json!({"first": "Una"}), json!("User")),
            (json!({"last": null}), json!(null)),
            (json!({"last": "Usher"}), json!("Usher")),
            (json!({"last": ""}), json!(null)),
        ] {
            let user = back(fields).await;
            assert_eq!((&user["first"], &user["last"]), (&json!("Una"), &last));
        }
    })
    .await;
}

#[tokio::test]
async fn an_admin_says_in_which_state_somebody_comes_back() {
    on_each_scene(async |scene| {
        let token = &scene.admin.token;
        let restore = async |state: &str| {
            scene.call("user/remove", token, json!({"id": scene.user.id})).await.ok();
            let body = json!({"email": "uma@example.com", "state": state});
            scene.call("user/createOrRestore", token, body).await
        };
        let back = restore("suspended").await.ok();
        assert_eq!((&back["id"], &back["state"]), (&json!(scene.user.id), &json!("suspended")));
        let outcome = scene.call("user/get", &scene.user.token, json!({})).await.outcome();
        assert_eq!(outcome, "403 suspended");
        assert_eq!(restore("gone").await.faults(), "state:in");
    })
    .await;
}

#[tokio::test]
async fn who_is_made_or_restored_and_who_is_not() {
    on_each_scene(async |scene| {
        let token = &scene.admin.token;
        let call = async |body: Value| scene.call("user/createOrRestore", token, body).await;
        let new = call(json!({"email": "new@example.com", "first": "New"})).await.ok();
        assert_eq!((&new["state"], &new["version"]), (&json!("invited"), &json!(1)));
        // A live one keeps its email, also an invited one unless it is to be invited again.
        for email in ["new@example.com", "uma@example.com"] {
            let body = json!({"email": email});
            let outcome = scene.refused("user/createOrRestore", token, body).await.outcome();
            assert_eq!(outcome, "409 email_taken", "{email}");
        }
        let again = call(json!({"email": "new@example.com", "sendInvite": true})).await.ok();
        assert!(again["id"] == new["id"] && again["invite"].is_string(), "{again}");

        // Who was invited only comes back invited, with a fresh code that works.
        let target = scene.trashed("ida").await;
        let back = call(json!({"email": target.email, "sendInvite": true})).await.ok();
        assert_eq!((&back["id"], &back["state"]), (&json!(target.id), &json!("invited")));
        let code = json!({"invite": back["invite"]});
        scene.world.client.call("invite/check", "", code).await.ok();

        // What stands in the way leaves it in the trash.
        let target = scene.trashed("ian").await;
        for (body, expected) in [
            (json!({"email": target.email, "username": "uma"}), "409 username_taken"),
            (json!({"email": target.email, "role": "root"}), "403 forbidden"),
        ] {
            let outcome = scene.refused("user/createOrRestore", token, body).await.outcome();
            assert_eq!(outcome, expected);
        }
        let other = scene.world.admin("other@example.com").await;
        let body = json!({"email": target.email});
        let made = scene.call("user/createOrRestore", &other.token, body).await.ok();
        assert_ne!(made["id"], json!(target.id), "another account's is another user");
        let trash = scene.call("trash/find", token, json!({"id": target.id})).await.ok();
        assert_eq!(trash["data"][0]["version"], 2);
    })
    .await;
}

#[tokio::test]
async fn nobody_restores_whom_the_own_role_does_not_reach() {
    on_each_scene(async |scene| {
        let body = json!({"email": "rita@example.com", "role": "root"});
        let rita = scene.call("user/create", &scene.root.token, body).await.ok();
        scene.call("user/remove", &scene.root.token, json!({"id": rita["id"]})).await.ok();
        let body = json!({"email": "rita@example.com"});
        let home = json!({"role": "admin"});
        let home = scene.world.invited(&scene.root, "home@example.com", home).await;
        let refused = scene.refused("user/createOrRestore", &home.token, body.clone()).await;
        assert_eq!(refused.outcome(), "409 email_taken");
        let back = scene.call("user/createOrRestore", &scene.root.token, body).await.ok();
        assert_eq!((&back["id"], &back["role"]), (&rita["id"], &json!("root")));
    })
    .await;
}

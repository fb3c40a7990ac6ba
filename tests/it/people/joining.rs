//! How people join accounts that expect them, and how they do not.

use std::time::Duration;

use serde_json::{Value, json};

use super::{expected, made, nowhere, own, signed_up};
use crate::support::{
    issuers::{issuer, outside},
    world::{World, on_each_engine, on_each_engine_with},
};

const A_WEEK: Duration = Duration::from_hours(24 * 7);

async fn login(world: &World, token: &str, body: Value) -> String {
    nowhere(world, "user/login", token, body).await.outcome()
}

#[tokio::test]
async fn whoever_is_expected_chooses() {
    on_each_engine(async |world| {
        let stranger = world.registered("stranger@example.org").await;
        let other = world.registered("other@example.org").await;
        // Made before the owner of the address has ever been here.
        let invited = json!({"email": "ann@example.com", "role": "admin", "sendInvite": true});
        made(&world, &stranger, invited).await;
        made(&world, &other, json!({"email": "ann@example.com", "sendInvite": true})).await;
        let unasked = world.registered("unasked@example.org").await;
        made(&world, &unasked, json!({"email": "ann@example.com"})).await;

        let ann = signed_up(&world, "ann@example.com").await;
        assert_eq!(own(&world, &ann).await, Vec::<String>::new());
        assert_eq!(login(&world, &ann, json!({})).await, "403 not_registered");
        // What is made without an invite, in an account that nobody vouches for, is no expectation.
        let shown = expected(&world, &ann).await;
        let of = |account: &str| shown.iter().find(|it| it["accountId"] == account);
        assert_eq!(shown.len(), 2, "{shown:?}");
        let first = of(&stranger.account).unwrap();
        assert_eq!(
            (&first["role"], &first["accountName"]),
            (&json!("admin"), &json!("New account"))
        );
        assert_eq!(first["inviter"], "stranger@example.org");
        assert_eq!(first["expires"], "2027-01-22T08:00:00.000Z");

        // The own account first: nobody stands in its way.
        let reply = nowhere(&world, "user/login", &ann, json!({"register": true})).await.ok();
        let home = reply["account"]["id"].as_str().unwrap().to_owned();
        assert_eq!(own(&world, &ann).await, std::slice::from_ref(&home));
        assert_eq!(expected(&world, &ann).await.len(), 2);

        // One is declined, for good and without a word; the other joined by name.
        let decline = json!({"accountId": other.account});
        for _ in 0..2 {
            let reply = nowhere(&world, "account/decline", &ann, decline.clone()).await;
            assert_eq!(reply.ok(), json!({}));
        }
        assert_eq!(login(&world, &ann, decline).await, "403 not_registered");
        let by_email = json!({"email": "ann@example.com"});
        let seen = world.call("user/get", &other, by_email).await.ok();
        assert_eq!((&seen["state"], &seen["invite"]), (&json!("invited"), &Value::Null));
        let join = json!({"accountId": stranger.account});
        let reply = nowhere(&world, "user/login", &ann, join).await.ok();
        assert_eq!(reply["user"]["role"], "admin");
        let mut both = own(&world, &ann).await;
        both.sort();
        let mut wanted = vec![home, stranger.account.clone()];
        wanted.sort();
        assert_eq!(both, wanted);
        assert_eq!(expected(&world, &ann).await, Vec::<Value>::new());
        // Declined is not for ever: another invite is another question.
        made(&world, &other, json!({"email": "ann@example.com", "sendInvite": true})).await;
        assert_eq!(expected(&world, &ann).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn why_an_account_cannot_be_joined_is_nobodys_business() {
    on_each_engine(async |world| {
        let root = world.root().await;
        let admin = world.registered("admin@example.com").await;
        let make = async |email: &str, more: Value| {
            let mut body = json!({"email": email});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            made(&world, &admin, body).await
        };
        make("unasked@example.com", json!({})).await;
        make("suspended@example.com", json!({"state": "suspended"})).await;
        let revoked = make("revoked@example.com", json!({"sendInvite": true})).await;
        world.call("invite/revoke", &admin, json!({"id": revoked})).await.ok();
        make("late@example.com", json!({"sendInvite": true})).await;
        let held = world.invited(&admin, "held@example.com", json!({})).await;
        world.call("user/update", &admin, json!({"id": held.id, "state": "suspended"})).await.ok();
        let closed = world.registered("closed@example.com").await;
        made(&world, &closed, json!({"email": "kept@example.com", "sendInvite": true})).await;
        let close = json!({"accountId": closed.account, "state": "suspended"});
        world.call("account/update", &root, close).await.ok();
        // The operator's role takes the code from the invite.
        let body = json!({"email": "rita@example.com", "role": "root", "sendInvite": true});
        made(&world, &root, body).await;
        world.advance(A_WEEK);
        let mut answers = Vec::new();
        for (email, account) in [
            ("nobody@example.com", admin.account.as_str()),
            ("nobody@example.com", "0190aaaa-0000-7000-8000-00000000dead"),
            ("unasked@example.com", &admin.account),
            ("suspended@example.com", &admin.account),
            ("revoked@example.com", &admin.account),
            ("late@example.com", &admin.account),
            ("held@example.com", &admin.account),
            ("kept@example.com", &closed.account),
            ("rita@example.com", &root.account),
        ] {
            let token = world.token(email, true);
            let body = json!({"accountId": account});
            let answer = nowhere(&world, "user/login", &token, body.clone()).await;
            assert_eq!(answer.outcome(), "403 not_registered", "{email}");
            answers.push(answer.but_for_its_id());
            assert_eq!(expected(&world, &token).await, Vec::<Value>::new(), "{email}");
            let declined = nowhere(&world, "account/decline", &token, body).await;
            assert_eq!(declined.ok(), json!({}));
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
    })
    .await;
}

#[tokio::test]
async fn an_address_that_has_gone_to_somebody_else_is_expected_nowhere() {
    on_each_engine_with(&["--registration=invite"], async |world| {
        let root = world.root().await;
        let body = json!({"accountId": root.account, "email": "old@example.com",
            "role": "admin", "sendInvite": true});
        made(&world, &root, body).await;
        world.advance(A_WEEK);
        let root = world.fresh(&root);
        // Years later another person reads that mailbox.
        let newcomer = world.token_for("newcomer", "old@example.com", true);
        assert_eq!(expected(&world, &newcomer).await, Vec::<Value>::new());
        assert_eq!(login(&world, &newcomer, json!({})).await, "403 not_registered");

        // Who has been here and was removed, or has left, is not waited for either.
        let bob = world.invited(&root, "bob@example.com", json!({"role": "admin"})).await;
        world.call("user/remove", &root, json!({"id": bob.id})).await.ok();
        let heir = world.token_for("heir", "bob@example.com", true);
        assert_eq!(login(&world, &heir, json!({})).await, "403 not_registered");
        let again = made(&world, &root, json!({"email": "bob@example.com"})).await;
        assert_ne!(again, bob.id);
    })
    .await;
}

#[tokio::test]
async fn an_operators_account_is_joined_without_further_ado_if_it_is_the_only_one() {
    on_each_engine_with(&["--registration=invite"], async |world| {
        let root = world.root().await;
        made(&world, &root, json!({"email": "ann@example.com"})).await;
        let account = async |managed: bool| {
            let body = json!({"name": "Acme", "managed": managed});
            world.call("account/create", &root, body).await.ok()["id"].clone()
        };
        // What others expect neither joins nor counts.
        let plain = account(false).await;
        let body = json!({"accountId": plain, "email": "ann@example.com", "sendInvite": true});
        made(&world, &root, body).await;
        let unverified = world.token("ann@example.com", false);
        assert_eq!(login(&world, &unverified, json!({})).await, "403 not_registered");
        let ann = world.token("ann@example.com", true);
        let reply = nowhere(&world, "user/login", &ann, json!({})).await.ok();
        assert_eq!(reply["account"]["id"], root.account.as_str());
        let shown = expected(&world, &ann).await;
        assert_eq!(shown.iter().map(|it| &it["accountId"]).collect::<Vec<_>>(), [&plain]);

        // Of two, one has to be named.
        let second = account(true).await;
        for account in [&json!(root.account), &second] {
            made(&world, &root, json!({"accountId": account, "email": "eve@example.com"})).await;
        }
        let eve = world.token("eve@example.com", true);
        assert_eq!(login(&world, &eve, json!({})).await, "403 not_registered");
        assert_eq!(expected(&world, &eve).await.len(), 2);
        assert_eq!(login(&world, &eve, json!({"accountId": second})).await, "200");
    })
    .await;
}

#[tokio::test]
async fn an_issuer_that_is_not_believed_proves_no_address() {
    let flag = issuer("other", false);
    on_each_engine_with(&[&flag], async |world| {
        let admin = world.admin("admin@example.com").await;
        made(&world, &admin, json!({"email": "bob@example.com", "sendInvite": true})).await;
        let bob = outside("other", "bob", "bob@example.com", true);
        let reply = nowhere(&world, "account/mine", &bob, json!({})).await.ok();
        assert_eq!(reply, json!({"accounts": [], "expected": []}));
        let named = json!({"accountId": admin.account});
        assert_eq!(login(&world, &bob, named.clone()).await, "403 not_registered");
        for (name, body) in [
            ("user/login", json!({"register": true})),
            ("account/register", json!({"name": "Acme"})),
        ] {
            let answer = nowhere(&world, name, &bob, body).await;
            assert_eq!(answer.outcome(), "403 email_unverified", "{name}");
        }
        assert_eq!(nowhere(&world, "account/decline", &bob, named).await.ok(), json!({}));
        let seen = json!({"email": "bob@example.com"});
        let seen = world.call("user/get", &admin, seen).await.ok();
        assert!(seen["invite"].is_string(), "it is still out: {seen}");
    })
    .await;
}

#[tokio::test]
async fn expectations_are_paged_and_the_own_accounts_stand_on_every_page() {
    on_each_engine(async |world| {
        let ann = world.registered("ann@example.com").await;
        let mut wanted = Vec::new();
        for number in 0..7 {
            world.advance(Duration::from_millis(1));
            let admin = world.registered(&format!("admin{number}@example.org")).await;
            made(&world, &admin, json!({"email": "ann@example.com", "sendInvite": true})).await;
            wanted.push(admin.account);
        }
        wanted.reverse();
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("account/mine?limit=3{cursor}");
            let page = nowhere(&world, &path, &ann.token, json!({})).await.ok();
            assert_eq!(page["accounts"][0]["account"]["id"], ann.account.as_str());
            let expected = page["expected"].as_array().unwrap();
            assert!(expected.len() <= 3);
            found.extend(expected.iter().map(|it| it["accountId"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&next={next}");
        }
        assert_eq!(found, wanted, "the newest first");
    })
    .await;
}

#[tokio::test]
async fn a_person_makes_ten_accounts_and_no_more() {
    on_each_engine(async |world| {
        let ann = world.registered("ann@example.com").await;
        for number in 1..10 {
            let body = json!({"name": format!("Account {number}")});
            let reply = nowhere(&world, "account/register", &ann.token, body).await.ok();
            assert_eq!(reply["account"]["name"], format!("Account {number}"));
            assert_eq!(
                (&reply["user"]["role"], &reply["user"]["number"]),
                (&json!("admin"), &json!(1))
            );
        }
        let body = json!({"name": "One more"});
        let refused = nowhere(&world, "account/register", &ann.token, body.clone()).await;
        assert_eq!(refused.outcome(), "409 too_many_accounts");
        assert_eq!(own(&world, &ann.token).await.len(), 10);
        // Once one is deleted for good there is room again.
        let gone = json!({"accountId": ann.account});
        world.operate("account/remove", gone).await;
        world.advance(Duration::from_hours(24 * 30));
        while world.sweeper.round().await.unwrap() > 0 {}
        nowhere(&world, "account/register", &ann.token, body).await.ok();
    })
    .await;
}

#[tokio::test]
async fn nobody_registers_where_registration_is_closed() {
    on_each_engine_with(&["--registration=invite"], async |world| {
        let root = world.root().await;
        let body = json!({"name": "Acme"});
        let refused = nowhere(&world, "account/register", &root.token, body).await;
        assert_eq!(refused.outcome(), "403 forbidden");
    })
    .await;
}

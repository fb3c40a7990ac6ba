//! Which requests take a fresh sign-in: each that the design names, refused without one and carried out with one.

use std::{collections::BTreeSet, sync::Arc};

use guestlist::{
    contract::{Fresh, endpoints},
    model::totp::TotpSecret,
};
use serde_json::{Value, json};

use super::{TOO_LONG, access, confirm};
use crate::{
    sign_in::{
        Signed, call,
        epochs::{on_each_table, rewrite},
        letters, registered, sign_in, signed_in, totp,
    },
    support::{
        client::Answer,
        issuers::{issuer, outside},
        scene::PASSWORD,
        watched::Watched,
        world::{Person, World, on_each_engine, on_each_engine_with},
    },
};

const ALWAYS: &[Fresh] = &[Fresh::Always];
const NEW_USER: &[Fresh] = &[
    Fresh::Sent("password"),
    Fresh::Sent("passwordHash"),
    Fresh::Is("role", &["admin", "root"]),
    Fresh::LetsInAdmin("sendInvite"),
];
const RESTORED_USER: &[Fresh] = &[
    Fresh::Sent("password"),
    Fresh::Sent("passwordHash"),
    Fresh::Is("role", &["admin", "root"]),
    Fresh::LetsInAdmin("sendInvite"),
    Fresh::Restores,
];

/// What the design names.
const LISTED: &[(&str, &[Fresh])] = &[
    ("account/create", &[Fresh::Sent("managed")]),
    ("account/remove", ALWAYS),
    (
        "account/update",
        &[Fresh::Sent("managed"), Fresh::Set("endSessions"), Fresh::Is("state", &["active"])],
    ),
    ("identity/remove", ALWAYS),
    ("key/create", ALWAYS),
    ("provider/beginLink", ALWAYS),
    ("provider/remove", ALWAYS),
    ("session/remove", &[Fresh::Set("others"), Fresh::SetButOwnSession("session")]),
    ("totp/confirm", ALWAYS),
    ("totp/enroll", ALWAYS),
    ("totp/remove", ALWAYS),
    ("trash/purge", ALWAYS),
    ("trash/restore", ALWAYS),
    ("user/changePassword", ALWAYS),
    ("user/confirmEmail", ALWAYS),
    ("user/create", NEW_USER),
    ("user/createOrRestore", RESTORED_USER),
    ("user/remove", &[Fresh::Set("keepKeys")]),
    (
        "user/update",
        &[
            Fresh::Sent("newEmail"),
            Fresh::Sent("newPassword"),
            Fresh::Sent("role"),
            Fresh::Sent("identity"),
            Fresh::LetsInAdmin("state"),
        ],
    ),
    ("user/updateRole", &[Fresh::Sent("role"), Fresh::Sent("sendInvite")]),
];

#[test]
fn the_contract_asks_wherever_the_design_does() {
    let contract: Vec<_> = endpoints()
        .filter(|endpoint| !endpoint.fresh.is_empty())
        .map(|endpoint| (endpoint.name, endpoint.fresh))
        .collect();
    assert_eq!(contract, LISTED);
}

/// A root user with a password, whose sign-in is never fresh when a call is tried first.
struct Asked {
    world: World,
    table: Arc<Watched>,
    signed: Signed,
    /// Once it is on, nothing else confirms.
    totp: Option<TotpSecret>,
    /// The calls and terms that were tried.
    tried: BTreeSet<(&'static str, String)>,
}

impl Asked {
    async fn new(world: World, table: Arc<Watched>) -> Self {
        let code = world.app.store.setup_code().await.unwrap().unwrap();
        let body =
            json!({"email": "root@example.com", "password": PASSWORD, "invite": code.reveal()});
        let signed = Signed::from(&call(&world, "identity/create", body).await.ok());
        // A person who has just set the service up is fresh.
        let key = json!({"name": "first", "role": "user"});
        world.client.call("key/create", &signed.access, key).await.ok();
        Self { world, table, signed, totp: None, tried: BTreeSet::new() }
    }

    /// Makes a call without a fresh sign-in, which is refused whatever else is in it, and then with one.
    async fn check(&mut self, name: &'static str, term: Fresh, body: Value) -> Answer {
        self.world.advance(TOO_LONG);
        let refresh = json!({"refreshToken": self.signed.refresh});
        self.signed = Signed::from(&call(&self.world, "session/refresh", refresh).await.ok());
        let mut bodies = vec![body.clone()];
        if let Fresh::Sent(field) = term {
            for nothing in [Value::Null, json!(false)] {
                let mut other = body.clone();
                other[field] = nothing;
                bodies.push(other);
            }
        }
        let once = format!("case-{}", self.world.clock.now().millis());
        let client = &self.world.client;
        // A step has to look whom it finds, and is begun for that; its key is free again then.
        let is_step = matches!(term, Fresh::LetsInAdmin(_) | Fresh::Restores);
        let done = || if is_step { self.table.entries() } else { self.table.writes() };
        for body in &bodies {
            let before = done();
            let refused = client.call_once(&once, name, &self.signed.access, body).await;
            assert_eq!(refused.outcome(), "401 reauthentication_required", "{name} {body}");
            let problem = refused.json();
            let ways = if self.totp.is_some() {
                json!(["totp"])
            } else {
                json!(["currentPassword", "emailCode"])
            };
            assert_eq!((&problem["maxAge"], &problem["confirmBy"]), (&json!(600), &ways), "{name}");
            assert_eq!(done(), before, "{name} {body} wrote something");
        }
        let proof = match &self.totp {
            Some(secret) => json!({"totp": totp::code(&self.world, secret)}),
            None => json!({"currentPassword": PASSWORD}),
        };
        self.signed.access = access(&confirm(&self.world, &self.signed.access, proof).await.ok());
        let answer = self.world.client.call_once(&once, name, &self.signed.access, &body).await;
        assert_eq!(answer.header("idempotency-replayed"), None, "{name}");
        self.tried.insert((name, format!("{term:?}")));
        answer
    }

    /// A user of the home account whom the operator makes.
    async fn user(&self, email: &str, fields: Value) -> Value {
        let mut body = json!({"email": email});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.world.operate("user/create", body).await["id"].clone()
    }
}

async fn accounts_and_keys(asked: &mut Asked) {
    let body = json!({"name": "Acme", "managed": true});
    let made = asked.check("account/create", Fresh::Sent("managed"), body).await.ok();
    let id = &made["id"];
    let body = json!({"accountId": id, "managed": false});
    asked.check("account/update", Fresh::Sent("managed"), body).await.ok();
    let body = json!({"accountId": id, "endSessions": true});
    asked.check("account/update", Fresh::Set("endSessions"), body).await.ok();
    asked.check("account/remove", Fresh::Always, json!({"accountId": id})).await.ok();
    let body = json!({"accountId": id, "state": "active"});
    asked.check("account/update", Fresh::Is("state", &["active"]), body).await.ok();
    asked.check("key/create", Fresh::Always, json!({"name": "k", "role": "user"})).await.ok();
}

async fn providers(asked: &mut Asked) {
    // Nobody signs in with one here: what is asked first is the same.
    let begun = asked.check("provider/beginLink", Fresh::Always, json!({"provider": "acme"})).await;
    assert_eq!(begun.outcome(), "422 validation_failed");
    let body = json!({"issuer": "https://id.example.com", "subject": "1"});
    let removed = asked.check("provider/remove", Fresh::Always, body).await;
    assert_eq!(removed.outcome(), "404 not_found");
}

async fn new_users(asked: &mut Asked) {
    const HASH: &str = "$2b$04$ch6HpDqs0c8JfcY5pTw52eO24cqIihSiorFUakHRGWoqM9xSJYks2";
    const POWER: Fresh = Fresh::Is("role", &["admin", "root"]);
    for (name, user) in [("user/create", "a"), ("user/createOrRestore", "b")] {
        let email = |what: &str| format!("{user}-{what}@example.com");
        let body = json!({"email": email("password"), "password": PASSWORD});
        asked.check(name, Fresh::Sent("password"), body).await.ok();
        let body = json!({"email": email("hash"), "passwordHash": HASH});
        asked.check(name, Fresh::Sent("passwordHash"), body).await.ok();
        for role in ["admin", "root"] {
            asked.check(name, POWER, json!({"email": email(role), "role": role})).await.ok();
        }
    }
}

async fn users(asked: &mut Asked) {
    let invited = asked.user("invited@example.com", json!({"sendInvite": true})).await;
    let kept = asked.user("kept@example.com", json!({"password": PASSWORD})).await;
    let body = json!({"id": invited, "newEmail": "moved@example.com"});
    asked.check("user/update", Fresh::Sent("newEmail"), body).await.ok();
    let body = json!({"id": kept, "newPassword": PASSWORD});
    asked.check("user/update", Fresh::Sent("newPassword"), body).await.ok();
    let body = json!({"id": kept, "role": "admin"});
    asked.check("user/update", Fresh::Sent("role"), body).await.ok();
    // Nobody outside has joined here: what is asked first is the same.
    let body = json!({"id": kept, "identity": null});
    let refused = asked.check("user/update", Fresh::Sent("identity"), body).await;
    assert_eq!(refused.outcome(), "403 own_sign_in");
    let body = json!({"id": kept, "role": "user"});
    asked.check("user/updateRole", Fresh::Sent("role"), body).await.ok();
    let body = json!({"id": invited, "sendInvite": true});
    asked.check("user/updateRole", Fresh::Sent("sendInvite"), body).await.ok();
    let body = json!({"id": kept, "newPassword": PASSWORD});
    asked.check("user/changePassword", Fresh::Always, body).await.ok();
    let body = json!({"id": invited, "keepKeys": true});
    asked.check("user/remove", Fresh::Set("keepKeys"), body).await.ok();
    asked.check("trash/restore", Fresh::Always, json!({"id": invited})).await.ok();
    let gone = asked.user("gone@example.com", json!({})).await;
    asked.world.operate("user/remove", json!({"id": gone})).await;
    asked.check("trash/purge", Fresh::Always, json!({"id": gone})).await.ok();
}

/// What shows only in the step, which knows whom it finds.
async fn admins_who_are_there(asked: &mut Asked) {
    const INVITED: Fresh = Fresh::LetsInAdmin("sendInvite");
    let admin = json!({"role": "admin", "sendInvite": true});
    for name in ["user/create", "user/createOrRestore"] {
        let email = format!("{}@example.com", name.replace('/', "-"));
        asked.user(&email, admin.clone()).await;
        let again = json!({"email": email, "sendInvite": true});
        asked.check(name, INVITED, again).await.ok();
    }
    let password = json!({"role": "admin", "password": PASSWORD});
    let kept_out = asked.user("out@example.com", password).await;
    let state = |state: &str| json!({"id": kept_out, "state": state});
    asked.world.operate("user/update", state("suspended")).await;
    asked.check("user/update", Fresh::LetsInAdmin("state"), state("active")).await.ok();
    asked.world.operate("user/remove", json!({"id": kept_out})).await;
    for (email, fields) in [("a@example.org", admin), ("b@example.org", json!({}))] {
        let gone = asked.user(email, fields).await;
        asked.world.operate("user/remove", json!({"id": gone})).await;
        let back = json!({"email": email});
        let back = asked.check("user/createOrRestore", Fresh::Restores, back).await.ok();
        assert_eq!(back["id"], gone);
    }
}

async fn the_own_sign_in(asked: &mut Asked) {
    let second = signed_in(&asked.world, "root@example.com").await;
    let body = json!({"session": second.session});
    asked.check("session/remove", Fresh::SetButOwnSession("session"), body).await.ok();
    asked.check("session/remove", Fresh::Set("others"), json!({"others": true})).await.ok();
    let body = json!({"currentPassword": PASSWORD});
    let enrolment = asked.check("totp/enroll", Fresh::Always, body.clone()).await.ok();
    let secret = totp::secret(enrolment["secret"].as_str().unwrap());
    // The code of the moment when it is asked for at last.
    let then = asked.world.clock.now().plus(TOO_LONG).plus(std::time::Duration::from_millis(1));
    let code = json!({"code": secret.code(then).reveal()});
    asked.check("totp/confirm", Fresh::Always, code).await.ok();
    asked.totp = Some(secret);
    asked.check("totp/remove", Fresh::Always, body).await.ok();
    asked.totp = None;
    let body = json!({"code": "A".repeat(24)});
    let refused = asked.check("user/confirmEmail", Fresh::Always, body).await;
    assert_eq!(refused.outcome(), "404 not_found");
    let refused = asked.check("identity/remove", Fresh::Always, json!({})).await;
    assert_eq!(refused.outcome(), "409 last_admin");
}

#[tokio::test]
async fn each_is_refused_without_one_and_carried_out_with_one() {
    on_each_table(async |world, table| {
        let mut asked = Asked::new(world, table).await;
        accounts_and_keys(&mut asked).await;
        providers(&mut asked).await;
        new_users(&mut asked).await;
        users(&mut asked).await;
        admins_who_are_there(&mut asked).await;
        the_own_sign_in(&mut asked).await;
        let contract = endpoints().flat_map(|endpoint| {
            endpoint.fresh.iter().map(|term| (endpoint.name, format!("{term:?}")))
        });
        assert_eq!(asked.tried, contract.collect());
    })
    .await;
}

#[tokio::test]
async fn daily_work_takes_none_nor_do_keys() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, super::ADA).await;
        let key = world.key(&ada, "admin", "write").await;
        let bob = json!({"email": "bob@example.com", "password": PASSWORD});
        let bob = world.call("user/create", &ada, bob).await.ok()["id"].clone();
        world.advance(TOO_LONG);
        for (name, body) in [
            (
                "user/create",
                json!({"email": "new@example.com", "role": "user", "sendInvite": true}),
            ),
            ("user/update", json!({"id": bob, "first": "Bob", "state": "suspended"})),
            ("user/update", json!({"id": bob, "state": "active"})),
            ("user/remove", json!({"id": bob})),
            ("account/update", json!({"name": "Acme", "endSessions": false})),
            ("user/update", json!({"language": "de"})),
        ] {
            assert_eq!(world.call(name, &ada, body).await.outcome(), "200", "{name}");
        }
        for (name, body) in [
            ("trash/restore", json!({"id": bob})),
            ("user/updateRole", json!({"id": bob, "role": "admin"})),
            ("user/create", json!({"email": "eve@example.com", "password": PASSWORD})),
            ("key/create", json!({"name": "k", "role": "user"})),
        ] {
            let refused = world.call(name, &ada, body.clone()).await;
            assert_eq!(refused.outcome(), "401 reauthentication_required", "{name}");
            assert_eq!(world.client.call(name, &key, body).await.outcome(), "200", "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_lets_an_admin_in_is_not_repeated_without_one() {
    on_each_engine(async |world| {
        let (ada, signed) = registered(&world, super::ADA).await;
        let bob = json!({"email": "bob@example.com", "role": "admin", "sendInvite": true});
        world.call("user/create", &ada, bob).await.ok();
        let again = json!({"email": "bob@example.com", "sendInvite": true});
        let client = &world.client;
        let send = || client.call_once("again", "user/create", &signed.access, &again);
        send().await.ok();
        assert_eq!(send().await.header("idempotency-replayed"), Some("true"));
        world.advance(TOO_LONG);
        assert_eq!(send().await.outcome(), "401 reauthentication_required");
    })
    .await;
}

#[tokio::test]
async fn a_batch_is_no_way_around() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, super::ADA).await;
        let admin = json!({"role": "admin", "sendInvite": true, "email": "eve@example.com"});
        world.call("user/create", &ada, admin).await.ok();
        world.call("user/remove", &ada, json!({"email": "eve@example.com"})).await.ok();
        world.advance(TOO_LONG);
        let part = |call: &str, body: Value| json!({"call": call, "body": body});
        let new = part("user/create", json!({"email": "new@example.com", "sendInvite": true}));
        let back = part("user/createOrRestore", json!({"email": "eve@example.com"}));
        let done = world.call("batch/run", &ada, json!({"calls": [new, back]})).await.ok();
        assert_eq!(done["data"][0]["user"]["state"], "invited", "daily work goes on");
        assert_eq!(done["data"][1]["error"]["code"], "reauthentication_required");
        // What is sent again as it was goes on from there.
        let newer = part("user/create", json!({"email": "newer@example.com", "sendInvite": true}));
        let back = part("user/createOrRestore", json!({"email": "eve@example.com"}));
        let calls = json!({"calls": [newer, back]});
        let send = async |by: &Person| {
            world.client.call_once("again", "batch/run", &by.token, &calls).await
        };
        assert_eq!(send(&ada).await.outcome(), "401 reauthentication_required");
        let proof = json!({"currentPassword": PASSWORD});
        let token = access(&confirm(&world, &ada.token, proof).await.ok());
        let done = send(&Person { token, ..ada.clone() }).await.ok();
        let states = [0, 1].map(|at| done["data"][at]["user"]["state"].clone());
        assert_eq!(states, [json!("invited"), json!("invited")], "{done}");
        world.call("user/remove", &ada, json!({"email": "eve@example.com"})).await.ok();
        let purge = part("trash/purge", json!({"email": "eve@example.com"}));
        // The token of before says still that it is too long ago.
        let refused = world.call("batch/run", &ada, json!({"calls": [purge]})).await;
        assert_eq!(refused.outcome(), "401 reauthentication_required");
    })
    .await;
}

#[tokio::test]
async fn a_password_that_is_sent_along_is_none() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, super::ADA).await;
        let body = json!({"email": "bob@example.com", "password": PASSWORD});
        let bob = world.call("user/create", &ada, body).await.ok()["id"].clone();
        world.advance(TOO_LONG);
        let new = "a rather different passphrase";
        for current in ["x", PASSWORD] {
            let grab =
                json!({"id": bob, "newPassword": new, "role": "admin", "currentPassword": current});
            let own = json!({"currentPassword": current, "newPassword": new});
            let off = json!({"currentPassword": current});
            for (name, body) in [
                ("user/update", grab),
                ("user/update", own.clone()),
                ("user/changePassword", own),
                ("totp/enroll", off.clone()),
                ("totp/remove", off),
            ] {
                let refused = world.call(name, &ada, body).await;
                assert_eq!(refused.outcome(), "401 reauthentication_required", "{name}");
            }
        }
        let bob = sign_in(&world, "bob@example.com", PASSWORD).await.ok();
        let bob = world.client.call("user/get", &access(&bob), json!({})).await.ok();
        assert_eq!(bob["role"], "user");
    })
    .await;
}

#[tokio::test]
async fn while_the_address_is_not_proved_the_password_confirms() {
    on_each_table(async |world, table| {
        let (_, signed) = registered(&world, super::ADA).await;
        let id = crate::sign_in::epochs::sign_in_id(&signed);
        rewrite(&table, &format!("signin#{id}"), |it| it["verified"] = json!(false)).await;
        world.advance(TOO_LONG);
        let key = json!({"name": "k", "role": "user"});
        let refused = world.client.call("key/create", &signed.access, key.clone()).await;
        assert_eq!(refused.outcome(), "401 reauthentication_required");
        assert_eq!(refused.json()["confirmBy"], json!(["currentPassword"]));
        let proof = json!({"currentPassword": PASSWORD});
        let confirmed = confirm(&world, &signed.access, proof).await.ok();
        world.client.call("key/create", &access(&confirmed), key).await.ok();
    })
    .await;
}

#[tokio::test]
async fn whoever_cannot_show_any_hears_what_helps() {
    on_each_engine_with(&[&issuer("other", false)], async |world| {
        let root = world.root().await;
        let body = json!({"email": "eve@example.com", "role": "admin", "sendInvite": true});
        world.call("user/create", &root, body).await.ok();
        let mailed = letters(&world).await.pop().unwrap().code();
        let token = outside("other", "eve", "eve@example.com", true);
        world.client.call("user/login", &token, json!({"invite": mailed})).await.ok();
        let refused = world.client.call("key/create", &token, json!({"name": "k", "role": "user"}));
        let refused = refused.await;
        assert_eq!(refused.outcome(), "403 forbidden");
        let why = refused.json()["detail"].as_str().unwrap().to_owned();
        for helps in ["API key", "command line", "sign-in of this service", "trust_email"] {
            assert!(why.contains(helps), "{why}");
        }
        // What others do for them needs none of theirs.
        let eve = Person { token, ..root.clone() };
        let daily = json!({"email": "bob@example.com", "sendInvite": true});
        assert_eq!(world.client.call("user/create", &eve.token, daily).await.outcome(), "200");
    })
    .await;
}

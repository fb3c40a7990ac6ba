//! The whole story, with nothing but real parts: the program as a process, HTTP, an outside issuer, an
//! SMTP server, on both engines.

use std::time::Duration;

use guestlist::clock::Clock;
use serde_json::{Value, json};

use crate::support::{
    client::Answer,
    engine::Engine,
    jwks::KeyServer,
    keys::Key,
    outside::python,
    process::{Service, Site},
    smtp::{MailServer, Received},
};

const ACCOUNT: &str = "Bell & <Howell>";
const ISSUER: &str = "https://id.example.com/";

/// A service whose people come from an outside issuer and get their letters over SMTP.
struct Stage {
    service: Service,
    mail: MailServer,
    key: Key,
    _site: Site,
    _issuer: KeyServer,
}

impl Stage {
    async fn new(engine: Engine, python: &str) -> Self {
        let key = Key::rsa("first", 0);
        let issuer = KeyServer::start(&[&key]).await;
        let mail = MailServer::start(python, &[]).await;
        let settings = format!("issuer={ISSUER},audience=app,jwks_url={}", issuer.url());
        let site = Site::on(engine)
            .await
            .with(format!("--issuer={settings},trust_email=true"))
            .with(mail.flag())
            .with("--mail-from=Guest List <guests@example.com>")
            .with("--registration=open")
            .with("--app-url=https://app.example.com/welcome/");
        let service = site.start().await;
        Self { service, mail, key, _site: site, _issuer: issuer }
    }

    /// What the outside issuer gives somebody of that name.
    fn token(&self, name: &str, email_verified: bool) -> String {
        self.token_of(name, &format!("{name}@example.com"), email_verified)
    }

    fn token_of(&self, subject: &str, email: &str, email_verified: bool) -> String {
        let now = Clock::System.now().seconds();
        self.key.token(&json!({
            "iss": ISSUER, "aud": "app", "sub": subject, "iat": now, "auth_time": now, "exp": now + 600,
            "email": email, "email_verified": email_verified,
        }))
    }

    async fn call(&self, name: &str, token: &str, body: Value) -> Answer {
        self.service.call(name, token, body).await
    }

    async fn login(&self, token: &str, body: Value) -> Answer {
        self.call("user/login", token, body).await
    }

    /// Somebody who has registered, and so is the admin of a new account.
    async fn registered(&self, name: &str) -> String {
        let token = self.token(name, true);
        let body = json!({"register": true, "first": "Alice", "account": {"name": ACCOUNT}});
        let reply = self.login(&token, body).await.ok();
        assert_eq!(reply["account"]["name"], ACCOUNT);
        assert_eq!(reply["user"]["role"], "admin");
        token
    }

    async fn invite(&self, by: &str, email: &str) -> Value {
        let user = self.call("user/create", by, json!({"email": email, "sendInvite": true})).await;
        let user = user.ok();
        assert_eq!((&user["state"], &user["role"]), (&json!("invited"), &json!("user")));
        user
    }
}

async fn on_each_engine(act: impl AsyncFn(Stage)) {
    let Some(python) = python() else { return };
    for engine in Engine::all() {
        println!("on {engine:?}");
        act(Stage::new(engine, &python).await).await;
    }
}

#[tokio::test]
async fn the_first_root_user_comes_in_with_the_setup_code() {
    on_each_engine(async |stage| {
        let setup = json!({"invite": stage.service.until_setup_code().await});
        let root = stage.token("root", true);
        let reply = stage.login(&root, setup.clone()).await.ok();
        assert_eq!(
            (&reply["user"]["role"], &reply["user"]["state"]),
            (&json!("root"), &json!("active"))
        );
        let second = stage.login(&stage.token("mallory", true), setup).await;
        assert_eq!(second.outcome(), "409 invite_used");
        let alice = stage.registered("alice").await;
        let elsewhere = stage.call("user/get", &alice, json!({})).await.ok();
        let seen =
            stage.call("user/find", &root, json!({"accountId": elsewhere["accountId"]})).await;
        assert_eq!(seen.ok()["data"][0]["id"], elsewhere["id"]);
    })
    .await;
}

#[tokio::test]
async fn a_colleague_is_invited_joins_rises_leaves_and_comes_back() {
    on_each_engine(async |stage| {
        let alice = stage.registered("alice").await;
        let bob = stage.invite(&alice, "bob@example.com").await;
        let letter = stage.mail.letter_to("bob@example.com").await;
        check_letter(&letter);
        letter.is_invite_of(&bob);
        let token = joins(&stage, &letter.code()).await;
        rises(&stage, &alice, &token, &bob["id"]).await;
        leaves_and_comes_back(&stage, &alice, &token, &bob["id"]).await;
        // The invite, and that his role was raised.
        let letters = stage.mail.letters_to("bob@example.com", 2).await;
        let risen = format!("Your role in “{ACCOUNT}” is now admin");
        assert_eq!(letters[1].subject, risen);
        assert_eq!(stage.mail.received().len(), 2);
    })
    .await;
}

fn check_letter(letter: &Received) {
    assert_eq!(letter.from, "Guest List <guests@example.com>");
    assert_eq!(letter.subject, "You are invited to join “Bell & <Howell>”");
    assert!(letter.message_id.ends_with("@example.com"), "{letter:?}");
    let link = format!("https://app.example.com/welcome/#invite={}", letter.code());
    assert!(letter.text.contains(&format!("\n{link}\n")), "{}", letter.text);
    assert!(
        letter.text.contains(
            "“Alice” invites you to join “Bell & <Howell>”. Your role there will be user."
        )
    );
    assert!(letter.html.contains(&format!("<a href=\"{link}\"")), "{}", letter.html);
    assert!(letter.html.contains("<bdi>“Bell &amp; &lt;Howell&gt;”</bdi>"), "{}", letter.html);
    assert!(!letter.html.contains("<Howell>"));
}

/// Bob joins, whom his issuer has not even verified: the code proves that the address is his.
async fn joins(stage: &Stage, code: &str) -> String {
    let invite = json!({ "invite": code });
    let offer = stage.call("invite/check", "", invite.clone()).await.ok();
    assert_eq!(offer["email"], "bob@example.com");
    assert_eq!((&offer["accountName"], &offer["role"]), (&json!(ACCOUNT), &json!("user")));

    let mallory = stage.login(&stage.token("mallory", true), invite.clone()).await;
    assert_eq!(mallory.outcome(), "403 invite_email");
    let token = stage.token("bob", false);
    assert_eq!(stage.call("user/get", &token, json!({})).await.outcome(), "403 not_registered");
    let reply = stage.login(&token, invite.clone()).await.ok();
    assert_eq!(reply["account"]["name"], ACCOUNT);
    assert_eq!(reply["user"]["state"], "active");
    let twin = stage.token_of("bob-again", "bob@example.com", true);
    assert_eq!(stage.login(&twin, invite.clone()).await.outcome(), "409 invite_used");
    assert_eq!(stage.call("invite/check", "", invite).await.outcome(), "409 invite_used");
    token
}

async fn rises(stage: &Stage, alice: &str, bob: &str, id: &Value) {
    assert_eq!(stage.call("trash/find", bob, json!({})).await.outcome(), "403 forbidden");
    let change = json!({"id": id, "role": "admin"});
    assert_eq!(stage.call("user/updateRole", alice, change).await.ok()["role"], "admin");
    assert_eq!(stage.call("trash/find", bob, json!({})).await.ok()["data"], json!([]));
}

async fn leaves_and_comes_back(stage: &Stage, alice: &str, bob: &str, id: &Value) {
    let gone = stage.call("user/remove", alice, json!({ "id": id })).await.ok();
    assert_eq!(gone["state"], "trashed");
    assert_eq!(stage.call("user/get", bob, json!({})).await.outcome(), "403 not_registered");
    assert_eq!(stage.login(bob, json!({})).await.outcome(), "403 not_registered");
    let live = stage.call("user/find", alice, json!({})).await.ok();
    assert_eq!(live["data"].as_array().unwrap().len(), 1);
    let trash = stage.call("trash/find", alice, json!({})).await.ok();
    assert_eq!((&trash["data"][0]["id"], trash["data"].as_array().unwrap().len()), (id, 1));

    let back = stage.call("trash/restore", alice, json!({ "id": id })).await.ok();
    assert_eq!((&back["state"], &back["role"]), (&json!("active"), &json!("admin")));
    // A person who comes back signs in again. Times in tokens are whole seconds.
    assert_eq!(stage.login(bob, json!({})).await.outcome(), "401 reauthentication_required");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let bob = stage.token("bob", false);
    assert_eq!(stage.login(&bob, json!({})).await.ok()["user"]["id"], *id);
    assert_eq!(stage.call("user/get", &bob, json!({})).await.ok()["id"], *id);
}

#[tokio::test]
async fn a_fresh_invite_ends_the_older_one() {
    on_each_engine(async |stage| {
        let alice = stage.registered("alice").await;
        let carol = stage.invite(&alice, "carol@example.com").await;
        stage.mail.letter_to("carol@example.com").await;
        let again = json!({"id": carol["id"], "sendInvite": true});
        let user = stage.call("user/updateRole", &alice, again).await.ok();
        let letters = stage.mail.letters_to("carol@example.com", 2).await;
        let [older, fresh] = letters.as_slice() else { panic!("{letters:?}") };
        assert_ne!(older.message_id, fresh.message_id);
        fresh.is_invite_of(&user);

        let token = stage.token("carol", false);
        let older = json!({"invite": older.code()});
        assert_eq!(stage.call("invite/check", "", older.clone()).await.outcome(), "404 not_found");
        assert_eq!(stage.login(&token, older).await.outcome(), "404 not_found");
        let reply = stage.login(&token, json!({"invite": fresh.code()})).await.ok();
        assert_eq!(reply["user"]["id"], carol["id"]);
        let again = json!({"id": carol["id"], "sendInvite": true});
        assert_eq!(stage.call("user/updateRole", &alice, again).await.status, 409);
    })
    .await;
}

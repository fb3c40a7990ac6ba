//! Conversations over every route, and each way in which they can go wrong; one golden text.

use std::time::Duration;

use expect_test::expect_file;
use guestlist::facade::Facade;
use hyper::Method;
use serde_json::{Value, json};

use super::{Site, new, on_each_site};
use crate::support::{
    client::Answer,
    rest::{Content, Talk},
    scene::PASSWORD,
};

const HEADERS: &[&str] = &["allow", "content-type", "retry-after"];

/// Who speaks, and with which token.
#[derive(Clone, Copy)]
struct Speaker<'a>(&'a str, &'a str);

impl Speaker<'_> {
    async fn get(self, talk: &mut Talk, path: &str) -> Answer {
        talk.say(self.0, self.1, Method::GET, path, Content::Nothing).await
    }

    async fn delete(self, talk: &mut Talk, path: &str) -> Answer {
        talk.say(self.0, self.1, Method::DELETE, path, Content::Nothing).await
    }

    async fn post(self, talk: &mut Talk, path: &str, body: Value) -> Answer {
        talk.say(self.0, self.1, Method::POST, path, Content::Json(body)).await
    }

    async fn patch(self, talk: &mut Talk, path: &str, body: Value) -> Answer {
        talk.say(self.0, self.1, Method::PATCH, path, Content::Json(body)).await
    }
}

#[tokio::test]
async fn conversations() {
    on_each_site(async |site| {
        let mut talk = Talk::new(&site.world, Facade::Meiro, HEADERS);
        let key = Speaker("key", &site.key);
        life(&site, &mut talk, key).await;
        sessions(&site, &mut talk).await;
        lists(&mut talk, key).await;
        refusals(&site, &mut talk, key).await;
        expect_file!["../../golden/meiro.txt"].assert_eq(&without_tokens(talk.text()));
    })
    .await;
}

fn without_tokens(text: &str) -> String {
    let line = |line: &str| match line.split_once(r#""token": ""#) {
        Some((before, _)) => format!("{before}\"token\": \"<token>\"\n"),
        None => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

async fn life(site: &Site, talk: &mut Talk, key: Speaker<'_>) {
    talk.title("a user");
    let more =
        json!({"name": "Ada Lovelace", "role_id": 2, "frontend_settings": {"theme": "dark"}});
    let ada = key.post(talk, "/users", new("Ada", more)).await.json()["user"]["id"].clone();
    let one = format!("/users/{ada}");
    site.world.advance(Duration::from_mins(1));
    key.get(talk, &one).await;
    key.patch(talk, &one, json!({"name": "Ada King", "disabled": 1, "frontend_settings": {}}))
        .await;
    key.patch(talk, &one, json!({"role_id": 1, "disabled": false, "id": 7})).await;
    let change = format!("{one}/change_password");
    key.post(talk, &change, json!({"password": "a whole other battery staple"})).await;
    key.delete(talk, &one).await;
    key.get(talk, "/users/trash").await;
    key.patch(talk, &format!("/users/trash/{ada}"), json!({})).await;
    key.delete(talk, &one).await;
    key.post(talk, "/users/create_or_restore", new("Ada", json!({}))).await;
    talk.say("key", &site.key, Method::HEAD, &one, Content::Nothing).await;
}

async fn sessions(site: &Site, talk: &mut Talk) {
    talk.title("users/login");
    let nobody = Speaker("nobody", "");
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let token = super::token(&nobody.post(talk, "/users/login", body).await);
    let ada = Speaker("ada", &token);
    let token = super::token(&ada.patch(talk, "/users/login", json!({})).await);
    let ada = Speaker("ada", &token);
    ada.delete(talk, "/users/login").await;
    ada.patch(talk, "/users/login", json!({})).await;
    ada.delete(talk, "/users/login").await;
    nobody.patch(talk, "/users/login", json!({})).await;
    let key = Speaker("key", &site.key);
    key.patch(talk, "/users/login", json!({})).await;
    key.delete(talk, "/users/login").await;
    nobody.post(talk, "/users/login", json!({"email": "ada@example.com"})).await;
    let body = json!({"email": "ada@example.com", "password": "wrong wrong wrong"});
    nobody.post(talk, "/users/login", body).await;
    let body = json!({"email": "nobody@example.com", "password": PASSWORD});
    nobody.post(talk, "/users/login", body).await;
    let body = json!({"email": "nobody", "password": 7});
    nobody.post(talk, "/users/login", body).await;
    nobody.get(talk, "/users/login").await;
}

async fn lists(talk: &mut Talk, key: Speaker<'_>) {
    talk.title("lists");
    key.get(talk, "/users").await;
    key.get(talk, "/users?limit=1&offset=1&order_by=created&order_dir=desc").await;
    key.get(talk, "/users?offset=7&order_by=email").await;
    key.get(talk, "/users/trash?limit=5").await;
    key.get(talk, "/users?limit=501&offset=x&order_by=number&order_dir=up").await;
}

/// One of each kind of error that a client can provoke.
async fn refusals(site: &Site, talk: &mut Talk, key: Speaker<'_>) {
    talk.title("refusals");
    let reader = site.world.key(&site.admin, "admin", "read").await;
    let user = site.world.key(&site.admin, "user", "write").await;
    let stranger = site.world.token("stranger@example.com", true);
    let bob = site.made("Bob", json!({})).await["id"].clone();
    let signed_in = site.signed_in(&json!({"email": "bob@example.com"})).await;
    let hold = json!({"email": "bob@example.com", "kind": "server", "ref": "1"});
    site.world.call("hold/place", &site.admin, hold).await.ok();
    let [reader, user, stranger, bob_himself] = [
        Speaker("read-only key", &reader),
        Speaker("user's key", &user),
        Speaker("stranger", &stranger),
        Speaker("bob", &signed_in),
    ];
    let one = format!("/users/{bob}");
    Speaker("nobody", "").get(talk, "/users").await;
    Speaker("somebody", "x").get(talk, "/users").await;
    Speaker("nobody", "").get(talk, "/users/nowhere").await;
    stranger.get(talk, "/users").await;
    reader.patch(talk, &one, json!({"name": "X"})).await;
    user.get(talk, "/users").await;
    user.get(talk, &one).await;
    bob_himself.patch(talk, &one, json!({"role_id": 2, "email": "eve@example.com"})).await;
    let body = json!({"password": PASSWORD, "old_password": "wrong wrong wrong"});
    bob_himself.post(talk, &format!("{one}/change_password"), body).await;
    key.get(talk, "/users/999").await;
    key.get(talk, "/users/nowhere").await;
    key.patch(talk, "/users/999", json!({"name": 7})).await;
    key.patch(talk, &format!("/users/trash/{bob}"), json!({})).await;
    key.patch(talk, "/users", json!({})).await;
    key.get(talk, "/users/create_or_restore").await;
    key.post(talk, "/users", json!({})).await;
    let more = json!({"email": "bob", "password": "short", "role_id": 7, "disabled": 2,
        "frontend_settings": [], "nmae": 1});
    key.post(talk, "/users", new("Eve", more)).await;
    key.post(talk, "/users", new("Eve", json!({"email": "e@", "password": "short"}))).await;
    key.post(talk, "/users", new("Bob", json!({}))).await;
    key.post(talk, "/users/create_or_restore", new("Bob", json!({}))).await;
    key.post(talk, "/users", new("Rita", json!({"role_id": 3}))).await;
    key.patch(talk, &one, json!({"email": "ada@example.com"})).await;
    key.patch(talk, &one, json!({"name": "x".repeat(192)})).await;
    key.patch(talk, "/users/1", json!({"role_id": 1})).await;
    key.delete(talk, &one).await;
    let broken = Content::Raw("application/json", "{\"name\": ".into());
    talk.say("key", &site.key, Method::PATCH, &one, broken).await;
    let list = Content::Raw("application/json", "[]".into());
    talk.say("key", &site.key, Method::PATCH, &one, list).await;
    talk.say("key", &site.key, Method::PUT, &one, Content::Nothing).await;
    key.patch(talk, &one, json!({"disabled": 1})).await;
    bob_himself.get(talk, &one).await;
}

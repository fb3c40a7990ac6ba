//! Meiro's users.

mod accounts;
mod conversations;
mod inputs;
mod life;
mod lists;
mod rights;
mod tokens;

use guestlist::facade::Facade;
use hyper::Method;
use serde_json::{Value, json};

use crate::support::{
    client::Answer,
    rest::{Content, Rest},
    scene::PASSWORD,
    world::{Person, World, on_each_engine_with},
};

/// A service that speaks Meiro's interface, and a managed account with an admin and a key.
struct Site {
    world: World,
    rest: Rest,
    admin: Person,
    key: String,
}

impl Site {
    async fn new(world: World) -> Self {
        let admin = world.admin("alice@example.com").await;
        let key = world.key(&admin, "admin", "write").await;
        Self { rest: Rest::new(&world, Facade::Meiro), world, admin, key }
    }

    /// A new user, as `POST users` replies it.
    async fn made(&self, name: &str, more: Value) -> Value {
        let answer = self.rest.post("/users", &self.key, new(name, more)).await;
        answer.with_status(201)["user"].clone()
    }

    /// A user's token, who signs in.
    async fn signed_in(&self, user: &Value) -> String {
        let body = json!({"email": user["email"], "password": PASSWORD});
        token(&self.rest.post("/users/login", "", body).await)
    }

    async fn get(&self, id: &Value) -> Answer {
        self.rest.get(&format!("/users/{id}"), &self.key).await
    }

    async fn patch(&self, id: &Value, body: Value) -> Answer {
        self.rest.patch(&format!("/users/{id}"), &self.key, body).await
    }

    async fn delete(&self, id: &Value) -> Answer {
        self.rest.delete(&format!("/users/{id}"), &self.key).await
    }

    async fn restore(&self, id: &Value) -> Answer {
        let path = format!("/users/trash/{id}");
        self.rest.send(&Method::PATCH, &path, &self.key, Content::Nothing).await
    }

    /// What the native interface says of somebody.
    async fn native(&self, id: &Value) -> Value {
        self.world.call("user/get", &self.admin, json!({"number": id})).await.ok()
    }
}

/// The fields of a new user, which may be others or more.
fn new(name: &str, mut more: Value) -> Value {
    let mut fields = json!({"name": name, "email": format!("{}@example.com", name.to_lowercase()),
        "password": PASSWORD, "role_id": 1});
    fields.as_object_mut().unwrap().append(more.as_object_mut().unwrap());
    fields
}

/// The token in the answer to a login.
#[track_caller]
fn token(answer: &Answer) -> String {
    answer.with_status(200)["token"].as_str().unwrap().to_owned()
}

/// The status and the message of an answer, such as `404 The user was not found, or you may not see it.`
fn told(answer: &Answer) -> String {
    let json = answer.json();
    let message = json["message"].as_str();
    format!("{} {}", answer.status, message.unwrap_or("without a message"))
}

async fn on_each_site(test: impl AsyncFn(Site)) {
    on_each_engine_with(&["--facades=meiro"], async |world| test(Site::new(world).await).await)
        .await;
}

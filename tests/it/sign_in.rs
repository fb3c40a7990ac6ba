//! Signing up and in with an email and a password, and all that goes with it.

mod accounts;
mod cookies;
mod credentials;
mod epochs;
mod fresh;
mod guessing;
mod kills;
mod notices;
mod own_email;
mod own_password;
mod passwords;
mod providers;
mod rotation;
mod security;
mod sessions;
mod shares;
mod sign_up;
mod told;
pub(crate) mod totp;
mod updates;
mod way_back;

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    client::Answer,
    scene::PASSWORD,
    smtp::{Received, letters_in},
    world::{Person, World},
};

/// Somebody who has signed in.
#[derive(Clone, Debug)]
struct Signed {
    access: String,
    refresh: String,
    session: String,
}

impl Signed {
    fn from(reply: &Value) -> Self {
        let text =
            |name: &str| reply[name].as_str().unwrap_or_else(|| panic!("{reply}")).to_owned();
        Self {
            access: text("accessToken"),
            refresh: text("refreshToken"),
            session: text("session"),
        }
    }
}

/// A call without a token; a little later than the one before, so that letters have an order.
async fn call(world: &World, name: &str, body: Value) -> Answer {
    world.advance(Duration::from_millis(1));
    world.client.call(name, "", body).await
}

async fn sign_in(world: &World, email: &str, password: &str) -> Answer {
    call(world, "session/create", json!({"email": email, "password": password})).await
}

async fn signed_in(world: &World, email: &str) -> Signed {
    Signed::from(&sign_in(world, email, PASSWORD).await.ok())
}

/// Signs somebody up whose address is proved by the letter.
async fn signed_up(world: &World, email: &str) -> Signed {
    Signed::from(&world.signed_up(email).await)
}

/// Somebody with a password, who has an account, for whose admins the operator vouches.
async fn registered(world: &World, email: &str) -> (Person, Signed) {
    let signed = signed_up(world, email).await;
    let body = json!({"register": true, "first": "Ada", "last": "Lovelace"});
    let reply = world.client.call("user/login", &signed.access, body).await.ok();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let person = Person {
        token: signed.access.clone(),
        id: text(&reply["user"]["id"]),
        account: text(&reply["account"]["id"]),
    };
    world.manage(&person).await;
    (person, signed)
}

/// All letters so far, the latest last.
async fn letters(world: &World) -> Vec<Received> {
    while world.courier.round().await.unwrap() > 0 {}
    letters_in(world.mail.path())
}

/// The subjects of the letters to an address, the latest last.
async fn subjects(world: &World, to: &str) -> Vec<String> {
    let letters = letters(world).await;
    letters.into_iter().filter(|it| it.to == to).map(|it| it.subject).collect()
}

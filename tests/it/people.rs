//! People who are in several accounts, or in none; and what accounts learn of each other, which is nothing.

mod attacks;
mod first_proof;
mod joining;
mod kills;
mod leaving_for_good;
mod returning;
mod several;
mod sign_ins;
mod signing_out;
mod strangers;

use serde_json::{Value, json};

use crate::support::{
    client::Answer,
    scene::PASSWORD,
    smtp::letters_in,
    world::{Person, World},
};

/// A call with a token that names no account.
async fn nowhere(world: &World, name: &str, token: &str, body: Value) -> Answer {
    world.client.call_in("", name, token, body).await
}

/// A user whom an admin has made for an email; its id.
async fn made(world: &World, admin: &Person, body: Value) -> String {
    world.call("user/create", admin, body).await.ok()["id"].as_str().unwrap().to_owned()
}

/// Somebody who joins an account by an invite with a token.
async fn joins(world: &World, admin: &Person, token: &str, email: &str) -> Person {
    let body = json!({"email": email, "sendInvite": true});
    let invite = world.call("user/create", admin, body).await.ok()["invite"].clone();
    let reply = world.client.call("user/login", token, json!({"invite": invite})).await.ok();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Person {
        token: token.to_owned(),
        id: text(&reply["user"]["id"]),
        account: text(&reply["account"]["id"]),
    }
}

/// The ids of the accounts that a person is in.
async fn own(world: &World, token: &str) -> Vec<String> {
    let reply = world.client.call("account/mine", token, json!({})).await.ok();
    let accounts = reply["accounts"].as_array().unwrap();
    accounts.iter().map(|it| it["account"]["id"].as_str().unwrap().to_owned()).collect()
}

/// The accounts in which a person is expected, as the page shows them.
async fn expected(world: &World, token: &str) -> Vec<Value> {
    let reply = world.client.call("account/mine", token, json!({})).await.ok();
    reply["expected"].as_array().unwrap().clone()
}

/// The code in the latest letter.
async fn latest_code(world: &World) -> String {
    while world.courier.round().await.unwrap() > 0 {}
    letters_in(world.mail.path()).pop().unwrap().code()
}

/// Somebody whose own sign-in has proved the address; the access token.
async fn signed_up(world: &World, email: &str) -> String {
    world.signed_up(email).await["accessToken"].as_str().unwrap().to_owned()
}

async fn signs_in(world: &World, email: &str, password: &str) -> Answer {
    world.advance(std::time::Duration::from_millis(1));
    let body = json!({"email": email, "password": password});
    world.client.call("session/create", "", body).await
}

async fn token_of(world: &World, email: &str) -> String {
    signs_in(world, email, PASSWORD).await.ok()["accessToken"].as_str().unwrap().to_owned()
}

/// An access token for that account, for one of the same session.
async fn token_in(world: &World, account: &str, token: &str) -> String {
    let body = json!({"accountId": account});
    let reply = nowhere(world, "session/token", token, body).await.ok();
    reply["accessToken"].as_str().unwrap().to_owned()
}

//! The sentences that hold in every position and of every move.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{
    moves::{BOB, password},
    position::{Known, Position},
    stage::Stage,
};
use crate::{sign_in::totp::secret, support::tokens::said_by};

/// Mallory's passwords.
const MALLORYS: [&str; 3] = ["mallory-own", "mallory-1", "mallory-2"];

/// The result of looking: what is wrong.
pub(super) type Held = Result<(), String>;

/// A code of an authenticator, of a step that no code was taken of.
pub(super) fn totp(stage: &Stage, text: &str) -> String {
    stage.clock.advance(Duration::from_secs(30));
    secret(text).code(stage.clock.now()).reveal().to_owned()
}

/// Of what Mallory is told: no token says that she reads Bob's mailbox, and nothing names a place of Bob's that
/// is not hers.
pub(super) fn hears(known: &Known, told: &Value) -> Held {
    if let Some(token) = told["accessToken"].as_str() {
        let claims = said_by(token);
        if claims["email"] == BOB && claims["email_verified"] == true {
            return Err(format!("1: Mallory has a token that says {claims}"));
        }
    }
    let text = told.to_string();
    match known.private.iter().find(|id| text.contains(id.as_str())) {
        Some(id) => Err(format!("5: Mallory is told of the account {id}")),
        None => Ok(()),
    }
}

/// Notes that Bob has proved his address: what others had of the sign-in is over.
pub(super) fn proves(known: &mut Known, before: &Position, after: &Position) {
    known.live.clear();
    known.proved = after.sign_in(BOB).map(|sign_in| sign_in.id);
    let Some(old) = before.sign_in(BOB) else { return };
    let users = before.users_of(&old.id);
    for session in known.as_bob.iter_mut().chain(&mut known.own) {
        session.is_over |= session.subject() == old.id;
    }
    for key in &mut known.keys {
        key.is_over |= users.contains(&key.user);
    }
    // One of a kind is enough to see that it stays so.
    let mut seen = BTreeSet::new();
    known.as_bob.retain(|session| !session.is_over || seen.insert(session.subject()));
}

/// Of a move of Mallory's: a sign-in that Bob has proved, and that no account keeps, is as it was.
pub(super) fn spares(before: &Position, after: &Position) -> Held {
    let Some(old) = before.sign_in(BOB).filter(|it| it.verified && !it.kept) else { return Ok(()) };
    let new = after.sign_in(BOB);
    let new = new.ok_or_else(|| format!("4: Bob's sign-in {} is gone", old.id))?;
    if (&old.id, &old.guarded) != (&new.id, &new.guarded) {
        return Err(format!("4: Bob's sign-in was {old:?} and is {new:?}"));
    }
    let ended = &before.sessions(&old.id) - &after.sessions(&old.id);
    if ended.is_empty() {
        Ok(())
    } else {
        Err(format!("4: sessions of Bob's have ended: {ended:?}"))
    }
}

/// Looks at copies of a position.
pub(super) async fn hold(stage: &Stage, position: &Position) -> Held {
    stage.load(&position.items, position.now);
    is_over(stage, position).await?;
    is_not_verified(stage, position).await?;
    comes_back(stage, position).await
}

/// What is over opens nothing, and nothing is signed in with that was a password before the proof.
async fn is_over(stage: &Stage, position: &Position) -> Held {
    let known = &position.known;
    let over = known.as_bob.iter().chain(&known.own).filter(|session| session.is_over);
    for session in over {
        let claims = said_by(&session.access);
        let body = json!({"refreshToken": session.refresh});
        if let Ok(reply) = stage.call("session/refresh", ("", None), body).await {
            return Err(format!("2: a session of before is refreshed: {claims} gives {reply}"));
        }
        for name in ["account/mine", "user/get"] {
            if let Ok(reply) = stage.call(name, (&session.access, None), json!({})).await {
                return Err(format!("2: a token of before makes {name}: {claims} gives {reply}"));
            }
        }
    }
    for key in known.keys.iter().filter(|key| key.is_over) {
        if let Ok(reply) = stage.call("account/get", (&key.key, None), json!({})).await {
            return Err(format!("2: a key of before is good: {reply}"));
        }
    }
    let now = position.sign_in(BOB).map(|sign_in| sign_in.id);
    if now.is_none() || now != known.proved {
        return Ok(());
    }
    for name in MALLORYS {
        if known.live.contains(name) {
            continue;
        }
        let body = json!({"email": BOB, "password": password(name)});
        let outcome = stage.call("session/create", ("", None), body).await;
        if !outcome.as_ref().is_err_and(|why| why.starts_with("invalid_credentials")) {
            return Err(format!("2: the password {name} of before is good: {outcome:?}"));
        }
    }
    Ok(())
}

/// Nothing that Mallory can get with what she has says that she reads Bob's mailbox.
async fn is_not_verified(stage: &Stage, position: &Position) -> Held {
    let known = &position.known;
    let mut told = Vec::new();
    for session in known.as_bob.iter().chain(&known.own).filter(|session| !session.is_over) {
        let body = json!({"refreshToken": session.refresh});
        told.push(stage.call("session/refresh", ("", None), body).await);
    }
    for name in MALLORYS {
        let mut body = json!({"email": BOB, "password": password(name)});
        if let Some(secret) = &known.totp {
            body["totp"] = Value::from(totp(stage, secret));
        }
        told.push(stage.call("session/create", ("", None), body).await);
    }
    // Codes that she was shown are for invites, and not from a letter.
    for code in &known.shown {
        let body = json!({"code": code, "password": password("mallory-1")});
        told.push(stage.call("identity/verify", ("", None), body).await);
    }
    told.iter().flatten().try_for_each(|told| hears(known, told))
}

/// Bob, who reads his mailbox, has a proved sign-in whenever he likes, alone.
async fn comes_back(stage: &Stage, position: &Position) -> Held {
    stage.load(&position.items, position.now);
    let wrong = |what: &str, why: String| format!("3: Bob does not come back: {what}: {why}");
    let back = password("bob-back");
    let body = json!({"email": BOB});
    let asked = stage.call("password/forgot", ("", None), body).await;
    asked.map_err(|why| wrong("password/forgot", why))?;
    let code = code_of(stage, "reset").await;
    if let Some(code) = code {
        let body = json!({"code": code, "newPassword": back});
        let reset = stage.call("password/reset", ("", None), body).await;
        reset.map_err(|why| wrong("password/reset", why))?;
    } else if position.sign_in(BOB).is_some() {
        return Err(wrong("password/forgot", "no letter comes".to_owned()));
    } else {
        let body = json!({"email": BOB, "password": back});
        let asked = stage.call("identity/create", ("", None), body).await;
        asked.map_err(|why| wrong("identity/create", why))?;
        let code = code_of(stage, "verify").await.ok_or_else(|| wrong("no code", String::new()))?;
        let body = json!({"code": code, "password": back});
        let proved = stage.call("identity/verify", ("", None), body).await;
        proved.map_err(|why| wrong("identity/verify", why))?;
    }
    let body = json!({"email": BOB, "password": back});
    let signed_in = stage.call("session/create", ("", None), body).await;
    let reply = signed_in.map_err(|why| wrong("session/create", why))?;
    let claims = said_by(reply["accessToken"].as_str().unwrap());
    if claims["email"] != BOB || claims["email_verified"] != true {
        return Err(wrong("the token says", claims.to_string()));
    }
    let (items, now) = stage.items();
    let mut after = Position { items, now, ..position.clone() };
    let mut known = (*position.known).clone();
    proves(&mut known, position, &after);
    after.known = Arc::new(known);
    is_over(stage, &after).await.map_err(|why| format!("{why}\n  after Bob has come back"))
}

async fn code_of(stage: &Stage, link: &str) -> Option<String> {
    let letters = stage.post().await;
    letters.into_iter().find(|letter| letter.to == BOB && letter.link == link).map(|it| it.code)
}

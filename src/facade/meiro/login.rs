//! `users/login`: signing in, staying signed in, signing out.

use serde::de::IgnoredAny;
use serde_json::json;

use super::{Fields, Native, Request, Response, Shown, token::Tokens};
use crate::error::{Code, Error, Result};

/// `POST users/login`: a token for whoever knows the password.
pub(super) async fn log_in(native: Native<'_>, request: &Request) -> Result<Response> {
    let mut fields = Fields::of(request, &["email", "password", "totp"])?;
    fields.require(&["email", "password"]);
    let (email, password) = (fields.text("email"), fields.text("password"));
    let totp = fields.text_or_null("totp");
    let body = fields.end(Some(json!({"email": email, "password": password, "totp": totp})))?;
    let tokens: Tokens = native.call("session/create", body).await?;
    let access = tokens.access();
    let client = native.showing(&access);
    let inside = native.of(&client);
    // Natively two steps; the second one notes the login.
    match inside.call::<IgnoredAny>("user/login", json!({})).await {
        Ok(_) => Ok(reply(&tokens)),
        Err(error) => {
            // Nobody has got the token, so that nothing is lost if this fails as well.
            end(inside).await.unwrap_or_else(|error| error.log());
            Err(error)
        }
    }
}

/// `PATCH users/login`: a new token for one that is over, or soon will be.
pub(super) async fn renew(native: Native<'_>, shown: &Shown) -> Result<Response> {
    renewed(native, shown).await.map(|tokens| reply(&tokens))
}

/// `DELETE users/login`: the end of the session that the token is of.
pub(super) async fn log_out(native: Native<'_>, shown: &Shown) -> Result<Response> {
    shown.anything()?;
    match end(native).await {
        Err(error) if error.code() == Code::Unauthenticated && shown.refresh.is_some() => {
            let tokens = renewed(native, shown).await?;
            end(native.of(&native.showing(&tokens.access()))).await?;
        }
        ended => ended?,
    }
    Ok(Response::json(200, &json!({})))
}

async fn end(native: Native<'_>) -> Result<()> {
    match native.call::<IgnoredAny>("session/remove", json!({})).await {
        Err(error) if error.code() == Code::ValidationFailed => {
            let why = "This token is of no session that could end: only what POST /users/login \
                       gives is.";
            Err(Error::new(Code::ValidationFailed, why))
        }
        ended => ended.map(|_| ()),
    }
}

async fn renewed(native: Native<'_>, shown: &Shown) -> Result<Tokens> {
    let refresh = shown.refresh.as_ref().ok_or_else(|| shown.not_renewable())?;
    let tokens = native.call("session/refresh", json!({"refreshToken": refresh})).await;
    tokens.map_err(|error| {
        // It is not even of the form of a refresh token.
        if error.code() == Code::ValidationFailed { shown.not_renewable() } else { error }
    })
}

fn reply(tokens: &Tokens) -> Response {
    Response::json(200, &json!({"token": tokens.joined()}))
}

//! Signing out, also for somebody who is no user, is kept out, or has no access token any more.

use serde_json::Value;

use super::{
    Client,
    call::{Request, calling, context, own_reply, read},
};
use crate::{
    caller::Caller,
    contract::{self, Admission, Endpoint},
    error::{Code, Error, Result},
    handlers::{Cx, session},
    redact::Reply,
};

/// Signs out a caller who asks for nothing else, and who cannot be identified as a user because of that error: one who is
/// admitted to no account, or who no longer has an access token, but the cookie.
pub(super) async fn sign_out_all_the_same(
    client: &Client<'_>,
    endpoint: &Endpoint,
    mut request: Request,
    error: Error,
) -> Result<Reply> {
    let is_shut_out = matches!(
        error.code(),
        Code::AccountRequired
            | Code::NotRegistered
            | Code::ReauthenticationRequired
            | Code::Suspended
    );
    let names_others = request.body.keys().any(|name| name != "session");
    if is_shut_out && !names_others {
        let caller = client.caller(Admission::Identity).await?;
        let named = request.body.get("session").filter(|named| !named.is_null());
        return if named.is_none_or(|named| is_own_session(&caller, named)) {
            sign_out_by_token(client, endpoint, caller, request).await
        } else {
            Err(error)
        };
    }
    if error.code() != Code::Unauthenticated || names_others {
        return Err(error);
    }
    let Ok(cookie) = std::mem::take(&mut request.browser).cookie() else { return Err(error) };
    let Some(token) = cookie.token.clone() else { return Err(error) };
    let origin = (request.address, request.agent.take());
    let cx = context(client.app(), Caller::Anonymous, endpoint, origin);
    let cx = Cx { cookie: Some(cookie), ..cx };
    Ok(own_reply(endpoint, session::remove_held(&cx, &token, read(request)?).await?))
}

/// Ends the session that the client's token is of, as `session/remove` does; but also for somebody who is no
/// user, is kept out, or is in several accounts. The request's fields do not count.
///
/// # Errors
/// `unauthenticated`; `forbidden` for an API key; `validation_failed` for a token of no session.
pub async fn sign_out(client: &Client<'_>, request: Request) -> Result<Reply> {
    let endpoint = contract::endpoint("session/remove")?;
    let caller = client.caller(Admission::Identity).await?;
    sign_out_by_token(client, endpoint, caller, request).await
}

async fn sign_out_by_token(
    client: &Client<'_>,
    endpoint: &Endpoint,
    caller: Caller,
    request: Request,
) -> Result<Reply> {
    client.record(&caller);
    let Request { address, agent, browser, .. } = request;
    let cx = context(client.app(), caller, endpoint, (address, agent));
    let cx = Cx { cookie: browser.cookie().ok(), ..cx };
    let ended = session::remove_own(&cx, calling(&cx)?).await;
    client.forget();
    Ok(own_reply(endpoint, ended?))
}

/// Whether the value names the session that the caller's token is of.
fn is_own_session(caller: &Caller, named: &Value) -> bool {
    let Caller::Identity(identity) = caller else { return false };
    identity.session.is_some_and(|own| named.as_str() == Some(own.to_string().as_str()))
}

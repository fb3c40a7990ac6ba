//! `users/login`: signing in, staying signed in, signing out.

use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;

use super::{
    Fields, Native, Request, Response, Shown,
    token::{Exchanged, Tokens},
};
use crate::{
    error::{Code, Error, Result},
    model::id::AccountId,
};

/// What the native login replies, as far as it matters here.
#[derive(Deserialize)]
struct Entered {
    account: Account,
}

#[derive(Deserialize)]
struct Account {
    id: AccountId,
}

/// What the native interface replies of the accounts that somebody is in, as far as it matters here.
#[derive(Deserialize)]
struct Mine {
    accounts: Vec<IgnoredAny>,
}

/// What somebody signs in to.
struct Goal {
    /// The account, if it is said; else the person's only one.
    account: Option<AccountId>,
    /// Whether somebody joins who is expected there.
    joins: bool,
}

/// `POST users/login`: a token for a person who knows the password, and for one account: the `site`'s, the one
/// that the request names, or the only one of the person.
pub(super) async fn log_in(
    native: Native<'_>,
    site: Option<AccountId>,
    request: &Request,
) -> Result<Response> {
    let mut fields = Fields::of(request, &["email", "password", "totp", "account_id"])?;
    fields.require(&["email", "password"]);
    let (email, password) = (fields.text("email"), fields.text("password"));
    let (totp, named) = (fields.text_or_null("totp"), fields.account("account_id"));
    let body = fields.end(Some(json!({"email": email, "password": password, "totp": totp})))?;
    let goal = Goal::of(site, named)?;
    let tokens: Tokens = native.call("session/create", body).await?;
    // Natively two steps; the second one notes the login.
    let access = tokens.access();
    let client = native.showing(&access);
    match enter(native.of(&client), tokens, &goal).await {
        Ok((account, tokens)) => Ok(reply(&tokens, Some(account))),
        Err(error) => {
            // Nobody has got the token, so that nothing is lost if this fails as well.
            let ended = end(native.of(&client)).await;
            ended.unwrap_or_else(|error| error.log());
            Err(error)
        }
    }
}

impl Goal {
    /// # Errors
    /// `account_mismatch`
    fn of(site: Option<AccountId>, named: Option<AccountId>) -> Result<Self> {
        match (site, named) {
            (Some(site), Some(named)) if site != named => {
                let why = "People sign in to one account here, and account_id is another one's; \
                           leave it out.";
                Err(Error::new(Code::AccountMismatch, why))
            }
            (Some(site), _) => Ok(Self { account: Some(site), joins: true }),
            // It may come from a link that somebody else has made, and so is nobody's consent.
            (None, Some(named)) => Ok(Self { account: Some(named), joins: false }),
            (None, None) => Ok(Self { account: None, joins: true }),
        }
    }
}

/// Logs in the person with these tokens; the account, and tokens for that.
async fn enter(native: Native<'_>, tokens: Tokens, goal: &Goal) -> Result<(AccountId, Tokens)> {
    let Some(account) = goal.account else { return enter_only(native, tokens).await };
    let body = json!({"accountId": account});
    match exchange(native, account).await {
        Err(error) if error.code() == Code::NotRegistered && goal.joins => {
            let Entered { account } = native.call("user/login", body).await?;
            let exchanged = exchange(native, account.id).await?;
            Ok((account.id, tokens.with(exchanged)))
        }
        exchanged => {
            let tokens = tokens.with(exchanged?);
            let Entered { account } = native.call("user/login", body).await?;
            Ok((account.id, tokens))
        }
    }
}

/// The same in the only account of the person, or the one that it joins.
async fn enter_only(native: Native<'_>, tokens: Tokens) -> Result<(AccountId, Tokens)> {
    let mine: Mine = native.call("account/mine", json!({})).await?;
    if mine.accounts.len() > 1 {
        let why = "You are in several accounts; send the id of one as account_id.";
        return Err(Error::new(Code::AccountRequired, why));
    }
    let Entered { account } = native.call("user/login", json!({})).await?;
    if tokens.account_id == Some(account.id) {
        return Ok((account.id, tokens));
    }
    let exchanged = exchange(native, account.id).await?;
    Ok((account.id, tokens.with(exchanged)))
}

/// An access token for that account.
async fn exchange(native: Native<'_>, account: AccountId) -> Result<Exchanged> {
    native.call("session/token", json!({"accountId": account})).await
}

/// `PATCH users/login`: a new token for one that is over, or soon will be.
pub(super) async fn renew(native: Native<'_>, shown: &Shown) -> Result<Response> {
    shown.one_account()?;
    renewed(native, shown, shown.account).await.map(|tokens| reply(&tokens, shown.account))
}

/// `DELETE users/login`: the end of the session that the token is of.
pub(super) async fn log_out(native: Native<'_>, shown: &Shown) -> Result<Response> {
    shown.anything()?;
    shown.one_account()?;
    match end(native).await {
        Err(error) if error.code() == Code::Unauthenticated && shown.refresh.is_some() => {
            // A person whom the account does not admit can still log out.
            let tokens = renewed(native, shown, None).await?;
            end(native.of(&native.showing(&tokens.access()))).await?;
        }
        ended => ended?,
    }
    Ok(Response::json(200, &json!({})))
}

async fn end(native: Native<'_>) -> Result<()> {
    match native.sign_out().await {
        Err(error) if matches!(error.code(), Code::Forbidden | Code::ValidationFailed) => {
            let why = "This token is of no session that could end: only what POST /users/login \
                       gives is.";
            Err(Error::new(Code::ValidationFailed, why))
        }
        ended => ended,
    }
}

async fn renewed(native: Native<'_>, shown: &Shown, account: Option<AccountId>) -> Result<Tokens> {
    let refresh = shown.refresh.as_ref().ok_or_else(|| shown.not_renewable())?;
    let body = json!({"refreshToken": refresh, "accountId": account});
    let tokens = native.call("session/refresh", body).await;
    tokens.map_err(|error| {
        // It is not even of the form of a refresh token.
        if error.code() == Code::ValidationFailed { shown.not_renewable() } else { error }
    })
}

fn reply(tokens: &Tokens, account: Option<AccountId>) -> Response {
    Response::json(200, &json!({"token": tokens.joined(account)}))
}

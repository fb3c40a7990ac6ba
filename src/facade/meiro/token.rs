//! Tokens as Meiro's clients hold them: one text, which they send along, renew and give back.
//!
//! A person who has signed in has two natively: an access token, which soon expires, and a refresh token. Here
//! both are one, with a [`JOINT`] between them, and behind another one the account that was signed in to.

use serde::Deserialize;

use super::Request;
use crate::{
    api::Credentials,
    error::{Code, Error, Result},
    model::id::AccountId,
};

/// None of the parts has it inside.
const JOINT: char = '~';

/// What a request shows, taken apart.
pub(super) struct Shown {
    /// For calls: an API key or an access token, and the account that they are about.
    pub(super) access: Credentials,
    /// What renews the access token.
    pub(super) refresh: Option<String>,
    /// The account that the token was made for.
    pub(super) account: Option<AccountId>,
    /// Whether the request says that it is about another account than its token is for.
    contradicts_itself: bool,
}

/// What the native interface gives a person who has signed in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tokens {
    access_token: String,
    refresh_token: String,
    /// The account that the access token is for.
    pub(super) account_id: Option<AccountId>,
}

/// Another access token.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Exchanged {
    access_token: String,
    account_id: Option<AccountId>,
}

impl Shown {
    pub(super) fn by(request: &Request) -> Self {
        match &request.credentials {
            Credentials::Token { token, account } => Self::token(token, *account),
            Credentials::None | Credentials::Operator => Self {
                access: Credentials::None,
                refresh: None,
                account: None,
                contradicts_itself: false,
            },
        }
    }

    /// A token, in a request that says that it is about the account `named`.
    fn token(token: &str, named: Option<AccountId>) -> Self {
        let (access, refresh, account) = parts(token);
        let shown = Credentials::Token { token: access.to_owned(), account: account.or(named) };
        Self {
            access: shown,
            refresh: refresh.map(str::to_owned),
            account,
            contradicts_itself: account.is_some() && named.is_some() && account != named,
        }
    }

    /// # Errors
    /// `unauthenticated` if there is no token at all.
    pub(super) fn anything(&self) -> Result<()> {
        match self.access {
            Credentials::None => {
                let why = "Send a token in the header X-Access-Token: an API key, or what \
                           POST /users/login gives.";
                Err(Error::new(Code::Unauthenticated, why))
            }
            Credentials::Token { .. } | Credentials::Operator => Ok(()),
        }
    }

    /// # Errors
    /// `account_mismatch` if the request names another account than its token is for.
    pub(super) fn one_account(&self) -> Result<()> {
        if self.contradicts_itself {
            let why = "This token is for another account than X-Account-Id names; leave the header \
                       out, or sign in to that one.";
            return Err(Error::new(Code::AccountMismatch, why));
        }
        Ok(())
    }

    /// Nothing is here that renews the token.
    pub(super) fn not_renewable(&self) -> Error {
        self.anything().err().unwrap_or_else(|| {
            let why = "This token cannot be renewed: only what /users/login gives can be.";
            Error::new(Code::Unauthenticated, why)
        })
    }
}

/// The parts of a token; what is joined otherwise than here is taken as one.
fn parts(token: &str) -> (&str, Option<&str>, Option<AccountId>) {
    let Some((access, rest)) = token.split_once(JOINT) else { return (token, None, None) };
    match rest.split_once(JOINT) {
        None => (access, Some(rest), None),
        Some((refresh, account)) => match AccountId::parse(account) {
            Some(account) => (access, Some(refresh), Some(account)),
            None => (token, None, None),
        },
    }
}

impl Tokens {
    /// As one text, for that account.
    pub(super) fn joined(&self, account: Option<AccountId>) -> String {
        let both = format!("{}{JOINT}{}", self.access_token, self.refresh_token);
        match account {
            Some(account) => format!("{both}{JOINT}{account}"),
            None => both,
        }
    }

    /// The access token, which is for an account by itself.
    pub(super) fn access(&self) -> Credentials {
        Credentials::Token { token: self.access_token.clone(), account: None }
    }

    /// The same with another access token.
    pub(super) fn with(self, exchanged: Exchanged) -> Self {
        let Exchanged { access_token, account_id } = exchanged;
        Self { access_token, account_id, ..self }
    }
}

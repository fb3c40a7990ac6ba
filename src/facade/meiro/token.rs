//! Tokens as Meiro's clients hold them: one text, which they send along, renew and give back.
//!
//! Whoever has signed in has two natively: an access token, which is soon over, and a refresh token.
//! Here both are one, with a [`JOINT`] between them.

use serde::Deserialize;

use super::Request;
use crate::{
    api::Credentials,
    error::{Code, Error, Result},
};

/// Neither of the two has it inside.
const JOINT: char = '~';

/// What a request shows, taken apart.
pub(super) struct Shown {
    /// For calls: an API key or an access token.
    pub(super) access: Credentials,
    /// What renews the access token.
    pub(super) refresh: Option<String>,
}

/// What the native interface gives whoever has signed in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tokens {
    access_token: String,
    refresh_token: String,
}

impl Shown {
    pub(super) fn by(request: &Request) -> Self {
        match &request.credentials {
            Credentials::Token(token) => Self::token(token),
            Credentials::None | Credentials::Operator => {
                Self { access: Credentials::None, refresh: None }
            }
        }
    }

    fn token(token: &str) -> Self {
        let (access, refresh) = match token.split_once(JOINT) {
            Some((access, refresh)) => (access, Some(refresh.to_owned())),
            None => (token, None),
        };
        Self { access: Credentials::Token(access.to_owned()), refresh }
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
            Credentials::Token(_) | Credentials::Operator => Ok(()),
        }
    }

    /// Nothing is here that renews the token.
    pub(super) fn not_renewable(&self) -> Error {
        self.anything().err().unwrap_or_else(|| {
            let why = "This token cannot be renewed: only what /users/login gives can be.";
            Error::new(Code::Unauthenticated, why)
        })
    }
}

impl Tokens {
    pub(super) fn joined(&self) -> String {
        format!("{}{JOINT}{}", self.access_token, self.refresh_token)
    }

    pub(super) fn access(&self) -> Credentials {
        Credentials::Token(self.access_token.clone())
    }
}

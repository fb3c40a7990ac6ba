//! From what a request shows to who makes the call.

use crate::{
    app::App,
    auth::VerifyError,
    caller::{Caller, CallingUser},
    contract::Admission,
    error::{Code, Error, Result},
    model::key,
    role::Role,
    store::LoginRefusal,
};

/// What a request shows.
pub enum Credentials {
    /// Nothing.
    None,
    /// An identity token or an API key.
    Token(String),
    /// That it comes from the command line of the machine itself.
    Operator,
}

/// Who makes a call that admits `admission`; no more is found out than the call needs.
///
/// # Errors
/// `unauthenticated`, `not_registered`, `suspended`, `forbidden`, `unavailable`.
pub(super) async fn caller(app: &App, admission: Admission, shown: &Credentials) -> Result<Caller> {
    let token = match (admission, shown) {
        (_, Credentials::Operator) => return Ok(Caller::Operator),
        (Admission::Anyone | Admission::Role(Role::Public), _) => return Ok(Caller::Anonymous),
        (_, Credentials::None) => {
            let why = "Send a token: Authorization: Bearer <identity token or API key>.";
            return Err(Error::new(Code::Unauthenticated, why));
        }
        (Admission::Identity | Admission::Role(_), Credentials::Token(token)) => token,
    };
    if token.starts_with(key::PREFIX) {
        return key_caller(app, admission, token).await;
    }
    let identity = app.verifier.verify(token).await.map_err(refused)?;
    if !app.store.session_lives(&identity).await? {
        let why = "The session of this token has ended; sign in again.";
        return Err(Error::new(Code::Unauthenticated, why));
    }
    if admission == Admission::Identity {
        return Ok(Caller::Identity(identity));
    }
    match app.store.calling_user(&identity).await? {
        Ok(user) => Ok(Caller::User(CallingUser { session: identity.session, ..user })),
        Err(LoginRefusal::NotRegistered) => {
            let why = "You are no user here yet; call user/login with an invite or to register.";
            Err(Error::new(Code::NotRegistered, why))
        }
        Err(refusal) => Err(refusal.into()),
    }
}

async fn key_caller(app: &App, admission: Admission, token: &str) -> Result<Caller> {
    let Some(key) = app.store.calling_key(token).await? else {
        let why = "This API key is unknown, has expired or was removed.";
        return Err(Error::new(Code::Unauthenticated, why));
    };
    if admission == Admission::Identity {
        let why = "An API key is nobody who could log in; send an identity token.";
        return Err(Error::new(Code::Forbidden, why));
    }
    Ok(Caller::Key(key))
}

fn refused(error: VerifyError) -> Error {
    match error {
        VerifyError::Rejected(rejected) => {
            let mut why = rejected.to_string();
            if let Some(first) = why.get_mut(0..1) {
                first.make_ascii_uppercase();
            }
            Error::new(Code::Unauthenticated, format!("{why}."))
        }
        VerifyError::Unavailable { retry_after } => {
            Error::unavailable(error).retry_after(retry_after)
        }
    }
}

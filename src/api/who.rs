//! From what a request shows to who makes its calls.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use crate::{
    app::App,
    auth::{Identity, VerifyError},
    caller::{Caller, CallingKey, CallingUser},
    contract::Admission,
    error::{Code, Error, Result},
    model::{id::AccountId, key},
    role::Role,
    store::ledger::guard::FreshCheck,
};

/// What a request shows.
pub enum Credentials {
    /// Nothing.
    None,
    /// An identity token or an API key.
    Token {
        /// It.
        token: String,
        /// The account that the request is about, if it says so.
        account: Option<AccountId>,
    },
    /// That it comes from the command line of the machine itself.
    Operator,
}

impl Credentials {
    /// The same with another token in place of the one that is shown.
    #[must_use]
    pub(crate) fn map_token(self, other: impl FnOnce(&str) -> &str) -> Self {
        match self {
            Self::Token { token, account } => {
                Self::Token { token: other(&token).to_owned(), account }
            }
            Self::None | Self::Operator => self,
        }
    }
}

/// The sender of a request that may take several calls. The user or key behind its token is found out
/// once, and once more after each call that may have changed it; whether it may make a call is asked
/// of each call.
pub struct Client<'a> {
    app: &'a App,
    credentials: &'a Credentials,
    /// The user or key, once that is known, and how to see whether the person has shown a credential just now.
    known: Mutex<Option<(Caller, FreshCheck)>>,
    /// Whether the log tells who calls.
    is_recorded: AtomicBool,
}

impl<'a> Client<'a> {
    /// The sender of a request that shows these.
    pub const fn new(app: &'a App, credentials: &'a Credentials) -> Self {
        Self { app, credentials, known: Mutex::new(None), is_recorded: AtomicBool::new(false) }
    }

    /// Another client of the same app, which shows these.
    #[must_use]
    pub const fn showing(&self, credentials: &'a Credentials) -> Self {
        Self::new(self.app, credentials)
    }

    pub(super) const fn app(&self) -> &'a App {
        self.app
    }

    /// Who makes a call that admits `admission`; no more is found out than the call needs.
    ///
    /// # Errors
    /// `unauthenticated`, `not_registered`, `suspended`, `forbidden`, `account_required`,
    /// `account_mismatch`, `unavailable`.
    pub(super) async fn caller(&self, admission: Admission) -> Result<Caller> {
        self.caller_and_check(admission).await.map(|(caller, _)| caller)
    }

    /// The same, and how a step sees whether the person has shown a credential just now.
    ///
    /// # Errors
    /// Those of [`Client::caller`].
    pub(super) async fn caller_and_check(
        &self,
        admission: Admission,
    ) -> Result<(Caller, FreshCheck)> {
        let alone = |caller| Ok((caller, FreshCheck::Done));
        match (admission, self.credentials) {
            (_, Credentials::Operator) => alone(Caller::Operator),
            (Admission::Anyone | Admission::Role(Role::Public), _) => alone(Caller::Anonymous),
            (_, Credentials::None) => {
                let why = "Send a token: Authorization: Bearer TOKEN, with an access token, an identity token or an \
                    API key.";
                Err(Error::new(Code::Unauthenticated, why))
            }
            (Admission::Identity, Credentials::Token { token, .. }) => {
                alone(identity(self.app, token).await?)
            }
            (Admission::Role(_), Credentials::Token { token, account }) => {
                self.user_or_key(token, *account).await
            }
        }
    }

    async fn user_or_key(
        &self,
        token: &str,
        account: Option<AccountId>,
    ) -> Result<(Caller, FreshCheck)> {
        let known = self.known().clone();
        if let Some(known) = known {
            return Ok(known);
        }
        let found = user_or_key(self.app, token, account).await?;
        *self.known() = Some(found.clone());
        Ok(found)
    }

    /// That the person has shown a credential just now; keys and operators need not.
    ///
    /// # Errors
    /// `reauthentication_required`, which says how to show one; `forbidden` where there is no way to.
    pub(super) async fn require_fresh_sign_in(&self) -> Result<()> {
        let Credentials::Token { token, .. } = self.credentials else { return Ok(()) };
        if token.starts_with(key::PREFIX) {
            return Ok(());
        }
        let identity = self.app.verifier.verify(token).await.map_err(refused)?;
        Ok(self.app.store.check_fresh(&FreshCheck::Token(identity)).await?)
    }

    /// Has the request's span say who calls. Once is enough: whatever is recorded makes each further line longer.
    pub(super) fn record(&self, caller: &Caller) {
        if !self.is_recorded.swap(true, Ordering::Relaxed) {
            tracing::Span::current().record("caller", tracing::field::display(caller));
        }
    }

    /// The user or key may be another one from now on, or have another role.
    pub(super) fn forget(&self) {
        *self.known() = None;
    }

    fn known(&self) -> MutexGuard<'_, Option<(Caller, FreshCheck)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The identity that a token proves, whether or not it is a user's.
async fn identity(app: &App, token: &str) -> Result<Caller> {
    if token.starts_with(key::PREFIX) {
        calling_key(app, token).await?;
        let why = "An API key cannot sign in; send the token of a person.";
        return Err(Error::new(Code::Forbidden, why));
    }
    let identity = app.verifier.verify(token).await.map_err(refused)?;
    let presence = app.store.presence(&identity).await?;
    if identity.presence == presence {
        return Ok(Caller::Identity(identity));
    }
    Ok(Caller::Identity(Arc::new(Identity { presence, ..(*identity).clone() })))
}

async fn user_or_key(
    app: &App,
    token: &str,
    account: Option<AccountId>,
) -> Result<(Caller, FreshCheck)> {
    if token.starts_with(key::PREFIX) {
        let key = calling_key(app, token).await?;
        if account.is_some_and(|account| account != key.account) {
            let why = "This API key belongs to a different account than the one in X-Account-Id; leave the header \
                       out.";
            return Err(Error::new(Code::AccountMismatch, why));
        }
        return Ok((Caller::Key(key), FreshCheck::Done));
    }
    let identity = app.verifier.verify(token).await.map_err(refused)?;
    let user = match identity.member {
        Some((own, _)) if account.is_some_and(|account| account != own) => {
            let why = "This token is for a different account than the one in X-Account-Id; get a token for that \
                       account with session/token, or leave the header out.";
            return Err(Error::new(Code::AccountMismatch, why));
        }
        Some(member) => app.store.calling_member(&identity, member).await?,
        None => {
            let presence = app.store.presence(&identity).await?;
            app.store.calling_user(&identity.key, &presence, account).await?
        }
    };
    let user = user.map_err(Error::from)?;
    let caller = Caller::User(CallingUser {
        session: identity.session,
        auth_time: identity.auth_time,
        ..user
    });
    Ok((caller, FreshCheck::Token(identity)))
}

async fn calling_key(app: &App, token: &str) -> Result<CallingKey> {
    app.store.calling_key(token).await?.ok_or_else(|| {
        let why = "This API key is not valid: it is unknown, has expired, was removed, or ended when its user lost \
            the role. Create a new one.";
        Error::new(Code::Unauthenticated, why)
    })
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

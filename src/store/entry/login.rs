//! Logging in: in which account an identity is to be, and the ways in for somebody new.

use std::time::Duration;

use crate::{
    auth::identity::Identity,
    clock::Timestamp,
    model::{
        account::Account,
        id::AccountId,
        user::{Member, User},
        user_text::UserText,
    },
    store::{
        By, Conflict, Error, LoginRefusal, Result, Store,
        counts::days,
        entry::{
            guest::{Guest, LoggedIn, Login},
            register::Registering,
        },
        find::{memberships::MAX_ACCOUNTS, select},
        ledger::{
            commit::Committed,
            guard::{let_in, signed_in_since, standing_of},
            layout,
            step::Step,
        },
    },
    table,
};

/// How much later than the noted activity the next one is noted.
const ACTIVITY_INTERVAL: Duration = Duration::from_mins(10);

impl Store {
    /// Logs an identity in.
    pub(crate) async fn login(
        &self,
        by: &By,
        identity: &Identity,
        login: &Login,
    ) -> Result<LoggedIn> {
        self.login_with(by, identity, login, &Step::default()).await
    }

    /// Logs an identity in that `enrolment` makes in the same step.
    pub(super) async fn login_with(
        &self,
        by: &By,
        identity: &Identity,
        login: &Login,
        enrolment: &Step,
    ) -> Result<LoggedIn> {
        let guest = Guest { by, identity, login, enrolment };
        self.attempt(|| Box::pin(self.try_login(guest))).await
    }

    /// One try; `None` if a race was lost.
    async fn try_login(&self, guest: Guest<'_>) -> Result<Option<LoggedIn>> {
        if let Some(code) = &guest.login.invite {
            return self.accept_invite(guest, code).await;
        }
        if let Some(account) = guest.login.account {
            return self.enter(guest, account).await;
        }
        if let Some(done) = self.enter_latest(guest).await? {
            return Ok(Some(done));
        }
        if guest.login.register {
            return self.try_register(guest, Registering::First).await;
        }
        self.join_where_expected(guest).await
    }

    /// The account that a person names: as the user there, or as the one who is expected there, which is
    /// the person's consent. Whatever stands in the way is one answer.
    async fn enter(&self, guest: Guest<'_>, account: AccountId) -> Result<Option<LoggedIn>> {
        let bound: Option<UserText> = self.bound_user(account, &guest.identity.key).await?;
        let done = match bound {
            Some(user) => self.log_in_again(guest, user).await.map(Some),
            None => self.join_expected(guest, account).await,
        };
        done.map_err(as_not_registered)
    }

    /// The account of an identity, of several the one with the latest activity among those that are open;
    /// `None` if it is in no account.
    async fn enter_latest(&self, guest: Guest<'_>) -> Result<Option<LoggedIn>> {
        let Identity { presence, member, .. } = guest.identity;
        let claims = self.memberships(&guest.identity.key, MAX_ACCOUNTS).await?;
        if let [claim] = claims.as_slice() {
            let user: Option<UserText> =
                self.load(layout::live_user(claim.account_id, claim.user_id)).await?;
            return match user {
                Some(user) => self.log_in_again(guest, user).await.map(Some),
                // Removed at this very moment.
                None => Err(Error::Login(LoginRefusal::NotRegistered)),
            };
        }
        let mut users = self.claimed_users_with_accounts(&claims).await?;
        // The one that the token is for comes first.
        let is_other = |user: &User| member.is_none_or(|(account, _)| account != user.account_id);
        users.sort_by_key(|(user, _)| (is_other(user), std::cmp::Reverse(user.activity)));
        let is_open = |(user, account): &&(User, Option<Account>)| {
            let_in(presence, user, account.as_ref()).is_ok()
        };
        match users.iter().find(is_open).or_else(|| users.first()) {
            Some((user, _)) => self.log_in_again(guest, select::shown(user)?).await.map(Some),
            None => Ok(None),
        }
    }

    /// A user who has been here before; the activity is noted now and then.
    async fn log_in_again(&self, guest: Guest<'_>, user: UserText) -> Result<LoggedIn> {
        standing_of(user.state).map_err(Error::Login)?;
        let account = self.open_account(user.account_id).await?;
        let signed_out = [user.member(Member::SignedOut), account.signed_out];
        signed_in_since(&guest.identity.presence, user.account_id, signed_out)
            .map_err(Error::Login)?;
        let now = self.now();
        // Each day has a login of its own.
        let recent =
            |noted: Timestamp| now.since(noted) < ACTIVITY_INTERVAL && noted.date() == now.date();
        if user.member(Member::Activity).is_some_and(recent) {
            return Ok(LoggedIn { account, user });
        }
        let before = select::whole(&user)?;
        let mut after = User { version: before.version + 1, ..before.clone() };
        after.note_login(now);
        let mut step = Step::default();
        step.replace(layout::user_item(&after, after.version)?, before.version);
        days::count(&mut step, Some(&before), &after);
        match self.commit(step).await {
            Ok(Committed::Done) => Ok(LoggedIn { account, user: select::shown(&after)? }),
            // Others have just changed the record, or count this day, too; noting can wait.
            Ok(Committed::Stale) | Err(Error::Table(table::Error::Busy(_))) => {
                Ok(LoggedIn { account, user })
            }
            Err(error) => Err(error),
        }
    }
}

/// What stands between a person and an account that it names is nobody's business who is not in it.
fn as_not_registered(error: Error) -> Error {
    let is_told = !matches!(
        error,
        Error::Login(_) | Error::NotFound(_) | Error::Conflict(Conflict::AlreadyRegistered)
    );
    let is_told = is_told || matches!(error, Error::Login(LoginRefusal::SignedOut));
    if is_told { error } else { Error::Login(LoginRefusal::NotRegistered) }
}

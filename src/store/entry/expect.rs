//! Who is expected: users whom admins have made for an email, and who wait for its owner to join.

use crate::{
    clock::Timestamp,
    model::{
        account::Account,
        email::Email,
        id::{AccountId, UserId},
        user::User,
    },
    store::{
        Error, Reach, Result, Store,
        find::select::Selector,
        ledger::{claim::Claim, guard::account_standing, layout},
    },
};

/// How many accounts are asked whether they expect somebody, the oldest first.
const EXPECTING: usize = 10;
/// How many removed users of an email are looked at, the latest first.
const FORMER_USERS: usize = 10;

impl Store {
    /// Of users who have a person's email those who are expected, each with its account.
    pub(super) async fn expected_users(&self, claims: &[Claim]) -> Result<Vec<(Account, User)>> {
        let users = self.claimed_users_with_accounts(claims).await?;
        let now = self.now();
        let expected = users.into_iter().filter_map(|(user, account)| {
            let account = account?;
            expects(Some(&account), &user, now).then_some((account, user))
        });
        Ok(expected.collect())
    }

    /// The user of an account who is expected by an email, with the account as it was then: open.
    pub(super) async fn expected_user(
        &self,
        account: AccountId,
        email: &Email,
    ) -> Result<Option<(Account, User)>> {
        let who = Selector { email: Some(email.clone()), ..Selector::default() };
        let user = match self.user(Reach::Account(account), &who).await {
            Ok(user) => user,
            Err(Error::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some(account) = self.load::<Account>(layout::account(account)).await? else {
            return Ok(None);
        };
        Ok(expects(Some(&account), &user, self.now()).then_some((account, user)))
    }

    /// When the user was signed out last, or, before it was made, a removed one of the same email and account.
    pub(super) async fn last_signed_out(&self, user: &User) -> Result<Option<Timestamp>> {
        let traces = self.traces(user.account_id, &user.email, FORMER_USERS).await?;
        let former = traces.iter().map(|it| layout::trashed_user(it.account_id, it.user_id));
        let former: Vec<User> = self.load_all(former).await?;
        let former = former.into_iter().map(|former| former.signed_out);
        Ok(former.fold(user.signed_out, Option::max))
    }

    /// Whether an account expects somebody of that email. As much is read whatever the answer.
    pub(super) async fn is_expected_anywhere(&self, email: &Email) -> Result<bool> {
        let claims = self.users_of_email(email, EXPECTING).await?;
        let nobody = || {
            let account = AccountId::new(self.now(), &self.random);
            Claim { account_id: account, user_id: UserId::new(self.now(), &self.random) }
        };
        let padded = claims.into_iter().chain(std::iter::repeat_with(nobody)).take(EXPECTING);
        let padded: Vec<Claim> = padded.collect();
        let users = self.claimed_users(&padded).await?;
        let accounts = padded.iter().map(|claim| layout::account(claim.account_id));
        let accounts: Vec<Account> = self.load_all(accounts).await?;
        let now = self.now();
        Ok(users.iter().any(|user| {
            let account = accounts.iter().find(|account| account.id == user.account_id);
            expects(account, user, now)
        }))
    }

    /// Whether somebody who has proved the address, and has no invite, may make a sign-in: where strangers may, where
    /// somebody is expected by the address, or signs in with it without having proved it.
    pub(super) async fn may_sign_up(&self, email: &Email) -> Result<bool> {
        let is_expected = self.is_expected_anywhere(email).await?;
        let known = self.sign_in_by_email(email).await?;
        let is_unproved = known.is_some_and(|known| !known.verified);
        Ok(self.rules.open_registration || is_expected || is_unproved)
    }
}

/// Whether an account is open and expects the user to join.
fn expects(account: Option<&Account>, user: &User, now: Timestamp) -> bool {
    let managed = account.is_some_and(|account| account.managed);
    account_standing(account).is_ok() && user.is_expected(managed, now)
}

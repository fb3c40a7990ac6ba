//! For which account tokens are: the one that a person names, or the one that it was in last.

use std::cmp::Reverse;

use crate::{
    auth::identity::Presence,
    clock::Timestamp,
    model::{
        account::Account,
        id::{AccountId, UserId},
        session::{Entry, Session},
        user::{IdentityKey, User},
    },
    role::Role,
    store::{
        Error, LoginRefusal, Result, Store,
        find::memberships::MAX_ACCOUNTS,
        ledger::{guard::let_in, layout, record},
    },
};

/// The account that tokens are for, and who their person is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Inside {
    /// The account.
    pub(crate) account: AccountId,
    /// The user.
    pub(crate) user: UserId,
    /// The user's role.
    pub(crate) role: Role,
    /// When the user, or everybody in the account, was signed out last.
    pub(crate) signed_out: Option<Timestamp>,
}

/// A person who is to be in an account.
#[derive(Clone, Copy)]
pub(in crate::store) struct Entrant<'a> {
    /// Who it is.
    pub(in crate::store) identity: &'a IdentityKey,
    /// Since when it is signed in.
    pub(in crate::store) presence: &'a Presence,
    /// The account that it names.
    pub(in crate::store) account: Option<AccountId>,
    /// Where it was last.
    pub(in crate::store) last: Option<&'a Entry>,
}

impl Store {
    /// Where a person is who names an account, or else where it was last; `None` if it is let into none.
    ///
    /// # Errors
    /// `Login` for why it is not let into the one that it names.
    pub(in crate::store) async fn inside(&self, entrant: Entrant<'_>) -> Result<Option<Inside>> {
        if let Some(account) = entrant.account {
            let user: Option<User> = self.bound_user(account, entrant.identity).await?;
            let user = user.ok_or(Error::Login(LoginRefusal::NotRegistered))?;
            let account = self.load(layout::account(account)).await?;
            return entrant.let_in(&user, account.as_ref()).map(Some).map_err(Error::Login);
        }
        if let Some(entry) = entrant.last
            && let Some(inside) = self.inside_again(entrant, entry).await?
        {
            return Ok(Some(inside));
        }
        let claims = self.memberships(entrant.identity, MAX_ACCOUNTS).await?;
        let mut users = self.claimed_users_with_accounts(&claims).await?;
        users.sort_by_key(|(user, _)| Reverse(user.activity));
        let let_in =
            |(user, account): &(User, Option<Account>)| entrant.let_in(user, account.as_ref()).ok();
        Ok(users.iter().find_map(let_in))
    }

    /// Where an entry leads, if the person is still that user, and let in.
    async fn inside_again(&self, entrant: Entrant<'_>, entry: &Entry) -> Result<Option<Inside>> {
        let Entry { account_id, user_id, .. } = *entry;
        let keys = [layout::live_user(account_id, user_id), layout::account(account_id)];
        let items = self.table.get_many(&keys).await?;
        let [Some(user), account] = items.as_slice() else { return Ok(None) };
        let user: User = record::decode(user)?;
        if user.identity.as_ref() != Some(entrant.identity) {
            return Ok(None);
        }
        let account: Option<Account> = account.as_ref().map(record::decode).transpose()?;
        Ok(entrant.let_in(&user, account.as_ref()).ok())
    }
}

impl Entrant<'_> {
    /// Whether the person may be in the account as that user.
    fn let_in(&self, user: &User, account: Option<&Account>) -> Result<Inside, LoginRefusal> {
        let_in(self.presence, user, account)?;
        Ok(Inside {
            account: user.account_id,
            user: user.id,
            role: user.role,
            signed_out: user.signed_out.max(account.and_then(|account| account.signed_out)),
        })
    }
}

/// Since when the person of a session is signed in.
pub(in crate::store) fn presence_of(session: &Session) -> Presence {
    Presence { since: session.created, barred: session.barred.clone() }
}

//! Who can administer an account: it keeps at least one active admin, and the operator's keeps an active root user.

use crate::{
    admit::reaches_everywhere,
    caller::Caller,
    model::{
        account::Account,
        key::{Key, Maker},
        sign_in::SignIn,
        user::{State, User},
    },
    store::{
        By, Conflict, Error, Result, Store,
        ledger::{guard::reaches, layout, step::Step},
    },
};

/// Whether the user counts as one of those who keep the service in the operator's hands.
pub(in crate::store) fn is_active_root(user: &User) -> bool {
    user.state == State::Active && reaches_everywhere(user.role)
}

/// How many active admins and root users, who are admins, too, a change makes more.
#[derive(Clone, Copy)]
pub(super) struct Heads {
    admins: i64,
    roots: i64,
}

impl Heads {
    pub(super) fn gained(before: Option<&User>, after: &User) -> Self {
        let [admins, roots] = [User::is_active_admin, is_active_root]
            .map(|counts| i64::from(counts(after)) - i64::from(before.is_some_and(counts)));
        Self { admins, roots }
    }

    pub(super) const fn is_nothing(self) -> bool {
        self.admins == 0 && self.roots == 0
    }
}

impl Store {
    /// Requires that somebody is left who can administer the account.
    ///
    /// # Errors
    /// `Conflict`
    pub(super) async fn require_heads(
        &self,
        step: &mut Step,
        by: &By,
        (before, gained): (Option<&User>, Heads),
        account: &Account,
    ) -> Result<()> {
        if gained.admins < 0
            && !account.spares_an_admin()
            && !self.is_led_by_key(step, by, before, account).await?
        {
            return Err(Error::Conflict(Conflict::LastAdmin));
        }
        if gained.roots < 0 && self.roots_of(account).await? <= 1 {
            return Err(Error::Conflict(Conflict::LastRoot));
        }
        Ok(())
    }

    /// Whether the account does without the user, who has never joined it, because the calling key stays and can
    /// administer it: such as that of a program which looks after all of the account's users and made this one. `step`
    /// then requires that the key is still there. It must be the operator's, in whose hands it is that it stays, and
    /// without an end; and nobody who has joined loses anything to a thief of the key.
    async fn is_led_by_key(
        &self,
        step: &mut Step,
        by: &By,
        before: Option<&User>,
        account: &Account,
    ) -> Result<bool> {
        let (Caller::Key(caller), Some(before)) = (&by.caller, before) else { return Ok(false) };
        let is_operators = match caller.maker {
            Some(Maker::Operator) => true,
            // Nobody makes keys for another account but the operator's root users.
            Some(Maker::User { account_id, .. }) => account_id != account.id,
            None => false,
        };
        let may_lead = is_operators
            && caller.account == account.id
            && !by.caller.is_read_only()
            && reaches(caller.role, before.role).is_ok()
            && before.joined.is_none();
        if !may_lead || self.home().await?.is_none_or(|home| home.account_id == account.id) {
            return Ok(false);
        }
        let key: Option<Key> = self.load(layout::api_key(caller.id)).await?;
        if key.is_none_or(|key| key.expires.is_some()) || self.has_signed_in(before).await? {
            return Ok(false);
        }
        self.require_caller(step, by, Some(before)).await?;
        Ok(true)
    }

    /// Whether somebody has ever signed in as the user, whose sign-in remembers from where.
    async fn has_signed_in(&self, user: &User) -> Result<bool> {
        let sign_in: Option<SignIn> = match user.sign_in_id() {
            Some(id) => self.load(layout::sign_in(id)).await?,
            None => None,
        };
        Ok(sign_in.map_or(user.identity.is_some(), |sign_in| !sign_in.networks.is_empty()))
    }

    /// The account with so many more.
    pub(super) async fn with_heads(&self, account: &Account, gained: Heads) -> Result<Account> {
        let roots = match gained.roots {
            0 => account.roots,
            gained => Some(self.roots_of(account).await?.saturating_add_signed(gained)),
        };
        let admins = account.admins.saturating_add_signed(gained.admins);
        Ok(Account { admins, roots, ..account.clone() })
    }

    /// How many active root users an account has.
    pub(in crate::store) async fn roots_of(&self, account: &Account) -> Result<u64> {
        if let Some(roots) = account.roots {
            return Ok(roots);
        }
        let counts = self.head_counts(account.id).await?;
        let is_counted = |state: State| match state {
            State::Active => true,
            State::Invited | State::Suspended | State::Trashed => false,
        };
        let roots = counts
            .iter()
            .filter(|counted| is_counted(counted.state) && reaches_everywhere(counted.role));
        Ok(roots.map(|counted| counted.count).sum())
    }
}

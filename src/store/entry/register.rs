//! Making an account for oneself, of which one becomes the admin.

use serde::{Deserialize, Serialize};

use crate::{
    auth::identity::Identity,
    model::{account::Account, id::AccountId, text::Name, user::IdentityKey},
    role::Role,
    store::{
        By, Conflict, Error, LoginRefusal, Result, Store,
        entry::{
            guest::{Guest, LoggedIn, Login},
            join::Numbering,
        },
        ledger::{
            layout,
            record::{self, Stored},
            step::Step,
        },
    },
    table::{Item, Key},
};

/// How many accounts one person may make.
const MAX_REGISTERED: usize = 10;
/// What an account is called whose maker gives no name at all. Not the email: every user of the
/// account sees its name.
const DEFAULT_NAME: &str = "New account";

/// That an identity has made an account.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Registered {
    account_id: AccountId,
    #[serde(skip)]
    version: u64,
}

impl Stored for Registered {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
    }
}

/// Which account of its maker's a new one is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Registering {
    /// The only one.
    First,
    /// One that may stand beside others.
    Another,
}

impl Store {
    /// Makes an account for somebody, who may be in others.
    ///
    /// # Errors
    /// `Login` where nobody may, or without a verified email; `Conflict` if it is one too many.
    pub(crate) async fn register(
        &self,
        by: &By,
        identity: &Identity,
        login: &Login,
    ) -> Result<LoggedIn> {
        let enrolment = Step::default();
        let guest = Guest { by, identity, login, enrolment: &enrolment };
        self.attempt(|| Box::pin(self.try_register(guest, Registering::Another))).await
    }

    /// One try; `None` if a race was lost.
    pub(super) async fn try_register(
        &self,
        guest: Guest<'_>,
        which: Registering,
    ) -> Result<Option<LoggedIn>> {
        if !self.rules.open_registration {
            return Err(Error::Login(LoginRefusal::InviteOnly));
        }
        let mut step = guest.enrolment.clone();
        let name = guest.login.account_name.clone().unwrap_or_else(|| {
            let names = [guest.first_name(), guest.last_name()];
            let name = names.into_iter().flatten().map(|name| name.to_string());
            let name = name.collect::<Vec<_>>().join(" ");
            Name::cut(if name.is_empty() { DEFAULT_NAME } else { &name })
        });
        let account = Account { admins: 1, version: 1, ..self.new_account(name) };
        step.insert(layout::account_item(&account, 1)?);
        self.take_slot(&mut step, &guest.identity.key, account.id).await?;
        // Read after the slots: of two clicks, the later one either sees the account of the other here or
        // wants the same slot.
        if which == Registering::First
            && !self.memberships(&guest.identity.key, 1).await?.is_empty()
        {
            return Ok(None);
        }
        self.join_as_new(step, guest, account, (Role::Admin, Numbering::First)).await
    }

    /// Adds to `step` that an identity has made an account, in the first place for one that is free or
    /// whose account is gone. Of two clicks at once only one gets it.
    ///
    /// # Errors
    /// `Conflict` if all places are taken.
    async fn take_slot(
        &self,
        step: &mut Step,
        who: &IdentityKey,
        account: AccountId,
    ) -> Result<()> {
        let keys: Vec<Key> =
            (0..MAX_REGISTERED).map(|slot| layout::registered_account(who, slot)).collect();
        let taken = self.table.get_many(&keys).await?;
        let record = |version| Registered { account_id: account, version };
        if let Some((key, _)) = keys.iter().zip(&taken).find(|(_, item)| item.is_none()) {
            step.insert(layout::item(key.clone(), 1, &record(1))?);
            return Ok(());
        }
        for (key, item) in keys.iter().zip(taken.iter().flatten()) {
            let made: Registered = record::decode(item)?;
            if self.load::<Account>(layout::account(made.account_id)).await?.is_none() {
                let version = made.version + 1;
                step.replace(layout::item(key.clone(), version, &record(version))?, made.version);
                return Ok(());
            }
        }
        Err(Error::Conflict(Conflict::TooManyRegistered))
    }
}

//! Accounts: finding, making, changing, removing.

use serde_json::{Map, Value};

use crate::{
    admit::OPERATORS,
    clock::Timestamp,
    error::{Fault, TRANSITION},
    model::{
        account::{Account, AccountState},
        audit::{Standing, Target},
        fields::Change,
        id::AccountId,
        logo::Logo,
        text::{Document, Name},
        user::SettableState,
    },
    store::{
        By, Conflict, Error, Result, Store,
        ledger::{
            chores::move_account_purge,
            document::merged,
            guard::{account_standing, expect_version, reaches},
            layout,
            memory::Touched,
            page::{MAX_EXAMINED, Order, Page, PageRequest, Span, Walk},
            record,
            step::Step,
        },
    },
    table::{Index, Item},
};

/// What a new account is to be.
#[derive(Clone, Debug)]
pub(crate) struct NewAccount {
    /// What people call it.
    pub(crate) name: Name,
    /// What the single-page app keeps about it.
    pub(crate) settings: Option<Map<String, Value>>,
    /// Whether the operator vouches for its admins.
    pub(crate) managed: bool,
    /// Its logo.
    pub(crate) logo: Option<Logo>,
}

/// What is to become of an account.
#[derive(Clone, Debug, Default)]
pub(crate) struct AccountChanges {
    /// A new name.
    pub(crate) name: Option<Name>,
    /// A merge patch of the settings.
    pub(crate) settings: Change<Map<String, Value>>,
    /// Another logo.
    pub(crate) logo: Change<Logo>,
    /// Whether its users and keys may come in.
    pub(crate) state: Option<SettableState>,
    /// Whether the operator vouches for its admins.
    pub(crate) managed: Option<bool>,
    /// Whether everybody is signed out.
    pub(crate) end_sessions: bool,
    /// The version that the caller has seen.
    pub(crate) version: Option<u64>,
}

impl Store {
    /// A page of all accounts, in order of creation.
    pub(crate) async fn accounts(&self, page: &PageRequest) -> Result<Page<Account>> {
        let pick = |item: &Item| record::decode(item).map(Some);
        let walk = Walk {
            index: Index::Gs1,
            partitions: &[layout::ACCOUNTS.to_owned()],
            order: Order::Rising,
            span: Span::Prefix(""),
            filters: "",
            examines: MAX_EXAMINED,
            pick: &pick,
        };
        self.page(page, &walk).await
    }

    /// Makes an account, which nobody is in yet.
    pub(crate) async fn create_account(&self, by: &By, new: NewAccount) -> Result<Account> {
        let NewAccount { name, settings, managed, logo } = new;
        let settings = match settings {
            Some(patch) => Some(merged("settings", &Document::default(), patch)?),
            None => None,
        };
        self.attempt(|| async {
            let settings = settings.clone();
            let mut account =
                Account { settings, managed, version: 1, ..self.new_account(name.clone()) };
            account.logo = logo.as_ref().map(|logo| logo.mark(account.id));
            let mut step = Step::default();
            self.require_caller(&mut step, by, None).await?;
            step.insert(layout::account_item(&account, account.version)?);
            Self::move_logo(&mut step, None, &account, logo.as_ref())?;
            self.audit(&mut step, by, account.id, Target::Account(account.id), &[])?;
            Ok(self.commit(step).await?.then(account))
        })
        .await
    }

    /// Changes an account's name, settings or state.
    pub(crate) async fn update_account(
        &self,
        by: &By,
        id: AccountId,
        changes: &AccountChanges,
    ) -> Result<Account> {
        let now = self.now();
        if changes.end_sessions && self.is_home(id).await? {
            reaches(by.role(), OPERATORS)?;
        }
        let picture = match &changes.logo {
            Change::Set(logo) => Some(logo),
            Change::Keep | Change::Clear => None,
        };
        let change = |before: &Account| changed(before, changes, now);
        self.change_account(by, (id, changes.version), picture, change).await
    }

    /// Puts an account aside until it is deleted for good; one that is removed stays as it is.
    pub(crate) async fn remove_account(
        &self,
        by: &By,
        id: AccountId,
        version: Option<u64>,
    ) -> Result<Account> {
        let purge_after = self.now().plus(self.rules.trash_lifetime);
        let removed = |before: &Account| {
            let state = match before.state {
                AccountState::Active | AccountState::Suspended => {
                    AccountState::Removed { purge_after }
                }
                AccountState::Removed { .. } => before.state,
            };
            Ok(Account { state, ..before.clone() })
        };
        self.change_account(by, (id, version), None, removed).await
    }

    async fn change_account(
        &self,
        by: &By,
        (id, version): (AccountId, Option<u64>),
        picture: Option<&Logo>,
        change: impl Fn(&Account) -> Result<Account>,
    ) -> Result<Account> {
        self.attempt(|| async {
            let before = self.account(id).await?;
            expect_version(version, before.version)?;
            let mut after = change(&before)?;
            if before.state != after.state && account_standing(Some(&after)).is_err() {
                after.sign_out(self.now());
            }
            if before == after {
                return Ok(Some(before));
            }
            let mut step = Step::default();
            if before.managed != after.managed || before.signed_out != after.signed_out {
                self.require_caller(&mut step, by, None).await?;
            }
            if before.managed != after.managed {
                self.expect_other_than_home(id).await?;
            }
            if before.signed_out != after.signed_out {
                step.touched.push(Touched::Account(id));
            }
            if before.state != after.state {
                self.expect_other_than_home(id).await?;
                step.touched.push(Touched::Account(id));
                move_account_purge(&mut step, Some(&before), &after)?;
            }
            after.version = before.version + 1;
            step.replace(layout::account_item(&after, after.version)?, before.version);
            Self::move_logo(&mut step, Some(&before), &after, picture)?;
            let fields = changed_fields(&before, &after);
            if before.state != after.state {
                let states = [&before, &after].map(|account| account.state.name());
                step.standing = states.map(Standing::of_state);
            }
            self.audit(&mut step, by, id, Target::Account(id), &fields)?;
            Ok(self.commit(step).await?.then(after))
        })
        .await
    }

    /// Without the home account nobody could open an account again.
    async fn expect_other_than_home(&self, id: AccountId) -> Result<()> {
        if self.is_home(id).await? { Err(Error::Conflict(Conflict::HomeAccount)) } else { Ok(()) }
    }

    async fn is_home(&self, id: AccountId) -> Result<bool> {
        Ok(self.home().await?.is_some_and(|home| home.account_id == id))
    }
}

pub(in crate::store) fn changed(
    before: &Account,
    changes: &AccountChanges,
    now: Timestamp,
) -> Result<Account> {
    let mut account = before.clone();
    if let Some(name) = &changes.name {
        account.name = name.clone();
    }
    match changes.settings.clone() {
        Change::Keep => {}
        Change::Clear => account.settings = None,
        Change::Set(patch) => {
            let document = account.settings.unwrap_or_default();
            account.settings = Some(merged("settings", &document, patch)?);
        }
    }
    match &changes.logo {
        Change::Keep => {}
        Change::Clear => account.logo = None,
        Change::Set(logo) => account.logo = Some(logo.mark(account.id)),
    }
    if let Some(managed) = changes.managed {
        // For good: what it has kept until now is not kept again when it is managed again.
        account.released += u64::from(account.managed && !managed);
        account.managed = managed;
    }
    if changes.end_sessions {
        account.sign_out(now);
    }
    if let Some(state) = changes.state {
        account.state = next_state(account.state, state, now)?;
    }
    Ok(account)
}

fn next_state(state: AccountState, to: SettableState, now: Timestamp) -> Result<AccountState> {
    match (state, to) {
        // It is being deleted: some of its users may be gone already.
        (AccountState::Removed { purge_after }, _) if purge_after <= now => {
            let why = "The account can no longer be restored: it is being deleted for good.";
            Err(Error::Field(Fault::new("state", TRANSITION, why)))
        }
        (_, SettableState::Active) => Ok(AccountState::Active),
        (AccountState::Active | AccountState::Suspended, SettableState::Suspended) => {
            Ok(AccountState::Suspended)
        }
        (AccountState::Removed { .. }, SettableState::Suspended) => {
            let why = "A removed account is restored as active; restore it first, then suspend it.";
            Err(Error::Field(Fault::new("state", TRANSITION, why)))
        }
    }
}

pub(in crate::store) fn changed_fields(before: &Account, after: &Account) -> Vec<&'static str> {
    let fields = [
        ("name", before.name != after.name),
        ("settings", before.settings != after.settings),
        ("logo", before.logo != after.logo),
        ("state", before.state != after.state),
        ("managed", before.managed != after.managed),
        ("endSessions", before.signed_out != after.signed_out && before.state == after.state),
    ];
    fields.into_iter().filter_map(|(name, changed)| changed.then_some(name)).collect()
}

//! The operator's own account, and the first run.

use std::{sync::atomic::Ordering, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    admit::reaches_everywhere,
    model::{
        account::Account,
        audit::Target,
        code::{Code, OpenCode, Purpose},
        id::AccountId,
        invite::Invite,
        text::Name,
        user::State,
    },
    role::Role,
    security::{Event, Note},
    store::{
        By, Conflict, Error, Result, Store,
        ledger::{
            layout::{self},
            record::Stored,
            step::Step,
        },
    },
    table::Item,
};

/// What the home account is called unless somebody names it.
const DEFAULT_NAME: &str = "Home";

/// Which account is the operator's, and whether somebody has come in as its first root user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::store) struct Home {
    pub(in crate::store) account_id: AccountId,
    pub(in crate::store) is_set_up: bool,
    #[serde(skip)]
    pub(in crate::store) version: u64,
}

impl Stored for Home {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
    }
}

/// How long a setup code is valid: finding an old log, with a table of that time, is then useless.
const SETUP_LIFETIME: Duration = Duration::from_hours(7 * 24);

/// The setup code that is open.
#[derive(Serialize, Deserialize)]
struct Setup {
    code: OpenCode,
    #[serde(skip)]
    version: u64,
}

impl Stored for Setup {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
    }
}

impl Store {
    /// Whether strangers may sign up and make accounts.
    pub(crate) fn takes_strangers(&self) -> bool {
        self.rules.open_registration
    }

    /// Whether there is, or was, a root user. Once there is one, that stays true.
    pub(crate) async fn is_set_up(&self) -> Result<bool> {
        if self.set_up.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let is_set_up = self.home().await?.is_some_and(|home| home.is_set_up);
        self.set_up.store(is_set_up, Ordering::Relaxed);
        Ok(is_set_up)
    }

    /// The code that makes the first root user; `None` once there is one. It is the same at every start and on every
    /// node for seven days, and then another one.
    pub async fn setup_code(&self) -> Result<Option<Code>> {
        if self.attempt(|| self.look_for_root()).await? {
            return Ok(None);
        }
        self.attempt(|| self.open_setup()).await.map(Some)
    }

    /// The setup code that is open, or another one in its place; `None` if a race was lost.
    async fn open_setup(&self) -> Result<Option<Code>> {
        let before: Option<Setup> = self.load(layout::setup()).await?;
        let known = before.as_ref().filter(|setup| self.now() < setup.code.expires);
        if let Some(code) = known.and_then(|setup| setup.code.code(Purpose::SetUp, &self.codes)) {
            return Ok(Some(code));
        }
        let expires = self.now().plus(SETUP_LIFETIME);
        let open = OpenCode::new(Purpose::SetUp, &self.codes, &self.random, expires);
        let invite = Invite {
            invitee: None,
            inviter: None,
            role: Role::Root,
            proof: None,
            used: false,
            expires: None,
            version: 0,
        };
        let mut step = Step::default();
        let item = layout::item(layout::invite(&open.digest), 1, &invite)?;
        step.insert(Item { expires: Some(expires.seconds()), ..item });
        let version = before.as_ref().map_or(0, |before| before.version);
        let code = open.code(Purpose::SetUp, &self.codes);
        let setup = Setup { code: open, version: version + 1 };
        let item = layout::item(layout::setup(), setup.version, &setup)?;
        match before {
            None => step.insert(item),
            Some(before) => {
                step.clear(layout::invite(&before.code.digest));
                step.replace(item, before.version);
            }
        }
        Ok(self.commit(step).await?.then(code).flatten())
    }

    /// Whether the service is set up. A table of an earlier version may have a root user and not say so; then it
    /// does from now on. `None` if a race was lost.
    async fn look_for_root(&self) -> Result<Option<bool>> {
        let Some(home) = self.home().await? else { return Ok(Some(false)) };
        if home.is_set_up {
            return Ok(Some(true));
        }
        let counts = self.head_counts(home.account_id).await?;
        let has_root = counts.iter().any(|counted| {
            let has_been_in = match counted.state {
                State::Active | State::Suspended => true,
                State::Invited | State::Trashed => false,
            };
            has_been_in && reaches_everywhere(counted.role) && counted.count > 0
        });
        if !has_root {
            return Ok(Some(false));
        }
        let mut step = Step::default();
        set_up(&mut step, home)?;
        Ok(self.commit(step).await?.then(true))
    }

    /// Adds to `step` that the account has an active root user more: with the first one the setup code ends for
    /// good, whichever way that user came.
    pub(in crate::store) async fn end_setup(
        &self,
        step: &mut Step,
        account: AccountId,
    ) -> Result<()> {
        if self.set_up.load(Ordering::Relaxed) {
            return Ok(());
        }
        match self.home().await? {
            Some(home) if home.account_id == account && !home.is_set_up => set_up(step, home),
            Some(_) | None => Ok(()),
        }
    }

    /// Requires that the operator's role is given in the home account only.
    ///
    /// # Errors
    /// `Conflict`
    pub(in crate::store) async fn require_home(
        &self,
        by: &By,
        account: AccountId,
        role: Role,
    ) -> Result<()> {
        if !reaches_everywhere(role) || by.caller.account() == Some(account) {
            // A caller who may grant the role has it, and so is in the home account.
            return Ok(());
        }
        if self.home().await?.is_some_and(|home| home.account_id == account) {
            return Ok(());
        }
        Err(Error::Conflict(Conflict::HomeOnly))
    }

    /// The home account, which is made if there is none. The trail then has that as an entry of its own.
    pub(crate) async fn ensure_home(&self, by: &By) -> Result<AccountId> {
        self.attempt(|| async {
            if let Some(home) = self.home().await? {
                return Ok(Some(home.account_id));
            }
            let name = Name::cut(DEFAULT_NAME);
            let account = Account { managed: true, ..self.new_account(name) };
            let mut step = Step::default();
            let home = Home { account_id: account.id, is_set_up: false, version: 0 };
            step.insert(layout::item(layout::home(), 1, &home)?);
            step.insert(layout::account_item(&account, 1)?);
            let by = By { action: "account/create", ..by.clone() };
            self.audit(&mut step, &by, account.id, Target::Account(account.id), &[])?;
            Ok(self.commit(step).await?.then(account.id))
        })
        .await
    }

    pub(in crate::store) async fn home(&self) -> Result<Option<Home>> {
        self.load(layout::home()).await
    }

    /// Adds to `step` that the first root user comes into the home account, which is made if there
    /// is none; returns the account as it will be.
    pub(in crate::store) async fn join_home(
        &self,
        step: &mut Step,
        name: Option<&Name>,
    ) -> Result<Account> {
        let Some(home) = self.home().await? else {
            let name = name.cloned().unwrap_or_else(|| Name::cut(DEFAULT_NAME));
            let account = Account {
                admins: 1,
                roots: Some(1),
                managed: true,
                version: 1,
                ..self.new_account(name)
            };
            let home = Home { account_id: account.id, is_set_up: true, version: 0 };
            step.insert(layout::item(layout::home(), 1, &home)?);
            step.insert(layout::account_item(&account, 1)?);
            step.notes.push(Note::new(Event::SetUp));
            return Ok(account);
        };
        if home.is_set_up {
            return Err(Error::Conflict(Conflict::InviteUsed));
        }
        set_up(step, home)?;
        let before = self.account(home.account_id).await?;
        let name = name.unwrap_or(&before.name).clone();
        let version = before.version + 1;
        let (admins, roots) = (before.admins + 1, Some(before.roots.unwrap_or(0) + 1));
        let account = Account { name, admins, roots, version, ..before };
        step.replace(layout::account_item(&account, version)?, before.version);
        Ok(account)
    }
}

/// Adds to `step` that the service has had a root user.
fn set_up(step: &mut Step, home: Home) -> Result<()> {
    let after = Home { is_set_up: true, ..home };
    step.notes.push(Note::new(Event::SetUp));
    step.replace(layout::item(layout::home(), home.version + 1, &after)?, home.version);
    Ok(())
}

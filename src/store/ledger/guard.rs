//! Who acts, how far that reaches, and whether they may: what steps ask before they change anything.

use std::{net::IpAddr, sync::Arc};

use crate::{
    auth::identity::{Identity, Presence},
    caller::{Caller, CallingKey},
    clock::Timestamp,
    model::{
        account::{Account, AccountState},
        id::AccountId,
        session::Origin,
        user::{State, User},
    },
    role::Role,
    store::{Conflict, Error, LoginRefusal, Result, ledger::once::Once},
};

/// Whether somebody of `role` may act on somebody of role `other`, or grant it.
pub(in crate::store) fn reaches(role: Role, other: Role) -> Result<()> {
    if crate::admit::reaches(role, other) { Ok(()) } else { Err(Error::OutOfReach { role, other }) }
}

/// Whether the caller may change the user, which must be of the version that it has seen.
pub(in crate::store) fn may_change(by: &By, user: &User, version: Option<u64>) -> Result<()> {
    reaches(by.role(), user.role)?;
    expect_version(version, user.version)
}

/// A key leaves alone how the user signs in whose it is, and what that user may do.
pub(in crate::store) fn spare_maker(by: &By, user: &User) -> Result<()> {
    let Caller::Key(CallingKey { maker: Some(maker), .. }) = &by.caller else { return Ok(()) };
    let is_its = maker.user() == Some((user.account_id, user.id));
    if is_its { Err(Error::OwnMaker) } else { Ok(()) }
}

/// Whether a record is still of the version that the caller has seen, if it says so.
pub(in crate::store) fn expect_version(expected: Option<u64>, version: u64) -> Result<()> {
    match expected {
        Some(expected) if expected != version => Err(Error::Conflict(Conflict::VersionMismatch)),
        Some(_) | None => Ok(()),
    }
}

/// Whether a bound user may come in.
pub(in crate::store) fn standing_of(state: State) -> Result<(), LoginRefusal> {
    match state {
        State::Invited | State::Active => Ok(()),
        State::Suspended => Err(LoginRefusal::Suspended),
        State::Trashed => Err(LoginRefusal::NotRegistered),
    }
}

/// Whether the users and keys of an account may come in; none is one that is deleted for good.
pub(in crate::store) fn account_standing(account: Option<&Account>) -> Result<(), LoginRefusal> {
    match account.map(|account| account.state) {
        Some(AccountState::Active) => Ok(()),
        Some(AccountState::Suspended) => Err(LoginRefusal::AccountSuspended),
        Some(AccountState::Removed { .. }) | None => Err(LoginRefusal::AccountRemoved),
    }
}

/// Whether somebody has signed in after the user, or the whole account, was signed out.
pub(in crate::store) fn signed_in_since(
    presence: &Presence,
    account: AccountId,
    signed_out: [Option<Timestamp>; 2],
) -> Result<(), LoginRefusal> {
    let [user, all] = signed_out;
    if presence.is_in(account, user.max(all)) { Ok(()) } else { Err(LoginRefusal::SignedOut) }
}

/// Whether somebody is let into an account as a user: both must be open, and the person must have signed in since
/// it was signed out.
pub(in crate::store) fn let_in(
    presence: &Presence,
    user: &User,
    account: Option<&Account>,
) -> Result<(), LoginRefusal> {
    standing_of(user.state)?;
    account_standing(account)?;
    let of_account = account.and_then(|account| account.signed_out);
    signed_in_since(presence, user.account_id, [user.signed_out, of_account])
}

/// How a step learns that the person who calls has shown a credential just now, where it shows only in the step that it
/// takes that.
#[derive(Clone, Debug)]
pub(crate) enum FreshCheck {
    /// It was looked at before; or no person calls, or none by a token.
    Done,
    /// By this token.
    Token(Arc<Identity>),
}

/// On whose behalf a step is taken.
#[derive(Clone, Debug)]
pub(crate) struct By {
    /// Who called.
    pub(crate) caller: Caller,
    /// The name of the call.
    pub(crate) action: &'static str,
    /// Where the call came from.
    pub(crate) address: Option<IpAddr>,
    /// The program that called, as it calls itself.
    pub(crate) agent: Option<String>,
    /// Whether the refresh token that the call takes or gives is in a browser's cookie.
    pub(crate) cookie: bool,
    /// The reservation of a call that is to be carried out once.
    pub(crate) once: Option<Arc<Once>>,
    /// How to see whether the person has shown a credential just now.
    pub(crate) fresh: FreshCheck,
}

impl By {
    /// On behalf of the operator who runs the program.
    pub(crate) const fn operator(action: &'static str) -> Self {
        let (caller, fresh) = (Caller::Operator, FreshCheck::Done);
        Self { caller, action, address: None, agent: None, cookie: false, once: None, fresh }
    }

    /// Where a session begins, or an account is entered.
    pub(in crate::store) fn origin(&self) -> Origin {
        let address = self.address.map(|address| address.to_string());
        Origin { address, agent: self.agent.clone() }
    }

    pub(in crate::store) fn role(&self) -> Role {
        self.caller.role()
    }
}

/// How far a caller's selectors reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// One account's users.
    Account(AccountId),
    /// Every account's.
    Everywhere,
}

impl Reach {
    pub(in crate::store) fn includes(self, account: AccountId) -> bool {
        match self {
            Self::Account(own) => own == account,
            Self::Everywhere => true,
        }
    }
}

//! Somebody who logs in: who it is, what is asked for, and what comes of it.

use crate::{
    auth::identity::Identity,
    model::{
        account::Account,
        code::InviteCode,
        id::AccountId,
        text::{Language, Name},
        user_text::UserText,
    },
    store::{By, ledger::step::Step},
};

/// What somebody who logs in asks for.
#[derive(Clone, Default)]
pub(crate) struct Login {
    /// To join by this invite.
    pub(crate) invite: Option<InviteCode>,
    /// To be in this account: as the user that one is there, or as the one that is expected there.
    pub(crate) account: Option<AccountId>,
    /// To make an account, for somebody who is in none.
    pub(crate) register: bool,
    /// What a new account is to be called.
    pub(crate) account_name: Option<Name>,
    /// The first name of a new user.
    pub(crate) first: Option<Name>,
    /// The last name of a new user.
    pub(crate) last: Option<Name>,
    /// The language of a new user.
    pub(crate) language: Option<Language>,
}

/// Who has logged in, and where.
pub(crate) struct LoggedIn {
    /// The account.
    pub(crate) account: Account,
    /// The user.
    pub(crate) user: UserText,
}

/// Somebody who logs in: who it is, and what is asked for.
#[derive(Clone, Copy)]
pub(super) struct Guest<'a> {
    pub(super) by: &'a By,
    pub(super) identity: &'a Identity,
    pub(super) login: &'a Login,
    /// What happens in the same step: nothing, or that the identity is made.
    pub(super) enrolment: &'a Step,
}

impl Guest<'_> {
    pub(super) fn first_name(self) -> Option<Name> {
        self.login.first.clone().or_else(|| Name::of_claim(self.identity.first.as_deref()?))
    }

    pub(super) fn last_name(self) -> Option<Name> {
        self.login.last.clone().or_else(|| Name::of_claim(self.identity.last.as_deref()?))
    }
}

//! Letters that wait in the outbox, as data; `mail` turns them into text and sends them.

mod kind;

use serde::{Deserialize, Serialize};

pub use self::kind::Kind;

use crate::{
    clock::Timestamp,
    model::{
        account::Account,
        code::OpenCode,
        email::Email,
        id::{AccountId, LetterId, SignInId, SignUpId, UserId},
        text::Language,
    },
    role::Role,
};

/// A letter that waits to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Letter {
    /// The letter's id; part of its `Message-ID`, so that a second delivery is recognisable.
    pub id: LetterId,
    /// Where it goes.
    pub to: Email,
    /// The language that its reader has chosen, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Whom it is about, if it is a user; it goes when the user goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The account that it names, whose logo it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// What it says.
    pub content: Content,
    /// When it was written.
    pub created: Timestamp,
}

impl Letter {
    /// It names this account.
    pub(crate) fn of_account(self, account: &Account) -> Self {
        Self { account_id: Some(account.id), ..self }
    }
}

/// What a letter says. Codes are not in it: they are derived when it is written out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Content {
    /// An invitation to join an account.
    Invite {
        /// What the account is called.
        account_name: String,
        /// Who invites.
        inviter: Option<String>,
        /// Who is invited.
        user_id: UserId,
        /// The role that waits.
        role: Role,
        /// The invite that it carries.
        invite: OpenCode,
        /// The account whose invites to one mailbox it counts as one of; none where the operator invites.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        counts_for: Option<AccountId>,
    },
    /// To prove the address of a sign-up.
    Verify {
        /// The sign-up.
        sign_up: SignUpId,
        /// The code that it carries.
        code: OpenCode,
        /// Whether somebody signs in with the address already, without having proved it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        taken: bool,
    },
    /// To somebody who signs up with an address that has a password already.
    AlreadySignedUp,
    /// To set a new password.
    Reset {
        /// Whose password.
        sign_in: SignInId,
        /// The code that it carries.
        code: OpenCode,
        /// What the account is called that has made the sign-in, if nobody has proved the address yet.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made_by: Option<String>,
    },
    /// To show once more that one reads the own mailbox.
    ConfirmCode {
        /// What the request for it is known by.
        request: String,
        /// The code that it carries, as eight digits.
        code: OpenCode,
    },
    /// To link an identity at a provider.
    ProviderCode {
        /// What the request for it is known by.
        request: String,
        /// The code that it carries, as eight digits.
        code: OpenCode,
        /// What the settings call the provider for people.
        provider: String,
        /// Whether somebody has proved the address and signs in with it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        known: bool,
        /// Whether somebody signs in with the address without having proved it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        taken: bool,
    },
    /// An identity at a provider was linked to the sign-in.
    ProviderLinked {
        /// What the settings call the provider for people.
        provider: String,
        /// The address that the provider tells.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        email: Option<Email>,
        /// When.
        at: Timestamp,
        /// From where, if that is known.
        address: Option<String>,
    },
    /// An identity at a provider was taken off the sign-in.
    ProviderRemoved {
        /// What the settings called the provider for people.
        provider: String,
        /// The address that the provider told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        email: Option<Email>,
        /// When.
        at: Timestamp,
        /// From where, if that is known.
        address: Option<String>,
    },
    /// To prove a new address of a sign-in.
    ConfirmEmail {
        /// Whose address it is to be.
        sign_in: SignInId,
        /// The code that it carries.
        code: OpenCode,
    },
    /// To an address that has a sign-in, and that somebody wants to use for another one.
    EmailInUse,
    /// The password was changed: by the person, by a reset, or by an admin.
    PasswordChanged {
        /// When.
        at: Timestamp,
        /// From where, if that is known.
        address: Option<String>,
    },
    /// The user has another email now; to the old one.
    EmailChanged {
        /// When.
        at: Timestamp,
        /// From where, if that is known and the person's own.
        address: Option<String>,
        /// The way back, if there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undo: Option<Undo>,
    },
    /// Somebody else has taken the second factor off; to the person.
    SecondFactorRemoved {
        /// When.
        at: Timestamp,
    },
    /// The person has turned the second factor on.
    SecondFactorOn {
        /// When.
        at: Timestamp,
        /// From where, if that is known.
        address: Option<String>,
    },
    /// The person has turned the own second factor off.
    SecondFactorOff {
        /// When.
        at: Timestamp,
        /// From where, if that is known.
        address: Option<String>,
    },
    /// The person has ended all own sessions but one.
    SessionsEnded {
        /// When.
        at: Timestamp,
        /// From where, if that is known.
        address: Option<String>,
    },
    /// The person has deleted the own sign-in.
    SignInRemoved {
        /// When.
        at: Timestamp,
        /// From where, if that is known.
        address: Option<String>,
    },
    /// An admin has taken the identity off the user, who joins anew by another.
    Unbound {
        /// When.
        at: Timestamp,
        /// What the account is called.
        account_name: String,
    },
    /// An API key was made in the user's name.
    KeyCreated {
        /// When.
        at: Timestamp,
        /// What it is for.
        name: String,
        /// What it may do.
        role: Role,
        /// From where, if that is known, and the user has made it in person.
        address: Option<String>,
    },
    /// A recovery code was used in place of the authenticator app.
    RecoveryCodeUsed {
        /// When.
        at: Timestamp,
        /// From where, if that is known.
        address: Option<String>,
        /// How many are left.
        left: usize,
    },
    /// The user's role was raised to one that gives power over others.
    RoleGranted {
        /// When.
        at: Timestamp,
        /// What the account is called.
        account_name: String,
        /// The role.
        role: Role,
    },
    /// Somebody signed in from a place or with a device not seen before.
    NewSignIn {
        /// When.
        at: Timestamp,
        /// From where, if that is known.
        address: Option<String>,
        /// What the device calls itself, if it says so.
        agent: Option<String>,
    },
    /// To somebody who wants to know whether emails arrive.
    Test {
        /// When.
        at: Timestamp,
    },
}

/// The way back to an old address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Undo {
    /// Whose address it was.
    pub sign_in: SignInId,
    /// The code that leads back.
    pub code: OpenCode,
}

impl Content {
    /// The account whose letters to one mailbox are counted, so that nobody can fill it. What tells somebody of the own
    /// sign-in, and what its owner asks for, is never held back by others.
    pub(crate) const fn counts_for(&self) -> Option<AccountId> {
        match self {
            Self::Invite { counts_for, .. } => *counts_for,
            Self::Verify { .. }
            | Self::AlreadySignedUp
            | Self::Reset { .. }
            | Self::ConfirmCode { .. }
            | Self::ProviderCode { .. }
            | Self::ProviderLinked { .. }
            | Self::ProviderRemoved { .. }
            | Self::ConfirmEmail { .. }
            | Self::EmailInUse
            | Self::PasswordChanged { .. }
            | Self::EmailChanged { .. }
            | Self::SecondFactorRemoved { .. }
            | Self::SecondFactorOn { .. }
            | Self::SecondFactorOff { .. }
            | Self::SessionsEnded { .. }
            | Self::SignInRemoved { .. }
            | Self::Unbound { .. }
            | Self::KeyCreated { .. }
            | Self::RecoveryCodeUsed { .. }
            | Self::RoleGranted { .. }
            | Self::NewSignIn { .. }
            | Self::Test { .. } => None,
        }
    }

    /// What kind of letter it makes.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Invite { .. } => Kind::Invite,
            Self::Verify { .. } => Kind::Verify,
            Self::AlreadySignedUp => Kind::AlreadySignedUp,
            Self::Reset { .. } => Kind::Reset,
            Self::ConfirmCode { .. } => Kind::ConfirmCode,
            Self::ProviderCode { .. } => Kind::ProviderCode,
            Self::ProviderLinked { .. } => Kind::ProviderLinked,
            Self::ProviderRemoved { .. } => Kind::ProviderRemoved,
            Self::ConfirmEmail { .. } => Kind::ConfirmEmail,
            Self::EmailInUse => Kind::EmailInUse,
            Self::PasswordChanged { .. } => Kind::PasswordChanged,
            Self::EmailChanged { .. } => Kind::EmailChanged,
            Self::SecondFactorRemoved { .. } => Kind::SecondFactorRemoved,
            Self::SecondFactorOn { .. } => Kind::SecondFactorOn,
            Self::SecondFactorOff { .. } => Kind::SecondFactorOff,
            Self::SessionsEnded { .. } => Kind::SessionsEnded,
            Self::SignInRemoved { .. } => Kind::SignInRemoved,
            Self::Unbound { .. } => Kind::Unbound,
            Self::KeyCreated { .. } => Kind::KeyCreated,
            Self::RecoveryCodeUsed { .. } => Kind::RecoveryCodeUsed,
            Self::RoleGranted { .. } => Kind::RoleGranted,
            Self::NewSignIn { .. } => Kind::NewSignIn,
            Self::Test { .. } => Kind::Test,
        }
    }
}

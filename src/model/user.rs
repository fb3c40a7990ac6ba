//! A user: a person in an account, with a role.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    admit::reaches_everywhere,
    clock::Timestamp,
    model::{
        code::OpenCode,
        email::Email,
        id::{AccountId, SignInId, UserId},
        sign_in::sign_in_of,
        text::{Document, ExternalId, Language, Name, Username},
        user_fields::{ReplyValue, is_camel_case, user_fields},
    },
    role::Role,
};

/// A user as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The user's id.
    pub id: UserId,
    /// The account that it belongs to.
    pub account_id: AccountId,
    /// Unique within the account, as are the user name, the external id and the number.
    pub email: Email,
    /// What it may do.
    pub role: Role,
    /// Where it stands.
    pub state: State,
    /// A dense integer for interfaces that want one; nobody else of the account ever gets it.
    pub number: u64,
    /// First name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<Name>,
    /// Last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Name>,
    /// The name for signing in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<Username>,
    /// What another system calls the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<ExternalId>,
    /// The language that the user reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// What the single-page app keeps about the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferences: Option<Document>,
    /// The invite that is out, if one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite: Option<OpenCode>,
    /// Whether an invite was ever sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_invited: bool,
    /// When the last invite was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite_sent: Option<Timestamp>,
    /// Whether the invite was taken back or declined, or the person has left: it takes another one to join.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub revoked: bool,
    /// Who the user is to an issuer, once it has logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<IdentityKey>,
    /// How many holds stand, each of which keeps the user from being removed.
    #[serde(default)]
    pub holds: u32,
    /// The first login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<Timestamp>,
    /// The last login, to 10 minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity: Option<Timestamp>,
    /// When the user was last signed out: earlier sign-ins are no longer admitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_out: Option<Timestamp>,
    /// Raised, and never lowered, by whatever ends its API keys: a key is good only in the epoch that it was made in.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub key_epoch: u64,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
    /// What it goes back to when it is restored, and when it is deleted for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trashed: Option<Trashed>,
    /// The stored item's version.
    #[serde(skip)]
    pub version: u64,
}

// The fields, in the order in which the audit trail names those that have changed: what the member is
// called here, in the struct and where it is stored; how replies show it; whether changes are audited.
user_fields! {
    stored {
        Id          id           b"id"           stored               silent;
        AccountId   account_id   b"accountId"    stored               silent;
        Email       email        b"email"        stored               audited;
        Role        role         b"role"         stored               audited;
        State       state        b"state"        stored               audited;
        Number      number       b"number"       stored               silent;
        First       first        b"first"        stored               audited;
        Last        last         b"last"         stored               audited;
        Username    username     b"username"     stored               audited;
        ExternalId  external_id  b"externalId"   stored               audited;
        Language    language     b"language"     stored               audited;
        Preferences preferences  b"preferences"  document             audited;
        Invite      invite       b"invite"       derived              audited;
        Identity    identity     b"identity"     hidden               audited;
        Revoked     revoked      b"revoked"      hidden               audited;
        WasInvited  was_invited  b"wasInvited"   hidden               silent;
        InviteSent  invite_sent  b"inviteSent"   stored               silent;
        Holds       holds        b"holds"        (stored or "0")      silent;
        Joined      joined       b"joined"       stored               silent;
        Activity    activity     b"activity"     stored               silent;
        SignedOut   signed_out   b"signedOut"    hidden               silent;
        KeyEpoch    key_epoch    b"keyEpoch"     hidden               silent;
        Created     created      b"created"      stored               silent;
        Updated     updated      b"updated"      stored               silent;
        Trashed     trashed      b"trashed"      hidden               silent;
    }
    derived {
        Issuer      b"issuer";
        InviteExpires b"inviteExpires";
        FormerState b"formerState";
        PurgeAfter  b"purgeAfter";
        TwoFactor   b"twoFactor";
        Version     b"version";
    }
}

/// What replies show of a user that is not stored like that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derived {
    /// The code of the open invite.
    Invite,
    /// When the invite that is out ceases to work, or has.
    InviteExpires,
    /// The issuer of the identity.
    Issuer,
    /// What a user in the trash goes back to.
    FormerState,
    /// When a user in the trash is deleted for good.
    PurgeAfter,
    /// Whether the user's sign-in asks for a second factor.
    TwoFactor,
    /// The stored item's version.
    Version,
}

impl User {
    /// A user of whom no more is known, who is invited and has no number yet.
    pub fn new(id: UserId, account_id: AccountId, email: Email, created: Timestamp) -> Self {
        Self {
            id,
            account_id,
            email,
            role: Role::User,
            state: State::Invited,
            number: 0,
            first: None,
            last: None,
            username: None,
            external_id: None,
            language: None,
            preferences: None,
            invite: None,
            was_invited: false,
            invite_sent: None,
            revoked: false,
            identity: None,
            holds: 0,
            joined: None,
            activity: None,
            signed_out: None,
            key_epoch: 0,
            created,
            updated: created,
            trashed: None,
            version: 0,
        }
    }

    /// The first and last name, or the email where neither is known; for people of the user's own account.
    pub fn display_name(&self) -> String {
        self.full_name().unwrap_or_else(|| self.email.to_string())
    }

    /// The same for people of an account, which may be another one: what the operator's address is, is not theirs to know.
    pub fn display_name_in(&self, account: AccountId) -> Option<String> {
        if account == self.account_id { Some(self.display_name()) } else { self.full_name() }
    }

    fn full_name(&self) -> Option<String> {
        match (&self.first, &self.last) {
            (Some(first), Some(last)) => Some(format!("{first} {last}")),
            (Some(name), None) | (None, Some(name)) => Some(name.to_string()),
            (None, None) => None,
        }
    }

    /// Whether the user has a say about others.
    pub fn is_admin(&self) -> bool {
        self.role >= Role::Admin
    }

    /// The sign-in that the user comes in by, if it is one of ours.
    pub fn sign_in_id(&self) -> Option<SignInId> {
        self.identity.as_ref().and_then(sign_in_of)
    }

    /// Whether a person who has proved the email is expected to join as this user at that moment: by an
    /// open invite, or, in an account that is `managed`, also without one. The operator's role takes
    /// the invite's code.
    pub fn is_expected(&self, managed: bool, at: Timestamp) -> bool {
        let waits = self.state == State::Invited && self.identity.is_none() && !self.revoked;
        let added = managed && !self.was_invited && self.joined.is_none();
        let invited = self.invite.as_ref().map_or(added, |open| at < open.expires);
        waits && invited && !reaches_everywhere(self.role)
    }

    /// Notes a login.
    pub fn note_login(&mut self, at: Timestamp) {
        self.joined.get_or_insert(at);
        self.activity = Some(at);
    }

    /// Signs out everyone who is signed in as the user, and ends the user's API keys. The moment never moves back,
    /// however clocks go.
    pub fn sign_out(&mut self, at: Timestamp) {
        self.signed_out = self.signed_out.max(Some(at));
        self.end_keys();
    }

    /// Ends the user's API keys.
    pub fn end_keys(&mut self) {
        self.key_epoch += 1;
    }

    /// Whether the user counts as one of those who keep an account alive.
    pub fn is_active_admin(&self) -> bool {
        self.state == State::Active && self.is_admin()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Where a user stands: `invited → active ⇄ suspended`, and `trashed` on the way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Made by an admin; has not logged in yet.
    Invited,
    /// In.
    Active,
    /// Kept out by an admin.
    Suspended,
    /// Removed, and kept for a while.
    Trashed,
}

impl State {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Invited, Self::Active, Self::Suspended, Self::Trashed];

    /// The state's name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Trashed => "trashed",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The states that an admin may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettableState {
    /// In.
    Active,
    /// Kept out.
    Suspended,
}

/// What the trash remembers of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trashed {
    /// The state to go back to.
    pub from: State,
    /// When the user was removed.
    pub at: Timestamp,
    /// When the user is deleted for good.
    pub purge_after: Timestamp,
}

/// Who somebody is to one issuer (`iss` and `sub` of `OpenID` Connect).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct IdentityKey {
    /// The issuer.
    pub issuer: String,
    /// The issuer's name for the person.
    pub subject: String,
}

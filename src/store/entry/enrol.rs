//! Making a sign-in for somebody who has proved an address, and who may join an account in the same step.

use crate::{
    auth::identity::{Identity, Presence},
    clock::Timestamp,
    model::{
        account::Account,
        code::InviteCode,
        email::Email,
        invite::{Invite, Invitee},
        session::Authentication,
        sign_in::{Credential, Kept, SignIn},
        text::{Language, Name},
        user::User,
    },
    store::{
        By, Error, Result, Store,
        entry::guest::{Guest, LoggedIn, Login},
        ledger::{layout, step::Step},
        sign_in::{entering::Inside, session::Grant},
    },
};

/// The invite that somebody signs up with.
pub(crate) struct Invitation {
    /// Its code.
    pub(crate) code: InviteCode,
    /// What the operator's account is to be called, if it is the setup code.
    pub(crate) account_name: Option<Name>,
}

/// Somebody who has proved an address that nobody has proved before.
#[derive(Clone)]
pub(super) struct Newcomer {
    /// The address.
    pub(super) email: Email,
    /// First name.
    pub(super) first: Option<Name>,
    /// Last name.
    pub(super) last: Option<Name>,
    /// The language of emails.
    pub(super) language: Option<Language>,
    /// What the person signs in with from now on.
    pub(super) credential: Credential,
    /// What the person has shown.
    pub(super) shown: Authentication,
}

impl Newcomer {
    /// What the person asks for who joins by an invite.
    fn login(&self, invite: Option<InviteCode>, account_name: Option<Name>) -> Login {
        let Self { first, last, language, .. } = self.clone();
        Login { invite, account_name, first, last, language, ..Login::default() }
    }
}

/// An invite that can be accepted.
struct OpenInvite {
    digest: String,
    invite: Invite,
    invitee: Invitee,
    account: Account,
}

impl Grant {
    /// The same for somebody who has just come in.
    fn of(self, done: &LoggedIn) -> Self {
        let inside = self.inside.map(|inside| Inside { role: done.user.role, ..inside });
        Self { inside, ..self }
    }
}

impl Store {
    /// Commits `step` with a sign-in for a newcomer, who joins by the invite of that digest if it is still open; `None`
    /// if a race was lost.
    pub(super) async fn enrol(
        &self,
        mut step: Step,
        by: &By,
        newcomer: &Newcomer,
        invite: Option<String>,
    ) -> Result<Option<(Grant, Option<LoggedIn>)>> {
        let open = match invite {
            Some(digest) => self.invite_still_open(digest, &newcomer.email).await?,
            None => None,
        };
        let sign_in = SignIn {
            kept: open.as_ref().and_then(|open| keeping(&open.account)),
            unbound_until: match open {
                Some(_) => None,
                None => Some(self.now().plus(self.rules.trash_lifetime)),
            },
            ..self.sign_in_for(by, newcomer)
        };
        let joining = open.as_ref().map(|open| open.account.id);
        self.add_proved(&mut step, by, &sign_in, joining).await?;
        let inside = open.as_ref().and_then(|open| joined_by(&open.invite));
        let grant =
            self.begin_session(&mut step, by, &sign_in, newcomer.shown.clone(), inside).await?;
        self.audit_session(&mut step, by, (sign_in.id, true), grant.session.id)?;
        let Some(OpenInvite { digest, invite, invitee, .. }) = open else {
            return Ok(self.commit(step).await?.then((grant, None)));
        };
        let login = newcomer.login(None, None);
        let identity = identity(&sign_in, self.now());
        let guest = Guest { by, identity: &identity, login: &login, enrolment: &step };
        let done = self.join(guest, (digest, false), &invite, &invitee).await?;
        Ok(done.map(|done| (grant.of(&done), Some(done))))
    }

    /// One try to make a sign-in that joins by an invite; `None` if a race was lost.
    pub(super) async fn enrol_invited(
        &self,
        mut enrolment: Step,
        by: &By,
        newcomer: &Newcomer,
        (invite, invitation): (&Invite, &Invitation),
    ) -> Result<Option<(Grant, LoggedIn)>> {
        let account = match &invite.invitee {
            Some(invitee) => Some(self.open_account(invitee.account_id).await?),
            None => None,
        };
        let kept = account.as_ref().and_then(keeping);
        let sign_in = SignIn { kept, ..self.sign_in_for(by, newcomer) };
        let joining = account.map(|account| account.id);
        self.add_proved(&mut enrolment, by, &sign_in, joining).await?;
        let (shown, inside) = (newcomer.shown.clone(), joined_by(invite));
        let grant = self.begin_session(&mut enrolment, by, &sign_in, shown, inside).await?;
        self.audit_session(&mut enrolment, by, (sign_in.id, true), grant.session.id)?;
        let identity = identity(&sign_in, self.now());
        let Invitation { code, account_name } = invitation;
        let login = newcomer.login(Some(code.clone()), account_name.clone());
        let guest = Guest { by, identity: &identity, login: &login, enrolment: &enrolment };
        let done = self.accept_invite(guest, code).await?;
        Ok(done.map(|done| (grant.of(&done), done)))
    }

    /// The sign-in of a newcomer, of which nothing is stored yet.
    fn sign_in_for(&self, by: &By, newcomer: &Newcomer) -> SignIn {
        let Newcomer { email, first, last, language, credential, shown: _ } = newcomer.clone();
        SignIn {
            first,
            last,
            language,
            networks: Vec::from_iter(self.network(by)),
            ..self.new_sign_in(&email).with_credential(credential)
        }
    }

    /// The invite of that digest, if somebody of that address can accept it now.
    async fn invite_still_open(&self, digest: String, email: &Email) -> Result<Option<OpenInvite>> {
        let invite: Option<Invite> = self.load(layout::invite(&digest)).await?;
        let Some(invite) = invite.filter(|invite| !invite.used) else { return Ok(None) };
        let Some(invitee) = invite.invitee.clone().filter(|invitee| invitee.email == *email) else {
            return Ok(None);
        };
        let user: Option<User> =
            self.load(layout::live_user(invitee.account_id, invitee.user_id)).await?;
        let is_open = |user: &User| user.invite.as_ref().is_some_and(|open| open.digest == digest);
        if !user.is_some_and(|user| is_open(&user)) {
            return Ok(None);
        }
        match self.open_account(invitee.account_id).await {
            Ok(account) => Ok(Some(OpenInvite { digest, invite, invitee, account })),
            Err(Error::Login(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The mark of a sign-in that is made by accepting an invite of the account.
fn keeping(account: &Account) -> Option<Kept> {
    account.managed.then(|| Kept::by(account))
}

/// Where somebody is who joins by that invite. By the setup code the account may have yet to be made.
fn joined_by(invite: &Invite) -> Option<Inside> {
    invite.invitee.as_ref().map(|invitee| Inside {
        account: invitee.account_id,
        user: invitee.user_id,
        role: invite.role,
        signed_out: None,
    })
}

/// What a token of this sign-in would prove.
pub(in crate::store) fn identity(sign_in: &SignIn, expires: Timestamp) -> Identity {
    Identity {
        key: sign_in.identity(),
        email: Some(sign_in.email.clone()),
        email_verified: sign_in.verified,
        trusted: true,
        first: sign_in.first.as_ref().map(ToString::to_string),
        last: sign_in.last.as_ref().map(ToString::to_string),
        session: None,
        member: None,
        auth_time: None,
        amr: Vec::new(),
        token: [0; 32],
        presence: Presence::NEW,
        expires,
    }
}

//! Logging in: who an identity is here, and the ways in for somebody new.

use std::time::Duration;

use crate::{
    auth::identity::Identity,
    clock::Timestamp,
    model::{
        account::Account,
        code::Code,
        email::Email,
        invite::{Invite, Invitee},
        text::{Language, Name},
        user::{Member, State, User},
        user_text::UserText,
    },
    role::Role,
    store::{
        By, Conflict, Error, LoginRefusal, Reach, Result, Store,
        change::change_user_only,
        counts::days,
        find::select::{self, Selector},
        ledger::{commit::Committed, guard::standing_of, layout, step::Step},
        user::{create::NewUser, profile::Profile},
    },
    table::{self, Item},
};

/// How much later than the noted activity the next one is noted.
const ACTIVITY_INTERVAL: Duration = Duration::from_mins(10);

/// What an account is called whose maker gives no name at all. Not the e-mail: every user of the
/// account sees its name.
const DEFAULT_NAME: &str = "New account";

/// What somebody who logs in asks for.
#[derive(Clone, Default)]
pub(crate) struct Login {
    /// To join by this invite.
    pub(crate) invite: Option<Code>,
    /// To make an account, where there is no user to log in as.
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

/// Somebody at the door: who it is, and what is asked for.
#[derive(Clone, Copy)]
struct Guest<'a> {
    by: &'a By,
    identity: &'a Identity,
    login: &'a Login,
    /// What happens in the same step as the coming in: nothing, or that the identity is made.
    enrolment: &'a Step,
}

impl Store {
    /// Logs an identity in.
    pub(crate) async fn login(
        &self,
        by: &By,
        identity: &Identity,
        login: &Login,
    ) -> Result<LoggedIn> {
        self.login_with(by, identity, login, &Step::default()).await
    }

    /// Logs an identity in that `enrolment` makes in the same step.
    pub(super) async fn login_with(
        &self,
        by: &By,
        identity: &Identity,
        login: &Login,
        enrolment: &Step,
    ) -> Result<LoggedIn> {
        let guest = Guest { by, identity, login, enrolment };
        self.attempt(|| self.try_login(guest)).await
    }

    /// One try; `None` if a race was lost.
    async fn try_login(&self, guest: Guest<'_>) -> Result<Option<LoggedIn>> {
        let bound = self.bound_user(&guest.identity.key).await?;
        match (bound, &guest.login.invite) {
            (Some(user), None) => self.log_in_again(user).await.map(Some),
            (Some(user), Some(code)) => {
                standing_of(user.state).map_err(Error::Login)?;
                self.open_account(user.account_id).await?;
                self.shown_invite(guest.by, code).await?;
                Err(Error::Conflict(Conflict::AlreadyRegistered))
            }
            (None, Some(code)) => {
                let invite = self.shown_invite(guest.by, code).await?;
                match invite.invitee.clone() {
                    Some(invitee) => self.join(guest, code, &invite, &invitee).await,
                    None => self.set_up(guest, code, &invite).await,
                }
            }
            (None, None) => match self.expected_user(guest.identity).await? {
                Some(user) if user.may_be_bound() && !guest.login.register => {
                    self.bind_expected(guest, user).await
                }
                // The same person has come in since the look above, by the same click made twice.
                Some(user) if user.identity.as_ref() == Some(&guest.identity.key) => Ok(None),
                Some(user) if user.may_be_bound() => Err(Error::Conflict(Conflict::Expected)),
                Some(_) if guest.login.register => Err(Error::Conflict(Conflict::EmailTaken)),
                Some(user) if user.identity.is_none() => {
                    Err(Error::Login(LoginRefusal::NotRegistered))
                }
                Some(_) => Err(Error::Conflict(Conflict::AlreadyRegistered)),
                None if guest.login.register => self.register(guest).await,
                None => Err(Error::Login(LoginRefusal::NotRegistered)),
            },
        }
    }

    /// A user who has been here before; the activity is noted now and then.
    async fn log_in_again(&self, user: UserText) -> Result<LoggedIn> {
        standing_of(user.state).map_err(Error::Login)?;
        let account = self.open_account(user.account_id).await?;
        let now = self.now();
        // Each day has a login of its own.
        let recent =
            |noted: Timestamp| now.since(noted) < ACTIVITY_INTERVAL && noted.date() == now.date();
        if user.member(Member::Activity).is_some_and(recent) {
            return Ok(LoggedIn { account, user });
        }
        let before = select::whole(&user)?;
        let mut after = User { version: before.version + 1, ..before.clone() };
        after.note_login(now);
        let mut step = Step::default();
        step.replace(layout::user_item(&after, after.version)?, before.version);
        days::count(&mut step, Some(&before), &after);
        match self.commit(step).await {
            Ok(Committed::Done) => Ok(LoggedIn { account, user: select::shown(&after)? }),
            // Others have just changed the record, or count this day, too; noting can wait.
            Ok(Committed::Stale) | Err(Error::Table(table::Error::Busy(_))) => {
                Ok(LoggedIn { account, user })
            }
            Err(error) => Err(error),
        }
    }

    /// The live user that an admin has made for the identity's e-mail, if its issuer is believed.
    async fn expected_user(&self, identity: &Identity) -> Result<Option<User>> {
        let Some(email) = identity.trusted_email() else { return Ok(None) };
        let who = Selector { email: Some(email.clone()), ..Selector::default() };
        match self.user(Reach::Everywhere, &who).await {
            Ok(user) => Ok(Some(user)),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Somebody comes in by an invite.
    async fn join(
        &self,
        guest: Guest<'_>,
        code: &Code,
        invite: &Invite,
        invitee: &Invitee,
    ) -> Result<Option<LoggedIn>> {
        if guest.identity.email.as_ref() != Some(&invitee.email) && !self.rules.invite_any_email {
            return Err(Error::Login(LoginRefusal::InviteEmail));
        }
        let reach = Reach::Account(invitee.account_id);
        // An invite goes with its user, so there is one, unless it is removed at this very moment.
        let user = self.user(reach, &Selector::by_id(invitee.user_id)).await?;
        if user.invite.as_ref().is_none_or(|open| open.digest != code.digest()) {
            // Somebody has just come in by it, or it was voided: it is not open any more either.
            return Ok(None);
        }
        let mut step = guest.enrolment.clone();
        use_invite(&mut step, code, invite)?;
        self.activate(step, guest, user).await
    }

    /// Somebody comes in as the user that was made for the e-mail.
    async fn bind_expected(&self, guest: Guest<'_>, user: User) -> Result<Option<LoggedIn>> {
        standing_of(user.state).map_err(Error::Login)?;
        let mut step = Step::default();
        Self::void_invite(&mut step, &mut user.clone());
        self.activate(step, guest, user).await
    }

    /// Binds the identity to a user and makes the user active, in an account that is open.
    async fn activate(
        &self,
        mut step: Step,
        guest: Guest<'_>,
        before: User,
    ) -> Result<Option<LoggedIn>> {
        let account = self.open_account(before.account_id).await?;
        step.entered = Some(account.clone());
        self.bind_sign_in(&mut step, &guest.identity.key).await?;
        let now = self.now();
        let mut user = before.clone();
        user.first = user.first.or_else(|| guest.first_name());
        user.last = user.last.or_else(|| guest.last_name());
        user.language = user.language.or_else(|| guest.login.language.clone());
        user.identity = Some(guest.identity.key.clone());
        user.state = State::Active;
        user.invite = None;
        user.updated = now;
        user.note_login(now);
        let Some(user) = self.commit_user(step, guest.by, Some(&before), user).await? else {
            return Ok(None);
        };
        // An admin is counted in the account.
        let account =
            if user.is_active_admin() { self.account(user.account_id).await? } else { account };
        Ok(Some(LoggedIn { account, user: select::shown(&user)? }))
    }

    /// Somebody makes an account and becomes its admin.
    async fn register(&self, guest: Guest<'_>) -> Result<Option<LoggedIn>> {
        if !self.rules.open_registration {
            return Err(Error::Login(LoginRefusal::InviteOnly));
        }
        guest.verified_email()?;
        let mut step = Step::default();
        let name = guest.login.account_name.clone().unwrap_or_else(|| {
            let names = [guest.first_name(), guest.last_name()];
            let name = names.into_iter().flatten().map(|name| name.to_string());
            let name = name.collect::<Vec<_>>().join(" ");
            Name::cut(if name.is_empty() { DEFAULT_NAME } else { &name })
        });
        let account = Account { admins: 1, version: 1, ..self.new_account(name) };
        step.insert(layout::account_item(&account, 1)?);
        self.join_as_new(step, guest, account, Role::Admin).await
    }

    /// The operator comes in with the set-up code.
    async fn set_up(
        &self,
        guest: Guest<'_>,
        code: &Code,
        invite: &Invite,
    ) -> Result<Option<LoggedIn>> {
        let mut step = guest.enrolment.clone();
        use_invite(&mut step, code, invite)?;
        let account = self.join_home(&mut step, guest.login.account_name.as_ref()).await?;
        self.join_as_new(step, guest, account, Role::Root).await
    }

    /// Makes an active user of the identity in an account that the step has counted it into.
    async fn join_as_new(
        &self,
        mut step: Step,
        guest: Guest<'_>,
        account: Account,
        role: Role,
    ) -> Result<Option<LoggedIn>> {
        let new = NewUser {
            email: guest.verified_email()?.clone(),
            profile: Profile {
                first: guest.first_name().into(),
                last: guest.last_name().into(),
                language: guest.login.language.clone().into(),
                ..Profile::default()
            },
            role: Some(role),
            password: None,
            state: None,
            send_invite: None,
        };
        let user = self.new_user(account.id, &new).await?;
        let mut user =
            User { identity: Some(guest.identity.key.clone()), state: State::Active, ..user };
        user.note_login(user.created);
        self.bind_sign_in(&mut step, &guest.identity.key).await?;
        change_user_only(&mut step, None, &user)?;
        self.audit_user(&mut step, guest.by, None, &user)?;
        let done = match self.commit(step).await {
            // The same person has come in at the same moment, by the same click made twice.
            Err(Error::Conflict(_))
                if self.bound_user::<UserText>(&guest.identity.key).await?.is_some() =>
            {
                return Ok(None);
            }
            done => done?,
        };
        let user = User { version: 1, ..user };
        match done {
            Committed::Done => Ok(Some(LoggedIn { account, user: select::shown(&user)? })),
            Committed::Stale => Ok(None),
        }
    }
}

fn use_invite(step: &mut Step, code: &Code, invite: &Invite) -> Result<()> {
    // All that is asked of it from now on is that it was used.
    let used = Invite { used: true, invitee: None, inviter: None, ..invite.clone() };
    let item = layout::item(layout::invite(&code.digest()), invite.version + 1, &used)?;
    step.replace(Item { expires: invite.expires, ..item }, invite.version);
    Ok(())
}

impl<'a> Guest<'a> {
    /// An e-mail that nobody has verified could be somebody else's, and would keep that person out.
    fn verified_email(self) -> Result<&'a Email> {
        let email = self.identity.email.as_ref().filter(|_| self.identity.email_verified);
        email.ok_or(Error::Login(LoginRefusal::EmailUnverified))
    }

    fn first_name(self) -> Option<Name> {
        self.login.first.clone().or_else(|| Name::parse(self.identity.first.as_deref()?))
    }

    fn last_name(self) -> Option<Name> {
        self.login.last.clone().or_else(|| Name::parse(self.identity.last.as_deref()?))
    }
}

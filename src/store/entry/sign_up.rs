//! Signing up with an e-mail and a password.
//!
//! Nothing is claimed before the address is proved, so nobody can keep others from theirs; and
//! proving it takes the password, too, so that a person who opens the link in a letter does not
//! make somebody else's password valid.

use std::time::Duration;

use crate::{
    auth::{
        identity::{Identity, Presence},
        password::Verdict,
    },
    clock::Timestamp,
    error::Fault,
    model::{
        code::{Code, InviteCode, OpenCode, Purpose},
        email::Email,
        id::SignUpId,
        invite::Invite,
        letter::Content,
        password::{NewPassword, Password},
        session::Method,
        sign_in::{Kept, SignIn, SignUp},
        text::{Language, Name},
    },
    store::{
        By, Conflict, Error, LoginRefusal, Result, Store,
        counts::limits::{
            Bucket, LETTERS_FOR_EMAIL, LETTERS_FROM_ADDRESS, LETTERS_FROM_NETWORK, UNKNOWN_CODE,
        },
        entry::guest::{LoggedIn, Login},
        ledger::{
            commit::Committed,
            layout::{self},
            record::Stored,
            step::Step,
        },
        sign_in::{entering::Inside, password::refuse_common, session::Grant},
    },
    table::Item,
};

/// How long an address can be proved.
const VERIFY_LIFETIME: Duration = Duration::from_hours(24);

/// What somebody signs up with, apart from the address.
pub(crate) struct NewIdentity {
    /// The password.
    pub(crate) password: NewPassword,
    /// First name.
    pub(crate) first: Option<Name>,
    /// Last name.
    pub(crate) last: Option<Name>,
    /// The language of letters.
    pub(crate) language: Option<Language>,
}

/// The invite that somebody signs up with.
pub(crate) struct Invitation {
    /// Its code.
    pub(crate) code: InviteCode,
    /// What the operator's account is to be called, if it is the set-up code.
    pub(crate) account_name: Option<Name>,
}

impl Stored for SignUp {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
    }
}

impl Store {
    /// Sends a code to the address; the same happens, as far as the caller can tell, whoever has it.
    ///
    /// # Errors
    /// `Login(InviteOnly)`, `Limited`, `Overloaded`.
    pub(crate) async fn sign_up(&self, by: &By, email: &Email, new: &NewIdentity) -> Result<()> {
        if !self.rules.open_registration {
            return Err(Error::Login(LoginRefusal::InviteOnly));
        }
        refuse_common("password", &new.password, email, [&new.first, &new.last])?;
        self.ask_for_letter(by, email).await?;
        let password = self.hasher.hash(new.password.password()).await?;
        // Users whom others have made for the address, in whatever account, stand in nobody's way.
        let known = self.sign_in_by_email(email).await?.is_some();
        let now = self.now();
        let sign_up = SignUp {
            id: SignUpId::new(now, &self.random),
            email: email.clone(),
            first: new.first.clone(),
            last: new.last.clone(),
            language: new.language.clone(),
            password,
            version: 0,
        };
        let purpose = Purpose::Verify(sign_up.id);
        let code = OpenCode::new(purpose, &self.codes, &self.random, now.plus(VERIFY_LIFETIME));
        let key = layout::sign_up(&code.digest);
        let expires = Some(code.expires.seconds());
        let content = if known {
            Content::AlreadySignedUp
        } else {
            Content::Verify { sign_up: sign_up.id, code }
        };
        let mut step = Step::default();
        // Where the address is taken nobody gets the code: it is kept so that both cases are alike.
        step.insert(Item { expires, ..layout::item(key, 1, &sign_up)? });
        let letter = self.new_letter(email, new.language.clone(), None, content);
        Self::post(&mut step, &letter)?;
        self.mark(&mut step, by)?;
        self.commit_unless_done(step).await
    }

    /// Proves the address of a sign-up, which becomes a sign-in with a first session.
    ///
    /// # Errors
    /// `NotFound`, `Credentials` if the password is not the sign-up's, `AlreadyRegistered`.
    pub(crate) async fn verify_sign_up(
        &self,
        by: &By,
        code: &Code,
        password: &Password,
    ) -> Result<Grant> {
        let guesses = Bucket::caller(&UNKNOWN_CODE, by);
        self.check_limits(&guesses).await?;
        let done = self.try_verify(by, code, password).await;
        if let Err(Error::NotFound(_) | Error::Credentials) = done {
            self.miss(&guesses).await;
        }
        done
    }

    async fn try_verify(&self, by: &By, code: &Code, password: &Password) -> Result<Grant> {
        let key = layout::sign_up(&code.digest());
        let sign_up: SignUp = self.load(key.clone()).await?.ok_or(Error::NotFound("code"))?;
        if self.hasher.verify(password, &sign_up.password).await? == Verdict::Wrong {
            return Err(Error::Credentials);
        }
        let sign_in = SignIn {
            first: sign_up.first,
            last: sign_up.last,
            language: sign_up.language,
            networks: Vec::from_iter(self.network(by)),
            unbound_until: Some(self.now().plus(self.rules.trash_lifetime)),
            ..self.new_sign_in(&sign_up.email).with_password(sign_up.password)
        };
        let mut step = Step::default();
        step.remove(key, sign_up.version);
        Self::add_sign_in(&mut step, &sign_in, Conflict::SignedUp)?;
        let grant =
            self.begin_session(&mut step, by, &sign_in, vec![Method::Password], None).await?;
        self.audit_session(&mut step, by, (sign_in.id, true), grant.session.id)?;
        match self.commit(step).await? {
            Committed::Done => Ok(grant),
            // The code was used at this very moment.
            Committed::Stale => Err(Error::NotFound("code")),
        }
    }

    /// Signs up and accepts an invite in one step: the address is the one that it was sent to, which
    /// therefore need not be named, and which the code from the e-mail proves; the set-up code stands for
    /// any.
    ///
    /// # Errors
    /// Those of the login, and `AlreadyRegistered` if the address has a password.
    pub(crate) async fn sign_up_invited(
        &self,
        by: &By,
        email: Option<&Email>,
        new: &NewIdentity,
        invitation: Invitation,
    ) -> Result<(Grant, LoggedIn)> {
        let Invitation { code, account_name } = invitation;
        let invite = self.shown_invite(by, &code).await?;
        let email = match (&invite.invitee, email) {
            (Some(invitee), None) => &invitee.email,
            (Some(invitee), Some(email)) if invitee.email != *email => {
                return Err(Error::Login(LoginRefusal::InviteEmail));
            }
            (_, Some(email)) => email,
            (None, None) => {
                let why = "email is required: the set-up code was sent to nobody in particular";
                return Err(Error::Field(Fault::new("email", "required", why)));
            }
        };
        refuse_common("password", &new.password, email, [&new.first, &new.last])?;
        let password = self.hasher.hash(new.password.password()).await?;
        // Whoever has the code without having read the e-mail is not to find out who signs in with which.
        let is_shown = code.proof.is_none();
        let guesses = invite.invitee.as_ref().filter(|_| is_shown);
        let guesses = guesses.map(|invitee| Self::guesses_in(invitee.account_id));
        self.check_limits(guesses.as_slice()).await?;
        let kept = match &invite.invitee {
            Some(invitee) => {
                let account = self.open_account(invitee.account_id).await?;
                account.managed.then(|| Kept::by(&account))
            }
            None => None,
        };
        let sign_in = SignIn {
            first: new.first.clone(),
            last: new.last.clone(),
            language: new.language.clone(),
            networks: Vec::from_iter(self.network(by)),
            // The code that admins are shown proves nothing: whoever has it need not read the e-mail.
            verified: code.proof.is_some() || invite.invitee.is_none(),
            kept,
            ..self.new_sign_in(email).with_password(password)
        };
        let mut enrolment = Step::default();
        Self::add_sign_in(&mut enrolment, &sign_in, Conflict::SignedUp)?;
        let (amr, inside) = (vec![Method::Password], joined_by(&invite));
        let grant = self.begin_session(&mut enrolment, by, &sign_in, amr, inside).await?;
        self.audit_session(&mut enrolment, by, (sign_in.id, true), grant.session.id)?;
        let login = Login {
            invite: Some(code),
            account: None,
            register: false,
            account_name,
            first: new.first.clone(),
            last: new.last.clone(),
            language: new.language.clone(),
        };
        let identity = identity(&sign_in, self.now());
        let done = self.login_with(by, &identity, &login, &enrolment).await;
        if let (Some(guesses), Err(Error::Conflict(Conflict::SignedUp))) = (guesses, &done) {
            self.miss(&[guesses]).await;
        }
        let done = done?;
        let inside = grant.inside.map(|inside| Inside { role: done.user.role, ..inside });
        Ok((Grant { inside, ..grant }, done))
    }

    /// Counts a letter that somebody asks for, before anything is known of the address.
    pub(super) async fn ask_for_letter(&self, by: &By, email: &Email) -> Result<()> {
        let network = self.network(by).unwrap_or_default();
        let mut buckets = vec![
            Bucket::email(&LETTERS_FOR_EMAIL, email),
            Bucket::of(&LETTERS_FROM_NETWORK, &format!("{email} {network}")),
        ];
        buckets.extend(Bucket::caller(&LETTERS_FROM_ADDRESS, by));
        self.check_limits(&buckets).await?;
        self.miss(&buckets).await;
        Ok(())
    }
}

/// Where somebody is who joins by that invite. By the set-up code the account may have yet to be made.
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

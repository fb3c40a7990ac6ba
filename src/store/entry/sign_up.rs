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
        account::Account,
        code::{Code, InviteCode, OpenCode, Purpose},
        email::Email,
        id::SignUpId,
        invite::{Invite, Invitee},
        letter::Content,
        password::{NewPassword, Password},
        session::Method,
        sign_in::{Kept, SignIn, SignUp},
        text::{Language, Name},
        user::User,
    },
    store::{
        By, Error, LoginRefusal, Result, Store,
        counts::limits::{
            Bucket, LETTERS_FOR_EMAIL, LETTERS_FROM_ADDRESS, LETTERS_FROM_NETWORK, UNKNOWN_CODE,
        },
        counts::turns::own_turn,
        entry::guest::{Guest, LoggedIn, Login},
        ledger::{
            layout::{self},
            record::Stored,
            step::Step,
        },
        sign_in::{entering::Inside, password::known_about, session::Grant},
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
        self.ask_to_prove(by, email, new, None).await
    }

    /// Sends a code to the address. Who proves it accepts the invite, of which this is the digest, by that.
    async fn ask_to_prove(
        &self,
        by: &By,
        email: &Email,
        new: &NewIdentity,
        invite: Option<String>,
    ) -> Result<()> {
        // A password that is refused sends nothing, and so does not count.
        let letters = self.letter_buckets(by, email);
        self.check_limits(&letters).await?;
        let (turn, about) = (own_turn(by), known_about(email, [&new.first, &new.last]));
        self.refuse_common(turn.clone(), "password", &new.password, about).await?;
        self.miss(&letters).await?;
        let password = self.hasher.hash(turn, new.password.password()).await?;
        // Users whom others have made for the address, in whatever account, stand in nobody's way, and neither
        // does a sign-in whose address nobody has proved.
        let known = self.sign_in_by_email(email).await?;
        let now = self.now();
        let sign_up = SignUp {
            id: SignUpId::new(now, &self.random),
            email: email.clone(),
            first: new.first.clone(),
            last: new.last.clone(),
            language: new.language.clone(),
            password,
            invite,
            version: 0,
        };
        let purpose = Purpose::Verify(sign_up.id);
        let code = OpenCode::new(purpose, &self.codes, &self.random, now.plus(VERIFY_LIFETIME));
        let key = layout::sign_up(&code.digest);
        let expires = Some(code.expires.seconds());
        let content = match &known {
            Some(known) if known.verified => Content::AlreadySignedUp,
            known => Content::Verify { sign_up: sign_up.id, code, taken: known.is_some() },
        };
        let mut step = Step::default();
        // Where the address is taken nobody gets the code: it is kept so that all cases are alike.
        step.insert(Item { expires, ..layout::item(key, 1, &sign_up)? });
        let letter = self.new_letter(email, new.language.clone(), None, content);
        Self::post(&mut step, &letter)?;
        self.mark(&mut step, by)?;
        self.commit_unless_done(step).await
    }

    /// Proves the address of a sign-up, which becomes a sign-in with a first session; accepts the invite that it
    /// came with, if that is still open.
    ///
    /// # Errors
    /// `NotFound`, `Credentials` if the password is not the sign-up's, `AlreadyRegistered`.
    pub(crate) async fn verify_sign_up(
        &self,
        by: &By,
        code: &Code,
        password: &Password,
    ) -> Result<(Grant, Option<LoggedIn>)> {
        let guesses = Bucket::caller(&UNKNOWN_CODE, by);
        self.check_limits(&guesses).await?;
        let done = self.verify_with(by, code, password).await;
        if let Err(Error::NotFound(_) | Error::Credentials) = done {
            self.miss(&guesses).await?;
        }
        done
    }

    async fn verify_with(
        &self,
        by: &By,
        code: &Code,
        password: &Password,
    ) -> Result<(Grant, Option<LoggedIn>)> {
        let unknown = || Error::NotFound("code");
        let key = layout::sign_up(&code.digest());
        let sign_up: SignUp = self.load(key.clone()).await?.ok_or_else(unknown)?;
        if self.hasher.verify(own_turn(by), password, &sign_up.password).await? == Verdict::Wrong {
            return Err(Error::Credentials);
        }
        self.attempt(|| async {
            let sign_up: SignUp = self.load(key.clone()).await?.ok_or_else(unknown)?;
            let mut step = Step::default();
            step.remove(key.clone(), sign_up.version);
            Box::pin(self.enrol(step, by, sign_up)).await
        })
        .await
    }

    /// Commits `step` with the sign-in that a sign-up becomes; `None` if a race was lost.
    async fn enrol(
        &self,
        mut step: Step,
        by: &By,
        sign_up: SignUp,
    ) -> Result<Option<(Grant, Option<LoggedIn>)>> {
        let SignUp { email, first, last, language, password, invite, .. } = sign_up;
        let open = match invite {
            Some(digest) => self.invite_still_open(digest, &email).await?,
            None => None,
        };
        let sign_in = SignIn {
            first: first.clone(),
            last: last.clone(),
            language: language.clone(),
            networks: Vec::from_iter(self.network(by)),
            kept: open.as_ref().and_then(|open| keeping(&open.account)),
            unbound_until: match open {
                Some(_) => None,
                None => Some(self.now().plus(self.rules.trash_lifetime)),
            },
            ..self.new_sign_in(&email).with_password(password)
        };
        let joining = open.as_ref().map(|open| open.account.id);
        self.add_proved(&mut step, by, &sign_in, joining).await?;
        let inside = open.as_ref().and_then(|open| joined_by(&open.invite));
        let grant =
            self.begin_session(&mut step, by, &sign_in, vec![Method::Password], inside).await?;
        self.audit_session(&mut step, by, (sign_in.id, true), grant.session.id)?;
        let Some(OpenInvite { digest, invite, invitee, .. }) = open else {
            return Ok(self.commit(step).await?.then((grant, None)));
        };
        let login = Login { first, last, language, ..Login::default() };
        let identity = identity(&sign_in, self.now());
        let guest = Guest { by, identity: &identity, login: &login, enrolment: &step };
        let done = self.join(guest, (digest, false), &invite, &invitee).await?;
        Ok(done.map(|done| (grant.of(&done), Some(done))))
    }

    /// Signs up with an invite: the address is the one that it was sent to, which therefore need not be named. The
    /// code from the e-mail proves it, and the set-up code stands for any: with these one is in at once. With the
    /// code that admins are shown a letter is sent first, whoever has the address; then this is `None`.
    ///
    /// # Errors
    /// Those of the login, and `AlreadyRegistered` if somebody has proved the address before.
    pub(crate) async fn sign_up_invited(
        &self,
        by: &By,
        email: Option<&Email>,
        new: &NewIdentity,
        invitation: Invitation,
    ) -> Result<Option<(Grant, LoggedIn)>> {
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
        if let Some(invitee) = &invite.invitee {
            self.open_account(invitee.account_id).await?;
            if code.proof.is_none() {
                self.ask_to_prove(by, email, new, Some(code.code.digest())).await?;
                return Ok(None);
            }
        }
        let about = known_about(email, [&new.first, &new.last]);
        let password = self.own_new_hash(by, "password", &new.password, about).await?;
        let sign_in = SignIn {
            first: new.first.clone(),
            last: new.last.clone(),
            language: new.language.clone(),
            networks: Vec::from_iter(self.network(by)),
            ..self.new_sign_in(email).with_password(password)
        };
        let login = Login {
            invite: Some(code.clone()),
            account_name,
            first: new.first.clone(),
            last: new.last.clone(),
            language: new.language.clone(),
            ..Login::default()
        };
        self.attempt(|| Box::pin(self.enrol_invited(by, &sign_in, &invite, &login, &code)))
            .await
            .map(Some)
    }

    /// One try to make a sign-in that joins by an invite; `None` if a race was lost.
    async fn enrol_invited(
        &self,
        by: &By,
        sign_in: &SignIn,
        invite: &Invite,
        login: &Login,
        code: &InviteCode,
    ) -> Result<Option<(Grant, LoggedIn)>> {
        let account = match &invite.invitee {
            Some(invitee) => Some(self.open_account(invitee.account_id).await?),
            None => None,
        };
        let kept = account.as_ref().and_then(keeping);
        let sign_in = SignIn { kept, ..sign_in.clone() };
        let mut enrolment = Step::default();
        let joining = account.map(|account| account.id);
        self.add_proved(&mut enrolment, by, &sign_in, joining).await?;
        let (amr, inside) = (vec![Method::Password], joined_by(invite));
        let grant = self.begin_session(&mut enrolment, by, &sign_in, amr, inside).await?;
        self.audit_session(&mut enrolment, by, (sign_in.id, true), grant.session.id)?;
        let identity = identity(&sign_in, self.now());
        let guest = Guest { by, identity: &identity, login, enrolment: &enrolment };
        let done = self.accept_invite(guest, code).await?;
        Ok(done.map(|done| (grant.of(&done), done)))
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

    /// Counts a letter that somebody asks for, before anything is known of the address.
    pub(super) async fn ask_for_letter(&self, by: &By, email: &Email) -> Result<()> {
        let buckets = self.letter_buckets(by, email);
        self.check_limits(&buckets).await?;
        self.miss(&buckets).await?;
        Ok(())
    }

    /// Where letters that somebody asks for are counted.
    fn letter_buckets(&self, by: &By, email: &Email) -> Vec<Bucket> {
        let network = self.network(by).unwrap_or_default();
        let mut buckets = vec![
            Bucket::email(&LETTERS_FOR_EMAIL, email),
            Bucket::of(&LETTERS_FROM_NETWORK, &format!("{email} {network}")),
        ];
        buckets.extend(Bucket::caller(&LETTERS_FROM_ADDRESS, by));
        buckets
    }
}

/// The mark of a sign-in that is made by accepting an invite of the account.
fn keeping(account: &Account) -> Option<Kept> {
    account.managed.then(|| Kept::by(account))
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

//! Signing up with an email and a password.
//!
//! Nothing is claimed before the address is proved, so nobody can keep others from theirs; and
//! proving it takes the password, too, so that a person who opens the link in a letter does not
//! make somebody else's password valid.

use std::time::Duration;

use crate::{
    auth::password::Verdict,
    error::Fault,
    model::{
        code::{Code, OpenCode, Purpose},
        email::Email,
        id::SignUpId,
        letter::Content,
        password::{NewPassword, Password},
        session::{Authentication, Method},
        sign_in::{Credential, SignUp},
        text::{Language, Name},
    },
    store::{
        By, Error, LoginRefusal, Result, Store,
        counts::limits::{
            Bucket, LETTERS_FOR_EMAIL, LETTERS_FROM_ADDRESS, LETTERS_FROM_NETWORK, UNKNOWN_CODE,
        },
        counts::turns::own_turn,
        entry::{
            enrol::{Invitation, Newcomer},
            guest::LoggedIn,
        },
        ledger::{
            layout::{self},
            record::Stored,
            step::Step,
        },
        sign_in::{password::known_about, session::Grant},
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

impl Stored for SignUp {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
    }
}

impl Store {
    /// Sends a code to the address; the caller cannot tell whether the address has a sign-in.
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
            let SignUp { email, first, last, language, password, invite, .. } = sign_up;
            let credential = Credential::of_password(password);
            let shown = self.password_shown();
            let newcomer = Newcomer { email, first, last, language, credential, shown };
            Box::pin(self.enrol(step, by, &newcomer, invite)).await
        })
        .await
    }

    /// Signs up with an invite: the address is the one that it was sent to, which therefore need not be named. The
    /// code from the email proves it, and the setup code stands for any: with these one is in at once. With the
    /// code that admins see, a letter is always sent first; then this is `None`.
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
        let code = &invitation.code;
        let invite = self.shown_invite(by, code).await?;
        let email = match (&invite.invitee, email) {
            (Some(invitee), None) => &invitee.email,
            (Some(invitee), Some(email)) if invitee.email != *email => {
                return Err(Error::Login(LoginRefusal::InviteEmail));
            }
            (_, Some(email)) => email,
            (None, None) => {
                let why = "email is required: the setup code is not tied to one";
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
        let newcomer = Newcomer {
            email: email.clone(),
            first: new.first.clone(),
            last: new.last.clone(),
            language: new.language.clone(),
            credential: Credential::of_password(password),
            shown: self.password_shown(),
        };
        let invited = (&invite, &invitation);
        self.attempt(|| Box::pin(self.enrol_invited(Step::default(), by, &newcomer, invited)))
            .await
            .map(Some)
    }

    /// That somebody has chosen a password just now.
    fn password_shown(&self) -> Authentication {
        Authentication { amr: vec![Method::Password], at: Some(self.now()) }
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

//! Showing once more who one is: by a credential, or by a code from the own mailbox.
//!
//! It makes no session and lengthens none: what it changes is when a credential was last shown. Guesses are
//! counted for the session alone, apart from those of strangers at the email.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{
    auth::{identity::Identity, password::Verdict},
    clock::Timestamp,
    error::Fault,
    model::{
        code::{OpenCode, Purpose},
        confirmation::{Confirmation, EmailCode},
        email::Email,
        id::SessionId,
        letter::Content,
        page_key::PageKey,
        password::Password,
        session::{Method, Session},
        sign_in::SignIn,
        text::Language,
        totp::SecondFactor,
    },
    store::{
        By, Conflict, Error, Result, Store,
        counts::limits::{
            Bucket, LETTERS_FOR_EMAIL, LETTERS_FROM_ADDRESS, LETTERS_TO_CONFIRM, WRONG_FOR_EMAIL,
            missed,
        },
        entry::sign_in::all_known,
        ledger::{layout, record::Stored, step::Step},
        sign_in::{
            entering::Inside,
            renewing::{Exchange, replace},
        },
    },
    table::Item,
};

/// How long a code can be typed in.
const CODE_LIFETIME: Duration = Duration::from_mins(10);

/// What somebody shows; one of these.
pub(crate) enum Shown {
    /// The password.
    Password(Password),
    /// A code of the second factor.
    Second(SecondFactor),
    /// A code from the mailbox, and what the page has that asked for it.
    Mailed(EmailCode, PageKey),
}

/// Where a code goes, and for whom it counts.
struct Mailbox {
    whose: String,
    /// What letters are counted for, beside those of the session.
    person: String,
    email: Email,
    language: Option<Language>,
}

/// A session whose person shows something once more.
struct Confirmable {
    session: Session,
    sign_in: SignIn,
    /// The account that the token is for.
    inside: Option<Inside>,
}

impl Stored for Confirmation {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
    }
}

impl Store {
    /// Sends a code to the person's own address. Returns what it counts with, and until when.
    ///
    /// # Errors
    /// `SessionEnded`, `Limited`, `NoMailbox` if no address of the person is known for sure.
    pub(crate) async fn send_code(
        &self,
        by: &By,
        identity: &Identity,
    ) -> Result<(PageKey, Timestamp)> {
        let Mailbox { whose, person, email, language } = self.mailbox_of(identity).await?;
        // Apart from those that strangers ask for: they are not to keep anybody from this.
        let mut letters = vec![
            Bucket::of(&LETTERS_TO_CONFIRM, &whose),
            Bucket::of(&LETTERS_FOR_EMAIL, &format!("confirm {person}")),
        ];
        letters.extend(Bucket::caller(&LETTERS_FROM_ADDRESS, by));
        self.check_limits(&letters).await?;
        self.miss(&letters).await?;
        let key = PageKey::new(&self.random);
        let expires = self.now().plus(CODE_LIFETIME);
        let code = OpenCode::new(Purpose::Confirm, &self.codes, &self.random, expires);
        let asked = Confirmation::new(whose, email, code);
        let mut step = Step::default();
        step.insert(confirmation_item(&key, &asked, 1)?);
        let content = Content::ConfirmCode { request: key.digest(), code: asked.code };
        Self::post(&mut step, &self.new_letter(&asked.email, language, None, content))?;
        self.commit_unless_done(step).await?;
        Ok((key, expires))
    }

    async fn mailbox_of(&self, identity: &Identity) -> Result<Mailbox> {
        if let Some(id) = identity.session {
            let (_, sign_in) = self.session_of(identity).await?;
            if !sign_in.verified {
                // It may be somebody else's.
                return Err(Error::NoMailbox);
            }
            return Ok(Mailbox {
                whose: session_mark(id),
                person: sign_in.id.to_string(),
                email: sign_in.email,
                language: sign_in.language,
            });
        }
        let email = identity.trusted_email().ok_or(Error::NoMailbox)?.clone();
        let whose = layout::identity_partition(&identity.key);
        Ok(Mailbox { person: whose.clone(), whose, email, language: None })
    }

    /// Notes that the person of a session has shown a credential, or read the own mailbox, just now.
    ///
    /// # Errors
    /// `Field` if it is the wrong one, or if another is asked for; `SessionEnded`, `Limited`, `Overloaded`; `Login`
    /// if the person is not let into the token's account any more.
    pub(crate) async fn confirm_session(
        &self,
        by: &By,
        identity: &Identity,
        shown: &Shown,
    ) -> Result<Exchange> {
        // Before anything is tried: nothing is to be learned where nothing can be done.
        let seen = self.confirmable(identity, shown).await?;
        // Only for this session: a thief of its token must not lock out the others.
        let whose = session_mark(seen.session.id);
        self.counted(&whose, shown, self.try_confirm_session(by, identity, seen, shown)).await
    }

    /// Carries out what goes by something that can be guessed at, and counts it if it was wrong.
    ///
    /// # Errors
    /// `Limited`, before it is carried out; `Field` for what was wrong; what else it fails with.
    async fn counted<T>(
        &self,
        whose: &str,
        shown: &Shown,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let guesses = [Bucket::of(&WRONG_FOR_EMAIL, &format!("confirm {whose}"))];
        self.check_limits(&guesses).await?;
        let done = work.await;
        if missed(&done) {
            self.miss(&guesses).await?;
            return Err(wrong(shown));
        }
        if done.is_ok() {
            self.forgive(&guesses).await;
        }
        done
    }

    async fn try_confirm_session(
        &self,
        by: &By,
        identity: &Identity,
        seen: Confirmable,
        shown: &Shown,
    ) -> Result<Exchange> {
        if let Shown::Password(password) = shown
            && self.verify_password(by, Some(&seen.sign_in), password).await? == Verdict::Wrong
        {
            return Err(Error::Credentials);
        }
        let (epoch, network) = (seen.sign_in.epoch, self.network(by));
        // Once it has lost a race, it is read again.
        let first = Mutex::new(Some(seen));
        self.attempt(|| async {
            let seen = first.lock().unwrap_or_else(PoisonError::into_inner).take();
            let Confirmable { session, sign_in: before, inside } = match seen {
                Some(seen) => seen,
                None => self.confirmable(identity, shown).await?,
            };
            if before.epoch != epoch {
                return Err(Error::SessionEnded);
            }
            let mut step = Step::default();
            let (mut after, methods) = match shown {
                Shown::Password(_) => (before.clone(), vec![Method::Password]),
                Shown::Second(code) => {
                    let used = self.use_second_factor(before.clone(), Some(code))?;
                    (used, vec![Method::OneTimeCode])
                }
                Shown::Mailed(code, key) => {
                    let whose = session_mark(session.id);
                    let mailbox = (whose.as_str(), &before.email);
                    if !self.use_code(&mut step, (code, key), mailbox).await? {
                        return Ok(None);
                    }
                    (before.clone(), Vec::new())
                }
            };
            if let Some(network) = network.as_ref().filter(|it| !before.knows_network(it)) {
                after.remember_network(network.clone());
                self.tell_of_new_network(&mut step, by, &before)?;
            }
            self.tell_of_recovery(&mut step, by, (&before, &after))?;
            self.change_sign_in_record(&mut step, &before, &after).await?;
            let at = self.now();
            let confirmed = session.clone().confirmed(methods, at);
            let confirmed = self.entered(confirmed, by, inside, at);
            replace(&mut step, &session, &confirmed)?;
            self.audit_session(&mut step, by, (after.id, true), session.id)?;
            let done = Exchange { sign_in: after, session: confirmed, inside, at };
            Ok(self.commit(step).await?.then(done))
        })
        .await
    }

    /// Whose session a token is of, and where the token says that its person is.
    ///
    /// # Errors
    /// `SessionEnded`, `Login`; `Field` if something else is to be shown.
    async fn confirmable(&self, identity: &Identity, shown: &Shown) -> Result<Confirmable> {
        let (session, sign_in) = self.session_of(identity).await?;
        all_known(&sign_in)?;
        require_what_counts(&sign_in, shown)?;
        let inside = match identity.member {
            Some((account, _)) => self.inside_from(&sign_in, &session, Some(account)).await?,
            None => None,
        };
        Ok(Confirmable { session, sign_in, inside })
    }

    /// Records that the holder of this token of another issuer has just read the mailbox. Returns until
    /// when that counts.
    ///
    /// # Errors
    /// `Conflict` for what is with the other issuer; `Field`, `Limited`, `NoMailbox`.
    pub(crate) async fn confirm_token(
        &self,
        identity: &Identity,
        shown: &Shown,
    ) -> Result<Timestamp> {
        let Mailbox { whose, email, .. } = self.mailbox_of(identity).await?;
        let Shown::Mailed(code, key) = shown else {
            return Err(Error::Conflict(Conflict::OutsideIdentity));
        };
        let work = self.attempt(|| async {
            let mut step = Step::default();
            if !self.use_code(&mut step, (code, key), (&whose, &email)).await? {
                return Ok(None);
            }
            let until = self.note_fresh(&mut step, identity)?;
            Ok(self.commit(step).await?.then(until))
        });
        self.counted(&whose, shown, work).await
    }

    /// Adds to `step` that a code from the mailbox is used up; `false` if another one was tried at this very moment.
    ///
    /// # Errors
    /// `WrongCode`; that is counted against the code, too.
    async fn use_code(
        &self,
        step: &mut Step,
        (code, key): (&EmailCode, &PageKey),
        (whose, email): (&str, &Email),
    ) -> Result<bool> {
        let place = layout::confirmation(&key.digest());
        let asked: Option<Confirmation> = self.load(place.clone()).await?;
        let asked = asked.filter(|asked| asked.whose == whose && asked.email == *email);
        let asked = asked.ok_or(Error::WrongCode)?;
        let version = asked.version;
        if asked.opens_with(code, &self.codes) {
            step.remove(place, version);
            return Ok(true);
        }
        let mut miss = Step::default();
        match asked.missed() {
            Some(left) => miss.replace(confirmation_item(key, &left, version + 1)?, version),
            None => miss.remove(place, version),
        }
        if self.commit(miss).await?.then(()).is_some() { Err(Error::WrongCode) } else { Ok(false) }
    }
}

/// That what is shown is what this sign-in has to show.
///
/// # Errors
/// `Field`, which names what to send.
fn require_what_counts(sign_in: &SignIn, shown: &Shown) -> Result<()> {
    let fault = match (sign_in.second_factor().is_some(), shown) {
        (true, Shown::Password(_) | Shown::Mailed(..)) => {
            let why = "totp is required, because your second factor is on";
            Fault::new("totp", "required", why)
        }
        (false, Shown::Second(_)) => {
            let why = "your second factor is off; send currentPassword, or emailCode and key";
            Fault::new("totp", "unexpected", why)
        }
        (true, Shown::Second(_)) | (false, Shown::Password(_) | Shown::Mailed(..)) => return Ok(()),
    };
    Err(Error::Field(fault))
}

fn wrong(shown: &Shown) -> Error {
    let (field, why) = match shown {
        Shown::Password(_) => ("currentPassword", "currentPassword is wrong"),
        Shown::Second(_) => ("totp", "totp is wrong or was used before"),
        Shown::Mailed(..) => {
            let why = "emailCode is wrong, has expired, or was requested in another session; session/code sends a \
                new one";
            ("emailCode", why)
        }
    };
    Error::Field(Fault::new(field, "wrong", why))
}

/// For whom a code counts that was asked for in a session.
fn session_mark(id: SessionId) -> String {
    format!("session#{id}")
}

fn confirmation_item(key: &PageKey, asked: &Confirmation, version: u64) -> Result<Item> {
    let item = layout::item(layout::confirmation(&key.digest()), version, asked)?;
    Ok(Item { expires: Some(asked.code.expires.seconds()), ..item })
}

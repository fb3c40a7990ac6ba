//! Signing in with an email, a password and perhaps a second factor.
//!
//! A stranger learns nothing here: for an email that nobody has the same work is done, and the
//! answer is the same, as for a wrong password.
//!
//! Guesses count for the email, and for the email from the network that they come from, whether or not its owner has
//! ever come from there. So while strangers keep the email locked, its owner gets in from a known network with the
//! right password, and callers who do not know that get the same reply everywhere.

use crate::{
    auth::{identity::Presence, password::Verdict},
    model::{
        audit::Target,
        email::Email,
        id::AccountId,
        letter::Content,
        password::Password,
        provider::Ticket,
        session::{Authentication, Method},
        sign_in::SignIn,
        totp::SecondFactor,
    },
    security::Event,
    store::{
        By, Error, Result, Store,
        counts::limits::{Bucket, WRONG_AT_ADDRESS, WRONG_FOR_EMAIL, missed},
        counts::turns::own_turn,
        ledger::{attempt::attempt_from, audit::log_event, commit::Committed, layout, step::Step},
        sign_in::{entering::Entrant, session::Grant},
    },
    table,
};

/// What somebody shows to sign in.
pub(crate) struct Offered {
    /// The address.
    pub(crate) email: Email,
    /// The password.
    pub(crate) password: Password,
    /// A code of the second factor.
    pub(crate) second: Option<SecondFactor>,
}

/// Somebody who has shown who it is.
pub(super) struct Arrival<'a> {
    /// The sign-in.
    pub(super) before: &'a SignIn,
    /// What it becomes by what was shown.
    pub(super) after: SignIn,
    /// What that was.
    pub(super) shown: Authentication,
    /// The account that the person names.
    pub(super) account: Option<AccountId>,
}

impl Store {
    /// Begins a session for a caller who shows the right password, and a code where one is asked for.
    ///
    /// # Errors
    /// `Credentials`, `WrongCode`, `SecondFactor` if only a code is missing, `Limited`, `Overloaded`; `Login` if the
    /// person is not let into the account that it names.
    pub(crate) async fn sign_in(
        &self,
        by: &By,
        shown: &Offered,
        account: Option<AccountId>,
    ) -> Result<Grant> {
        self.sign_in_and_link(by, shown, account, None).await
    }

    /// The same, and links the identity at a provider that a ticket is about.
    ///
    /// # Errors
    /// Those of [`Store::sign_in`], and of linking: `Conflict`, `InvalidState`.
    pub(super) async fn sign_in_and_link(
        &self,
        by: &By,
        shown: &Offered,
        account: Option<AccountId>,
        linking: Option<&Ticket>,
    ) -> Result<Grant> {
        let of_address = Bucket::caller(&WRONG_AT_ADDRESS, by);
        self.check_limits(&of_address).await?;
        let found = self.sign_in_by_email(&shown.email).await?;
        let network = self.network(by);
        let from_network =
            Vec::from_iter(network.as_deref().map(|it| guesses_from(&shown.email, it)));
        self.check_limits(&from_network).await?;
        let of_email = [Bucket::email(&WRONG_FOR_EMAIL, &shown.email)];
        let locked = match self.check_limits(&of_email).await {
            Ok(()) => None,
            Err(Error::Limited { retry_after, rule }) => Some((retry_after, rule)),
            Err(error) => return Err(error),
        };
        let is_known = network.as_deref().is_some_and(|network| {
            found.as_ref().is_some_and(|sign_in| sign_in.knows_network(network))
        });
        // Strangers wait equally long for every email: only with the right password does it matter
        // that a network is known.
        let done = if locked.is_some() && !is_known {
            self.verify_password(by, found.as_ref(), &shown.password).await?;
            Err(Error::Credentials)
        } else {
            self.show_credentials(by, (shown, account), found.as_ref(), linking).await
        };
        if missed(&done) {
            self.miss(&of_address).await?;
            self.miss(&from_network).await?;
            match locked {
                // A caller that is turned away does not lengthen the lock.
                Some((retry_after, rule)) => return Err(Error::Limited { retry_after, rule }),
                None => self.miss(&of_email).await?,
            }
        } else if done.is_ok() {
            // Not what is counted for all: that somebody has just signed in is nobody else's business.
            self.forgive(&from_network).await;
        }
        done
    }

    /// Begins a session for somebody who shows the credentials of the sign-in that was `seen`.
    async fn show_credentials(
        &self,
        by: &By,
        (shown, account): (&Offered, Option<AccountId>),
        seen: Option<&SignIn>,
        linking: Option<&Ticket>,
    ) -> Result<Grant> {
        let stronger = match self.verify_password(by, seen, &shown.password).await? {
            Verdict::Wrong => return Err(Error::Credentials),
            Verdict::Right => None,
            Verdict::Outdated => Some(self.hasher.hash(own_turn(by), &shown.password).await?),
        };
        let seen = seen.ok_or(Error::Credentials)?;
        let stronger = stronger.as_ref();
        let read = async || self.sign_in_record(seen.id).await?.ok_or(Error::Credentials);
        let once = async |before: SignIn| {
            if before.epoch != seen.epoch {
                // Changed at this very moment: what was shown is of yesterday.
                return Err(Error::Credentials);
            }
            all_known(&before)?;
            let mut after = self.use_second_factor(before.clone(), shown.second.as_ref())?;
            if let Some(stronger) = stronger {
                after = after.with_password(stronger.clone());
            }
            let mut step = Step::default();
            if let Some(ticket) = linking {
                after = self.link_by_ticket(&mut step, by, after, ticket).await?;
            }
            let amr = methods(&before, Method::Password);
            let shown = Authentication { amr, at: Some(self.now()) };
            self.arrive(step, by, Arrival { before: &before, after, shown, account }).await
        };
        // Read again only where it has changed meanwhile: the step is for the version that was read.
        attempt_from(&self.random, Some(seen.clone()), read, once).await
    }

    /// Commits `step` with a session for somebody who has shown who it is; `None` if a race was lost.
    ///
    /// # Errors
    /// `Login` if the person is not let into the account that it names.
    pub(super) async fn arrive(
        &self,
        mut step: Step,
        by: &By,
        arrival: Arrival<'_>,
    ) -> Result<Option<Grant>> {
        let Arrival { before, mut after, shown, account } = arrival;
        self.tell_of_recovery(&mut step, by, (before, &after))?;
        if let Some(network) = self.network(by) {
            if !before.knows_network(&network) && !before.networks.is_empty() {
                self.tell_of_new_network(&mut step, by, before)?;
            }
            after.remember_network(network);
        }
        // One that nobody has proved does not keep its address for longer by being used.
        if after.unbound_until.is_some() && after.verified {
            after.unbound_until = Some(self.now().plus(self.rules.trash_lifetime));
        }
        self.change_sign_in_record(&mut step, before, &after).await?;
        let (identity, presence) = (after.identity(), Presence::NEW);
        let entrant = Entrant { identity: &identity, presence: &presence, account, last: None };
        let inside = match self.inside(entrant).await {
            Err(Error::Login(refusal)) => {
                // Using the right password is recorded, even where it opens nothing.
                self.audit_person(&mut step, by, (after.id, true), &[])?;
                let done = self.commit(step).await? == Committed::Done;
                return if done { Err(Error::Login(refusal)) } else { Ok(None) };
            }
            inside => inside?,
        };
        let grant = self.begin_session(&mut step, by, &after, shown, inside).await?;
        log_event(&mut step, by, Event::SignedIn, (Target::SignIn(after.id), None));
        self.audit_session(&mut step, by, (after.id, true), grant.session.id)?;
        Ok(self.commit(step).await?.then(grant))
    }

    pub(super) fn tell_of_new_network(
        &self,
        step: &mut Step,
        by: &By,
        sign_in: &SignIn,
    ) -> Result<()> {
        let content = Content::NewSignIn {
            at: self.now(),
            address: by.address.map(|address| address.to_string()),
            agent: by.agent.clone(),
        };
        self.tell_person(step, sign_in, content)
    }
}

/// Where guesses at a password are counted that come from one network.
pub(super) fn guesses_from(email: &Email, network: &str) -> Bucket {
    Bucket::of(&WRONG_FOR_EMAIL, &format!("{email} {network}"))
}

/// What somebody has shown who has come in: of a code that nobody asked for, nothing is known.
pub(super) fn methods(sign_in: &SignIn, first: Method) -> Vec<Method> {
    match sign_in.second_factor() {
        None => vec![first],
        Some(_) => vec![first, Method::OneTimeCode, Method::Several],
    }
}

/// That this program knows all that may be asked of somebody who signs in. A newer one, which runs
/// beside it during an upgrade, may have stored a second factor of another kind.
///
/// # Errors
/// `Table`, as for a record that cannot be read.
pub(super) fn all_known(sign_in: &SignIn) -> Result<()> {
    if sign_in.credentials.are_known() {
        return Ok(());
    }
    let why = "it has a credential of a kind that only a newer Guestlist knows".to_owned();
    Err(Error::Table(table::Error::Corrupt { key: layout::sign_in(sign_in.id), why }))
}

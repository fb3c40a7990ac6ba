//! Showing what a ticket asks for, so that an identity at a provider opens a sign-in.
//!
//! What is wrong uses nothing up. What is right, the ticket and the session are one transaction.

use crate::{
    clock::Timestamp,
    error::{Fault, WRONG},
    model::{
        confirmation::EmailCode,
        id::SignInId,
        page_key::PageKey,
        password::Password,
        provider::{Asks, Proven, Ticket},
        session::{Authentication, Method},
        totp::SecondFactor,
    },
    store::{
        By, Error, Result, Store,
        counts::limits::{Bucket, WRONG_AT_ADDRESS, WRONG_FOR_EMAIL, missed},
        entry::{
            sign_in::{Arrival, Offered, all_known, methods},
            ticket::Outcome,
        },
        ledger::{layout, step::Step},
        sign_in::session::Grant,
    },
};

/// What somebody shows for a ticket.
pub(crate) struct Evidence {
    /// The password of the sign-in that has the address, or a code from its mailbox.
    pub(crate) first: Option<FirstFactor>,
    /// A code of the second factor.
    pub(crate) second: Option<SecondFactor>,
}

/// What shows that somebody is the one who has the address.
pub(crate) enum FirstFactor {
    /// The password.
    Password(Password),
    /// A code from the mailbox.
    Mailed(EmailCode),
}

impl Store {
    /// Sends a code to the address of a ticket.
    ///
    /// # Errors
    /// `InvalidState`, `Limited`; `Field` if the ticket asks for none.
    pub(crate) async fn send_code_for_ticket(
        &self,
        by: &By,
        (text, key): (&str, &PageKey),
    ) -> Result<Timestamp> {
        let ticket = self.open_ticket(by, text, key).await?;
        if let Asks::SecondFactor { .. } = ticket.asks {
            let why =
                "link asks for totp, a code of your second factor, not for a code from an email";
            return Err(Error::Field(Fault::new("link", "unexpected", why)));
        }
        self.ask_for_letter(by, &ticket.email).await?;
        let known = self.sign_in_by_email(&ticket.email).await?;
        self.send_digits(by, &ticket, known.as_ref()).await?;
        Ok(ticket.expires)
    }

    /// Signs somebody in who shows what a ticket asks for; the identity is linked from then on. Also returns at which
    /// provider.
    ///
    /// # Errors
    /// `InvalidState`, `Credentials`, `WrongCode`, `SecondFactor`, `Field`, `Login`, `Conflict`, `Limited`.
    pub(crate) async fn use_ticket(
        &self,
        by: &By,
        (text, key): (&str, &PageKey),
        shown: Evidence,
        serves: impl Fn(&Proven) -> bool,
    ) -> Result<(String, Outcome)> {
        let ticket = self.open_ticket(by, text, key).await?;
        if !serves(&ticket.proven) {
            return Err(Error::InvalidState);
        }
        let done = Box::pin(self.show_for(by, &ticket, shown)).await?;
        Ok((ticket.proven.provider, done))
    }

    async fn show_for(
        &self,
        by: &By,
        ticket: &Ticket,
        Evidence { first, second }: Evidence,
    ) -> Result<Outcome> {
        let is_in = |grant| Ok(Outcome::In(Box::new(grant), None));
        match (ticket.asks, first) {
            (Asks::SecondFactor { .. }, Some(_)) => {
                let why = "link asks for totp, a code of your second factor, and nothing else";
                Err(Error::Field(Fault::new("link", "unexpected", why)))
            }
            (Asks::SecondFactor { .. }, None) => {
                is_in(self.show_second_factor(by, ticket, second.as_ref()).await?)
            }
            (Asks::Credential | Asks::Code, None) => {
                let why =
                    "emailCode is required or, where link asks for a credential, currentPassword";
                Err(Error::Field(Fault::new("emailCode", "required", why)))
            }
            (Asks::Code, Some(FirstFactor::Password(_))) => {
                let why = "link asks for emailCode: a code was sent to the address";
                Err(Error::Field(Fault::new("currentPassword", "unexpected", why)))
            }
            (Asks::Credential, Some(FirstFactor::Password(password))) => {
                let offered = Offered { email: ticket.email.clone(), password, second };
                // The account that it wishes for is entered afterwards, if the person is in it.
                is_in(self.sign_in_and_link(by, &offered, None, Some(ticket)).await?)
            }
            (Asks::Credential | Asks::Code, Some(FirstFactor::Mailed(code))) => {
                self.show_mailed(by, ticket, &code, second.as_ref()).await
            }
        }
    }

    /// Signs somebody in by a linked identity and a code of the second factor.
    async fn show_second_factor(
        &self,
        by: &By,
        ticket: &Ticket,
        second: Option<&SecondFactor>,
    ) -> Result<Grant> {
        let Asks::SecondFactor { sign_in, epoch } = ticket.asks else {
            return Err(Error::InvalidState);
        };
        let mut guesses = vec![guesses_at_factor(sign_in)];
        guesses.extend(Bucket::caller(&WRONG_AT_ADDRESS, by));
        self.check_limits(&guesses).await?;
        let done = self.attempt(|| async {
            let before = self.sign_in_by_provider(&ticket.proven.identity).await?;
            let before = before.filter(|it| it.id == sign_in && it.epoch == epoch);
            let before = before.ok_or(Error::InvalidState)?;
            all_known(&before)?;
            let after = self.use_second_factor(before.clone(), second)?;
            let mut step = Step::default();
            self.use_up(&mut step, (&ticket.used_as(), ticket.expires))?;
            // That was shown to us, and now.
            let shown =
                Authentication { amr: methods(&before, Method::Federated), at: Some(self.now()) };
            let account = self.account_wished(&before, &ticket.wish).await?;
            self.arrive(step, by, Arrival { before: &before, after, shown, account }).await
        });
        let done = done.await;
        if missed(&done) {
            self.miss(&guesses).await?;
        }
        done
    }

    /// Signs somebody in who reads what is sent to the address: into the sign-in that has it, or into a new one.
    async fn show_mailed(
        &self,
        by: &By,
        ticket: &Ticket,
        code: &EmailCode,
        second: Option<&SecondFactor>,
    ) -> Result<Outcome> {
        let guesses = Bucket::caller(&WRONG_AT_ADDRESS, by);
        self.check_limits(&guesses).await?;
        let done = self.attempt(|| Box::pin(self.try_mailed(by, ticket, code, second)));
        match done.await {
            Err(Error::WrongCode) => {
                self.miss(&guesses).await?;
                let why = "emailCode is wrong or has expired; provider/code sends a new one";
                Err(Error::Field(Fault::new("emailCode", WRONG, why)))
            }
            Err(Error::Credentials) => {
                self.miss(&guesses).await?;
                Err(Error::WrongCode)
            }
            done => done,
        }
    }

    /// One try. `WrongCode` is about the code from the mailbox, `Credentials` about the second factor, which is counted for
    /// the sign-in and against the ticket.
    async fn try_mailed(
        &self,
        by: &By,
        ticket: &Ticket,
        code: &EmailCode,
        second: Option<&SecondFactor>,
    ) -> Result<Option<Outcome>> {
        let Some(asked) = self.opened_by_code(ticket, code).await? else { return Ok(None) };
        let mut step = Step::default();
        step.remove(layout::confirmation(&ticket.used_as()), asked.version);
        let at = Some(self.now());
        let known = self.sign_in_by_email(&ticket.email).await?;
        let Some(before) = known.filter(|known| known.verified) else {
            self.use_up(&mut step, (&ticket.used_as(), ticket.expires))?;
            let newcomer = self.newcomer(&ticket.proven, (&ticket.wish, &ticket.email), at);
            let made = self.admit_newcomer(by, step, &newcomer, &ticket.wish).await?;
            return Ok(made.map(|(grant, done)| Outcome::In(Box::new(grant), done.map(Box::new))));
        };
        all_known(&before)?;
        let guesses = [guesses_at_factor(before.id)];
        if before.second_factor().is_some() {
            // Only now, so that nobody but the reader of the mailbox learns that there is one; and before it is known
            // whether the code is right.
            self.check_limits(&guesses).await?;
        }
        let used = match self.use_second_factor(before.clone(), second) {
            Err(Error::WrongCode) => {
                if !self.count_try(ticket, asked).await? {
                    return Ok(None);
                }
                self.miss(&guesses).await?;
                return Err(Error::Credentials);
            }
            used => used?,
        };
        let after = self.link_by_ticket(&mut step, by, used, ticket).await?;
        let shown = Authentication { amr: methods(&before, Method::Federated), at };
        let account = self.account_wished(&before, &ticket.wish).await?;
        let arrival = Arrival { before: &before, after, shown, account };
        Ok(self.arrive(step, by, arrival).await?.map(|grant| Outcome::In(Box::new(grant), None)))
    }
}

/// Where guesses at a second factor are counted that come with an identity at a provider.
fn guesses_at_factor(sign_in: SignInId) -> Bucket {
    Bucket::of(&WRONG_FOR_EMAIL, &format!("totp {sign_in}"))
}

//! Tickets: what somebody holds whom a provider has told and who has something to show yet, and the codes that are sent
//! for them.

use crate::{
    clock::Timestamp,
    model::{
        code::{OpenCode, Purpose},
        confirmation::{Confirmation, EmailCode},
        email::Email,
        letter::Content,
        page_key::PageKey,
        provider::{Asks, Proven, Sealed, Show, Ticket, Wish},
        sign_in::SignIn,
    },
    store::{
        By, Error, Result, Store,
        counts::limits::{Bucket, UNKNOWN_CODE},
        entry::guest::LoggedIn,
        ledger::{layout, step::Step},
        sign_in::session::Grant,
    },
    table::Item,
};

/// What comes of a sign-in with a provider.
pub(crate) enum Outcome {
    /// The person is signed in, and may have joined an account.
    In(Box<Grant>, Option<Box<LoggedIn>>),
    /// A code is on its way to the address; the ticket goes with it.
    Pending {
        /// The sealed ticket.
        ticket: String,
        /// Until when.
        expires: Timestamp,
    },
}

impl Store {
    /// A new ticket.
    pub(super) fn ticket(
        &self,
        about: (Asks, &Email),
        said: (&Proven, &Wish),
        key: &PageKey,
    ) -> Ticket {
        Ticket::new(about, said, key, (self.now(), &self.random))
    }

    /// What is to be shown for a ticket.
    pub(super) fn show(&self, ticket: &Ticket, second_factor: bool) -> Result<Show> {
        Ok(Show { second_factor, ticket: self.seal(ticket)?, expires: ticket.expires })
    }

    /// Gives somebody a ticket that asks for a code, and sends the code; the letter is counted already.
    pub(super) async fn send_ticket_code(
        &self,
        by: &By,
        (proven, wish, email): (&Proven, &Wish, &Email),
        known: Option<&SignIn>,
        key: &PageKey,
    ) -> Result<Outcome> {
        let ticket = self.ticket((Asks::Code, email), (proven, wish), key);
        self.send_digits(by, &ticket, known).await?;
        Ok(Outcome::Pending { ticket: self.seal(&ticket)?, expires: ticket.expires })
    }

    /// Sends a new code for a ticket, replacing the previous one, if it is of use to the recipient; what
    /// is to be seen of it is the same.
    pub(super) async fn send_digits(
        &self,
        by: &By,
        ticket: &Ticket,
        known: Option<&SignIn>,
    ) -> Result<()> {
        let has_invite = ticket.wish.invite.is_some();
        let may_sign_up = self.may_sign_up(&ticket.email).await?;
        let place = layout::confirmation(&ticket.used_as());
        self.attempt(|| async {
            let before: Option<Confirmation> = self.load(place.clone()).await?;
            if before.as_ref().is_some_and(Confirmation::is_spent) {
                // No other code would open anything.
                return Err(Error::InvalidState);
            }
            let code = OpenCode::new(Purpose::Confirm, &self.codes, &self.random, ticket.expires);
            let asked = match &before {
                Some(before) => before.clone().sent_again(code.clone()).ok_or_else(|| {
                    let retry_after = ticket.expires.since(self.now());
                    Error::Limited { retry_after, rule: "codes_of_ticket" }
                })?,
                None => Confirmation::new(ticket.used_as(), ticket.email.clone(), code.clone()),
            };
            let mut step = Step::default();
            let item = |version| -> Result<Item> {
                let item = layout::item(place.clone(), version, &asked)?;
                Ok(Item { expires: Some(ticket.expires.seconds()), ..item })
            };
            match &before {
                Some(before) => step.replace(item(before.version + 1)?, before.version),
                None => step.insert(item(1)?),
            }
            if known.is_some() || may_sign_up || has_invite {
                let content = Content::ProviderCode {
                    request: ticket.used_as(),
                    code,
                    provider: ticket.proven.label.clone(),
                    known: known.is_some_and(|known| known.verified),
                    taken: known.is_some_and(|known| !known.verified),
                };
                let language = known.map_or(&ticket.wish.language, |known| &known.language);
                let letter = self.new_letter(&ticket.email, language.clone(), None, content);
                Self::post(&mut step, &letter)?;
            } else {
                // In place of the letter.
                let spare =
                    OpenCode::new(Purpose::Confirm, &self.codes, &self.random, code.expires);
                let key = layout::confirmation(&spare.digest);
                step.insert(Item { key, ..item(1)? });
            }
            self.mark(&mut step, by)?;
            Ok(self.commit(step).await?.then(()))
        })
        .await
    }

    /// Opens a state or a ticket that comes with the page's key. Who shows many that are not good has to wait.
    ///
    /// # Errors
    /// `InvalidState`, `Limited`.
    pub(super) async fn open_sealed<T: Sealed>(
        &self,
        by: &By,
        text: &str,
        key: &PageKey,
    ) -> Result<T> {
        let guesses = Bucket::caller(&UNKNOWN_CODE, by);
        self.check_limits(&guesses).await?;
        let Some(opened) = T::open(text, key, &self.sealed_providers, self.now()) else {
            self.miss(&guesses).await?;
            return Err(Error::InvalidState);
        };
        Ok(opened)
    }

    pub(super) async fn open_ticket(&self, by: &By, text: &str, key: &PageKey) -> Result<Ticket> {
        let ticket: Ticket = self.open_sealed(by, text, key).await?;
        if self.is_used_up(&ticket.used_as()).await? {
            Err(Error::InvalidState)
        } else {
            Ok(ticket)
        }
    }

    /// What a ticket's code is known by, if it is the right one; `None` if another one was tried at this very moment.
    ///
    /// # Errors
    /// `WrongCode`, which is counted against the ticket, whose codes share their tries; `InvalidState` once they are used
    /// up.
    pub(super) async fn opened_by_code(
        &self,
        ticket: &Ticket,
        code: &EmailCode,
    ) -> Result<Option<Confirmation>> {
        let asked: Option<Confirmation> =
            self.load(layout::confirmation(&ticket.used_as())).await?;
        let asked = asked.ok_or(Error::WrongCode)?;
        if asked.is_spent() {
            return Err(Error::InvalidState);
        }
        if asked.opens_with(code, &self.codes) {
            return Ok(Some(asked));
        }
        let is_counted = self.count_try(ticket, asked).await?;
        if is_counted { Err(Error::WrongCode) } else { Ok(None) }
    }

    /// Counts against a ticket that something wrong was shown for it; `false` if something else was at this very moment.
    pub(super) async fn count_try(&self, ticket: &Ticket, asked: Confirmation) -> Result<bool> {
        let (place, version) = (layout::confirmation(&ticket.used_as()), asked.version);
        let mut miss = Step::default();
        let item = layout::item(place, version + 1, &asked.tried_in_vain())?;
        miss.replace(Item { expires: Some(ticket.expires.seconds()), ..item }, version);
        Ok(self.commit(miss).await?.then(()).is_some())
    }
}

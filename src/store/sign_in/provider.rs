//! Identities at providers as what somebody signs in with: linking them, taking them off, and the sealed texts that
//! go with them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    auth::identity::Identity,
    clock::Timestamp,
    model::{
        audit::Target,
        letter::Content,
        provider::{Linking, Proven, Sealed, State, Ticket},
        sign_in::{MAX_PROVIDERS, ProviderCredential, SignIn},
        user::IdentityKey,
    },
    security::Event,
    store::{
        By, Conflict, Error, Result, Store,
        counts::limits::{Bucket, CHANGES_OF_PROVIDERS},
        ledger::{audit::log_event, commit::Committed, layout, record::Stored, step::Step},
        sign_in::notices::address_of,
    },
    table::{self, Item},
};

/// For how long it is kept that a state or a ticket was used: for longer than any call takes, whatever the clock does.
const USED_FOR: Duration = Duration::from_hours(24);

/// That a state or a ticket was used.
#[derive(Serialize, Deserialize)]
struct Used {}

impl Stored for Used {
    fn adopt(&mut self, _: &Item) {}
}

/// What somebody can sign in with, for the person to look at.
pub(crate) struct WaysIn {
    /// Whether there is a password.
    pub(crate) password: bool,
    /// The identities at providers.
    pub(crate) providers: Vec<ProviderCredential>,
}

impl Store {
    /// A state or a ticket as it goes out.
    pub(in crate::store) fn seal<T: Sealed>(&self, what: &T) -> Result<String> {
        let sealed = what.seal(&self.sealed_providers);
        sealed.ok_or_else(|| Error::Table(table::Error::Invalid("sealing failed".to_owned())))
    }

    /// Adds to `step` that a state or a ticket is used, which no other use has been before.
    pub(in crate::store) fn use_up(
        &self,
        step: &mut Step,
        (id, expires): (&str, Timestamp),
    ) -> Result<()> {
        let item = layout::item(layout::provider_used(id), 1, &Used {})?;
        // Clocks differ, and one may leap between a use and the next, which has looked at the state before it.
        let kept = expires.max(self.now()).plus(USED_FOR);
        let item = Item { expires: Some(kept.seconds()), ..item };
        step.claim(item, Some(Conflict::StateUsed));
        Ok(())
    }

    /// Whether a state or a ticket was used.
    pub(in crate::store) async fn is_used_up(&self, id: &str) -> Result<bool> {
        let used: Option<Used> = self.load(layout::provider_used(id)).await?;
        Ok(used.is_some())
    }

    /// Marks a state as used, before anything is done with it.
    ///
    /// # Errors
    /// `Conflict` if it was used before.
    pub(crate) async fn use_up_state(&self, state: &State) -> Result<()> {
        let mut step = Step::default();
        self.use_up(&mut step, (&state.id(), state.expires()))?;
        match self.commit(step).await? {
            Committed::Done => Ok(()),
            Committed::Stale => Err(Error::Conflict(Conflict::StateUsed)),
        }
    }

    /// Adds to `step` that a sign-in is opened by an identity at a provider from now on, that its person hears of it, and
    /// that the ticket is used up. Returns the sign-in.
    ///
    /// # Errors
    /// `Conflict` if nobody has proved its address, or if there are too many; `Limited`.
    pub(in crate::store) async fn link_by_ticket(
        &self,
        step: &mut Step,
        by: &By,
        sign_in: SignIn,
        ticket: &Ticket,
    ) -> Result<SignIn> {
        self.use_up(step, (&ticket.used_as(), ticket.expires))?;
        self.link(step, by, sign_in, &ticket.proven).await
    }

    /// The same without a ticket.
    ///
    /// # Errors
    /// `Conflict` if nobody has proved its address, or if there are too many; `Limited`.
    pub(in crate::store) async fn link(
        &self,
        step: &mut Step,
        by: &By,
        sign_in: SignIn,
        proven: &Proven,
    ) -> Result<SignIn> {
        if !sign_in.verified {
            return Err(Error::Conflict(Conflict::Unproved));
        }
        if sign_in.provider(&proven.identity).is_none()
            && sign_in.providers().count() >= MAX_PROVIDERS
        {
            return Err(Error::Conflict(Conflict::TooManyProviders));
        }
        let changes = [Bucket::of(&CHANGES_OF_PROVIDERS, &sign_in.id.to_string())];
        self.check_limits(&changes).await?;
        self.miss(&changes).await?;
        let content = Content::ProviderLinked {
            provider: proven.label.clone(),
            email: proven.email.clone(),
            at: self.now(),
            address: address_of(by),
        };
        self.tell_person(step, &sign_in, content)?;
        let of = Target::SignIn(sign_in.id);
        log_event(step, by, Event::ProviderLinked, (of, Some(proven.provider.clone())));
        self.audit_person(step, by, (sign_in.id, true), &["providers"])?;
        Ok(sign_in.with_provider(proven.credential(self.now())))
    }

    /// Links an identity at a provider in the session in which that was asked for.
    ///
    /// # Errors
    /// `InvalidState` if it is another session, or anything has been changed since that ends sessions; `Conflict`,
    /// `Limited`, `SessionEnded`.
    pub(crate) async fn link_in_session(
        &self,
        by: &By,
        identity: &Identity,
        (asked, proven): (&Linking, &Proven),
    ) -> Result<()> {
        self.attempt(|| async {
            let (session, before) = self.session_of(identity).await?;
            if (before.id, before.epoch, session.id) != (asked.sign_in, asked.epoch, asked.session)
            {
                return Err(Error::InvalidState);
            }
            let mut step = Step::default();
            step.check(layout::session(before.id, session.id), session.version);
            let after = self.link(&mut step, by, before.clone(), proven).await?;
            self.change_sign_in_record(&mut step, &before, &after).await?;
            Ok(self.commit(step).await?.then(()))
        })
        .await
    }

    /// What somebody can sign in with.
    ///
    /// # Errors
    /// `SessionEnded`.
    pub(crate) async fn ways_in(&self, identity: &Identity) -> Result<WaysIn> {
        let (_, sign_in) = self.session_of(identity).await?;
        let providers = self.own_providers(&sign_in).await?;
        Ok(WaysIn { password: sign_in.password().is_some(), providers })
    }

    /// Those identities that open the sign-in: what its record says counts where the claim agrees.
    pub(in crate::store) async fn own_providers(
        &self,
        sign_in: &SignIn,
    ) -> Result<Vec<ProviderCredential>> {
        let mut own = Vec::new();
        for linked in sign_in.providers() {
            let opens = self.sign_in_by_provider(&linked.identity()).await?;
            if opens.is_some_and(|opens| opens.id == sign_in.id) {
                own.push(linked.clone());
            }
        }
        Ok(own)
    }

    /// Takes identities at providers off the own sign-in, whose other sessions end.
    ///
    /// # Errors
    /// `NotFound` if there is none that is meant, `Conflict` if nothing else would open the sign-in, `Limited`,
    /// `SessionEnded`.
    pub(crate) async fn unlink(
        &self,
        by: &By,
        identity: &Identity,
        meant: &IdentityKey,
    ) -> Result<()> {
        self.attempt(|| async {
            let (session, before) = self.session_of(identity).await?;
            let gone = before.provider(meant).ok_or(Error::NotFound("linked identity"))?.clone();
            let after = before.clone().without_providers(|it| it.identity() == *meant);
            let has_others = !self.own_providers(&after).await?.is_empty();
            if after.password().is_none() && !has_others {
                return Err(Error::Conflict(Conflict::LastCredential));
            }
            let changes = [Bucket::of(&CHANGES_OF_PROVIDERS, &before.id.to_string())];
            self.check_limits(&changes).await?;
            self.miss(&changes).await?;
            let mut step = Step::default();
            let epoch = self.begin_epoch(&mut step, &before, after, Some(session.id)).await?;
            let content = Content::ProviderRemoved {
                provider: gone.label.clone(),
                email: gone.email.clone(),
                at: self.now(),
                address: address_of(by),
            };
            self.tell_person(&mut step, &before, content)?;
            let of = Target::SignIn(before.id);
            log_event(&mut step, by, Event::ProviderRemoved, (of, Some(gone.provider)));
            self.audit_person(&mut step, by, (before.id, true), &["providers"])?;
            if self.commit(step).await? == Committed::Stale {
                return Ok(None);
            }
            self.sweep_sessions(&epoch.sign_in).await?;
            Ok(Some(()))
        })
        .await
    }
}

//! Signing in by a provider: what comes of what it has said about a person.
//!
//! An identity that is linked opens its sign-in. Any other opens none by its address: where somebody has proved that, a
//! credential is to be shown first, or a code from the mailbox; and where nobody knows whether the address is the
//! person's, a code in any case.

use crate::{
    auth::identity::{Identity, Presence},
    clock::Timestamp,
    model::{
        code::InviteCode,
        email::Email,
        id::AccountId,
        invite::Invitee,
        page_key::PageKey,
        provider::{Asks, Goal, Linking, Proven, State, Wish},
        session::{Authentication, Method},
        sign_in::{Credential, SignIn},
        text::Name,
    },
    store::{
        By, Conflict, Error, LoginRefusal, Result, Store,
        counts::limits::{Bucket, UNKNOWN_CODE},
        entry::{
            enrol::{Invitation, Newcomer},
            guest::LoggedIn,
            sign_in::{Arrival, all_known},
            ticket::Outcome,
        },
        ledger::step::Step,
        sign_in::{entering::Entrant, session::Grant},
    },
};

/// A sign-in with a provider that has begun.
pub(crate) struct Begun {
    /// What goes to the provider.
    pub(crate) state: State,
    /// The same, sealed.
    pub(crate) sealed: String,
    /// What the page keeps.
    pub(crate) key: PageKey,
}

/// An invite that somebody shows, and whom it was sent to.
pub(super) struct ShownInvite {
    code: InviteCode,
    invitee: Option<Invitee>,
}

impl Store {
    /// Begins a sign-in with a provider. Nothing is stored.
    pub(crate) fn begin_with_provider(&self, provider: &str, wish: Wish) -> Result<Begun> {
        self.begin(provider, Goal::SignIn(wish))
    }

    /// Begins to link an identity at a provider to the own sign-in.
    ///
    /// # Errors
    /// `Conflict` if nobody has proved its address, `SessionEnded`.
    pub(crate) async fn begin_linking(&self, identity: &Identity, provider: &str) -> Result<Begun> {
        let (session, sign_in) = self.session_of(identity).await?;
        if !sign_in.verified {
            return Err(Error::Conflict(Conflict::Unproved));
        }
        let (id, epoch) = (sign_in.id, sign_in.epoch);
        self.begin(provider, Goal::Link(Linking { sign_in: id, epoch, session: session.id }))
    }

    fn begin(&self, provider: &str, goal: Goal) -> Result<Begun> {
        let key = PageKey::new(&self.random);
        let state = State::new((provider, goal), &key, self.now(), &self.random);
        let sealed = self.seal(&state)?;
        Ok(Begun { state, sealed, key })
    }

    /// Opens a state that has come back with the page's key. Who shows many that are not good has to wait.
    ///
    /// # Errors
    /// `InvalidState`, `Limited`.
    pub(crate) async fn open_state(&self, by: &By, text: &str, key: &PageKey) -> Result<State> {
        self.open_sealed(by, text, key).await
    }

    /// Counts codes that a provider rejects: made-up codes are counted like other guesses.
    pub(crate) async fn count_refused(&self, by: &By) -> Result<()> {
        let guesses = Bucket::caller(&UNKNOWN_CODE, by);
        self.check_limits(&guesses).await?;
        self.miss(&guesses).await
    }

    /// Signs somebody in of whom a provider has said that.
    ///
    /// # Errors
    /// `Show` if something is to be shown first; `NoAddress`, `Login`, `Conflict`, `Limited`.
    pub(crate) async fn enter_by_provider(
        &self,
        by: &By,
        (wish, key): (&Wish, &PageKey),
        proven: &Proven,
    ) -> Result<Outcome> {
        if let Some(grant) = self.enter_linked(by, (wish, key), proven).await? {
            return Ok(Outcome::In(Box::new(grant), None));
        }
        let email = proven.email.as_ref().ok_or(Error::NoAddress)?;
        let shown = self.invite_shown(by, wish).await?;
        let is_proved = match &shown {
            // The code from the email proves the address that it was sent to, if it is this person's: anybody may have
            // passed it on.
            Some(ShownInvite { code, invitee: Some(invitee) }) => {
                proven.trusted_email().is_some()
                    || (code.proof.is_some() && invitee.email == *email)
            }
            Some(ShownInvite { invitee: None, .. }) => {
                if !proven.verified {
                    // The first root user is not somebody by a stranger's word.
                    return Err(Error::Login(LoginRefusal::EmailUnverified));
                }
                true
            }
            None => proven.trusted_email().is_some(),
        };
        if is_proved && let Some(invitee) = shown.as_ref().and_then(|it| it.invitee.as_ref()) {
            self.require_invitee(invitee, email)?;
        }
        // Before anything is known of the address.
        self.ask_for_letter(by, email).await?;
        let known = self.sign_in_by_email(email).await?;
        match (&known, is_proved) {
            (Some(known), true) if known.verified => {
                let ticket = self.ticket((Asks::Credential, email), (proven, wish), key);
                Err(Error::Show(Box::new(self.show(&ticket, false)?)))
            }
            // Proving it takes the address off its current user, so a click alone is not enough.
            (Some(_), true) | (_, false) => {
                self.send_ticket_code(by, (proven, wish, email), known.as_ref(), key).await
            }
            (None, true) => {
                let newcomer = self.newcomer(proven, (wish, email), proven.auth_time);
                let make = || Box::pin(self.admit_newcomer(by, Step::default(), &newcomer, wish));
                let (grant, done) = self.attempt(make).await?;
                Ok(Outcome::In(Box::new(grant), done.map(Box::new)))
            }
        }
    }

    /// Signs somebody in by an identity that is linked; `None` if it is linked to nothing.
    async fn enter_linked(
        &self,
        by: &By,
        (wish, key): (&Wish, &PageKey),
        proven: &Proven,
    ) -> Result<Option<Grant>> {
        self.attempt(|| async {
            let Some(before) = self.sign_in_by_provider(&proven.identity).await? else {
                return Ok(Some(None));
            };
            all_known(&before)?;
            if before.second_factor().is_some() {
                let asks = Asks::SecondFactor { sign_in: before.id, epoch: before.epoch };
                let ticket = self.ticket((asks, &before.email), (proven, wish), key);
                return Err(Error::Show(Box::new(self.show(&ticket, true)?)));
            }
            let shown = Authentication { amr: vec![Method::Federated], at: proven.auth_time };
            let account = self.account_wished(&before, wish).await?;
            let arrival = Arrival { before: &before, after: before.clone(), shown, account };
            Ok(self.arrive(Step::default(), by, arrival).await?.map(Some))
        })
        .await
    }

    /// The account that somebody wants to be in, if the person is in it.
    pub(super) async fn account_wished(
        &self,
        sign_in: &SignIn,
        wish: &Wish,
    ) -> Result<Option<AccountId>> {
        let presence = Presence::NEW;
        let identity = sign_in.identity();
        let account = wish.account;
        let entrant = Entrant { identity: &identity, presence: &presence, account, last: None };
        match self.inside(entrant).await {
            Ok(_) => Ok(account),
            Err(Error::Login(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The invite that somebody wants to join by.
    pub(super) async fn invite_shown(&self, by: &By, wish: &Wish) -> Result<Option<ShownInvite>> {
        let Some(code) = wish.invite.as_deref().and_then(InviteCode::parse) else {
            return Ok(None);
        };
        let invite = self.shown_invite(by, &code).await?;
        if let Some(invitee) = &invite.invitee {
            self.open_account(invitee.account_id).await?;
        }
        Ok(Some(ShownInvite { code, invitee: invite.invitee }))
    }

    fn require_invitee(&self, invitee: &Invitee, email: &Email) -> Result<()> {
        if invitee.email == *email || self.rules.invite_any_email {
            return Ok(());
        }
        Err(Error::Login(LoginRefusal::InviteEmail))
    }

    /// Commits `step` with a sign-in for somebody who has proved the address, and may make one; `None` if a race was
    /// lost.
    ///
    /// # Errors
    /// `Login` if strangers may not.
    pub(super) async fn admit_newcomer(
        &self,
        by: &By,
        step: Step,
        newcomer: &Newcomer,
        wish: &Wish,
    ) -> Result<Option<(Grant, Option<LoggedIn>)>> {
        let code = wish.invite.as_deref().and_then(InviteCode::parse);
        let invite = match &code {
            Some(code) => match self.shown_invite(by, code).await {
                Ok(invite) => Some(invite),
                // It was used, or voided, since it was shown first.
                Err(Error::NotFound(_) | Error::Conflict(Conflict::InviteUsed)) => None,
                Err(error) => return Err(error),
            },
            None => None,
        };
        if let (Some(code), Some(invite)) = (code, invite) {
            let is_meant = invite.invitee.as_ref().is_none_or(|invitee| {
                invitee.email == newcomer.email || self.rules.invite_any_email
            });
            if is_meant {
                let account_name = wish.account_name.clone();
                let invitation = Invitation { code, account_name };
                let done = self.enrol_invited(step, by, newcomer, (&invite, &invitation)).await?;
                return Ok(done.map(|(grant, done)| (grant, Some(done))));
            }
        }
        if !self.may_sign_up(&newcomer.email).await? {
            return Err(Error::Login(LoginRefusal::NotRegistered));
        }
        self.enrol(step, by, newcomer, None).await
    }

    /// Somebody who signs in with this identity alone.
    pub(super) fn newcomer(
        &self,
        proven: &Proven,
        (wish, email): (&Wish, &Email),
        at: Option<Timestamp>,
    ) -> Newcomer {
        let name = |claim: &Option<String>| claim.as_deref().and_then(Name::of_claim);
        Newcomer {
            email: email.clone(),
            first: name(&proven.first),
            last: name(&proven.last),
            language: wish.language.clone(),
            credential: Credential::Provider(proven.credential(self.now())),
            shown: Authentication { amr: vec![Method::Federated], at },
        }
    }
}

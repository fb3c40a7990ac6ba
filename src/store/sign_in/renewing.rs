//! What comes after a sign-in: new tokens in place of the old ones, and others beside them.

use std::time::Duration;

use crate::{
    auth::identity::Identity,
    clock::Timestamp,
    model::{
        audit::Target,
        id::AccountId,
        refresh_token::RefreshToken,
        session::{Recognised, Session},
        sign_in::{SignIn, sign_in_of},
    },
    security::Event,
    store::{
        By, Error, Result, Store,
        ledger::{audit::log_event, layout, memory::Touched, step::Step},
        sign_in::{
            entering::{Entrant, Inside, presence_of},
            session::{Grant, session_item},
        },
    },
};

/// How much later than the noted use of an account the next one is noted, where nothing else is written.
const USE_INTERVAL: Duration = Duration::from_mins(10);

/// What somebody gets for an access token: another one is made from it.
pub(crate) struct Exchange {
    /// Who it is.
    pub(crate) sign_in: SignIn,
    /// The session.
    pub(crate) session: Session,
    /// The account that the token is for.
    pub(crate) inside: Option<Inside>,
    /// When this was.
    pub(crate) at: Timestamp,
}

impl Store {
    /// Renews a session by its latest token, or by the one before that, whose reply may have been lost.
    /// Any other of its tokens ends it: two have it.
    ///
    /// # Errors
    /// `SessionEnded` if the token renews nothing (any more); `Login` if the person is not let into the account
    /// that it names, and then the token stays what it is.
    pub(crate) async fn refresh_session(
        &self,
        by: &By,
        token: &RefreshToken,
        account: Option<AccountId>,
    ) -> Result<Grant> {
        self.attempt(|| async {
            let key = layout::session(token.sign_in_id, token.id);
            let session: Session = self.load(key).await?.ok_or(Error::SessionEnded)?;
            if session.cookie != by.cookie {
                return Err(Error::SessionEnded);
            }
            let at = self.now();
            let recognised = session.recognise(token, at);
            match recognised {
                Recognised::Stranger => return Err(Error::SessionEnded),
                Recognised::Used => {
                    self.end_stolen(by, &session).await?;
                    return Err(Error::SessionEnded);
                }
                Recognised::New | Recognised::Again | Recognised::Late | Recognised::Latest => {}
            }
            let sign_in = self.sign_in_of_session(&session).await?;
            let inside = self.inside_from(&sign_in, &session, account).await?;
            let (renewed, refresh) = match recognised {
                Recognised::Latest => {
                    session.renewed(token, (at, self.rules.sessions), &self.random)
                }
                Recognised::Late => {
                    tracing::warn!(session = %session.id, "a refresh token was shown again, late");
                    session.renewed_again(token, at, &self.random)
                }
                Recognised::New => (session.clone(), token.clone()),
                Recognised::Again | Recognised::Stranger | Recognised::Used => {
                    (session.clone(), session.successor(token))
                }
            };
            let turns = matches!(recognised, Recognised::Latest | Recognised::Late);
            let writes = turns || !is_entered(&session, inside);
            let renewed = self.entered(renewed, by, inside, at);
            let grant = |session| Grant { sign_in, session, refresh, inside, at };
            if !writes {
                self.count_refresh(recognised);
                return Ok(Some(grant(session)));
            }
            let mut step = Step::default();
            replace(&mut step, &session, &renewed)?;
            let done = self.commit(step).await?.then(grant(renewed));
            if done.is_some() {
                self.count_refresh(recognised);
            }
            Ok(done)
        })
        .await
    }

    fn count_refresh(&self, recognised: Recognised) {
        let refreshes = &self.refreshes;
        match recognised {
            Recognised::Latest => refreshes.turned.inc(),
            Recognised::New | Recognised::Again => refreshes.again.inc(),
            Recognised::Late => refreshes.late.inc(),
            Recognised::Used => refreshes.stolen.inc(),
            Recognised::Stranger => return,
        };
    }

    /// Ends a session of which a token was shown that is void.
    async fn end_stolen(&self, by: &By, session: &Session) -> Result<()> {
        let mut step = Step::default();
        Self::end(&mut step, session);
        log_event(&mut step, by, Event::RefreshTokenReused, (Target::Session(session.id), None));
        self.commit_unless_done(step).await?;
        self.count_refresh(Recognised::Used);
        Ok(())
    }

    /// What a token of a session is exchanged for: a token for the account that is named, or the same one.
    ///
    /// # Errors
    /// `SessionEnded` if it is of none, or that has ended; `Login` if the person is not let into the account.
    pub(crate) async fn exchange(
        &self,
        by: &By,
        identity: &Identity,
        account: Option<AccountId>,
    ) -> Result<Exchange> {
        let (Some(sign_in), Some(id)) = (sign_in_of(&identity.key), identity.session) else {
            return Err(Error::SessionEnded);
        };
        let account = account.or(identity.member.map(|(account, _)| account));
        self.attempt(|| async {
            let at = self.now();
            let session: Option<Session> = self.load(layout::session(sign_in, id)).await?;
            let session = session.ok_or(Error::SessionEnded)?;
            let sign_in = self.sign_in_of_session(&session).await?;
            let inside = self.inside_from(&sign_in, &session, account).await?;
            if is_noted(&session, inside, at) {
                return Ok(Some(Exchange { sign_in, session, inside, at }));
            }
            let entered = self.entered(session.clone(), by, inside, at);
            let mut step = Step::default();
            replace(&mut step, &session, &entered)?;
            let exchange = Exchange { sign_in, session: entered, inside, at };
            Ok(self.commit(step).await?.then(exchange))
        })
        .await
    }

    /// The sign-in of a session, if the session is of its present epoch.
    pub(in crate::store) async fn sign_in_of_session(&self, session: &Session) -> Result<SignIn> {
        let sign_in = self.sign_in_record(session.sign_in_id).await?;
        sign_in.filter(|it| it.epoch == session.epoch).ok_or(Error::SessionEnded)
    }

    /// Where the person of a session is.
    pub(in crate::store) async fn inside_from(
        &self,
        sign_in: &SignIn,
        session: &Session,
        account: Option<AccountId>,
    ) -> Result<Option<Inside>> {
        let identity = sign_in.identity();
        let presence = presence_of(session);
        let last = session.last_entry();
        self.inside(Entrant { identity: &identity, presence: &presence, account, last }).await
    }

    /// The session, which has entered the account that its tokens are for.
    pub(in crate::store) fn entered(
        &self,
        session: Session,
        by: &By,
        inside: Option<Inside>,
        at: Timestamp,
    ) -> Session {
        match inside {
            Some(Inside { account, user, .. }) => {
                session.enter((account, user), by.origin(), (at, &self.random))
            }
            None => session,
        }
    }
}

/// Whether the session is in the account already; in none it needs no entry.
fn is_entered(session: &Session, inside: Option<Inside>) -> bool {
    inside.is_none_or(|Inside { account, user, .. }| session.entry((account, user)).is_some())
}

/// Whether the session is in the account already, and it is noted that the account was used lately.
fn is_noted(session: &Session, inside: Option<Inside>, at: Timestamp) -> bool {
    inside.is_none_or(|Inside { account, user, .. }| {
        let entry = session.entry((account, user));
        entry.is_some_and(|entry| at.since(entry.used) < USE_INTERVAL)
    })
}

/// Adds to `step` that a session becomes what it is `after`, for all that remember it.
pub(in crate::store) fn replace(step: &mut Step, before: &Session, after: &Session) -> Result<()> {
    step.replace(session_item(after, before.version + 1)?, before.version);
    if after.entered.iter().any(|it| before.entry((it.account_id, it.user_id)).is_none()) {
        step.touched.push(Touched::Session(before.id));
    }
    Ok(())
}

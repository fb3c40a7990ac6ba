//! Fresh sign-ins: whether somebody has shown a credential just now, and what else would do.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{
    auth::identity::Identity,
    caller::{Caller, CallingUser},
    clock::Timestamp,
    error::Reauthentication,
    model::{
        session::{CONFIRMED_FOR, FRESH_FOR, Session, is_fresh},
        sign_in::{SignIn, sign_in_of},
    },
    store::{
        By, Conflict, Error, Result, Store,
        ledger::{guard::FreshCheck, layout, record::Stored, step::Step},
    },
    table::Item,
};

/// What somebody can show who has nothing but the mailbox.
const EMAIL_CODE: &[&str] = &["emailCode"];

/// Whether somebody has shown a credential just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Freshness {
    /// Within the last ten minutes.
    Fresh,
    /// Longer ago; one of these fields of `session/confirm` would do.
    Stale(&'static [&'static str]),
    /// Nobody can tell, and there is no way to show it.
    Unknown,
}

/// That the person with a token of another issuer has shown a code of the own mailbox.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store) struct FreshToken {}

impl Stored for FreshToken {
    fn adopt(&mut self, _: &Item) {}
}

impl Store {
    /// Whether the person has shown a credential just now who has this token. Nothing that is remembered counts, and
    /// of a session's tokens only those that were made since.
    ///
    /// # Errors
    /// `SessionEnded`.
    async fn freshness(&self, identity: &Identity) -> Result<Freshness> {
        let now = self.now();
        let is_said = identity.auth_time.is_some_and(|at| is_fresh(at, now));
        if identity.session.is_some() {
            let (session, sign_in) = self.session_of(identity).await?;
            let is_fresh = is_said && session.auth_time().is_some_and(|at| is_fresh(at, now));
            return Ok(if is_fresh { Freshness::Fresh } else { Freshness::Stale(means(&sign_in)) });
        }
        let noted = layout::fresh_token(&token_digest(identity));
        if is_said || self.load::<FreshToken>(noted).await?.is_some() {
            return Ok(Freshness::Fresh);
        }
        let has_mailbox = identity.trusted_email().is_some();
        Ok(if has_mailbox { Freshness::Stale(EMAIL_CODE) } else { Freshness::Unknown })
    }

    /// Requires that the person has shown a credential just now.
    ///
    /// # Errors
    /// `NotFresh`, which says what would do; `SessionEnded`.
    pub(crate) async fn check_fresh(&self, check: &FreshCheck) -> Result<()> {
        let FreshCheck::Token(identity) = check else { return Ok(()) };
        let confirm_by = match self.freshness(identity).await? {
            Freshness::Fresh => return Ok(()),
            Freshness::Stale(confirm_by) => confirm_by,
            Freshness::Unknown => &[],
        };
        Err(Error::NotFresh(Reauthentication { max_age: FRESH_FOR, confirm_by }))
    }

    /// The same in a step, of the caller; its reply is not repeated without that, either.
    ///
    /// # Errors
    /// As [`Store::check_fresh`].
    pub(in crate::store) async fn require_fresh(&self, by: &By) -> Result<()> {
        self.check_fresh(&by.fresh).await?;
        if let Some(once) = &by.once {
            once.take_fresh();
        }
        Ok(())
    }

    /// Requires of somebody who has no password to type again that something else was shown just now, in the calling
    /// session and for the call's own token. Signing in does not count: a session that is stolen has begun so, too.
    ///
    /// # Errors
    /// `NotFresh`, which says what would do; `SessionEnded`, `Conflict` if no session calls.
    pub(super) async fn require_confirmed(&self, by: &By, sign_in: &SignIn) -> Result<()> {
        let Caller::User(CallingUser { session: Some(id), auth_time, .. }) = by.caller else {
            return Err(Error::Conflict(Conflict::NoSession));
        };
        let session: Option<Session> = self.load(layout::session(sign_in.id, id)).await?;
        let session = session.filter(|session| session.epoch == sign_in.epoch);
        let shown = session.ok_or(Error::SessionEnded)?.confirmed_at();
        // Tokens count in seconds.
        let is_of_token =
            |at: Timestamp| auth_time.is_some_and(|said| said.seconds() >= at.seconds());
        let is_recent = |at: Timestamp| self.now().since(at) <= CONFIRMED_FOR;
        if shown.is_some_and(|at| is_recent(at) && is_of_token(at)) {
            return Ok(());
        }
        let confirm_by = means(sign_in);
        Err(Error::NotFresh(Reauthentication { max_age: CONFIRMED_FOR, confirm_by }))
    }

    /// The session of a token, and the sign-in that it is of.
    ///
    /// # Errors
    /// `SessionEnded`
    pub(in crate::store) async fn session_of(
        &self,
        identity: &Identity,
    ) -> Result<(Session, SignIn)> {
        let (Some(sign_in), Some(id)) = (sign_in_of(&identity.key), identity.session) else {
            return Err(Error::SessionEnded);
        };
        let session: Option<Session> = self.load(layout::session(sign_in, id)).await?;
        let session = session.ok_or(Error::SessionEnded)?;
        let sign_in = self.sign_in_of_session(&session).await?;
        Ok((session, sign_in))
    }

    /// Adds to `step` that a token of another issuer is fresh from now on; returns until when.
    pub(in crate::store) fn note_fresh(
        &self,
        step: &mut Step,
        identity: &Identity,
    ) -> Result<Timestamp> {
        let until = self.now().plus(FRESH_FOR);
        let item = layout::item(layout::fresh_token(&token_digest(identity)), 1, &FreshToken {})?;
        // The table counts in seconds.
        let expires = Some(until.plus(Duration::from_millis(999)).seconds());
        step.overwrite(Item { expires, ..item });
        Ok(until)
    }
}

/// What somebody can show whose sign-in that is. A second factor is there so that nothing else will do.
fn means(sign_in: &SignIn) -> &'static [&'static str] {
    if sign_in.second_factor().is_some() {
        &["totp"]
    } else if sign_in.password().is_some() {
        // An address that nobody has proved may be somebody else's.
        if sign_in.verified { &["currentPassword", "emailCode"] } else { &["currentPassword"] }
    } else {
        EMAIL_CODE
    }
}

fn token_digest(identity: &Identity) -> String {
    URL_SAFE_NO_PAD.encode(identity.token)
}

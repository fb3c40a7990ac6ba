//! Sessions: what follows a sign-in, renewed by refresh tokens until it ends.
//!
//! A session lies in the partition of its sign-in, so that all of them can be listed and ended
//! without a delay. It belongs to an epoch of the sign-in and ends with that: also one that nobody
//! has got round to removing is not renewed.

use crate::{
    auth::identity::Identity,
    clock::Timestamp,
    model::{
        audit::Target,
        id::{SessionId, SignInId},
        session::{Method, Origin, Recognised, RefreshToken, Session},
        sign_in::{SignIn, sign_in_of},
        user::{IdentityKey, User},
    },
    store::{
        By, Error, Reach, Result, Store,
        find::select::Selector,
        ledger::{
            guard::may_change,
            layout,
            memory::Touched,
            page::{Order, Page, PageRequest, Walk},
            record::{self, Stored},
            step::Step,
        },
    },
    table::{Index, Item, Query, Range},
};

/// How many sessions one person may have at once; the oldest gives way.
const MAX_SESSIONS: usize = 50;

/// What somebody gets who has signed in: access tokens are made from it.
pub(crate) struct Grant {
    /// Who it is.
    pub(crate) sign_in: SignIn,
    /// The session.
    pub(crate) session: Session,
    /// What renews it.
    pub(crate) refresh: RefreshToken,
    /// When this was.
    pub(crate) at: Timestamp,
}

/// What a sign-in becomes in a new epoch.
pub(in crate::store) struct NewEpoch {
    /// The sign-in, for [`Store::sweep_sessions`] once the step is committed.
    pub(in crate::store) sign_in: SignIn,
    /// The session that goes on, if one does.
    pub(in crate::store) kept: Option<SessionId>,
}

impl Stored for Session {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
    }
}

impl Store {
    /// Renews a session by its latest token, or by the one before that, whose reply may have been lost.
    /// Any other of its tokens ends it: two have it.
    ///
    /// # Errors
    /// `SessionEnded` if the token renews nothing (any more).
    pub(crate) async fn refresh_session(&self, token: &RefreshToken) -> Result<Grant> {
        self.attempt(|| async {
            let key = layout::session(token.sign_in_id, token.id);
            let session: Session = self.load(key).await?.ok_or(Error::SessionEnded)?;
            let at = self.now();
            let (renewed, refresh) = match session.recognise(token, at) {
                Recognised::Stranger => return Err(Error::SessionEnded),
                Recognised::Used => {
                    self.end_stolen(&session).await?;
                    return Err(Error::SessionEnded);
                }
                Recognised::Again => (None, session.successor(token)),
                Recognised::Late => {
                    tracing::warn!(session = %session.id, "a refresh token was shown again, late");
                    let (renewed, refresh) = session.renewed_again(token, at, &self.random);
                    (Some(renewed), refresh)
                }
                Recognised::Latest => {
                    let times = (at, self.rules.sessions);
                    let (renewed, refresh) = session.renewed(token, times, &self.random);
                    (Some(renewed), refresh)
                }
            };
            let sign_in = self.sign_in_record(session.sign_in_id).await?;
            let sign_in = sign_in.filter(|it| it.epoch == session.epoch);
            let sign_in = sign_in.ok_or(Error::SessionEnded)?;
            let Some(renewed) = renewed else {
                return Ok(Some(Grant { sign_in, session, refresh, at }));
            };
            let mut step = Step::default();
            step.replace(session_item(&renewed, session.version + 1)?, session.version);
            let grant = Grant { sign_in, session: renewed, refresh, at };
            Ok(self.commit(step).await?.then(grant))
        })
        .await
    }

    /// Ends a session of which a token was shown that is void.
    async fn end_stolen(&self, session: &Session) -> Result<()> {
        let mut step = Step::default();
        Self::end(&mut step, session);
        self.commit_unless_done(step).await?;
        tracing::warn!(session = %session.id, "a refresh token was used twice");
        Ok(())
    }

    /// A page of a user's sessions, the latest first.
    pub(crate) async fn sessions(
        &self,
        by: &By,
        reach: Reach,
        who: &Selector,
        page: &PageRequest,
    ) -> Result<Page<Session>> {
        let signed_in = self.signed_in(&mut Step::default(), by, reach, who).await?;
        let Some((_, sign_in)) = signed_in else {
            page.is_first()?;
            return Ok(Page::whole(Vec::new()));
        };
        let walk = Walk {
            index: Index::Primary,
            partitions: &[layout::sessions_partition(sign_in)],
            order: Order::Falling,
            prefix: "session#",
            filters: "",
            pick: &|item: &Item| record::decode(item).map(Some),
        };
        self.page(page, &walk).await
    }

    /// Ends one session of a user; returns how many that are.
    ///
    /// # Errors
    /// `NotFound` if it has ended, `Conflict` if it is not the caller's matter.
    pub(crate) async fn end_session(
        &self,
        by: &By,
        reach: Reach,
        who: &Selector,
        id: SessionId,
    ) -> Result<u64> {
        self.attempt(|| async {
            let mut step = Step::default();
            let signed_in = self.signed_in(&mut step, by, reach, who).await?;
            let (user, sign_in) = signed_in.ok_or(Error::NotFound("session"))?;
            let session: Option<Session> = self.load(layout::session(sign_in, id)).await?;
            let session = session.ok_or(Error::NotFound("session"))?;
            Self::end(&mut step, &session);
            let is_own = by.caller.user() == Some(user.id);
            self.audit_session(&mut step, by, (sign_in, is_own), id)?;
            if !is_own {
                self.audit(&mut step, by, user.account_id, Target::User(user.id), &[])?;
            }
            Ok(self.commit(step).await?.then(1))
        })
        .await
    }

    /// Ends the session that a token is of, whether or not its person is a user; `false` if it is of none.
    pub(crate) async fn end_own_session(&self, by: &By, identity: &Identity) -> Result<bool> {
        let (Some(sign_in), Some(id)) = (sign_in_of(&identity.key), identity.session) else {
            return Ok(false);
        };
        let mut step = Step::default();
        if let Some(session) = self.load::<Session>(layout::session(sign_in, id)).await? {
            Self::end(&mut step, &session);
            self.audit_session(&mut step, by, (sign_in, true), id)?;
            // Whatever the step could lose a race to has ended the session, too.
            self.commit_unless_done(step).await?;
        }
        Ok(true)
    }

    /// Ends all sessions of a user but one; returns how many those are.
    ///
    /// # Errors
    /// `Conflict` if they are not the caller's matter.
    pub(crate) async fn end_other_sessions(
        &self,
        by: &By,
        reach: Reach,
        who: &Selector,
        but: Option<SessionId>,
    ) -> Result<u64> {
        self.attempt(|| async {
            let mut step = Step::default();
            let signed_in = self.signed_in(&mut step, by, reach, who).await?;
            let Some((user, sign_in)) = signed_in else { return Ok(Some(0)) };
            let mut sessions = self.some_sessions(sign_in).await?;
            sessions.retain(|session| Some(session.id) != but);
            if sessions.is_empty() {
                return Ok(Some(0));
            }
            for session in &sessions {
                Self::end(&mut step, session);
            }
            let is_own = by.caller.user() == Some(user.id);
            self.audit_person(&mut step, by, (sign_in, is_own), &[])?;
            if !is_own {
                self.audit(&mut step, by, user.account_id, Target::User(user.id), &[])?;
            }
            let ended = u64::try_from(sessions.len()).unwrap_or(u64::MAX);
            Ok(self.commit(step).await?.then(ended))
        })
        .await
    }

    /// A user whose sessions the caller may see and end, and the sign-in that they are of: the own one, or
    /// one that the account keeps, which `step` requires to stay so.
    async fn signed_in(
        &self,
        step: &mut Step,
        by: &By,
        reach: Reach,
        who: &Selector,
    ) -> Result<Option<(User, SignInId)>> {
        let user = self.user(reach, who).await?;
        may_change(by, &user, None)?;
        if by.caller.user() != Some(user.id)
            && let Some(sign_in) = self.sign_in_of_user(&user).await?
        {
            self.require_kept(step, by, &user, &sign_in).await?;
            step.check(layout::sign_in(sign_in.id), sign_in.version);
        }
        Ok(user.sign_in_id().map(|sign_in| (user, sign_in)))
    }

    /// A person's session that has not ended.
    pub(super) async fn session_of(
        &self,
        who: &IdentityKey,
        id: SessionId,
    ) -> Result<Option<Session>> {
        let Some(sign_in) = sign_in_of(who) else { return Ok(None) };
        self.load(layout::session(sign_in, id)).await
    }

    /// Adds to `step` that a session begins; the oldest of too many ends.
    pub(in crate::store) async fn begin_session(
        &self,
        step: &mut Step,
        by: &By,
        sign_in: &SignIn,
        amr: Vec<Method>,
    ) -> Result<Grant> {
        let sessions = self.some_sessions(sign_in.id).await?;
        let surplus = (sessions.len() + 1).saturating_sub(MAX_SESSIONS);
        for session in sessions.iter().take(surplus) {
            Self::end(step, session);
        }
        let origin = Origin {
            address: by.address.map(|address| address.to_string()),
            agent: by.agent.clone(),
        };
        let now = self.now();
        let (whose, times) = ((sign_in.id, sign_in.epoch), (now, self.rules.sessions));
        let (session, refresh) = Session::begin(whose, origin, amr, times, &self.random);
        step.insert(session_item(&session, 1)?);
        Ok(Grant { sign_in: sign_in.clone(), session, refresh, at: now })
    }

    /// Adds to `step` that a sign-in becomes what it is `after` in an epoch of its own: its sessions
    /// end, all but the one that this is done `within`, if that has not ended.
    pub(in crate::store) async fn begin_epoch(
        &self,
        step: &mut Step,
        before: &SignIn,
        after: SignIn,
        within: Option<SessionId>,
    ) -> Result<NewEpoch> {
        let after = after.in_next_epoch();
        self.change_sign_in_record(step, before, &after).await?;
        let mut kept = None;
        for session in self.some_sessions(before.id).await? {
            // One of an earlier epoch has ended, even if nobody has got round to removing it.
            if Some(session.id) == within && session.epoch == before.epoch {
                let version = session.version;
                step.replace(session_item(&session.kept(after.epoch), version + 1)?, version);
                kept = within;
            } else {
                Self::end(step, &session);
            }
        }
        Ok(NewEpoch { sign_in: after, kept })
    }

    /// Adds to `step` that all sessions of a sign-in end.
    pub(in crate::store) async fn end_sessions(
        &self,
        step: &mut Step,
        sign_in: SignInId,
    ) -> Result<()> {
        for session in self.some_sessions(sign_in).await? {
            Self::end(step, &session);
        }
        Ok(())
    }

    /// Removes what [`Store::begin_epoch`] has missed: sessions that began in that very moment. Those
    /// of a later epoch, which may have begun meanwhile, go on.
    pub(in crate::store) async fn sweep_sessions(&self, sign_in: &SignIn) -> Result<()> {
        let sessions = self.some_sessions(sign_in.id).await?;
        let mut step = Step::default();
        let ended = |session: &&Session| session.epoch < sign_in.epoch;
        for session in sessions.iter().filter(ended) {
            Self::end(&mut step, session);
        }
        if step.ops.is_empty() {
            return Ok(());
        }
        self.commit_unless_done(step).await
    }

    /// The sessions of a sign-in, the oldest first. There are hardly more than [`MAX_SESSIONS`]: only
    /// those that begin in the same moment can be.
    pub(in crate::store) async fn some_sessions(&self, sign_in: SignInId) -> Result<Vec<Session>> {
        let partition = layout::sessions_partition(sign_in);
        let limit = MAX_SESSIONS + MAX_SESSIONS / 5;
        let query = Query::first(Index::Primary, partition, Range::All, limit);
        let page = self.table.query(&query).await?;
        page.items.iter().map(record::decode).collect()
    }

    fn end(step: &mut Step, session: &Session) {
        step.clear(layout::session(session.sign_in_id, session.id));
        step.touched.push(Touched::Session(session.id));
    }
}

fn session_item(session: &Session, version: u64) -> Result<Item> {
    let key = layout::session(session.sign_in_id, session.id);
    let item = layout::item(key, version, session)?;
    Ok(Item { expires: Some(session.expires.seconds()), ..item })
}

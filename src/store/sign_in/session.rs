//! Sessions: what follows a sign-in, renewed by refresh tokens until it ends.
//!
//! A session lies in the partition of its sign-in, so that all of them can be listed and ended
//! without a delay. It belongs to an epoch of the sign-in and ends with that: also one that nobody
//! has got round to removing is not renewed.

use std::time::Duration;

use crate::{
    auth::identity::Identity,
    clock::Timestamp,
    model::{
        account::Account,
        audit::Target,
        id::{SessionId, SignInId},
        letter::Content,
        refresh_token::RefreshToken,
        session::{Authentication, Entry, Recognised, Session},
        sign_in::{SignIn, sign_in_of},
        user::User,
    },
    security::Event,
    store::{
        By, Error, Reach, Result, Store,
        find::select::Selector,
        ledger::{
            audit::log_event,
            commit::Committed,
            guard::{may_change, spare_maker},
            layout,
            memory::Touched,
            page::{MAX_EXAMINED, Order, Page, PageRequest, Span, Walk},
            record::{self, Stored},
            step::Step,
        },
        sign_in::{
            entering::{Inside, presence_of},
            notices::address_of,
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
    /// The account that its access token is for.
    pub(crate) inside: Option<Inside>,
    /// When this was.
    pub(crate) at: Timestamp,
}

/// What somebody sees of a session.
pub(crate) enum Seen {
    /// All of it: it is the own one.
    Session(Box<Session>),
    /// Its part in the account.
    Entry(Entry),
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
    /// A page of a user's sessions, the latest first: the own ones, or as much of another's as is in the account.
    pub(crate) async fn sessions(
        &self,
        by: &By,
        reach: Reach,
        who: &Selector,
        page: &PageRequest,
    ) -> Result<Page<Seen>> {
        let user = self.user(reach, who).await?;
        may_change(by, &user, None)?;
        let Some(sign_in) = user.sign_in_id() else {
            page.is_first()?;
            return Ok(Page::whole(Vec::new()));
        };
        let is_own = by.caller.user() == Some(user.id);
        let signed_out = if is_own { None } else { self.signed_out(&user).await? };
        let pick = |item: &Item| {
            let session: Session = record::decode(item)?;
            Ok(if is_own {
                Some(Seen::Session(Box::new(session)))
            } else {
                entry_of(&session, &user, signed_out).cloned().map(Seen::Entry)
            })
        };
        let walk = Walk {
            index: Index::Primary,
            partitions: &[layout::sessions_partition(sign_in)],
            order: Order::Falling,
            span: Span::Prefix("session#"),
            // How many others there are is not to be found out.
            filters: if is_own { "" } else { "entered" },
            examines: MAX_EXAMINED,
            pick: &pick,
        };
        self.page(page, &walk).await
    }

    /// When a user was signed out last, with everybody in the account or not.
    async fn signed_out(&self, user: &User) -> Result<Option<Timestamp>> {
        let account: Option<Account> = self.load(layout::account(user.account_id)).await?;
        Ok(user.signed_out.max(account.and_then(|account| account.signed_out)))
    }

    /// Ends one session of a user, or another's part in the account; returns how many that are.
    ///
    /// # Errors
    /// `NotFound` if it has ended.
    pub(crate) async fn end_session(
        &self,
        by: &By,
        reach: Reach,
        who: &Selector,
        id: SessionId,
    ) -> Result<u64> {
        self.attempt(|| async {
            let none = || Error::NotFound("session");
            let user = self.user(reach, who).await?;
            may_change(by, &user, None)?;
            let sign_in = user.sign_in_id().ok_or_else(none)?;
            let mut step = Step::default();
            if by.caller.user() == Some(user.id) {
                let session: Option<Session> = self.load(layout::session(sign_in, id)).await?;
                Self::end(&mut step, &session.ok_or_else(none)?);
                self.audit_session(&mut step, by, (sign_in, true), id)?;
                return Ok(self.commit(step).await?.then(1));
            }
            spare_maker(by, &user)?;
            let signed_out = self.signed_out(&user).await?;
            let is_meant = |session: &&Session| {
                let entry = entry_of(session, &user, signed_out);
                entry.is_some_and(|entry| entry.id.to_string() == id.to_string())
            };
            let sessions = self.some_sessions(sign_in).await?;
            let session = sessions.iter().find(is_meant).ok_or_else(none)?;
            match session.clone().bar(user.account_id) {
                Some(barred) => {
                    step.replace(session_item(&barred, session.version + 1)?, session.version);
                    step.touched.push(Touched::Session(session.id));
                }
                None => Self::end(&mut step, session),
            }
            self.audit_session(&mut step, by, (sign_in, false), session.id)?;
            self.audit(&mut step, by, user.account_id, Target::User(user.id), &[])?;
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

    /// Ends the session that a refresh token renews.
    ///
    /// # Errors
    /// `SessionEnded` if it renews none.
    pub(crate) async fn end_session_of(&self, by: &By, token: &RefreshToken) -> Result<()> {
        let key = layout::session(token.sign_in_id, token.id);
        let session: Session = self.load(key).await?.ok_or(Error::SessionEnded)?;
        if session.cookie != by.cookie
            || session.recognise(token, self.now()) == Recognised::Stranger
        {
            return Err(Error::SessionEnded);
        }
        let mut step = Step::default();
        Self::end(&mut step, &session);
        self.audit_session(&mut step, by, (session.sign_in_id, true), session.id)?;
        // Whatever the step could lose a race to has ended the session, or renewed it for the same browser.
        self.commit_unless_done(step).await
    }

    /// Ends all sessions of a user but one, or signs another out of the account; returns how many sessions those
    /// are.
    pub(crate) async fn end_other_sessions(
        &self,
        by: &By,
        reach: Reach,
        who: &Selector,
        but: Option<SessionId>,
    ) -> Result<u64> {
        self.attempt(|| async {
            let user = self.user(reach, who).await?;
            may_change(by, &user, None)?;
            let sessions = match user.sign_in_id() {
                Some(sign_in) => self.some_sessions(sign_in).await?,
                None => Vec::new(),
            };
            let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
            let mut step = Step::default();
            if by.caller.user() != Some(user.id) {
                spare_maker(by, &user)?;
                let signed_out = self.signed_out(&user).await?;
                let ended = sessions.iter().filter(|it| entry_of(it, &user, signed_out).is_some());
                let ended = number(ended.count());
                let mut after = User { updated: self.now(), ..user.clone() };
                after.sign_out(self.now());
                return Ok(self.commit_user(step, by, Some(&user), after).await?.map(|_| ended));
            }
            let mut ended = 0;
            for session in sessions.iter().filter(|session| Some(session.id) != but) {
                Self::end(&mut step, session);
                ended += 1;
            }
            if ended == 0 {
                return Ok(Some(0));
            }
            self.commit_own_end(step, by, &user).await.map(|done| done.then(ended))
        })
        .await
    }

    /// Commits a step by which somebody ends the own other sessions, and tells of it.
    async fn commit_own_end(&self, mut step: Step, by: &By, user: &User) -> Result<Committed> {
        let sign_in = self.own_sign_in(user).await?.ok_or(Error::SessionEnded)?;
        self.audit_person(&mut step, by, (sign_in.id, true), &[])?;
        let notice = self.notice(sign_in.id).await?;
        log_event(&mut step, by, Event::SessionsEnded, (Target::SignIn(sign_in.id), None));
        let content = Content::SessionsEnded { at: self.now(), address: address_of(by) };
        self.tell_if_noticed(&mut step, &notice, &sign_in, content)?;
        let done = self.commit(step).await?;
        if done == Committed::Done {
            self.count_notice(&notice).await;
        }
        Ok(done)
    }

    /// Adds to `step` that a session begins; the oldest of too many ends.
    pub(in crate::store) async fn begin_session(
        &self,
        step: &mut Step,
        by: &By,
        sign_in: &SignIn,
        shown: Authentication,
        inside: Option<Inside>,
    ) -> Result<Grant> {
        let sessions = self.some_sessions(sign_in.id).await?;
        let surplus = (sessions.len() + 1).saturating_sub(MAX_SESSIONS);
        for session in sessions.iter().take(surplus) {
            Self::end(step, session);
        }
        let now = self.now();
        // Where the clock of another node is ahead, the person has signed in later all the same.
        let signed_out = inside.and_then(|inside| inside.signed_out);
        let begins = signed_out.map_or(now, |at| now.max(at.plus(Duration::from_millis(1))));
        let (whose, times) = ((sign_in.id, sign_in.epoch), (begins, self.rules.sessions));
        let Authentication { amr, at } = shown;
        let (mut session, refresh) = Session::begin(whose, by.origin(), amr, times, &self.random);
        session = session.shown_at(at).in_cookie(by.cookie);
        if let Some(Inside { account, user, .. }) = inside {
            session = session.enter((account, user), by.origin(), (begins, &self.random));
        }
        step.insert(session_item(&session, 1)?);
        Ok(Grant { sign_in: sign_in.clone(), session, refresh, inside, at: now })
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

    pub(super) fn end(step: &mut Step, session: &Session) {
        step.clear(layout::session(session.sign_in_id, session.id));
        step.touched.push(Touched::Session(session.id));
    }
}

/// A session's part in an account as a user, unless that has been signed out since.
fn entry_of<'a>(
    session: &'a Session,
    user: &User,
    signed_out: Option<Timestamp>,
) -> Option<&'a Entry> {
    let presence = presence_of(session);
    let is_in = presence.is_in(user.account_id, signed_out);
    session.entry((user.account_id, user.id)).filter(|_| is_in)
}

pub(super) fn session_item(session: &Session, version: u64) -> Result<Item> {
    let key = layout::session(session.sign_in_id, session.id);
    let item = layout::item(key, version, session)?;
    Ok(Item { expires: Some(session.expires.seconds()), ..item })
}

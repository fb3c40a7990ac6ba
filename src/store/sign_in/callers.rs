//! Who is calling: the users and keys behind credentials, kept in memory for a few seconds.

use std::{sync::Arc, time::Duration};

use crate::{
    auth::identity::{Identity, Presence},
    caller::{CallingKey, CallingUser},
    clock::{Moment, Timestamp},
    model::{
        account::Account,
        id::{AccountId, KeyId, SessionId, UserId},
        key::{Key, Maker},
        session::Session,
        sign_in::sign_in_of,
        user::{IdentityKey, User},
    },
    store::{
        Error, LoginRefusal, Result, Store,
        ledger::{
            guard::{account_standing, signed_in_since, standing_of},
            layout,
            memory::{BoundUser, KnownSession, Standing},
        },
        sign_in::entering::presence_of,
    },
    table::{Condition, Op},
};

/// How much later than the noted use of a key the next one is noted.
const USE_INTERVAL: Duration = Duration::from_mins(10);

impl Store {
    /// Since when the person is signed in whose token that is.
    ///
    /// # Errors
    /// `SessionEnded` if the token's session is over.
    pub(crate) async fn presence(&self, identity: &Identity) -> Result<Presence> {
        let Some(id) = identity.session else { return Ok(identity.presence.clone()) };
        let known = self.known_session(&identity.key, id, |_| true).await?;
        known.map(|known| known.presence.clone()).ok_or(Error::SessionEnded)
    }

    /// A person's session that has not ended; read again where it is not remembered `as_expected`.
    async fn known_session(
        &self,
        who: &IdentityKey,
        id: SessionId,
        as_expected: impl Fn(&KnownSession) -> bool,
    ) -> Result<Option<Arc<KnownSession>>> {
        let (now, sessions) = (self.clock.moment(), &self.callers.sessions);
        let known = self.callers.recall(sessions, &id, now);
        if let Some(known) = known.filter(|known| as_expected(known)) {
            return Ok(Some(known));
        }
        let reading = self.callers.reading(now);
        let Some(sign_in) = sign_in_of(who) else { return Ok(None) };
        let session: Option<Session> = self.load(layout::session(sign_in, id)).await?;
        let Some(session) = session else { return Ok(None) };
        let entered = session.entered.iter().map(|it| (it.account_id, it.user_id)).collect();
        let known = Arc::new(KnownSession { presence: presence_of(&session), entered });
        self.callers.keep(sessions, &id, Arc::clone(&known), reading);
        Ok(Some(known))
    }

    /// The live user that a token of a session names, in an account that is open, or why there is none. All that
    /// is not remembered is read at the same time.
    ///
    /// # Errors
    /// `SessionEnded`, `EntryEnded`.
    pub(crate) async fn calling_member(
        &self,
        identity: &Identity,
        member: (AccountId, UserId),
    ) -> Result<Result<CallingUser, LoginRefusal>> {
        let Some(id) = identity.session else { return Err(Error::SessionEnded) };
        let (account, user) = member;
        let (now, key) = (self.clock.moment(), &identity.key);
        let is_settled = |known: &KnownSession| {
            // Where it was entered on another node a moment ago, this one has yet to learn of it.
            known.entered.contains(&member) || known.presence.barred.contains(&account)
        };
        let session = self.known_session(key, id, is_settled);
        let bound = self.bound_to(key, user, account, now);
        let standing = self.standing_in(account, now);
        let (session, bound, account_standing) = tokio::try_join!(session, bound, standing)?;
        let session = session.ok_or(Error::SessionEnded)?;
        if !is_settled(&session) {
            return Err(Error::EntryEnded);
        }
        let Some(bound) = bound.filter(|bound| bound.user.account == account) else {
            return Ok(Err(LoginRefusal::NotRegistered));
        };
        Ok(Self::measured(&session.presence, &bound, account_standing))
    }

    /// The user, if it is let in, and its person has signed in since it was signed out.
    fn measured(
        presence: &Presence,
        bound: &BoundUser,
        account: Standing,
    ) -> Result<CallingUser, LoginRefusal> {
        let BoundUser { user, standing, .. } = bound;
        standing.open?;
        account.open?;
        signed_in_since(presence, user.account, [standing.signed_out, account.signed_out])?;
        Ok(*user)
    }

    /// The live user of an identity that is present, in an account that is open, or why there is none. Where no
    /// account is named, the identity has to be in just one.
    pub(crate) async fn calling_user(
        &self,
        key: &IdentityKey,
        presence: &Presence,
        account: Option<AccountId>,
    ) -> Result<Result<CallingUser, LoginRefusal>> {
        let now = self.clock.moment();
        let bound = match account {
            Some(account) => self.member(key, account, now).await?,
            // Never remembered: somebody may have joined another one since, on another node.
            None => match self.memberships(key, 2).await?.as_slice() {
                [] => None,
                [only] => self.bound_to(key, only.user_id, only.account_id, now).await?,
                [_, ..] => return Ok(Err(LoginRefusal::SeveralAccounts)),
            },
        };
        let Some(bound) = bound else { return Ok(Err(LoginRefusal::NotRegistered)) };
        if let Err(refusal) = bound.standing.open {
            return Ok(Err(refusal));
        }
        let account = self.standing_in(bound.user.account, now).await?;
        Ok(Self::measured(presence, &bound, account))
    }

    /// The user that an identity has in an account. To which one it leads is remembered as a first guess.
    async fn member(
        &self,
        key: &IdentityKey,
        account: AccountId,
        now: Moment,
    ) -> Result<Option<BoundUser>> {
        let claim = layout::identity_claim(account, key);
        if let Some(guess) = self.cached_claim(&claim)
            && let Some(user) = self.bound_to(key, guess.user_id, account, now).await?
        {
            return Ok(Some(user));
        }
        match self.read_claim(claim).await? {
            Some(claim) => self.bound_to(key, claim.user_id, account, now).await,
            None => Ok(None),
        }
    }

    /// The user of that id, if it is bound to the identity.
    async fn bound_to(
        &self,
        key: &IdentityKey,
        user: UserId,
        account: AccountId,
        now: Moment,
    ) -> Result<Option<BoundUser>> {
        let known = self.known_user(user, account, now).await?;
        Ok(known.filter(|known| known.identity == *key))
    }

    /// The live user of that id, if it is bound.
    async fn known_user(
        &self,
        user: UserId,
        account: AccountId,
        now: Moment,
    ) -> Result<Option<BoundUser>> {
        match self.callers.recall(&self.callers.users, &user, now) {
            Some(known) => Ok(Some(known)),
            None => self.read_user(user, account, now).await,
        }
    }

    async fn read_user(
        &self,
        id: UserId,
        account: AccountId,
        now: Moment,
    ) -> Result<Option<BoundUser>> {
        let reading = self.callers.reading(now);
        let user: Option<User> = self.load(layout::live_user(account, id)).await?;
        // One that is nobody's is not kept: it may be bound at any moment.
        let Some(user) = user else { return Ok(None) };
        let Some(identity) = user.identity.clone() else { return Ok(None) };
        let standing = Standing { open: standing_of(user.state), signed_out: user.signed_out };
        let bound = BoundUser { user: CallingUser::from(&user), identity, standing };
        self.callers.keep(&self.callers.users, &id, bound.clone(), reading);
        Ok(Some(bound))
    }

    /// Whether an account is open to its users and keys.
    async fn standing_in(&self, account: AccountId, now: Moment) -> Result<Standing> {
        if let Some(known) = self.callers.recall(&self.callers.accounts, &account, now) {
            return Ok(known);
        }
        let reading = self.callers.reading(now);
        let record: Option<Account> = self.load(layout::account(account)).await?;
        let signed_out = record.as_ref().and_then(|account| account.signed_out);
        let standing = Standing { open: account_standing(record.as_ref()), signed_out };
        self.callers.keep(&self.callers.accounts, &account, standing, reading);
        Ok(standing)
    }

    /// The key that a token shows; `None` if it shows none that is valid.
    ///
    /// # Errors
    /// `Login` if its account is not open.
    pub(crate) async fn calling_key(&self, token: &str) -> Result<Option<CallingKey>> {
        let Some(id) = Key::id_in(token) else { return Ok(None) };
        let (now, moment) = (self.now(), self.clock.moment());
        let key = match self.callers.recall(&self.callers.keys, &id, moment) {
            Some(known) => Some(known),
            None => self.read_key(id, moment).await?,
        };
        let valid =
            |key: &Key| key.opens_with(token) && key.expires.is_none_or(|expires| now < expires);
        let Some(key) = key.filter(valid) else { return Ok(None) };
        if !self.is_backed(&key, moment).await? {
            return Ok(None);
        }
        self.standing_in(key.account_id, moment).await?.open.map_err(Error::Login)?;
        self.note_use(&key, now);
        Ok(Some(CallingKey::from(&key)))
    }

    /// Whether the user behind a key still has access.
    pub(super) async fn is_backed(&self, key: &Key, now: Moment) -> Result<bool> {
        let (account, user) = match key.maker {
            Some(Maker::Operator) => return Ok(true),
            Some(Maker::User { account_id, user_id, .. }) => (account_id, user_id),
            None => return Ok(false),
        };
        let Some(bound) = self.known_user(user, account, now).await? else { return Ok(false) };
        let CallingUser { id, account, role, epoch, .. } = bound.user;
        let is_in = bound.standing.open.is_ok();
        Ok(is_in && key.is_backed_by((account, id), (role, epoch)))
    }

    async fn read_key(&self, id: KeyId, now: Moment) -> Result<Option<Key>> {
        let reading = self.callers.reading(now);
        let key: Option<Key> = self.load(layout::api_key(id)).await?;
        if let Some(key) = &key {
            self.callers.keep(&self.callers.keys, &id, key.clone(), reading);
        }
        Ok(key)
    }

    /// Notes now and then that a key is used. Nobody waits for it, and no call fails for it.
    fn note_use(&self, key: &Key, now: Timestamp) {
        let noted = self.callers.noted.get(&key.id).or(key.last_used);
        // One in the future was noted under a clock that has been set back since.
        if noted.is_some_and(|noted| noted <= now && now.since(noted) < USE_INTERVAL) {
            return;
        }
        let mut used = key.clone();
        used.last_used = Some(now);
        let Ok(item) = layout::api_key_item(&used, key.version + 1) else { return };
        let op = Op::Put(item, Condition::Version(key.version));
        self.callers.noted.insert(key.id, now);
        let (table, callers) = (Arc::clone(&self.table), Arc::clone(&self.callers));
        tokio::spawn(async move {
            // If it is refused, another node has noted it, or the key is gone.
            if let Err(error) = table.write(vec![op]).await {
                tracing::warn!(key = %used.id, %error, "the use of a key could not be noted");
                callers.noted.remove(&used.id);
            }
        });
    }
}

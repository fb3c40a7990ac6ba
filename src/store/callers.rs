//! Who is calling: the users and keys behind credentials, kept in memory for a few seconds.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use quick_cache::sync::Cache;

use super::{Result, Store, claim::Claim, error::LoginRefusal, layout};
use crate::{
    auth::identity::Identity,
    caller::{CallingKey, CallingUser},
    clock::Timestamp,
    model::{
        id::{KeyId, SessionId},
        key::Key,
        user::{IdentityKey, State, User},
    },
};

/// How many users and how many keys are kept.
const CAPACITY: usize = 20_000;

/// The callers' records that this node has read lately.
pub(super) struct Callers {
    users: Cache<IdentityKey, Remembered<Standing>>,
    keys: Cache<KeyId, Remembered<Key>>,
    sessions: Cache<SessionId, Remembered<()>>,
    lifetime: Duration,
    /// Raised whenever something is forgotten: what was read before is then not kept.
    forgotten: AtomicU64,
}

#[derive(Clone)]
struct Remembered<T> {
    what: T,
    read: Timestamp,
}

/// How an identity stands with the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    In(CallingUser),
    Out(LoginRefusal),
}

impl Callers {
    pub(super) fn new(lifetime: Duration) -> Self {
        Self {
            users: Cache::new(CAPACITY),
            keys: Cache::new(CAPACITY),
            sessions: Cache::new(CAPACITY),
            lifetime,
            forgotten: AtomicU64::new(0),
        }
    }

    /// From now on the identity's record is read anew.
    pub(super) fn forget(&self, identity: &IdentityKey) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        self.users.remove(identity);
    }

    /// The same for a session that has ended.
    pub(super) fn forget_session(&self, session: SessionId) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        self.sessions.remove(&session);
    }

    fn is_fresh<T>(&self, remembered: &Remembered<T>, now: Timestamp) -> bool {
        now.since(remembered.read) < self.lifetime
    }
}

impl Store {
    /// Whether the session that an identity's token belongs to goes on; what belongs to none does.
    pub async fn session_lives(&self, identity: &Identity) -> Result<bool> {
        let Some(id) = identity.session else { return Ok(true) };
        let now = self.now();
        if self.callers.sessions.get(&id).is_some_and(|known| self.callers.is_fresh(&known, now)) {
            return Ok(true);
        }
        let forgotten = self.callers.forgotten.load(Ordering::SeqCst);
        let lives = self.has_session(&identity.key, id).await?;
        if lives && self.callers.forgotten.load(Ordering::SeqCst) == forgotten {
            self.callers.sessions.insert(id, Remembered { what: (), read: now });
        }
        Ok(lives)
    }

    /// The live user behind an identity, or why there is none.
    pub async fn calling_user(
        &self,
        identity: &Identity,
    ) -> Result<Result<CallingUser, LoginRefusal>> {
        let now = self.now();
        let key = &identity.key;
        let standing = match self.callers.users.get(key) {
            Some(known) if self.callers.is_fresh(&known, now) => known.what,
            Some(_) | None => self.read_standing(key, now).await?,
        };
        Ok(match standing {
            Standing::In(user) => Ok(user),
            Standing::Out(refusal) => Err(refusal),
        })
    }

    async fn read_standing(&self, key: &IdentityKey, now: Timestamp) -> Result<Standing> {
        let forgotten = self.callers.forgotten.load(Ordering::SeqCst);
        let standing = match self.bound_user(key).await? {
            Some(user) => match standing_of(&user) {
                Ok(()) => Standing::In(CallingUser::from(&user)),
                Err(refusal) => Standing::Out(refusal),
            },
            // Not kept: a stranger must not fill the memory, and may be let in at any moment.
            None => return Ok(Standing::Out(LoginRefusal::NotRegistered)),
        };
        if self.callers.forgotten.load(Ordering::SeqCst) == forgotten {
            self.callers.users.insert(key.clone(), Remembered { what: standing, read: now });
        }
        Ok(standing)
    }

    /// The key that a token shows; `None` if it shows none that is valid.
    pub async fn calling_key(&self, token: &str) -> Result<Option<CallingKey>> {
        let Some(id) = Key::id_in(token) else { return Ok(None) };
        let now = self.now();
        let key = match self.callers.keys.get(&id) {
            Some(known) if self.callers.is_fresh(&known, now) => Some(known.what),
            Some(_) | None => self.read_key(id, now).await?,
        };
        let valid =
            |key: &Key| key.opens_with(token) && key.expires.is_none_or(|expires| now < expires);
        Ok(key.filter(valid).as_ref().map(CallingKey::from))
    }

    async fn read_key(&self, id: KeyId, now: Timestamp) -> Result<Option<Key>> {
        let key: Option<Key> = self.load(layout::api_key(id)).await?;
        if let Some(key) = &key {
            self.callers.keys.insert(id, Remembered { what: key.clone(), read: now });
        }
        Ok(key)
    }

    /// The user that an identity is bound to, wherever it lies.
    pub(super) async fn bound_user(&self, identity: &IdentityKey) -> Result<Option<User>> {
        match self.load::<Claim>(layout::identity_claim(identity)).await? {
            Some(claim) => self.claimed_user(claim).await,
            None => Ok(None),
        }
    }
}

/// Whether a bound user may come in.
pub(super) fn standing_of(user: &User) -> Result<(), LoginRefusal> {
    match user.state {
        State::Invited | State::Active => Ok(()),
        State::Suspended => Err(LoginRefusal::Suspended),
        State::Trashed => Err(LoginRefusal::Removed),
    }
}

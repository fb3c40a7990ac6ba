//! Who is calling: the users and keys behind credentials, kept in memory for a few seconds.

use std::{
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use quick_cache::sync::Cache;

use crate::{
    auth::identity::Identity,
    caller::{CallingKey, CallingUser},
    clock::Timestamp,
    model::{
        account::{Account, AccountState},
        id::{AccountId, KeyId, SessionId},
        key::Key,
        user::{IdentityKey, State, User},
    },
    store::{
        Error, Result, Store, find::select::Selectable, ledger::claim::ANYWHERE,
        ledger::error::LoginRefusal, ledger::layout, ledger::record::Kept, ledger::step::Touched,
    },
    table::{Condition, Op},
};

/// How much later than the noted use of a key the next one is noted.
const USE_INTERVAL: Duration = Duration::from_mins(10);
/// How many users, keys and accounts are kept, of each.
const CAPACITY: usize = 20_000;

/// The callers' records that this node has read lately. Each is fresh or stale by itself, so none is
/// believed for longer than `lifetime`.
pub(in crate::store) struct Callers {
    users: Memory<IdentityKey, Standing>,
    keys: Memory<KeyId, Key>,
    sessions: Memory<SessionId, ()>,
    /// Apart from their users, who would else each have their account read.
    accounts: Memory<AccountId, Result<(), LoginRefusal>>,
    /// When this node last noted that a key is used.
    noted: Cache<KeyId, Timestamp>,
    lifetime: Duration,
    /// Raised whenever something is forgotten: what was read before is then not kept.
    forgotten: AtomicU64,
}

type Memory<K, T> = Cache<K, Remembered<T>>;

#[derive(Clone)]
struct Remembered<T> {
    what: T,
    read: Timestamp,
}

/// When something was read: the time, and what had been forgotten until then.
#[derive(Clone, Copy)]
struct Reading {
    at: Timestamp,
    forgotten: u64,
}

/// How an identity stands with the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    In(CallingUser),
    Out(LoginRefusal),
}

impl Callers {
    pub(in crate::store) fn new(lifetime: Duration) -> Self {
        Self {
            users: Cache::new(CAPACITY),
            keys: Cache::new(CAPACITY),
            sessions: Cache::new(CAPACITY),
            accounts: Cache::new(CAPACITY),
            noted: Cache::new(CAPACITY),
            lifetime,
            forgotten: AtomicU64::new(0),
        }
    }

    /// From now on the record is read anew.
    pub(in crate::store) fn forget(&self, what: &Touched) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        match what {
            Touched::User(identity) => drop(self.users.remove(identity)),
            Touched::Session(session) => drop(self.sessions.remove(session)),
            Touched::Key(key) => drop(self.keys.remove(key)),
            Touched::Account(account) => drop(self.accounts.remove(account)),
        }
    }

    /// What is remembered, if it was read lately.
    fn recall<K: Eq + Hash, T: Clone>(
        &self,
        memory: &Memory<K, T>,
        key: &K,
        now: Timestamp,
    ) -> Option<T> {
        let known = memory.get(key)?;
        (now.since(known.read) < self.lifetime).then_some(known.what)
    }

    fn reading(&self, at: Timestamp) -> Reading {
        Reading { at, forgotten: self.forgotten.load(Ordering::SeqCst) }
    }

    /// Keeps what was read, unless something was forgotten meanwhile: it may be what was read.
    fn keep<K: Eq + Hash + Clone, T: Clone>(
        &self,
        memory: &Memory<K, T>,
        key: &K,
        what: T,
        reading: Reading,
    ) {
        memory.insert(key.clone(), Remembered { what, read: reading.at });
        // Looked at afterwards, so that whoever forgets at this moment finds it, or is found.
        if self.forgotten.load(Ordering::SeqCst) != reading.forgotten {
            memory.remove(key);
        }
    }
}

impl Store {
    /// Whether the session that an identity's token belongs to goes on; what belongs to none does.
    pub async fn session_lives(&self, identity: &Identity) -> Result<bool> {
        let Some(id) = identity.session else { return Ok(true) };
        let (now, sessions) = (self.now(), &self.callers.sessions);
        if self.callers.recall(sessions, &id, now).is_some() {
            return Ok(true);
        }
        let reading = self.callers.reading(now);
        let lives = self.has_session(&identity.key, id).await?;
        if lives {
            self.callers.keep(sessions, &id, (), reading);
        }
        Ok(lives)
    }

    /// The live user behind an identity, in an account that is open, or why there is none.
    pub async fn calling_user(
        &self,
        identity: &Identity,
    ) -> Result<Result<CallingUser, LoginRefusal>> {
        let now = self.now();
        let key = &identity.key;
        let standing = match self.callers.recall(&self.callers.users, key, now) {
            Some(known) => known,
            None => self.read_standing(key, now).await?,
        };
        Ok(match standing {
            Standing::In(user) => self.standing_in(user.account, now).await?.map(|()| user),
            Standing::Out(refusal) => Err(refusal),
        })
    }

    async fn read_standing(&self, key: &IdentityKey, now: Timestamp) -> Result<Standing> {
        let reading = self.callers.reading(now);
        let standing = match self.bound_user::<User>(key).await? {
            Some(user) => match standing_of(user.state) {
                Ok(()) => Standing::In(CallingUser::from(&user)),
                Err(refusal) => Standing::Out(refusal),
            },
            // Not kept: a stranger must not fill the memory, and may be let in at any moment.
            None => return Ok(Standing::Out(LoginRefusal::NotRegistered)),
        };
        self.callers.keep(&self.callers.users, key, standing, reading);
        Ok(standing)
    }

    /// Whether an account is open to its users and keys.
    async fn standing_in(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Result<(), LoginRefusal>> {
        if let Some(known) = self.callers.recall(&self.callers.accounts, &account, now) {
            return Ok(known);
        }
        let reading = self.callers.reading(now);
        let record: Option<Account> = self.load(layout::account(account)).await?;
        let standing = account_standing(record.as_ref());
        self.callers.keep(&self.callers.accounts, &account, standing, reading);
        Ok(standing)
    }

    /// The key that a token shows; `None` if it shows none that is valid.
    ///
    /// # Errors
    /// `Login` if its account is not open.
    pub async fn calling_key(&self, token: &str) -> Result<Option<CallingKey>> {
        let Some(id) = Key::id_in(token) else { return Ok(None) };
        let now = self.now();
        let key = match self.callers.recall(&self.callers.keys, &id, now) {
            Some(known) => Some(known),
            None => self.read_key(id, now).await?,
        };
        let valid =
            |key: &Key| key.opens_with(token) && key.expires.is_none_or(|expires| now < expires);
        let Some(key) = key.filter(valid) else { return Ok(None) };
        self.standing_in(key.account_id, now).await?.map_err(Error::Login)?;
        self.note_use(&key, now);
        Ok(Some(CallingKey::from(&key)))
    }

    async fn read_key(&self, id: KeyId, now: Timestamp) -> Result<Option<Key>> {
        let reading = self.callers.reading(now);
        let key: Option<Key> = self.load(layout::api_key(id)).await?;
        if let Some(key) = &key {
            self.callers.keep(&self.callers.keys, &id, key.clone(), reading);
        }
        Ok(key)
    }

    /// Notes now and then that a key is used. Nobody waits for it, and no call fails for it.
    fn note_use(&self, key: &Key, now: Timestamp) {
        let noted = self.callers.noted.get(&key.id).max(key.last_used);
        if noted.is_some_and(|noted| now.since(noted) < USE_INTERVAL) {
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

    /// The user that an identity is bound to, wherever it lies.
    pub(in crate::store) async fn bound_user<T: Kept + Selectable>(
        &self,
        identity: &IdentityKey,
    ) -> Result<Option<T>> {
        let claim = layout::identity_claim(identity);
        self.claimed_by(claim, ANYWHERE, |user: &T| user.is_bound_to(identity)).await
    }
}

/// Whether a bound user may come in.
pub(in crate::store) fn standing_of(state: State) -> Result<(), LoginRefusal> {
    match state {
        State::Invited | State::Active => Ok(()),
        State::Suspended => Err(LoginRefusal::Suspended),
        State::Trashed => Err(LoginRefusal::Removed),
    }
}

/// Whether the users and keys of an account may come in; none is one that is deleted for good.
pub(in crate::store) fn account_standing(account: Option<&Account>) -> Result<(), LoginRefusal> {
    match account.map(|account| account.state) {
        Some(AccountState::Active) => Ok(()),
        Some(AccountState::Suspended) => Err(LoginRefusal::AccountSuspended),
        Some(AccountState::Removed { .. }) | None => Err(LoginRefusal::AccountRemoved),
    }
}

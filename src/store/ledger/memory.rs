//! What this node remembers of callers for a few seconds, and forgets when a step changes it.

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
    auth::identity::Presence,
    caller::CallingUser,
    clock::{Moment, Timestamp},
    model::{
        id::{AccountId, KeyId, SessionId, UserId},
        key::Key,
        user::IdentityKey,
    },
    store::{LoginRefusal, Result},
};

/// How many users, keys and accounts are kept, of each.
const CAPACITY: usize = 20_000;

/// The callers' records that this node has read lately. Each is fresh or stale by itself, so none is
/// believed for longer than `lifetime`.
pub(in crate::store) struct Callers {
    pub(in crate::store) users: Memory<UserId, BoundUser>,
    pub(in crate::store) keys: Memory<KeyId, Key>,
    pub(in crate::store) sessions: Memory<SessionId, Arc<KnownSession>>,
    /// Apart from their users, who would else each have their account read.
    pub(in crate::store) accounts: Memory<AccountId, Standing>,
    /// When this node last noted that a key is used.
    pub(in crate::store) noted: Cache<KeyId, Timestamp>,
    lifetime: Duration,
    /// Raised whenever something is forgotten: what was read before is then not kept.
    forgotten: AtomicU64,
}

type Memory<K, T> = Cache<K, Remembered<T>>;

#[derive(Clone)]
pub(in crate::store) struct Remembered<T> {
    what: T,
    read: Moment,
}

/// When something was read: the moment, and what had been forgotten until then.
#[derive(Clone, Copy)]
pub(in crate::store) struct Reading {
    at: Moment,
    forgotten: u64,
}

/// A live user that is bound to an identity, and whether it may come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct BoundUser {
    pub(in crate::store) user: CallingUser,
    pub(in crate::store) identity: IdentityKey,
    pub(in crate::store) standing: Standing,
}

/// A session that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct KnownSession {
    pub(in crate::store) presence: Presence,
    /// The accounts that it is in, and as whom.
    pub(in crate::store) entered: Vec<(AccountId, UserId)>,
}

/// Whether a user, or the users and keys of an account, may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Standing {
    /// Whether they may at all.
    pub(in crate::store) open: Result<(), LoginRefusal>,
    /// When they were signed out last.
    pub(in crate::store) signed_out: Option<Timestamp>,
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
    pub(super) fn forget(&self, what: &Touched) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        match what {
            Touched::User(user) => drop(self.users.remove(user)),
            Touched::Session(session) => drop(self.sessions.remove(session)),
            Touched::Key(key) => drop(self.keys.remove(key)),
            Touched::Account(account) => drop(self.accounts.remove(account)),
        }
    }

    /// What is remembered, if it was read lately.
    pub(in crate::store) fn recall<K: Eq + Hash, T: Clone>(
        &self,
        memory: &Memory<K, T>,
        key: &K,
        now: Moment,
    ) -> Option<T> {
        let known = memory.get(key)?;
        (now.since(known.read) < self.lifetime).then_some(known.what)
    }

    pub(in crate::store) fn reading(&self, at: Moment) -> Reading {
        Reading { at, forgotten: self.forgotten.load(Ordering::SeqCst) }
    }

    /// Keeps what was read, unless something was forgotten meanwhile: it may be what was read.
    pub(in crate::store) fn keep<K: Eq + Hash + Clone, T: Clone>(
        &self,
        memory: &Memory<K, T>,
        key: &K,
        what: T,
        reading: Reading,
    ) {
        memory.insert(key.clone(), Remembered { what, read: reading.at });
        // Looked at afterwards, so that a removal at this very moment finds the entry, or is seen here.
        if self.forgotten.load(Ordering::SeqCst) != reading.forgotten {
            memory.remove(key);
        }
    }
}

/// Something that is remembered of callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) enum Touched {
    /// A user.
    User(UserId),
    /// A session.
    Session(SessionId),
    /// An API key.
    Key(KeyId),
    /// An account, and so all its users and keys.
    Account(AccountId),
}

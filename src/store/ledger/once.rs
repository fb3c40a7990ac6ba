//! Calls that are carried out at most once, however often they come.
//!
//! A call first reserves what it goes by. The transaction that carries it out marks the reservation as
//! used, on condition that it is still this call's own; that happens in `Store::audit`, through which
//! each change by a call goes. Then the reply is kept. So a call that died can be taken over: if it was
//! only slow, its transaction is refused.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    secret::{Sealer, Secrets, digest_of, same},
    store::{
        Conflict, Error, Result, Store,
        ledger::{
            layout::{self},
            record::{self, Stored},
        },
    },
    table::{Condition, Item, Key, Op, Refused, Written},
};

/// How long a call is remembered.
const MEMORY: Duration = Duration::from_hours(24);
/// After this long a call that has not come to its end is taken for dead.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest reply that is kept, in bytes; sealed, it must fit into an item.
const MAX_REPLY_BYTES: usize = 100_000;

/// A call's own reservation.
#[derive(Debug)]
pub(crate) struct Once {
    key: Key,
    request: String,
    expires: u64,
    /// The version that it was made with.
    reserved: u64,
    /// The version that it has by now; more once a transaction has marked it.
    version: AtomicU64,
    /// Whether it takes that its person has shown a credential just now, as its step has found out.
    fresh: AtomicBool,
}

/// What a call is told by from others that have the same key.
pub(crate) enum Scope {
    /// Who calls, and the key.
    Caller(String),
    /// What a stranger sends, and the key. There may be a password in it, which nobody is to find out by trying digests.
    Stranger(String),
}

/// How a call that may have come before begins.
pub(crate) enum Begun {
    /// It has not come before, or came to nothing.
    First(Once),
    /// It has; this was its reply, and whether it takes that its person has shown a credential just now.
    Again(String, bool),
}

/// A reservation as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reservation {
    /// The keyed digest of the request: there may be passwords in it.
    request: String,
    state: State,
    since: Timestamp,
    /// Sealed: there may be codes and keys in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reply: Option<String>,
    /// Whether it is repeated only for somebody who has shown a credential just now.
    #[serde(default, skip_serializing_if = "is_no")]
    fresh: bool,
    #[serde(skip)]
    version: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
const fn is_no(value: &bool) -> bool {
    !*value
}

impl Stored for Reservation {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
    }
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// Nothing is carried out yet.
    Reserved,
    /// It is carried out.
    Committed,
    /// It has succeeded as a whole.
    Done,
}

/// What reservations are kept with.
pub(in crate::store) struct Onces {
    /// The current secret's key, then those of the previous ones.
    keys: Vec<hmac::Key>,
    sealer: Sealer,
}

impl Onces {
    pub(in crate::store) fn new(secrets: &Secrets) -> Self {
        let key = |secret: &crate::secret::Secret| {
            hmac::Key::new(hmac::HMAC_SHA256, secret.derive("idempotency digest").expose())
        };
        Self { keys: secrets.all().map(key).collect(), sealer: Sealer::new(secrets, "idempotency") }
    }

    /// The digests that a request may be known by; the first is for what is new.
    fn digests(&self, request: &str) -> Vec<String> {
        let digest = |key| URL_SAFE_NO_PAD.encode(hmac::sign(key, request.as_bytes()));
        self.keys.iter().map(digest).collect()
    }

    /// Where a stranger's call may be kept; the first is for what is new.
    fn places(&self, scope: &str) -> Vec<Key> {
        let digests = self.digests(&format!("scope#{scope}"));
        digests.iter().map(|digest| layout::idempotency(digest)).collect()
    }

    fn open(&self, key: &Key, reply: &str) -> Option<String> {
        String::from_utf8(self.sealer.open(&key.partition, reply)?).ok()
    }
}

impl Once {
    fn item(&self, state: State, now: Timestamp, reply: Option<String>) -> Result<Item> {
        let version = self.version.load(Ordering::SeqCst) + 1;
        let request = self.request.clone();
        let fresh = self.fresh.load(Ordering::SeqCst);
        let record = Reservation { request, state, since: now, reply, fresh, version };
        let item = layout::item(self.key.clone(), version, &record)?;
        Ok(Item { expires: Some(self.expires), ..item })
    }

    /// Marks it as carried out, on condition that it is still this call's own.
    pub(super) fn committed(&self, now: Timestamp) -> Result<Op> {
        Ok(Op::Put(self.item(State::Committed, now, None)?, self.own()))
    }

    /// The version that it must have if it is still this call's own.
    fn own(&self) -> Condition {
        match self.version.load(Ordering::SeqCst) {
            0 => Condition::Absent,
            version => Condition::Version(version),
        }
    }

    /// Notes that it takes that its person has shown a credential just now.
    pub(in crate::store) fn take_fresh(&self) {
        self.fresh.store(true, Ordering::SeqCst);
    }

    /// Notes that it was written.
    pub(super) fn advance(&self) {
        self.version.fetch_add(1, Ordering::SeqCst);
    }
}

impl Store {
    /// Reserves a call of `scope` for this caller alone.
    ///
    /// # Errors
    /// `IdempotencyMismatch` if another request has come under that scope, `ReplyLost`, `UnderWay`.
    pub(crate) async fn begin_once(&self, scope: &Scope, request: &str) -> Result<Begun> {
        let key = match scope {
            Scope::Caller(scope) => layout::idempotency(&digest_of(scope)),
            Scope::Stranger(scope) => self.place_of(scope).await?,
        };
        let digests = self.onces.digests(request);
        // Of the reservation that was found, which the next attempt takes over.
        let found_version = AtomicU64::new(0);
        self.attempt(|| async {
            let (now, version) = (self.now(), found_version.load(Ordering::SeqCst));
            let once = Once {
                key: key.clone(),
                request: digests.first().cloned().unwrap_or_default(),
                expires: now.plus(MEMORY).seconds(),
                reserved: version + 1,
                version: version.into(),
                fresh: AtomicBool::default(),
            };
            let op = Op::Put(once.item(State::Reserved, now, None)?, once.own());
            let found = match self.table.write(vec![op]).await? {
                Written::Done => {
                    once.advance();
                    return Ok(Some(Begun::First(once)));
                }
                Written::Refused(Refused { current, .. }) => current,
            };
            let version =
                match found.map(|item| record::decode::<Reservation>(&item)).transpose()? {
                    // It has just been released.
                    None => 0,
                    Some(found) => match self.reply_kept(&key, &digests, &found)? {
                        Some(reply) => return Ok(Some(Begun::Again(reply, found.fresh))),
                        None => found.version,
                    },
                };
            found_version.store(version, Ordering::SeqCst);
            Ok(None)
        })
        .await
    }

    /// Where a stranger's call of that scope is kept: under the current secret, unless it came first under one before it.
    async fn place_of(&self, scope: &str) -> Result<Key> {
        let mut places = self.onces.places(scope).into_iter();
        let place = places.next().unwrap_or_else(|| layout::idempotency(""));
        for older in places {
            if self.table.get(&older).await?.is_some() {
                return Ok(older);
            }
        }
        Ok(place)
    }

    /// The reply in a reservation; `None` if its maker died before carrying out anything.
    fn reply_kept(
        &self,
        key: &Key,
        digests: &[String],
        found: &Reservation,
    ) -> Result<Option<String>> {
        if !digests.iter().any(|digest| same(digest.as_bytes(), found.request.as_bytes())) {
            return Err(Error::Conflict(Conflict::IdempotencyMismatch));
        }
        let dead = self.now().since(found.since) >= PATIENCE;
        match (found.state, dead) {
            (State::Reserved, true) => Ok(None),
            (State::Done, _) | (State::Committed, true) => {
                let reply = found.reply.as_ref().and_then(|reply| self.onces.open(key, reply));
                reply.map(Some).ok_or(Error::Conflict(Conflict::ReplyLost))
            }
            (State::Reserved | State::Committed, false) => Err(Error::Conflict(Conflict::UnderWay)),
        }
    }

    /// Keeps the reply of a call that has succeeded. What cannot be kept is logged: the call stands.
    pub(crate) async fn keep_reply(&self, once: &Once, reply: &str) {
        let sealed = if reply.len() <= MAX_REPLY_BYTES {
            self.onces.sealer.seal(&once.key.partition, reply.as_bytes().to_vec())
        } else {
            tracing::info!(bytes = reply.len(), "a reply is too long to be kept for repetition");
            None
        };
        let kept = async {
            let op = Op::Put(once.item(State::Done, self.now(), sealed)?, once.own());
            Ok::<_, Error>(self.table.write(vec![op]).await?)
        };
        match kept.await {
            Ok(Written::Done) => {}
            Ok(Written::Refused(_)) => tracing::info!("another call has taken over"),
            Err(error) => tracing::warn!(%error, "a reply is not kept for repetition"),
        }
    }

    /// Gives up what a call that failed has reserved, so that it can come again; what was carried out
    /// stays marked.
    pub(crate) async fn release_once(&self, once: &Once) {
        let op = Op::Delete(once.key.clone(), Condition::Version(once.reserved));
        if let Err(error) = self.table.write(vec![op]).await {
            tracing::warn!(%error, "a failed call's reservation is not released");
        }
    }
}

//! Limits on guesses: misses are counted, and after too many of them callers have to wait, each
//! time longer. The counts are kept in the table, so that they hold over nodes and restarts.
//!
//! What is guaranteed: tries made at once get no further than tries made one after the other, because
//! a node lets no more be under way than may still miss before the next lock. Nodes do not know of each
//! other's tries under way, so several of them let through at most as many times that as they are. A
//! miss is counted before its caller learns of it, even if the caller has hung up. A caller that is turned
//! away does not lengthen the lock, so nobody is locked out for good.

mod in_turn;
mod rules;

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::future::{join_all, try_join_all};
use serde::{Deserialize, Serialize};
use tracing::Instrument as _;

use self::in_turn::Look;
pub(in crate::store) use self::rules::{
    CHANGES_OF_ACCOUNT, CHANGES_OF_PROVIDERS, CHANGES_TO_MAILBOX, FIRST_INVITES_TO_MAILBOX,
    INVITES_OF_ACCOUNT_TO_MAILBOX, LETTERS_ABOUT_KEYS, LETTERS_FOR_EMAIL, LETTERS_FROM_ADDRESS,
    LETTERS_FROM_NETWORK, LETTERS_OF_ACCOUNT, LETTERS_OF_CHANGES, LETTERS_TO_CONFIRM,
    MORE_INVITES_TO_MAILBOX, Rule, TEST_EMAILS, UNKNOWN_CODE, WRONG_AT_ADDRESS, WRONG_FOR_EMAIL,
};
use crate::{
    clock::{Clock, Timestamp},
    model::email::Email,
    random::Random,
    secret::Secrets,
    security::{Event, Note},
    store::{
        By, Error, Result, Store,
        ledger::{
            attempt::attempt_from,
            layout,
            record::{self, Stored, first_version},
        },
    },
    table::{Condition, Item, Key, Op, Table, Written},
};

/// How far the clocks of nodes may be apart. What was counted later than that from now was counted under a clock that has
/// been set back since.
const APART: Duration = Duration::from_mins(1);

impl Rule {
    /// The pause after that many misses.
    fn pause(&self, misses: u32) -> Duration {
        let Some(doublings) = misses.checked_sub(self.free + 1) else { return Duration::ZERO };
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        self.first_pause.saturating_mul(factor).min(self.longest_pause)
    }

    /// How many of so many misses are left after that time: those beyond the free ones go slowly, one
    /// in the longest pause.
    fn left(&self, misses: u32, after: Duration) -> u32 {
        let times = |whole: Duration, part: Duration| {
            let times = whole.as_millis() / part.as_millis().max(1);
            u32::try_from(times).unwrap_or(u32::MAX)
        };
        let beyond = misses.saturating_sub(self.free);
        let gone = times(after, self.longest_pause);
        if gone < beyond {
            return misses - gone;
        }
        let rest = after.saturating_sub(self.longest_pause * beyond);
        (misses - beyond).saturating_sub(times(rest * self.free, self.memory))
    }

    /// How many tries may be under way at once after that many misses.
    fn at_once(&self, misses: u32) -> u32 {
        (self.free + 1).saturating_sub(misses).max(1)
    }
}

/// What misses are counted for under one rule. Its try is under way from [`Store::check_limits`] until it is
/// dropped.
pub(in crate::store) struct Bucket {
    rule: &'static Rule,
    what: String,
    slot: OnceLock<Arc<Slot>>,
    /// What the table said when the try began.
    seen: OnceLock<Tally>,
}

impl Bucket {
    /// An address.
    fn address(rule: &'static Rule, address: IpAddr) -> Self {
        Self::of(rule, &household_of(address))
    }

    /// The address that a call comes from; none on the command line, where nobody needs to guess.
    pub(in crate::store) fn caller(rule: &'static Rule, by: &By) -> Vec<Self> {
        Vec::from_iter(by.address.map(|address| Self::address(rule, address)))
    }

    /// An email, whether or not anybody has it.
    pub(in crate::store) fn email(rule: &'static Rule, email: &Email) -> Self {
        Self::of(rule, email.as_str())
    }

    /// What the log tells the bucket by: the email, without the network that it may be counted with.
    fn subject(&self) -> &str {
        self.what.split(' ').find(|word| word.contains('@')).unwrap_or(&self.what)
    }

    /// Whatever the text stands for.
    pub(in crate::store) fn of(rule: &'static Rule, what: &str) -> Self {
        Self { rule, what: what.to_owned(), slot: OnceLock::new(), seen: OnceLock::new() }
    }
}

/// An address; of IPv6 the network of 64 bits, which is what one household gets.
pub(super) fn household_of(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// The misses in one bucket.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tally {
    misses: u32,
    /// When the last of them was counted.
    #[serde(default)]
    at: Timestamp,
    locked_until: Timestamp,
    #[serde(skip)]
    version: u64,
}

impl Stored for Tally {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
    }
}

/// What limits are kept with.
pub(in crate::store) struct Limits {
    table: Arc<dyn Table>,
    clock: Clock,
    random: Random,
    /// Keeps what is counted from being read, or found out by trying, in a copy of the table.
    key: hmac::Key,
    under_way: Arc<Mutex<HashMap<Key, Queue>>>,
}

/// The tries under way on this node in one bucket.
#[derive(Default)]
struct Queue {
    length: u32,
    /// Held while a miss is counted, so that tries on one node hardly race for the count.
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// One try under way.
struct Slot {
    key: Key,
    /// How many tries were under way when it began, with itself.
    number: u32,
    turn: Arc<tokio::sync::Mutex<()>>,
    under_way: Arc<Mutex<HashMap<Key, Queue>>>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = under_way.get_mut(&self.key) {
            queue.length = queue.length.saturating_sub(1);
            if queue.length == 0 {
                under_way.remove(&self.key);
            }
        }
    }
}

impl Store {
    /// Lets a try begin, unless one of its buckets is locked right now; one read for each bucket.
    ///
    /// Where each request is to be counted, and not only misses, the caller counts a miss at once.
    ///
    /// # Errors
    /// `Limited`, also where too many tries are under way at once.
    pub(in crate::store) async fn check_limits(&self, buckets: &[Bucket]) -> Result<()> {
        try_join_all(buckets.iter().map(|bucket| self.limits.check(bucket))).await?;
        Ok(())
    }

    /// Whether anything is counted in the bucket that is not forgotten yet.
    pub(in crate::store) async fn has_counted(&self, bucket: &Bucket) -> Result<bool> {
        let key = self.limits.key(bucket);
        let counted = self.limits.counted(&key).await?;
        Ok(self.limits.left(bucket.rule, counted).misses > 0)
    }

    /// Counts a miss in each bucket.
    ///
    /// # Errors
    /// That one is not counted. Then the caller is not to learn that it was one: while the table cannot be written,
    /// guesses would be free.
    pub(in crate::store) async fn miss(&self, buckets: &[Bucket]) -> Result<()> {
        if buckets.is_empty() {
            return Ok(());
        }
        let miss = |bucket: &Bucket| {
            let slot = self.limits.slot(bucket);
            // Behind another try, it is out of date as soon as that one is counted.
            let seen = bucket.seen.get().copied().filter(|_| slot.number == 1);
            (bucket.rule, (slot, seen), self.notes.digest(bucket.subject()))
        };
        let misses: Vec<_> = buckets.iter().map(miss).collect();
        let (limits, notes) = (Arc::clone(&self.limits), Arc::clone(&self.notes));
        // A task of its own: who hangs up as soon as no good answer comes would not be counted.
        let counting = async move {
            let counted =
                join_all(misses.into_iter().map(async |(rule, (slot, seen), subject)| {
                    if limits.count(rule, &slot, seen).await? {
                        notes.note(locked_out(rule, subject));
                    }
                    Ok(())
                }));
            counted.await.into_iter().collect::<Result<()>>()
        };
        let counting = tokio::spawn(counting.in_current_span());
        counting.await.map_err(|_panicked| Error::Busy)?
    }

    /// Forgets the misses in each bucket, after a success. Only where that shows the misses to have
    /// been honest: who knows one password may still have guessed at others from the same address.
    ///
    /// Costs nothing where the try has found nothing counted: a miss since then is forgotten with time.
    pub(in crate::store) async fn forgive(&self, buckets: &[Bucket]) {
        for bucket in buckets {
            let key = self.limits.key(bucket);
            let forgotten = async {
                let is_counted = match bucket.seen.get() {
                    Some(seen) => seen.version > 0,
                    None => self.table.get(&key).await?.is_some(),
                };
                if is_counted {
                    let _ = self.table.write(vec![Op::Delete(key, Condition::Any)]).await?;
                }
                Ok::<_, Error>(())
            };
            if let Err(error) = forgotten.await {
                tracing::warn!(rule = bucket.rule.name, %error, "misses not forgotten");
            }
        }
    }
}

impl Limits {
    pub(in crate::store) fn new(
        table: Arc<dyn Table>,
        clock: Clock,
        random: Random,
        secrets: &Secrets,
    ) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secrets.current.derive("limit").expose());
        Self { table, clock, random, key, under_way: Arc::default() }
    }

    async fn check(&self, bucket: &Bucket) -> Result<()> {
        self.look(bucket).await?.or_limited(bucket.rule)
    }

    async fn look(&self, bucket: &Bucket) -> Result<Look> {
        // First the slot, then the look: who was here before has counted its miss, or is in the queue.
        let slot = self.slot(bucket);
        let counted = self.counted(&slot.key).await?;
        let _ = bucket.seen.set(counted);
        let Tally { misses, locked_until, .. } = self.left(bucket.rule, counted);
        let pause = locked_until.since(self.clock.now());
        if !pause.is_zero() {
            return Ok(Look::Locked(pause));
        }
        let is_crowded = slot.number > bucket.rule.at_once(misses);
        Ok(if is_crowded { Look::Crowded } else { Look::Free })
    }

    /// Counts a miss; whether the bucket is locked from now on.
    async fn count(&self, rule: &Rule, slot: &Slot, seen: Option<Tally>) -> Result<bool> {
        let _turn = slot.turn.lock().await;
        let read = || self.counted(&slot.key);
        let once = |before| self.try_count(rule, &slot.key, before);
        let counted = attempt_from(&self.random, seen, read, once).await;
        counted.inspect_err(|error| tracing::error!(rule = rule.name, %error, "miss not counted"))
    }

    /// One try; whether the bucket is locked from now on, `None` if another one was counted since `before`.
    async fn try_count(&self, rule: &Rule, key: &Key, before: Tally) -> Result<Option<bool>> {
        let before = self.left(rule, before);
        let now = self.clock.now();
        // No more than it takes for the longest pause, so that all is forgotten in bounded time.
        let longest = rule.pause(before.misses) == rule.longest_pause;
        let misses = before.misses + u32::from(!longest);
        let locked_until = before.locked_until.max(now.plus(rule.pause(misses)));
        let version = match before.version {
            0 => first_version(now),
            version => version + 1,
        };
        let after = Tally { misses, at: now, locked_until, version };
        let beyond = rule.longest_pause * misses.saturating_sub(rule.free);
        let expires = Some(now.plus(rule.memory + beyond).seconds());
        let item = Item { expires, ..layout::item(key.clone(), version, &after)? };
        let condition = match before.version {
            0 => Condition::Absent,
            version => Condition::Version(version),
        };
        let written = self.table.write(vec![Op::Put(item, condition)]).await?;
        Ok((written == Written::Done).then_some(locked_until > now))
    }

    /// What the table says.
    async fn counted(&self, key: &Key) -> Result<Tally> {
        let item = self.table.get(key).await?;
        Ok(item.as_ref().map(record::decode).transpose()?.unwrap_or_default())
    }

    /// The misses that have not been forgotten by now, of those that were counted.
    fn left(&self, rule: &Rule, known: Tally) -> Tally {
        let now = self.clock.now();
        let known = if known.at > now.plus(APART) {
            // The misses stay; the pause after the last of them has no end that could be known.
            tracing::warn!(
                rule = rule.name,
                "misses were counted in the future: was the clock set back?"
            );
            Tally { at: now, locked_until: now, ..known }
        } else {
            known
        };
        Tally { misses: rule.left(known.misses, now.since(known.at)), ..known }
    }

    /// What stands for a text in the table, so that nobody can read it there or find it out by trying.
    pub(super) fn keyed_digest(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.key, text.as_bytes()))
    }

    fn key(&self, bucket: &Bucket) -> Key {
        layout::limit(bucket.rule.name, &self.keyed_digest(&bucket.what))
    }

    /// The bucket's slot among the tries under way, which it takes now if it has none.
    fn slot(&self, bucket: &Bucket) -> Arc<Slot> {
        let enter = || {
            let key = self.key(bucket);
            let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
            let queue = under_way.entry(key.clone()).or_default();
            queue.length += 1;
            let (number, turn) = (queue.length, Arc::clone(&queue.turn));
            Arc::new(Slot { key, number, turn, under_way: Arc::clone(&self.under_way) })
        };
        Arc::clone(bucket.slot.get_or_init(enter))
    }
}

/// That a bucket is locked from now on.
fn locked_out(rule: &Rule, subject: String) -> Note {
    let subject = Some(subject);
    Note { email: subject, rule: Some(rule.name.to_owned()), ..Note::new(Event::LockedOut) }
}

/// Whether somebody has guessed, and wrongly.
pub(in crate::store) fn missed<T>(done: &Result<T>) -> bool {
    matches!(done, Err(Error::Credentials | Error::WrongCode))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{auth::password::Hasher, secret::Secret, store::Rules, table::sqlite::Sqlite};

    const STRICT: Rule = Rule {
        name: "strict",
        free: 1,
        first_pause: Duration::from_secs(2),
        longest_pause: Duration::from_secs(7),
        memory: Duration::from_mins(1),
    };

    fn store(folder: &tempfile::TempDir, clock: &Clock) -> Store {
        let table = Sqlite::open(&folder.path().join("table.db"), clock.clone()).unwrap();
        let secrets = Secrets { current: Secret::new([7; 32]), previous: Vec::new() };
        let rules = Rules {
            sessions: crate::model::session::Lifetimes {
                idle: Duration::from_hours(1),
                absolute: Duration::from_hours(2),
            },
            invite_lifetime: Duration::ZERO,
            trash_lifetime: Duration::ZERO,
            invite_any_email: false,
            open_registration: false,
            caller_lifetime: Duration::ZERO,
        };
        let random = Random::seeded(1);
        let hasher = Hasher::new(1, 1, random.clone());
        Store::new(Arc::new(table), clock.clone(), random, &secrets, hasher, rules)
    }

    async fn try_and_miss(store: &Store, what: &str) -> bool {
        let bucket = [Bucket::of(&STRICT, what)];
        let passed = store.check_limits(&bucket).await.is_ok();
        if passed {
            store.miss(&bucket).await.unwrap();
        }
        passed
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pauses = [0, 1, 2, 3, 4, 5, 40, u32::MAX].map(|misses| STRICT.pause(misses).as_secs());
        assert_eq!(pauses, [0, 0, 2, 4, 7, 7, 7, 7]);
        let at_once = [0, 1, 2, 3, u32::MAX].map(|misses| STRICT.at_once(misses));
        assert_eq!(at_once, [2, 1, 1, 1, 1]);
    }

    #[test]
    fn an_address_counts_as_its_household() {
        let what = |address: &str| Bucket::address(&STRICT, address.parse().unwrap()).what;
        assert_eq!(what("192.0.2.1"), "192.0.2.1");
        assert_eq!(what("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(what("2001:db8:1:2:3:4:5:6"), what("2001:db8:1:2::"));
        assert_ne!(what("2001:db8:1:2::"), what("2001:db8:1:3::"));
    }

    #[tokio::test]
    async fn a_success_can_forgive() {
        let folder = tempfile::TempDir::new().unwrap();
        let clock = Clock::manual(Timestamp::from_millis(1_800_000_000_000));
        let store = store(&folder, &clock);
        let bucket = || [Bucket::email(&STRICT, &Email::parse("ada@example.com").unwrap())];
        assert!(try_and_miss(&store, "ada@example.com").await);
        assert!(try_and_miss(&store, "ada@example.com").await);
        assert!(matches!(
            store.check_limits(&bucket()).await,
            Err(Error::Limited { retry_after, .. }) if retry_after == Duration::from_secs(2)
        ));
        store.check_limits(&[Bucket::of(&STRICT, "bob@example.com")]).await.unwrap();
        store.forgive(&bucket()).await;
        store.check_limits(&bucket()).await.unwrap();
        assert!(try_and_miss(&store, "ada@example.com").await);
        assert!(try_and_miss(&store, "ada@example.com").await);
        assert!(!try_and_miss(&store, "ada@example.com").await);
    }

    #[tokio::test]
    async fn a_clock_that_is_set_back_during_a_try_locks_for_no_longer() {
        let folder = tempfile::TempDir::new().unwrap();
        let noon = Timestamp::from_millis(1_800_000_000_000);
        let clock = Clock::manual(noon.plus(Duration::from_hours(2)));
        let store = store(&folder, &clock);
        assert!(try_and_miss(&store, "it").await);
        let bucket = [Bucket::of(&STRICT, "it")];
        store.check_limits(&bucket).await.unwrap();
        clock.turn(noon);
        store.miss(&bucket).await.unwrap();
        drop(bucket);
        assert!(matches!(
            store.check_limits(&[Bucket::of(&STRICT, "it")]).await,
            Err(Error::Limited { retry_after, .. }) if retry_after == Duration::from_secs(2)
        ));
    }

    #[tokio::test]
    async fn what_was_forgotten_during_a_try_is_counted_anew() {
        let folder = tempfile::TempDir::new().unwrap();
        let clock = Clock::manual(Timestamp::from_millis(1_800_000_000_000));
        let store = store(&folder, &clock);
        assert!(try_and_miss(&store, "it").await);
        clock.advance(STRICT.memory);
        let slow = [Bucket::of(&STRICT, "it")];
        store.check_limits(&slow).await.unwrap();
        store.forgive(&[Bucket::of(&STRICT, "it")]).await;
        clock.advance(Duration::from_millis(1));
        store.miss(&[Bucket::of(&STRICT, "it")]).await.unwrap();
        // The counter that was seen is gone, and the one in its place has its own versions.
        store.miss(&slow).await.unwrap();
        drop(slow);
        assert!(!try_and_miss(&store, "it").await);
    }

    #[tokio::test]
    async fn tries_under_way_take_up_what_is_free() {
        let folder = tempfile::TempDir::new().unwrap();
        let clock = Clock::manual(Timestamp::from_millis(1_800_000_000_000));
        let store = store(&folder, &clock);
        let [first, second, third] = [(); 3].map(|()| [Bucket::of(&STRICT, "it")]);
        store.check_limits(&first).await.unwrap();
        store.check_limits(&second).await.unwrap();
        assert!(store.check_limits(&third).await.is_err());
        drop((second, third));
        store.check_limits(&[Bucket::of(&STRICT, "it")]).await.unwrap();
        drop(first);
        assert!(store.limits.under_way.lock().unwrap().is_empty());
    }
}

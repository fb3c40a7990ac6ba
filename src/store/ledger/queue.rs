//! Queues: what must happen later, such as sending an email or deleting what is in the trash.
//!
//! A job is written by the transaction that makes it necessary, so neither exists without the other. Where
//! it lies tells its state:
//!
//! | state | key | what comes next |
//! |---|---|---|
//! | waiting | `QUEUE#SHARD`, `TIME#NAME` | from that time on, a node may take it |
//! | taken | the same; the time is the lease's end | its node finishes it, lets it go on, postpones or parks it; if the node dies, the job is due again |
//! | parked | `QUEUE#parked`, `NAME` | an operator sees it and may have it done after all; forgotten after 30 days |
//!
//! What is promised: a job is done at least once. No two nodes have it at the same time, unless one takes
//! longer than its lease; what that one then says about the job is refused, since the job has another
//! version by now. One that fails comes up again after a pause that doubles each time. A full shard keeps
//! no other waiting, and a job that cannot be read keeps none that can.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    random::Random,
    store::{
        Result, Store,
        ledger::{
            layout,
            record::{self, Stored},
            step::Step,
        },
    },
    table::{self, Index, Item, Key, Position, Query, Range},
};

/// How long parked jobs are kept for an operator to see.
const PARKED_LIFETIME: Duration = Duration::from_hours(30 * 24);

/// How the jobs of a kind wait.
pub(in crate::store) struct Queue {
    /// Its name in the table.
    pub(in crate::store) name: &'static str,
    /// How many partitions it is spread over.
    pub(in crate::store) shards: u8,
    /// The pause after the first failure; each further one doubles it.
    pub(in crate::store) first_pause: Duration,
    /// The longest pause.
    pub(in crate::store) longest_pause: Duration,
    /// How often a job is tried before it is parked; `None` if it is tried until it is done.
    pub(in crate::store) most_attempts: Option<u32>,
}

/// Something that can wait in a queue.
pub(in crate::store) trait Job: Stored + Clone {
    /// The queue that all of its kind wait in.
    const QUEUE: Queue;

    /// Its name, which no other job of the queue has.
    fn name(&self) -> String;

    /// Where `gs1` lists it, if it does.
    fn listed(&self) -> Option<Key> {
        None
    }

    /// For how long one may have been held back that has not failed.
    fn longest_hold(_queued: &Queued<Self>) -> Duration {
        Duration::ZERO
    }
}

/// A job with what has become of it so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Queued<J> {
    /// The job.
    #[serde(flatten)]
    pub(crate) job: J,
    /// How often it was tried.
    #[serde(default)]
    pub(crate) attempts: u32,
    /// Why the last try failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_error: Option<String>,
}

impl<J: Job> Stored for Queued<J> {}

/// A job that this node has the right to do until its lease ends, as it is stored.
#[derive(Clone, Debug)]
pub(in crate::store) struct Taken(Item);

/// What becomes of a job that has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// It comes up again after this pause.
    Postponed(Duration),
    /// It was tried often enough: it is parked.
    Parked,
}

/// Where a job lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Spot {
    /// Its name.
    pub(in crate::store) name: String,
    /// When it is due; `None` if it is parked.
    pub(in crate::store) due: Option<Timestamp>,
}

impl Queue {
    pub(in crate::store) fn partition(&self, shard: u8) -> String {
        format!("{}#{shard}", self.name)
    }

    /// All partitions of the jobs that wait.
    pub(in crate::store) fn partitions(&self) -> Vec<String> {
        (0..self.shards).map(|shard| self.partition(shard)).collect()
    }

    pub(in crate::store) fn parked_partition(&self) -> String {
        format!("{}#parked", self.name)
    }

    /// Where the job of that name waits until then.
    pub(in crate::store) fn waiting(&self, name: &str, at: Timestamp) -> Key {
        // Names end in random ids, or in what comes after one.
        let sum = name.bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
        Key::new(self.partition(sum % self.shards), format!("{}#{name}", time_text(at)))
    }

    pub(in crate::store) fn parked(&self, name: &str) -> Key {
        Key::new(self.parked_partition(), name)
    }

    /// Where the item at a key of the queue lies.
    pub(in crate::store) fn spot(&self, key: &Key) -> Spot {
        match key.sort.split_once('#') {
            Some((due, name)) if key.partition != self.parked_partition() => {
                let due = due.parse().ok().map(Timestamp::from_millis);
                Spot { name: name.to_owned(), due }
            }
            Some(_) | None => Spot { name: key.sort.clone(), due: None },
        }
    }

    /// The pause after one more failure. A quarter of it is random, so that jobs which failed together
    /// do not come back together.
    fn pause(&self, attempts: u32, random: &Random) -> Duration {
        let doublings = 1_u32.checked_shl(attempts).unwrap_or(u32::MAX);
        let doubled = self.first_pause.saturating_mul(doublings).min(self.longest_pause);
        doubled.mul_f64(0.75 + random.fraction() / 4.0)
    }
}

/// A moment in a sort key; fixed in width, so that text order is time order.
fn time_text(at: Timestamp) -> String {
    format!("{:015}", at.millis().max(0))
}

impl<J> From<J> for Queued<J> {
    fn from(job: J) -> Self {
        Self { job, attempts: 0, last_error: None }
    }
}

/// Where a job waits until then.
pub(in crate::store) fn waiting<J: Job>(job: &J, at: Timestamp) -> Key {
    J::QUEUE.waiting(&job.name(), at)
}

/// The item of a job that nobody has tried yet and that is due then.
pub(in crate::store) fn new_item<J: Job>(job: &J, at: Timestamp) -> Result<Item> {
    item(waiting(job, at), 1, &job.clone().into())
}

/// A job wherever it lies in its queue.
pub(in crate::store) fn item<J: Job>(key: Key, version: u64, queued: &Queued<J>) -> Result<Item> {
    Ok(Item { gs1: queued.job.listed(), ..layout::item(key, version, queued)? })
}

impl Taken {
    /// The job.
    ///
    /// # Errors
    /// `Table` if it cannot be read.
    pub(in crate::store) fn read<J: Job>(&self) -> Result<Queued<J>> {
        record::decode(&self.0)
    }

    pub(in crate::store) fn key(&self) -> &Key {
        &self.0.key
    }
}

impl Store {
    /// Takes up to `limit` jobs that are due at `now`; other nodes leave them alone until `until`.
    pub(in crate::store) async fn take_jobs(
        &self,
        queue: &Queue,
        limit: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Taken>> {
        let mut due = Vec::new();
        for partition in queue.partitions() {
            // Of each as many, so that one that is full keeps no other waiting.
            let share = limit.div_ceil(usize::from(queue.shards));
            due.extend(self.due(partition, share, now).await?);
        }
        if due.len() > limit {
            due.sort_by(|a, b| a.key.sort.cmp(&b.key.sort));
            due.truncate(limit);
        }
        let mut taken = Vec::new();
        for item in due {
            let key = item.key.clone();
            // One job's trouble must not hold up the others.
            match self.lease(queue, item, until).await {
                Ok(one) => taken.extend(one),
                Err(error) => tracing::error!(job = %key, %error, "job not taken"),
            }
        }
        Ok(taken)
    }

    /// The first items of a partition that are due.
    async fn due(&self, partition: String, limit: usize, now: Timestamp) -> Result<Vec<Item>> {
        // The character after the separator, so that what is due right now counts.
        let range = Range::Before(format!("{}$", time_text(now)));
        let query = Query::first(Index::Primary, partition, range, limit);
        Ok(self.table.query(&query).await?.items)
    }

    /// Makes a job due at the end of the lease, whatever it is; `None` if another node was faster.
    async fn lease(&self, queue: &Queue, item: Item, until: Timestamp) -> Result<Option<Taken>> {
        let key =
            Key::new(&item.key.partition, queue.waiting(&queue.spot(&item.key).name, until).sort);
        let mut step = Step::default();
        step.remove(item.key.clone(), item.version);
        let item = Item { key, version: item.version + 1, ..item };
        step.insert(item.clone());
        Ok(self.commit(step).await?.then(Taken(item)))
    }

    /// Strikes a job off that is done, or that is not worth doing any more.
    pub(in crate::store) async fn finish_job(&self, taken: &Taken) -> Result<()> {
        let mut step = Step::default();
        step.remove(taken.0.key.clone(), taken.0.version);
        self.commit_unless_done(step).await
    }

    /// Puts what is left of a job in its place, to be done at once.
    pub(in crate::store) async fn go_on<J: Job>(&self, taken: &Taken, rest: &J) -> Result<()> {
        let key = waiting(rest, self.now());
        self.move_job(taken, item(key, taken.0.version + 1, &rest.clone().into())?).await
    }

    /// Puts a job back, to be tried again at `due`.
    pub(in crate::store) async fn postpone_job<J: Job>(
        &self,
        taken: &Taken,
        due: Timestamp,
        why: String,
    ) -> Result<()> {
        let key = J::QUEUE.waiting(&J::QUEUE.spot(taken.key()).name, due);
        self.move_job(taken, taken.failed::<J>(key, why)?).await
    }

    /// Puts a job back that could not be tried at all, which does not count as a try.
    pub(in crate::store) async fn return_job<J: Job>(
        &self,
        taken: &Taken,
        due: Timestamp,
        why: Option<String>,
    ) -> Result<()> {
        let key = J::QUEUE.waiting(&J::QUEUE.spot(taken.key()).name, due);
        let version = taken.0.version + 1;
        let to = match (taken.read::<J>(), why) {
            (Ok(queued), Some(why)) => {
                item(key, version, &Queued { last_error: Some(why), ..queued })?
            }
            (Ok(_), None) | (Err(_), _) => Item { key, version, ..taken.0.clone() },
        };
        self.move_job(taken, to).await
    }

    /// Puts a job aside that cannot be done, for an operator to see.
    pub(in crate::store) async fn park_job<J: Job>(
        &self,
        taken: &Taken,
        why: String,
    ) -> Result<()> {
        let key = J::QUEUE.parked(&J::QUEUE.spot(taken.key()).name);
        let expires = Some(self.now().plus(PARKED_LIFETIME).seconds());
        self.move_job(taken, Item { expires, ..taken.failed::<J>(key, why)? }).await
    }

    /// Puts a job back after a failure, or parks it if it was tried often enough, which may be fewer
    /// times than the queue says.
    pub(in crate::store) async fn fail_job<J: Job>(
        &self,
        taken: &Taken,
        why: String,
        most: Option<u32>,
    ) -> Result<Failed> {
        let attempts = taken.read::<J>().map_or(0, |queued| queued.attempts);
        let most = most.or(J::QUEUE.most_attempts);
        if most.is_some_and(|most| attempts + 1 >= most) {
            self.park_job::<J>(taken, why).await?;
            return Ok(Failed::Parked);
        }
        let pause = J::QUEUE.pause(attempts, &self.random);
        self.postpone_job::<J>(taken, self.now().plus(pause), why).await?;
        Ok(Failed::Postponed(pause))
    }

    async fn move_job(&self, taken: &Taken, to: Item) -> Result<()> {
        let mut step = Step::default();
        if to.key == taken.0.key {
            // Due again just when the lease ends.
            step.replace(to, taken.0.version);
        } else {
            step.remove(taken.0.key.clone(), taken.0.version);
            step.insert(to);
        }
        self.commit_unless_done(step).await
    }

    /// The parked items behind the one of that name, or the first; at most `limit`.
    pub(in crate::store) async fn parked_jobs(
        &self,
        queue: &Queue,
        after: Option<&str>,
        limit: usize,
    ) -> Result<table::Page> {
        let query = Query::first(Index::Primary, queue.parked_partition(), Range::All, limit);
        let after = after.map(|name| queue.parked(name));
        let after = after.map(|key| Position { sort: key.sort.clone(), key });
        Ok(self.table.query(&Query { after, ..query }).await?)
    }

    /// Adds to `step` that a parked job waits again, due at once and as if it had never been tried;
    /// returns its item. One that cannot be read goes back as it is: an operator who asks for that may
    /// have a newer Guestlist, which can read it.
    pub(in crate::store) fn requeue<J: Job>(&self, step: &mut Step, parked: &Item) -> Result<Item> {
        let version = parked.version + 1;
        let key = J::QUEUE.waiting(&J::QUEUE.spot(&parked.key).name, self.now());
        let again = match record::decode::<Queued<J>>(parked) {
            Ok(queued) => item(key, version, &queued.job.into())?,
            Err(_) => Item { key, version, expires: None, ..parked.clone() },
        };
        step.remove(parked.key.clone(), parked.version);
        step.insert(again.clone());
        Ok(again)
    }
}

impl Taken {
    /// The item of the job at another key, after one more failure. What cannot be read stays as it is.
    fn failed<J: Job>(&self, key: Key, why: String) -> Result<Item> {
        let version = self.0.version + 1;
        match self.read::<J>() {
            Ok(queued) => {
                let attempts = queued.attempts + 1;
                item(key, version, &Queued { attempts, last_error: Some(why), ..queued })
            }
            Err(_) => Ok(Item { key, version, ..self.0.clone() }),
        }
    }
}

//! Whose turn it is: what nodes ask of the table waits until the seed lets it go on, and may come to nothing.

use std::{
    collections::BTreeMap,
    future::poll_fn,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures_util::FutureExt as _;
use guestlist::{
    random::Random,
    table::{Error, Item, Key, Op, Page, Passed, Query, Result, Scanned, Table, Walks, Written},
};
use tokio::sync::{Notify, oneshot};

use super::sentences::Watch;
use crate::support::memory::Memory;

/// Numbers from a seed.
pub(super) struct Dice(Random);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(Random::seeded(seed))
    }

    /// Less than `sides`.
    pub(super) fn throw(&self, sides: usize) -> usize {
        let number = u64::from_le_bytes(self.0.bytes()) >> 33;
        usize::try_from(number).unwrap() % sides
    }

    pub(super) fn one_in(&self, sides: usize) -> bool {
        self.throw(sides) == 0
    }
}

/// What becomes of something that is asked of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Done,
    /// It is too busy and does nothing.
    Busy,
    /// It cannot be reached.
    Unreached,
    /// It is done, but nobody hears of it.
    Unheard,
}

struct Inner {
    dice: Dice,
    waiting: Vec<oneshot::Sender<Fate>>,
    /// How many turns have been taken, or were passed over because nobody wanted one. A task that is woken although too
    /// few were taken would otherwise come up again before all others, for ever.
    passed: u64,
    /// Who waits for how many turns to have passed.
    alarms: Vec<(u64, oneshot::Sender<()>)>,
    /// The calls under way.
    doing: BTreeMap<String, String>,
    /// One in so many fails; none if it is 0.
    faults: usize,
    figures: super::Figures,
    /// All that was asked of the table, and what came of it.
    heard: Vec<String>,
}

/// The turns of one run.
pub(super) struct Turns {
    inner: Mutex<Inner>,
    idle: Notify,
    /// How often those who play were called.
    polls: AtomicU64,
    pub(super) watch: Arc<Watch>,
    /// Nobody has a turn any more.
    pub(super) is_over: AtomicBool,
}

/// How many turns a run may take; it takes some thousands.
const MOST_TURNS: u64 = 60_000;
/// How often in a row everybody may be found waiting, each time for 5 ms: longer than any pause.
const MOST_IDLE: u32 = 1000;

impl Turns {
    pub(super) fn new(seed: u64) -> Self {
        let inner = Inner {
            dice: Dice::new(seed),
            waiting: Vec::new(),
            passed: 0,
            alarms: Vec::new(),
            doing: BTreeMap::new(),
            faults: 0,
            figures: super::Figures::default(),
            heard: Vec::new(),
        };
        Self {
            inner: Mutex::new(inner),
            idle: Notify::new(),
            polls: AtomicU64::new(0),
            watch: Arc::default(),
            is_over: AtomicBool::new(false),
        }
    }

    /// Called when no task of the runtime can go on.
    pub(super) fn note_idle(&self) {
        self.idle.notify_one();
    }

    /// Lets one after the other have its turn, each when all others wait.
    pub(super) async fn drive(&self) {
        let mut idle = 0;
        while !self.is_over.load(Ordering::SeqCst) {
            self.settle().await;
            if self.next() {
                idle = 0;
                let turns = self.inner.lock().unwrap().figures.turns;
                if turns > MOST_TURNS {
                    let doing = self.inner.lock().unwrap().doing.clone();
                    self.watch.fail(format!("it does not come to an end: {doing:?}"));
                }
                continue;
            }
            // Everybody sleeps or waits for another.
            idle += 1;
            if idle > MOST_IDLE {
                let doing = self.inner.lock().unwrap().doing.clone();
                self.watch.fail(format!("nobody goes on: {doing:?}"));
            }
            self.ring();
            tokio::time::advance(Duration::from_millis(5)).await;
        }
    }

    /// Notes what somebody waits for.
    pub(super) fn note_doing(&self, call: &str, what: String) {
        self.inner.lock().unwrap().doing.insert(call.to_owned(), what);
    }

    /// Notes that it waits no longer.
    pub(super) fn note_done(&self, call: &str) {
        self.inner.lock().unwrap().doing.remove(call);
    }

    /// Waits until nothing goes on, here or on the thread for what blocks. Those who play are called whenever that thread
    /// has done something or a connection has brought something; so all is quiet once they were not, while the thread
    /// came to the end of its work.
    async fn settle(&self) {
        loop {
            let before = self.polls.load(Ordering::SeqCst);
            self.idle_again().await;
            tokio::task::spawn_blocking(|| ()).await.unwrap();
            self.idle_again().await;
            if self.polls.load(Ordering::SeqCst) == before {
                return;
            }
        }
    }

    /// Counts how often those who play are called. The runtime may be found idle when it is about to call them; it does
    /// so before it goes on with anything else.
    pub(super) async fn counted<T>(&self, playing: impl Future<Output = T>) -> T {
        let mut playing = pin!(playing);
        poll_fn(|context| {
            self.polls.fetch_add(1, Ordering::SeqCst);
            playing.as_mut().poll(context)
        })
        .await
    }

    /// Waits until no task can go on, from now on.
    async fn idle_again(&self) {
        let _before = self.idle.notified().now_or_never();
        self.idle.notified().await;
    }

    /// Waits until so many turns have been taken, or nobody wants one.
    pub(super) async fn pass(&self, turns: u64) {
        self.alarm(turns).await.expect("the turns go on");
    }

    fn alarm(&self, turns: u64) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let mut inner = self.inner.lock().unwrap();
        let at = inner.passed + turns;
        inner.alarms.push((at, sender));
        receiver
    }

    /// Wakes the one who waits for the fewest turns, as if they had been taken.
    fn ring(&self) {
        let mut inner = self.inner.lock().unwrap();
        let first = (0..inner.alarms.len()).min_by_key(|at| inner.alarms[*at].0);
        if let Some(first) = first {
            let (at, sender) = inner.alarms.remove(first);
            inner.passed = inner.passed.max(at);
            let _gone = sender.send(());
        }
    }

    fn next(&self) -> bool {
        let mut inner = self.inner.lock().unwrap();
        let passed = inner.passed;
        while let Some(due) = inner.alarms.iter().position(|(at, _)| *at <= passed) {
            let (_, sender) = inner.alarms.remove(due);
            if sender.send(()).is_ok() {
                return true;
            }
        }
        while !inner.waiting.is_empty() {
            let count = inner.waiting.len();
            let at = inner.dice.throw(count);
            let chosen = inner.waiting.remove(at);
            let faults = inner.faults;
            let fate = if faults > 0 && inner.dice.one_in(faults) {
                [Fate::Busy, Fate::Unreached, Fate::Unheard][inner.dice.throw(3)]
            } else {
                Fate::Done
            };
            // Who has gone away meanwhile needs no turn.
            if chosen.send(fate).is_ok() {
                inner.passed += 1;
                let figures = &mut inner.figures;
                figures.turns += 1;
                figures.faults += u64::from(fate != Fate::Done);
                figures.lost_replies += u64::from(fate == Fate::Unheard);
                return true;
            }
        }
        false
    }

    /// From now on, one in so many turns comes to nothing; none, if it is 0.
    pub(super) fn set_faults(&self, one_in: usize) {
        self.inner.lock().unwrap().faults = one_in;
    }

    pub(super) fn figures(&self) -> super::Figures {
        self.inner.lock().unwrap().figures.clone()
    }

    /// All that was asked of the table, in order.
    pub(super) fn heard(&self) -> Vec<String> {
        self.inner.lock().unwrap().heard.clone()
    }

    /// What goes on, for a run that has no end.
    pub(super) fn state(&self) -> String {
        let inner = self.inner.lock().unwrap();
        let Inner { waiting, alarms, doing, figures, .. } = &*inner;
        format!(
            "{figures:?}; {} wait for a turn, {} for others'; under way: {doing:?}; wrong: {:?}",
            waiting.len(),
            alarms.len(),
            self.watch.failed()
        )
    }

    pub(super) fn count(&self, add: impl FnOnce(&mut super::Figures)) {
        add(&mut self.inner.lock().unwrap().figures);
    }

    pub(super) fn hear(&self, what: String) {
        self.inner.lock().unwrap().heard.push(what);
    }

    async fn turn(&self) -> Fate {
        let (sender, receiver) = oneshot::channel();
        self.inner.lock().unwrap().waiting.push(sender);
        receiver.await.expect("a turn comes for everybody")
    }
}

/// The table as one node sees it. Once the node is dead, nothing that it asks is answered.
pub(super) struct Shared {
    pub(super) table: Arc<Memory>,
    pub(super) turns: Arc<Turns>,
    pub(super) dead: Arc<AtomicBool>,
}

impl Shared {
    /// Waits for the own turn and does this then, or fails.
    async fn ask<T>(
        &self,
        what: String,
        work: impl AsyncFnOnce(&Memory) -> Result<T>,
    ) -> Result<T> {
        let fate = self.turns.turn().await;
        if self.dead.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        self.turns.hear(format!("{what}: {fate:?}"));
        match fate {
            Fate::Busy => return Err(Error::Busy("the simulation says so".to_owned())),
            Fate::Unreached => return Err(unreached()),
            Fate::Done | Fate::Unheard => {}
        }
        let done = work(&self.table).await;
        if fate == Fate::Unheard { Err(unreached()) } else { done }
    }
}

fn unreached() -> Error {
    Error::Unavailable("the simulation says so".to_owned())
}

#[async_trait]
impl Table for Shared {
    async fn get(&self, key: &Key) -> Result<Option<Item>> {
        self.ask(format!("get {key}"), async |table| table.get(key).await).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Item>>> {
        self.ask(format!("get_many {keys:?}"), async |table| table.get_many(keys).await).await
    }

    async fn query(&self, query: &Query) -> Result<Page> {
        self.ask(format!("{query:?}"), async |table| table.query(query).await).await
    }

    async fn skip(&self, query: &Query) -> Result<Passed> {
        self.ask(format!("skip {query:?}"), async |table| table.skip(query).await).await
    }

    async fn scan(&self, after: Option<&Key>, limit: usize) -> Result<Scanned> {
        self.ask(format!("scan {after:?}"), async |table| table.scan(after, limit).await).await
    }

    fn walks(&self) -> Walks {
        self.table.walks()
    }

    async fn write(&self, ops: Vec<Op>) -> Result<Written> {
        self.ask(format!("write {ops:?}"), async |table| {
            let written = table.write(ops.clone()).await?;
            if matches!(written, Written::Done) {
                self.turns.count(|figures| figures.writes += 1);
                self.turns.watch.look(&table.items(), &ops);
            }
            Ok(written)
        })
        .await
    }

    async fn add(&self, key: &Key, n: i64) -> Result<i64> {
        self.ask(format!("add {key} {n}"), async |table| table.add(key, n).await).await
    }

    async fn ready(&self) -> Result<()> {
        Ok(())
    }
}

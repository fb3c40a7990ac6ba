//! Jobs that wait for a time which nobody has meant: a clock was ahead when they were put off, on this node or on
//! another, and is right again. They are due now.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{
    clock::{Clock, Look, Moment, Timestamp},
    store::{
        Result, Store,
        ledger::{
            commit::Committed,
            queue::{Job, Queued},
            record,
            step::Step,
        },
    },
    table::{Direction, Index, Item, Position, Query, Range},
};

/// By how much the own clock has to be set back to be worth a look.
const SET_BACK: Duration = Duration::from_secs(10);
/// How long after that there is another look: what was under way when it was set back is put off by then.
const AFTERWARDS: Duration = Duration::from_mins(1);
/// How often there is a look in any case: another node's clock may have been ahead.
const EVERY: Duration = Duration::from_hours(1);
/// How many items of a partition are read at once, and how often.
const PAGE: usize = 100;
const PAGES: usize = 10;

/// When to look for such jobs.
#[derive(Default)]
pub(in crate::store) struct Recalls(Mutex<Option<State>>);

struct State {
    look: Look,
    /// When jobs were last looked for.
    done: Moment,
    /// When the clock was set back, until the look after that.
    set_back: Option<Moment>,
}

/// Which jobs are due now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Recall {
    /// Those that wait for longer than jobs like them are ever put off.
    Overlong,
    /// Those that were put off for a while, however short: by how much too long cannot be told.
    Postponed,
}

impl Recalls {
    /// Whether it is time to look.
    pub(in crate::store) fn due(&self, clock: &Clock) -> Option<Recall> {
        let look = Look::at(clock);
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = state.as_mut() else {
            *state = Some(State { look, done: look.moment, set_back: None });
            return Some(Recall::Overlong);
        };
        let expected = known.look.expects(look.moment);
        known.look = look;
        let recall = if expected.since(look.wall) >= SET_BACK {
            known.set_back = Some(look.moment);
            Recall::Postponed
        } else if known.set_back.is_some_and(|moment| look.moment.since(moment) >= AFTERWARDS) {
            known.set_back = None;
            Recall::Postponed
        } else if look.moment.since(known.done) >= EVERY {
            Recall::Overlong
        } else {
            return None;
        };
        known.done = look.moment;
        Some(recall)
    }
}

impl Store {
    /// Makes jobs due that wait for a time which nobody has meant. What a node is just doing may be among them, and
    /// is done twice then.
    pub(in crate::store) async fn recall_jobs<J: Job>(&self, recall: Recall) -> Result<()> {
        let mut recalled = 0;
        for partition in J::QUEUE.partitions() {
            let mut after = None;
            for _ in 0..PAGES {
                let query = Query::first(Index::Primary, &partition, Range::All, PAGE);
                let query = Query { direction: Direction::Backward, after, ..query };
                let page = self.table.query(&query).await?;
                let now = self.now();
                for item in &page.items {
                    if is_misplaced::<J>(item, now, recall) {
                        recalled += usize::from(self.recall::<J>(item, now).await?);
                    }
                }
                let last = page.items.last().filter(|_| page.more);
                after = last
                    .map(|item| Position { sort: item.key.sort.clone(), key: item.key.clone() });
                let comes_soon =
                    |item: &Item| J::QUEUE.spot(&item.key).due.is_none_or(|due| due <= now);
                if last.is_none_or(comes_soon) {
                    break;
                }
            }
        }
        if recalled > 0 {
            tracing::warn!(
                queue = J::QUEUE.name,
                recalled,
                "jobs waited for a time too far ahead and are due now: was the clock set back?"
            );
        }
        Ok(())
    }

    /// Makes a job due, as often as it was tried; whether it was still there.
    async fn recall<J: Job>(&self, item: &Item, now: Timestamp) -> Result<bool> {
        let key = J::QUEUE.waiting(&J::QUEUE.spot(&item.key).name, now);
        let mut step = Step::default();
        step.remove(item.key.clone(), item.version);
        step.insert(Item { key, version: item.version + 1, ..item.clone() });
        Ok(matches!(self.commit(step).await?, Committed::Done))
    }
}

fn is_misplaced<J: Job>(item: &Item, now: Timestamp, recall: Recall) -> bool {
    let Some(due) = J::QUEUE.spot(&item.key).due else { return false };
    // One that cannot be read is put aside when its turn comes.
    let meant = record::decode::<Queued<J>>(item).map_or(Duration::ZERO, |it| J::longest_hold(&it));
    let longest = match recall {
        Recall::Overlong => meant.max(J::QUEUE.longest_pause),
        Recall::Postponed => meant,
    };
    due > now.plus(longest)
}

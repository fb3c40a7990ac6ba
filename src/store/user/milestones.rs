//! Milestones: places in lists that this node has come by, so that going through a list page by page
//! does not pass the same users again and again.
//!
//! They are good for as long as nobody comes into the account's lists or leaves them, which the
//! account's turnover tells.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use quick_cache::sync::Cache;

use crate::{
    clock::Timestamp,
    store::user::listed::List,
    table::{Index, Position},
};

/// How many lists a node remembers places of.
const LISTS: usize = 100;
/// How far one stone is from the next, at least.
const STRIDE: u64 = 1000;
/// How many stones a list has at most; in a longer one they are farther apart.
const MAX_STONES: u64 = 1000;
/// How many ends of pages are remembered of a list.
const MAX_ENDS: usize = 32;
/// How long `gs1` may take to show what was written: several times what DynamoDB usually needs.
const LAG: Duration = Duration::from_secs(2);
/// How long places in `gs1` are believed: should it have lagged for longer, that is over soon, too.
const LIFETIME: Duration = Duration::from_mins(1);

/// A place in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Milestone {
    /// How many users come before it.
    pub(super) passed: u64,
    /// Where it is; `None` at the list's beginning.
    pub(in crate::store) place: Option<Position>,
}

/// The state in which a walk finds a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// How often the account's lists had changed when the walk began.
    pub(in crate::store) turnover: i64,
    /// When the walk began.
    pub(in crate::store) at: Timestamp,
    /// How long the list is.
    pub(super) total: u64,
}

/// The places that this node remembers, list by list.
pub(super) struct Milestones(Cache<List, Arc<Mutex<Places>>>);

#[derive(Debug)]
struct Places {
    turnover: i64,
    /// When this node first saw the list after that change.
    since: Timestamp,
    /// Whether they were all found when the index showed that change for certain.
    settled: bool,
    /// Placed evenly on all ways that were walked.
    stones: BTreeMap<u64, Position>,
    /// Where the last pages ended, the latest at the back.
    ends: VecDeque<Milestone>,
}

impl Default for Milestones {
    fn default() -> Self {
        Self(Cache::new(LISTS))
    }
}

impl Milestones {
    /// The nearest place that is known before the one behind `offset` users, or just that.
    pub(in crate::store) fn before(&self, list: &List, seen: Seen, offset: u64) -> Milestone {
        let places = self.of(list, seen);
        let mut places = places.lock().unwrap_or_else(PoisonError::into_inner);
        places.renew(list.index, seen);
        if places.turnover == seen.turnover { places.before(offset) } else { Milestone::default() }
    }

    /// Notes a place that a walk has come by.
    pub(super) fn note(&self, list: &List, seen: Seen, stone: &Milestone) {
        if stone.passed.is_multiple_of(seen.stride()) {
            self.with(list, seen, |places| {
                let place = stone.place.clone();
                places.stones.extend(place.map(|place| (stone.passed, place)));
            });
        }
    }

    /// Notes where a page has ended.
    pub(super) fn note_end(&self, list: &List, seen: Seen, end: Milestone) {
        self.with(list, seen, |places| {
            places.ends.retain(|other| other.passed != end.passed);
            places.ends.push_back(end);
            if places.ends.len() > MAX_ENDS {
                places.ends.pop_front();
            }
        });
    }

    /// Changes the places of a list, unless what the walk has seen of it is out of date.
    fn with(&self, list: &List, seen: Seen, change: impl FnOnce(&mut Places)) {
        let places = self.of(list, seen);
        let mut places = places.lock().unwrap_or_else(PoisonError::into_inner);
        let settles = places.settles(list.index);
        let is_of_now = (seen.at >= settles) == places.settled;
        if places.turnover == seen.turnover && is_of_now {
            change(&mut places);
        }
    }

    fn of(&self, list: &List, seen: Seen) -> Arc<Mutex<Places>> {
        let fresh = || Ok::<_, std::convert::Infallible>(Arc::new(Mutex::new(Places::new(seen))));
        match self.0.get_or_insert_with(list, fresh) {
            Ok(places) => places,
        }
    }
}

impl Seen {
    /// Where the next stone is placed on a walk that has come so far.
    pub(super) fn next_stone(self, passed: u64) -> u64 {
        passed - passed % self.stride() + self.stride()
    }

    fn stride(self) -> u64 {
        STRIDE * self.total.div_ceil(STRIDE * MAX_STONES).max(1)
    }
}

impl Places {
    fn new(seen: Seen) -> Self {
        Self {
            turnover: seen.turnover,
            since: seen.at,
            settled: false,
            stones: BTreeMap::new(),
            ends: VecDeque::new(),
        }
    }

    /// From when on the index shows for certain what the turnover tells of.
    fn settles(&self, index: Index) -> Timestamp {
        match index {
            Index::Primary => self.since,
            Index::Gs1 => self.since.plus(LAG),
        }
    }

    /// Forgets what a change of the list, or of what the index shows of it, has put out of date.
    fn renew(&mut self, index: Index, seen: Seen) {
        let is_old = index == Index::Gs1 && seen.at >= self.since.plus(LIFETIME);
        if seen.turnover > self.turnover || is_old {
            *self = Self::new(seen);
        }
        if !self.settled && seen.at >= self.settles(index) {
            self.settled = true;
            self.stones.clear();
            self.ends.clear();
        }
    }

    fn before(&self, offset: u64) -> Milestone {
        let stone = self.stones.range(..=offset).next_back();
        let stone = stone.map(|(&passed, place)| Milestone { passed, place: Some(place.clone()) });
        let ends = self.ends.iter().filter(|end| end.passed <= offset).cloned();
        ends.chain(stone).max_by_key(|place| place.passed).unwrap_or_default()
    }
}

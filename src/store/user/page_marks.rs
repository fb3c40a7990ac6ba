//! Page marks: positions in lists that this node has passed, so that going through a list page by page
//! does not pass the same users again and again.
//!
//! They are good for as long as nobody is added to the account's lists or leaves them, which the
//! account's list version tells.

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

/// How many lists a node remembers marks of.
const LISTS: usize = 100;
/// How far one mark is from the next, at least.
const STRIDE: u64 = 1000;
/// How many evenly spaced marks a list has at most; in a longer one they are farther apart.
const MAX_MARKS: u64 = 1000;
/// How many ends of pages are remembered of a list.
const MAX_ENDS: usize = 32;
/// How long `gs1` may take to show what was written: several times what DynamoDB usually needs.
const LAG: Duration = Duration::from_secs(2);
/// How long marks in `gs1` are believed: should it have lagged for longer, that is over soon, too.
const LIFETIME: Duration = Duration::from_mins(1);

/// A position in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PageMark {
    /// How many users come before it.
    pub(super) passed: u64,
    /// Where it is; `None` at the list's beginning.
    pub(in crate::store) position: Option<Position>,
}

/// The state in which a walk finds a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// How often the account's lists had changed when the walk began.
    pub(in crate::store) list_version: i64,
    /// When the walk began.
    pub(in crate::store) at: Timestamp,
    /// How long the list is.
    pub(super) total: u64,
}

/// The marks that this node remembers, list by list.
pub(super) struct PageMarks(Cache<List, Arc<Mutex<Marks>>>);

#[derive(Debug)]
struct Marks {
    list_version: i64,
    /// When this node first saw the list after that change.
    since: Timestamp,
    /// Whether they were all found when the index showed that change for certain.
    certain: bool,
    /// Spaced evenly over all that was walked.
    spaced: BTreeMap<u64, Position>,
    /// Where the last pages ended, the latest at the back.
    ends: VecDeque<PageMark>,
}

impl Default for PageMarks {
    fn default() -> Self {
        Self(Cache::new(LISTS))
    }
}

impl PageMarks {
    /// The nearest place that is known before the one behind `offset` users, or just that.
    pub(in crate::store) fn before(&self, list: &List, seen: Seen, offset: u64) -> PageMark {
        let marks = self.of(list, seen);
        let mut marks = marks.lock().unwrap_or_else(PoisonError::into_inner);
        marks.renew(list.index, seen);
        if marks.list_version == seen.list_version {
            marks.before(offset)
        } else {
            PageMark::default()
        }
    }

    /// Notes a place that a walk has come by.
    pub(super) fn note(&self, list: &List, seen: Seen, mark: &PageMark) {
        if mark.passed.is_multiple_of(seen.stride()) {
            self.with(list, seen, |marks| {
                let position = mark.position.clone();
                marks.spaced.extend(position.map(|position| (mark.passed, position)));
            });
        }
    }

    /// Notes where a page has ended.
    pub(super) fn note_end(&self, list: &List, seen: Seen, end: PageMark) {
        self.with(list, seen, |marks| {
            marks.ends.retain(|other| other.passed != end.passed);
            marks.ends.push_back(end);
            if marks.ends.len() > MAX_ENDS {
                marks.ends.pop_front();
            }
        });
    }

    /// Changes the marks of a list, unless what the walk has seen of it is out of date.
    fn with(&self, list: &List, seen: Seen, change: impl FnOnce(&mut Marks)) {
        let marks = self.of(list, seen);
        let mut marks = marks.lock().unwrap_or_else(PoisonError::into_inner);
        let certain_from = marks.certain_from(list.index);
        let is_of_now = (seen.at >= certain_from) == marks.certain;
        if marks.list_version == seen.list_version && is_of_now {
            change(&mut marks);
        }
    }

    fn of(&self, list: &List, seen: Seen) -> Arc<Mutex<Marks>> {
        let fresh = || Ok::<_, std::convert::Infallible>(Arc::new(Mutex::new(Marks::new(seen))));
        match self.0.get_or_insert_with(list, fresh) {
            Ok(marks) => marks,
        }
    }
}

impl Seen {
    /// Where the next mark is placed on a walk that has come so far.
    pub(super) fn next_mark(self, passed: u64) -> u64 {
        passed - passed % self.stride() + self.stride()
    }

    fn stride(self) -> u64 {
        STRIDE * self.total.div_ceil(STRIDE * MAX_MARKS).max(1)
    }
}

impl Marks {
    fn new(seen: Seen) -> Self {
        Self {
            list_version: seen.list_version,
            since: seen.at,
            certain: false,
            spaced: BTreeMap::new(),
            ends: VecDeque::new(),
        }
    }

    /// From when on the index shows for certain what the list version tells of.
    fn certain_from(&self, index: Index) -> Timestamp {
        match index {
            Index::Primary => self.since,
            Index::Gs1 => self.since.plus(LAG),
        }
    }

    /// Forgets what a change of the list, or of what the index shows of it, has put out of date.
    fn renew(&mut self, index: Index, seen: Seen) {
        let is_old = index == Index::Gs1 && seen.at >= self.since.plus(LIFETIME);
        if seen.list_version > self.list_version || is_old {
            *self = Self::new(seen);
        }
        if !self.certain && seen.at >= self.certain_from(index) {
            self.certain = true;
            self.spaced.clear();
            self.ends.clear();
        }
    }

    fn before(&self, offset: u64) -> PageMark {
        let mark = self.spaced.range(..=offset).next_back();
        let mark = mark.map(|(&passed, at)| PageMark { passed, position: Some(at.clone()) });
        let ends = self.ends.iter().filter(|end| end.passed <= offset).cloned();
        ends.chain(mark).max_by_key(|mark| mark.passed).unwrap_or_default()
    }
}

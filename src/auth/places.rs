//! Who works on a password next: a bounded number of workers, and a bounded number of callers who wait for
//! them, so that only those who cause the work wait for it.
//!
//! There are two lines. People who sign in or set their own password go before admins and keys that set
//! somebody else's: these get at most half of the workers, and one turn in four while both wait. Within a line
//! turns are shared by the time that was used: between groups (networks, accounts), and within a group between its
//! members. Where too many wait, the group and the member that has the most waiting gives one up; a member that is
//! alone may have all places.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use crate::metrics::{PasswordLine, Passwords};

/// How many turns people have in a row while admins wait.
const PEOPLE_IN_A_ROW: u32 = 3;
/// What a turn counts for at least: it is noted as it begins, so that those who come at once do not have one each.
const LEAST: Duration = Duration::from_millis(20);
/// How many groups' or members' times are remembered before those that are even are forgotten.
const MAX_REMEMBERED: usize = 256;

/// What somebody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// To sign in, to show a password again, or to set the own one.
    People,
    /// To set somebody else's password.
    Admins,
}

/// Whose work it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    line: Line,
    /// The network or the account, which share turns first.
    group: String,
    /// The one in it who asks.
    member: String,
}

impl Turn {
    /// Somebody's own sign-in, from this network.
    pub fn of_people(network: String, member: String) -> Self {
        Self { line: Line::People, group: network, member }
    }

    /// An admin or a key of this account, which sets somebody else's password.
    pub fn of_admins(account: String, member: String) -> Self {
        Self { line: Line::Admins, group: account, member }
    }
}

/// The workers, and the places before them.
pub(super) struct Places {
    workers: usize,
    waiting: usize,
    state: Mutex<State>,
    counted: Passwords,
}

#[derive(Default)]
struct State {
    people: Queue,
    admins: Queue,
    /// How many turns people have had since admins had one.
    in_a_row: u32,
    number: u64,
}

/// One line.
#[derive(Default)]
struct Queue {
    waiting: Vec<Waiting>,
    at_work: usize,
    /// The time that the member with the last turn had used before; members that are not remembered have used as much.
    even: Duration,
    of_groups: HashMap<String, Duration>,
    of_members: HashMap<(String, String), Duration>,
}

struct Waiting {
    number: u64,
    turn: Turn,
    wake: oneshot::Sender<Permit>,
}

/// The right to keep one worker busy, until it is dropped.
pub(super) struct Permit {
    places: Arc<Places>,
    turn: Turn,
    since: Instant,
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.places.give_back(&self.turn, self.since.elapsed());
    }
}

/// Takes somebody who goes away out of the line.
struct Stay<'a> {
    places: &'a Places,
    line: Line,
    number: u64,
}

impl Drop for Stay<'_> {
    fn drop(&mut self) {
        let mut state = self.places.lock();
        state.queue(self.line).waiting.retain(|one| one.number != self.number);
        self.places.note_waiting(&state);
    }
}

impl Places {
    pub(super) fn new(workers: usize, waiting: usize) -> Self {
        Self { workers, waiting, state: Mutex::default(), counted: Passwords::default() }
    }

    /// The same, which counts there.
    pub(super) fn counting(self, counted: Passwords) -> Self {
        Self { counted, ..self }
    }

    /// How many can be at work or wait in one line.
    pub(super) fn number(&self) -> usize {
        self.workers.saturating_add(self.waiting)
    }

    /// Waits for a turn; `None` if too many wait, of whom this caller, its group or its line has the most.
    pub(super) async fn wait(self: &Arc<Self>, turn: Turn) -> Option<Permit> {
        let line = turn.line;
        let (number, turned_to) = match self.join(turn) {
            Joined::AtWork(permit) => return Some(permit),
            Joined::Waits(number, turned_to) => (number, turned_to),
        };
        let _stay = Stay { places: self, line, number };
        let permit = turned_to.await.ok();
        if permit.is_none() {
            self.counted(line).refused.inc();
        }
        permit
    }

    fn join(self: &Arc<Self>, turn: Turn) -> Joined {
        let mut state = self.lock();
        let line = turn.line;
        if state.has_room(line, self.workers) && state.queue(line).waiting.is_empty() {
            state.begin(&turn);
            return Joined::AtWork(self.permit(turn));
        }
        state.number += 1;
        let number = state.number;
        let (wake, turned_to) = oneshot::channel();
        let most = match line {
            Line::People => self.waiting,
            Line::Admins => self.waiting.div_ceil(2),
        };
        let queue = state.queue(line);
        queue.waiting.push(Waiting { number, turn, wake });
        if queue.waiting.len() > most {
            queue.turn_one_away();
        }
        self.note_waiting(&state);
        Joined::Waits(number, turned_to)
    }

    fn permit(self: &Arc<Self>, turn: Turn) -> Permit {
        self.counted(turn.line).done.inc();
        Permit { places: Arc::clone(self), turn, since: Instant::now() }
    }

    fn give_back(self: &Arc<Self>, turn: &Turn, used: Duration) {
        let next = {
            let mut state = self.lock();
            state.end(turn, used);
            let next = state.next(self.workers);
            self.note_waiting(&state);
            next
        };
        // Not while it is locked: of somebody who has just gone away the permit comes back here.
        if let Some(Waiting { turn, wake, .. }) = next {
            let _ = wake.send(self.permit(turn));
        }
    }

    fn note_waiting(&self, state: &State) {
        for (line, queue) in [(Line::People, &state.people), (Line::Admins, &state.admins)] {
            self.counted(line).waiting.set(i64::try_from(queue.waiting.len()).unwrap_or(0));
        }
    }

    fn counted(&self, line: Line) -> &PasswordLine {
        match line {
            Line::People => &self.counted.people,
            Line::Admins => &self.counted.admins,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        let state = self.lock();
        [&state.people, &state.admins].iter().all(|it| it.at_work == 0 && it.waiting.is_empty())
    }
}

/// What becomes of somebody who comes.
enum Joined {
    AtWork(Permit),
    Waits(u64, oneshot::Receiver<Permit>),
}

impl State {
    const fn queue(&mut self, line: Line) -> &mut Queue {
        match line {
            Line::People => &mut self.people,
            Line::Admins => &mut self.admins,
        }
    }

    /// Whether one more of the line can be at work.
    fn has_room(&self, line: Line, workers: usize) -> bool {
        let most_admins = (workers / 2).max(1);
        let is_free = self.people.at_work + self.admins.at_work < workers;
        match line {
            Line::People => is_free,
            Line::Admins => is_free && self.admins.at_work < most_admins,
        }
    }

    fn begin(&mut self, turn: &Turn) {
        match turn.line {
            Line::People => self.in_a_row = self.in_a_row.saturating_add(1),
            Line::Admins => self.in_a_row = 0,
        }
        let queue = self.queue(turn.line);
        queue.at_work += 1;
        queue.even = queue.even.max(queue.used_by(turn).0);
        queue.charge(turn, LEAST);
    }

    fn end(&mut self, turn: &Turn, used: Duration) {
        let queue = self.queue(turn.line);
        queue.at_work = queue.at_work.saturating_sub(1);
        queue.charge(turn, used.saturating_sub(LEAST));
    }

    /// Takes the next caller out of a line.
    fn next(&mut self, workers: usize) -> Option<Waiting> {
        let can = |state: &Self, line, queue: &Queue| {
            !queue.waiting.is_empty() && state.has_room(line, workers)
        };
        let people = can(self, Line::People, &self.people);
        let admins = can(self, Line::Admins, &self.admins);
        let line = match (people, admins) {
            (false, false) => return None,
            (true, waiting) if !waiting || self.in_a_row < PEOPLE_IN_A_ROW => Line::People,
            (true | false, _) => Line::Admins,
        };
        let next = self.queue(line).take_next()?;
        self.begin(&next.turn);
        Some(next)
    }
}

impl Queue {
    /// How much time the group and the member have used, none less than is even.
    fn used_by(&self, turn: &Turn) -> (Duration, Duration) {
        let group = self.of_groups.get(&turn.group).copied().unwrap_or_default();
        let member = (turn.group.clone(), turn.member.clone());
        let member = self.of_members.get(&member).copied().unwrap_or_default();
        (group.max(self.even), member.max(self.even))
    }

    /// The one who has used the least; of several, who came first.
    fn take_next(&mut self) -> Option<Waiting> {
        let used = |one: &Waiting| (self.used_by(&one.turn), one.number);
        let at = (0..self.waiting.len()).min_by_key(|at| self.waiting.get(*at).map(used))?;
        Some(self.waiting.remove(at))
    }

    /// Turns away the last one of the member who has the most waiting, in the group that has.
    fn turn_one_away(&mut self) {
        let mut groups: HashMap<&str, usize> = HashMap::new();
        let mut members: HashMap<(&str, &str), usize> = HashMap::new();
        for Waiting { turn, .. } in &self.waiting {
            *groups.entry(&turn.group).or_default() += 1;
            *members.entry((&turn.group, &turn.member)).or_default() += 1;
        }
        let weight = |one: &Waiting| {
            let (group, member) = (one.turn.group.as_str(), one.turn.member.as_str());
            (groups.get(group).copied(), members.get(&(group, member)).copied(), one.number)
        };
        let at = (0..self.waiting.len()).max_by_key(|at| self.waiting.get(*at).map(weight));
        if let Some(at) = at {
            self.waiting.remove(at);
        }
    }

    /// Notes time that is used; forgets those who have used no more than is even, and all if so many have.
    fn charge(&mut self, turn: &Turn, time: Duration) {
        let (group, member) = self.used_by(turn);
        self.of_groups.insert(turn.group.clone(), group + time);
        self.of_members.insert((turn.group.clone(), turn.member.clone()), member + time);
        if self.of_members.len() > MAX_REMEMBERED {
            let even = self.even;
            self.of_groups.retain(|_, used| *used > even);
            self.of_members.retain(|_, used| *used > even);
        }
        if self.of_members.len() > 16 * MAX_REMEMBERED {
            self.of_members.clear();
            self.of_groups.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::VecDeque, pin::Pin, task::Poll};

    use futures_util::FutureExt;

    use super::*;

    type Wait = Pin<Box<dyn Future<Output = Option<Permit>>>>;

    /// Who asks, and the future that waits; polled once.
    fn ask(places: &Arc<Places>, turn: Turn) -> (Wait, Poll<Option<Permit>>) {
        let places = Arc::clone(places);
        let mut wait: Wait = Box::pin(async move { places.wait(turn).await });
        let now = wait.as_mut().now_or_never().map_or(Poll::Pending, Poll::Ready);
        (wait, now)
    }

    fn people(network: &str, member: &str) -> Turn {
        Turn::of_people(network.to_owned(), member.to_owned())
    }

    fn admin(account: &str, member: &str) -> Turn {
        Turn::of_admins(account.to_owned(), member.to_owned())
    }

    /// Lets all work one after the other on one worker; returns who worked, in this order. Those who are turned
    /// away have `!` before their names.
    fn in_order(waiting: usize, turns: &[Turn]) -> Vec<String> {
        let places = Arc::new(Places::new(1, waiting));
        let (_, first) = ask(&places, people("first", "first"));
        let Poll::Ready(mut permit) = first else { panic!("nobody is before the first") };
        let mut waits: VecDeque<(String, Wait)> = VecDeque::new();
        for (at, turn) in turns.iter().enumerate() {
            let name = format!("{}{at}", turn.member);
            let (wait, now) = ask(&places, turn.clone());
            if now.is_pending() {
                waits.push_back((name, wait));
            } else {
                waits.push_front((format!("!{name}"), Box::pin(async { None })));
            }
        }
        let mut order = Vec::new();
        while !waits.is_empty() {
            drop(permit.take());
            waits.retain_mut(|(name, wait)| match wait.as_mut().now_or_never() {
                None => true,
                Some(None) => {
                    order.push(format!("!{}", name.trim_start_matches('!')));
                    false
                }
                Some(Some(turned)) => {
                    order.push(name.clone());
                    permit = Some(turned);
                    false
                }
            });
        }
        drop(permit);
        assert!(places.is_idle());
        order
    }

    #[test]
    fn groups_and_their_members_take_turns() {
        let crowd = [
            people("a", "a"),
            people("a", "a"),
            people("a", "b"),
            people("c", "c"),
            people("c", "c"),
        ];
        let order = in_order(8, &crowd);
        assert_eq!(order.len(), 5);
        let place = |name: &str| order.iter().position(|one| one == name).unwrap();
        // A caller with one password waits for one of each group, not for a crowd.
        assert!(place("c3") <= 2, "{order:?}");
        assert!(place("b2") < place("a1"), "{order:?}");
    }

    #[test]
    fn sign_ins_go_before_admins_who_still_get_on() {
        let mut turns: Vec<Turn> = (0..4).map(|_| admin("x", "k")).collect();
        turns.extend((0..8).map(|n| people("n", &format!("p{n}-"))));
        let order = in_order(16, &turns);
        let first_admin = order.iter().position(|one| one.starts_with('k')).unwrap();
        assert_eq!(first_admin, 2, "{order:?}");
        let admins = order.iter().take(8).filter(|one| one.starts_with('k')).count();
        assert_eq!(admins, 2, "{order:?}");
    }

    #[test]
    fn who_has_the_most_waiting_gives_way() {
        let mut turns: Vec<Turn> = (0..4).map(|_| people("a", "a")).collect();
        turns.push(people("b", "b"));
        let order = in_order(4, &turns);
        assert!(order.contains(&"b4".to_owned()), "{order:?}");
        assert!(order.contains(&"!a3".to_owned()), "{order:?}");
        // Alone, one may have all places, and is the one who is turned away.
        let alone: Vec<Turn> = (0..5).map(|_| people("a", "a")).collect();
        let order = in_order(4, &alone);
        assert!(order.contains(&"!a4".to_owned()), "{order:?}");
    }

    #[test]
    fn admins_leave_half_of_the_workers() {
        let places = Arc::new(Places::new(4, 4));
        let asked: Vec<_> = (0..4).map(|_| ask(&places, admin("x", "k"))).collect();
        let at_work = asked.iter().filter(|(_, now)| now.is_ready()).count();
        assert_eq!(at_work, 2);
        let (_, now) = ask(&places, people("n", "p"));
        assert!(matches!(now, Poll::Ready(Some(_))));
    }

    #[test]
    fn who_has_used_more_time_waits_for_the_others() {
        let mut queue = Queue::default();
        queue.of_groups.insert("slow".to_owned(), Duration::from_secs(2));
        for (number, group) in (1..).zip(["slow", "quick", "quick"]) {
            let (wake, _) = oneshot::channel();
            queue.waiting.push(Waiting { number, turn: people(group, "one"), wake });
        }
        let mut order = Vec::new();
        while let Some(next) = queue.take_next() {
            order.push(next.turn.group);
        }
        assert_eq!(order, ["quick", "quick", "slow"]);
    }
}

//! Work that goes on by itself: begun anew when it panics or ends before its time, counted, and told of while it does not
//! go well.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::FutureExt;
use serde_json::{Value, json};
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

use crate::{
    clock::{Clock, Moment, Timestamp},
    log,
};

/// The pause before work that has failed begins anew; doubled each time it fails again.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// How long a panic is told of: until work that goes on after the longest pause would have panicked again.
const TOLD_FOR: Duration = Duration::from_mins(2);

/// What a piece of work is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Sends emails.
    Courier,
    /// Deletes for good, and does other chores.
    Sweeper,
    /// Writes into the SQLite file.
    TableWriter,
    /// Moves what was written from the write-ahead log into the SQLite file.
    TableCheckpoint,
    /// Notes in the table what does not go well, for other processes.
    TaskNotes,
}

/// What is known of one piece of work.
#[derive(Debug)]
pub struct Task {
    duty: Duty,
    clock: Clock,
    failures: AtomicU64,
    is_down: AtomicBool,
    trouble: Mutex<Option<Recent>>,
}

/// The work that the service keeps going, but for that of its table.
pub struct Tasks {
    /// The courier's.
    pub courier: Arc<Task>,
    /// The sweeper's.
    pub sweeper: Arc<Task>,
    /// That of the notes about the others.
    pub task_notes: Arc<Task>,
}

/// Why a piece of work does not go well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskTrouble {
    /// Since when.
    pub since: Timestamp,
    /// How often it has failed since then.
    pub failures: u64,
    /// Whether the program is at fault.
    pub panicked: bool,
    /// What it has failed of last. A panic may tell anything, so this is for operators.
    pub why: String,
}

/// A trouble, and when it was last felt.
#[derive(Debug)]
struct Recent {
    trouble: TaskTrouble,
    last: Moment,
}

impl Duty {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Courier, Self::Sweeper, Self::TableWriter, Self::TableCheckpoint, Self::TaskNotes];

    /// What it is called, in metrics and the log as well.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Courier => "courier",
            Self::Sweeper => "sweeper",
            Self::TableWriter => "table-writer",
            Self::TableCheckpoint => "table-checkpoint",
            Self::TaskNotes => "task-notes",
        }
    }

    /// What it means that it does not go well.
    pub const fn affected(self) -> &'static str {
        match self {
            Self::Courier => {
                "Emails wait in the table, and none is lost. On DynamoDB other nodes send them."
            }
            Self::Sweeper => {
                "Users and accounts in the trash, and unused sign-ins, are deleted for good later than due."
            }
            Self::TableWriter => {
                "Some changes were answered with 503, and it is not known whether they were made. Later changes \
                 work."
            }
            Self::TableCheckpoint => {
                "The write-ahead log (guestlist.db-wal) grows. Nothing is lost as long as the disk has room."
            }
            Self::TaskNotes => "guestlist check cannot tell whether other tasks are down.",
        }
    }

    /// What there is to do about it.
    pub const fn todo(self, panicked: bool) -> &'static str {
        match (self, panicked) {
            (_, true) => {
                "It restarts automatically within a minute. If it keeps failing, restart the service, and report the \
                 panic shown in the log: it is a bug."
            }
            (Self::TableCheckpoint, false) => {
                "It is retried every second. Check that the disk has free space and is writable."
            }
            (Self::Courier | Self::Sweeper | Self::TableWriter | Self::TaskNotes, false) => {
                "It is retried automatically. Check that the service may read and write the table."
            }
        }
    }
}

impl Tasks {
    /// New ones, and all together with others.
    pub(crate) fn with(others: Vec<Arc<Task>>, clock: &Clock) -> (Self, Vec<Arc<Task>>) {
        let own = [Duty::Courier, Duty::Sweeper, Duty::TaskNotes];
        let [courier, sweeper, task_notes] = own.map(|duty| Task::new(duty, clock.clone()));
        let all = [&courier, &sweeper, &task_notes].map(Arc::clone);
        (Self { courier, sweeper, task_notes }, all.into_iter().chain(others).collect())
    }
}

impl Task {
    /// One that has not failed yet.
    pub fn new(duty: Duty, clock: Clock) -> Arc<Self> {
        let (failures, is_down) = (AtomicU64::new(0), AtomicBool::new(false));
        Arc::new(Self { duty, clock, failures, is_down, trouble: Mutex::default() })
    }

    /// What it is for.
    pub fn duty(&self) -> Duty {
        self.duty
    }

    /// How often it has panicked, ended before its time, or could not do its work.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Whether it goes on; not while it waits to begin anew after a failure.
    pub fn is_up(&self) -> bool {
        !self.is_down.load(Ordering::Relaxed)
    }

    /// Why it does not go well, if it is down, or has panicked within the last minutes.
    pub fn trouble(&self) -> Option<TaskTrouble> {
        let recent = self.recent();
        let now = self.clock.moment();
        let recent = recent.as_ref().filter(|recent| !self.is_up() || recent.holds(now));
        recent.map(|recent| recent.trouble.clone())
    }

    /// Keeps asynchronous work going until `stop` turns true and it ends.
    pub async fn keep_up<F: Future<Output = ()>>(
        &self,
        stop: watch::Receiver<bool>,
        work: impl Fn() -> F,
    ) {
        self.keep_up_with(FIRST_PAUSE, stop, work).await;
    }

    async fn keep_up_with<F: Future<Output = ()>>(
        &self,
        first_pause: Duration,
        mut stop: watch::Receiver<bool>,
        work: impl Fn() -> F,
    ) {
        let mut pause = first_pause;
        while !*stop.borrow() {
            let began = Instant::now();
            // Boxed: there are large ones, and there is one at a time.
            let ended = Box::pin(AssertUnwindSafe(work()).catch_unwind()).await;
            if *stop.borrow() && ended.is_ok() {
                return;
            }
            match ended {
                Ok(()) => self.failed(true, "it has ended by itself"),
                Err(panic) => self.failed(true, log::panic_text(&*panic)),
            }
            self.is_down.store(true, Ordering::Relaxed);
            // Work that went well for long has not failed for the same reason again.
            if began.elapsed() > LONGEST_PAUSE {
                pause = first_pause;
            }
            tracing::error!(
                task = self.duty.name(),
                pause_ms = pause.as_millis(),
                "a task has ended that should go on; it begins anew"
            );
            tokio::select! {
                () = sleep(pause) => {}
                _ = stop.changed() => return,
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
            self.is_down.store(false, Ordering::Relaxed);
        }
    }

    /// Does a part of a thread's work; `None` if it panics, which is counted and ends nothing else.
    pub fn guard<T>(&self, part: impl FnOnce() -> T) -> Option<T> {
        match catch_unwind(AssertUnwindSafe(part)) {
            Ok(done) => Some(done),
            Err(panic) => {
                self.failed(true, log::panic_text(&*panic));
                let task = self.duty.name();
                tracing::error!(task, "a part of a task's work panicked; it goes on");
                None
            }
        }
    }

    /// Notes that its work cannot be done for the time being.
    pub(crate) fn fails(&self, why: &str) {
        self.failed(false, why);
        self.is_down.store(true, Ordering::Relaxed);
    }

    /// Notes that its work is done.
    pub(crate) fn is_well(&self) {
        self.is_down.store(false, Ordering::Relaxed);
    }

    fn failed(&self, panicked: bool, why: &str) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        let (since, last) = (self.clock.now(), self.clock.moment());
        let mut recent = self.recent();
        let before = recent.take_if(|before| !self.is_up() || before.holds(last));
        let (since, failures) =
            before.map_or((since, 1), |it| (it.trouble.since, it.trouble.failures + 1));
        let trouble = TaskTrouble { since, failures, panicked, why: why.to_owned() };
        *recent = Some(Recent { trouble, last });
    }

    fn recent(&self) -> MutexGuard<'_, Option<Recent>> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recent {
    /// Whether it may go on, though the work has begun anew: what has panicked may do so again.
    fn holds(&self, now: Moment) -> bool {
        self.trouble.panicked && now.since(self.last) <= TOLD_FOR
    }
}

/// What `/readyz` says while calls are served: what goes on besides is told along with it, and keeps nobody from calling.
/// What a task has failed of is for operators: `guestlist check` shows it.
pub(crate) fn readiness(tasks: &[Arc<Task>]) -> Value {
    let down = tasks.iter().filter_map(|task| Some((task.duty(), task.trouble()?)));
    let down: Vec<Value> = down
        .map(|(duty, trouble)| {
            json!({
                "task": duty.name(),
                "since": trouble.since,
                "failures": trouble.failures,
                "panicked": trouble.panicked,
                "affected": duty.affected(),
                "todo": duty.todo(trouble.panicked),
            })
        })
        .collect();
    if down.is_empty() {
        return json!({"status": "ok"});
    }
    json!({"status": "degraded", "tasks": down})
}

/// The schema of that.
pub(crate) fn readiness_schema() -> Value {
    let (text, flag) = (json!({"type": "string"}), json!({"type": "boolean"}));
    let task = json!({
        "type": "object",
        "properties": {
            "task": text, "since": {"type": "string", "format": "date-time"},
            "failures": {"type": "integer"}, "panicked": flag, "affected": text, "todo": text,
        },
        "required": ["task", "since", "failures", "panicked", "affected", "todo"],
    });
    let down = "The tasks that work by themselves and do not go well, if the status is `degraded`";
    json!({
        "type": "object",
        "properties": {
            "status": {"enum": ["ok", "degraded"]},
            "tasks": {"type": "array", "items": task, "description": down},
        },
        "required": ["status"],
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    fn task() -> Arc<Task> {
        Task::new(Duty::Courier, Clock::manual(Timestamp::from_millis(0)))
    }

    #[tokio::test]
    async fn work_that_panics_or_ends_begins_anew() {
        let (task, runs) = (task(), AtomicUsize::new(0));
        let (stop, stopped) = watch::channel(false);
        let (task, runs, stop) = (&task, &runs, &stop);
        let work = || async move {
            match runs.fetch_add(1, Ordering::SeqCst) {
                0 => panic!("the test says so"),
                1 => {}
                _ => {
                    assert!(task.is_up());
                    stop.send_replace(true);
                }
            }
        };
        task.keep_up_with(Duration::from_millis(1), stopped, work).await;
        assert_eq!((runs.load(Ordering::SeqCst), task.failures()), (3, 2));
    }

    #[tokio::test]
    async fn work_that_is_down_says_so_and_can_be_stopped() {
        let task = task();
        let (stop, stopped) = watch::channel(false);
        let work = || async { panic!("the test says so") };
        let watching = async {
            while task.is_up() {
                tokio::task::yield_now().await;
            }
            stop.send_replace(true);
        };
        tokio::join!(task.keep_up_with(Duration::from_hours(1), stopped, work), watching);
        assert_eq!(task.failures(), 1);
    }

    #[test]
    fn a_part_that_panics_is_counted() {
        let task = task();
        assert_eq!(task.guard(|| 1), Some(1));
        assert_eq!(task.guard(|| -> u8 { panic!("the test says so") }), None);
        assert_eq!((task.failures(), task.is_up()), (1, true));
    }

    #[test]
    fn what_does_not_go_well_is_told_with_its_beginning() {
        let clock = Clock::manual(Timestamp::from_millis(0));
        let task = Task::new(Duty::TableCheckpoint, clock.clone());
        let told = || task.trouble().map(|it| (it.since.millis(), it.failures, it.why));
        assert_eq!(told(), None);
        task.fails("the disk is full");
        clock.advance(Duration::from_secs(90));
        task.fails("it is still full");
        assert_eq!((told(), task.is_up()), (Some((0, 2, "it is still full".to_owned())), false));
        task.is_well();
        assert_eq!((told(), task.is_up()), (None, true));
        task.fails("it is full again");
        assert_eq!(told(), Some((90_000, 1, "it is full again".to_owned())));
    }

    #[test]
    fn what_has_panicked_is_told_for_two_minutes() {
        let clock = Clock::manual(Timestamp::from_millis(0));
        let task = Task::new(Duty::TableWriter, clock.clone());
        let told = || task.trouble().map(|it| (it.since.millis(), it.failures));
        for _ in 0..2 {
            task.guard(|| panic!("the test says so"));
            clock.advance(TOLD_FOR);
        }
        assert_eq!((told(), task.is_up()), (Some((0, 2)), true));
        clock.advance(Duration::from_millis(1));
        assert_eq!(told(), None);
        task.guard(|| panic!("the test says so"));
        assert_eq!(told(), Some((240_001, 1)));
    }
}

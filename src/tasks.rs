//! Work that goes on by itself: begun anew when it panics or ends before its time, and counted.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::FutureExt;
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

/// The pause before work that has failed begins anew; doubled each time it fails again.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// What is known of one piece of work.
#[derive(Debug)]
pub struct Task {
    name: &'static str,
    failures: AtomicU64,
    is_down: AtomicBool,
}

impl Task {
    /// One of that name, which has not failed yet.
    pub fn new(name: &'static str) -> Arc<Self> {
        Arc::new(Self { name, failures: AtomicU64::new(0), is_down: AtomicBool::new(false) })
    }

    /// What it is called.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How often it has panicked, or ended before its time.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Whether it goes on; not while it waits to begin anew after a failure.
    pub fn is_up(&self) -> bool {
        !self.is_down.load(Ordering::Relaxed)
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
            self.failed();
            self.is_down.store(true, Ordering::Relaxed);
            // Work that went well for long has not failed for the same reason again.
            if began.elapsed() > LONGEST_PAUSE {
                pause = first_pause;
            }
            tracing::error!(
                task = self.name,
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
        let done = catch_unwind(AssertUnwindSafe(part)).ok();
        if done.is_none() {
            self.failed();
            tracing::error!(task = self.name, "a part of a task's work panicked; it goes on");
        }
        done
    }

    fn failed(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[tokio::test]
    async fn work_that_panics_or_ends_begins_anew() {
        let (task, runs) = (Task::new("test"), AtomicUsize::new(0));
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
        let task = Task::new("test");
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
        let task = Task::new("test");
        assert_eq!(task.guard(|| 1), Some(1));
        assert_eq!(task.guard(|| -> u8 { panic!("the test says so") }), None);
        assert_eq!((task.failures(), task.is_up()), (1, true));
    }
}

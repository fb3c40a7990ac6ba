//! Notes in the table which tasks of this node do not go well, so that `guestlist check` can tell, also of other nodes.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, task::JoinHandle, time::timeout};

use crate::{
    clock::{Clock, Moment},
    random::Random,
    store::{Result, Store, ledger::tasks::TaskNote},
    tasks::{Duty, Task},
};

/// How often tasks are looked at.
const POLL: Duration = Duration::from_secs(5);
/// After how long a note is written again.
const RENEWED: Duration = Duration::from_mins(1);
/// How long a note is good for.
const GOOD_FOR: Duration = Duration::from_mins(3);
/// How long striking off the notes may take when the service stops; they end by themselves.
const LAST: Duration = Duration::from_secs(1);

/// What a node has noted of its tasks. Nothing is written while all goes well.
pub struct TaskNotes {
    store: Arc<Store>,
    tasks: Vec<Arc<Task>>,
    clock: Clock,
    random: Random,
    /// What tells this node from others, and from itself after a restart; made when there is something to note.
    node: OnceLock<String>,
    noted: Mutex<BTreeMap<&'static str, (TaskNote, Moment)>>,
}

impl TaskNotes {
    /// One that has noted nothing yet.
    pub(crate) fn new(
        store: &Arc<Store>,
        tasks: &[Arc<Task>],
        clock: &Clock,
        random: &Random,
    ) -> Self {
        Self {
            store: Arc::clone(store),
            tasks: tasks.to_vec(),
            clock: clock.clone(),
            random: random.clone(),
            node: OnceLock::new(),
            noted: Mutex::default(),
        }
    }

    /// Begins to work until `stop` turns true, and keeps going by that task.
    pub(crate) fn start(self, task: Arc<Task>, stop: watch::Receiver<bool>) -> JoinHandle<()> {
        tokio::spawn(async move {
            task.keep_up(stop.clone(), || self.run(&task, stop.clone())).await;
        })
    }

    async fn run(&self, task: &Task, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            match self.round().await {
                Ok(()) => task.is_well(),
                Err(error) => task.fails(&error.to_string()),
            }
            tokio::select! {
                () = tokio::time::sleep(POLL) => {}
                _ = stop.changed() => {}
            }
        }
        for task in &self.tasks {
            // Otherwise the notes end by themselves.
            let _unsaid = self.forget(task.duty()).await;
        }
    }

    /// Looks at all tasks once.
    ///
    /// # Errors
    /// Those of the table; what could not be noted is tried again.
    pub async fn round(&self) -> Result<()> {
        for task in &self.tasks {
            let duty = task.duty();
            match task.trouble() {
                Some(trouble) => self.note(duty, TaskNote::new(duty, trouble)).await?,
                None => self.forget(duty).await?,
            }
        }
        Ok(())
    }

    async fn note(&self, duty: Duty, note: TaskNote) -> Result<()> {
        let now = self.clock.moment();
        let is_known =
            |(known, at): &(TaskNote, Moment)| *known == note && now.since(*at) < RENEWED;
        if self.noted(|noted| noted.get(duty.name()).is_some_and(is_known)) {
            return Ok(());
        }
        self.store.note_task(self.node(), &note, self.clock.now().plus(GOOD_FOR)).await?;
        self.noted(|noted| noted.insert(duty.name(), (note, now)));
        Ok(())
    }

    async fn forget(&self, duty: Duty) -> Result<()> {
        if self.noted(|noted| noted.contains_key(duty.name())) {
            self.store.forget_task(self.node(), duty).await?;
            self.noted(|noted| noted.remove(duty.name()));
        }
        Ok(())
    }

    fn node(&self) -> &str {
        self.node.get_or_init(|| format!("{:016x}", u64::from_le_bytes(self.random.bytes())))
    }

    fn noted<T>(
        &self,
        work: impl FnOnce(&mut BTreeMap<&'static str, (TaskNote, Moment)>) -> T,
    ) -> T {
        work(&mut self.noted.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Waits until the notes are struck off, but not for long.
pub(crate) async fn end(noting: JoinHandle<()>) {
    let _left = timeout(LAST, noting).await;
}

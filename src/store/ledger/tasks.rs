//! Which of the service's tasks do not go well, noted in the table, so that other processes can tell.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    store::{
        Result, Store,
        ledger::{
            layout,
            record::{self, Stored},
        },
    },
    table::{Index, MAX_PAGE, Query, Range},
    tasks::{Duty, TaskTrouble},
};

/// What a node has last noted of one of its tasks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskNote {
    /// The task, by its name.
    pub(crate) task: String,
    /// Since when.
    pub(crate) since: Timestamp,
    /// How often it has failed since then.
    pub(crate) failures: u64,
    /// Whether the program is at fault.
    pub(crate) panicked: bool,
    /// What it has failed of last.
    pub(crate) why: String,
}

impl Stored for TaskNote {}

impl TaskNote {
    /// What a node notes.
    pub(crate) fn new(duty: Duty, trouble: TaskTrouble) -> Self {
        let TaskTrouble { since, failures, panicked, why } = trouble;
        Self { task: duty.name().to_owned(), since, failures, panicked, why }
    }

    /// What the task is for; `None` if a newer program has written it.
    pub(crate) fn duty(&self) -> Option<Duty> {
        Duty::ALL.into_iter().find(|duty| duty.name() == self.task)
    }
}

impl Store {
    /// The tasks that do not go well, of all nodes; as many as fit on a page.
    pub(crate) async fn task_notes(&self) -> Result<Vec<TaskNote>> {
        let all = Query::first(Index::Primary, layout::TASKS, Range::All, MAX_PAGE);
        let page = self.table.query(&all).await?;
        page.items.iter().map(record::decode).collect()
    }

    /// Notes a task that does not go well; the note is forgotten at `until`, in case its node dies.
    pub(crate) async fn note_task(
        &self,
        node: &str,
        trouble: &TaskNote,
        until: Timestamp,
    ) -> Result<()> {
        self.put_note(layout::task(node, &trouble.task), trouble, Some(until)).await
    }

    /// Strikes off what was noted.
    pub(crate) async fn forget_task(&self, node: &str, duty: Duty) -> Result<()> {
        self.strike_note(layout::task(node, duty.name())).await
    }
}

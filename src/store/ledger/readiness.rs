//! Whether the table can be read and written, found out by doing so.

use std::time::Duration;

use tokio::{sync::Mutex, time::timeout};

use crate::{
    clock::Moment,
    store::{Result, Store},
    table,
};

/// How long an answer is reused, even a failure: the table is not asked more often.
const HOLDS: Duration = Duration::from_secs(2);
/// How long the table may take to answer.
const PATIENCE: Duration = Duration::from_secs(4);

/// What the table said last.
#[derive(Default)]
pub(in crate::store) struct Readiness(Mutex<Option<Answer>>);

struct Answer {
    at: Moment,
    /// Why not, if it cannot.
    trouble: Option<String>,
}

impl Store {
    /// Whether the table can be read and written. One that is only throttled can.
    ///
    /// # Errors
    /// `Table`
    pub(crate) async fn ready(&self) -> Result<()> {
        // Held meanwhile: those who ask at the same time get the same answer.
        let mut last = self.readiness.0.lock().await;
        let now = self.clock.moment();
        let trouble = match &*last {
            Some(answer) if now.since(answer.at) < HOLDS => answer.trouble.clone(),
            Some(_) | None => {
                let trouble = self.find_trouble().await;
                *last = Some(Answer { at: self.clock.moment(), trouble: trouble.clone() });
                trouble
            }
        };
        trouble.map_or(Ok(()), |why| Err(table::Error::Unavailable(why).into()))
    }

    async fn find_trouble(&self) -> Option<String> {
        match timeout(PATIENCE, self.table.ready()).await {
            Ok(Ok(()) | Err(table::Error::Busy(_))) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some(format!("it has not answered within {} seconds", PATIENCE.as_secs())),
        }
    }

    /// As [`Store::ready`], asked anew and told in the table's own words.
    ///
    /// # Errors
    /// `Table`
    pub(crate) async fn can_write(&self) -> Result<()> {
        Ok(self.table.ready().await?)
    }
}

//! Numbers for users: taken from one counter in blocks, so that it is no hot spot.

use tokio::sync::Mutex;

use crate::store::{Result, Store, ledger::layout};

/// How many numbers a node takes at once; what it has left when it stops is never used.
const BLOCK: u64 = 50;

/// The numbers that this node has taken and not yet given out.
#[derive(Default)]
pub(in crate::store) struct Numbers(Mutex<std::ops::Range<u64>>);

impl Store {
    /// A number that no user has had.
    pub(in crate::store) async fn next_number(&self) -> Result<u64> {
        let mut block = self.numbers.0.lock().await;
        if let Some(number) = block.next() {
            return Ok(number);
        }
        let size = i64::try_from(BLOCK).unwrap_or(i64::MAX);
        let last = self.table.add(&layout::number_counter(), size).await?;
        let end = u64::try_from(last).unwrap_or(0) + 1;
        *block = end.saturating_sub(BLOCK)..end;
        Ok(block.next().unwrap_or(end))
    }
}

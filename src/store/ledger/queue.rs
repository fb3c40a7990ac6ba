//! TODO queue

use crate::{
    store::{
        Result, Store,
        ledger::{self},
    },
    table::{Index, Item, Query, Range},
};

impl Store {
    /// The first items of a queue that are due; their sort keys begin with [`ledger::layout::due`].
    pub(in crate::store) async fn due(&self, partition: String, limit: usize) -> Result<Vec<Item>> {
        // The character after the separator, so that what is due right now counts.
        let range = Range::Before(format!("{}$", ledger::layout::due(self.now())));
        let query = Query::first(Index::Primary, partition, range, limit);
        Ok(self.table.query(&query).await?.items)
    }
}

//! The two engines, each with an empty table.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use guestlist::{
    clock::Clock,
    table::{
        Table,
        dynamo::{Dynamo, DynamoSettings},
        sqlite::Sqlite,
    },
};
use tempfile::TempDir;

/// Which engine a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Dynamo,
}

/// An empty table, and what goes with it when the test is over.
pub(crate) struct Fresh {
    pub(crate) table: Arc<dyn Table>,
    _folder: Option<TempDir>,
}

impl Engine {
    /// Those that are there.
    pub(crate) fn all() -> Vec<Self> {
        let dynamo = super::dynamodb().map(|_| Self::Dynamo);
        std::iter::once(Self::Sqlite).chain(dynamo).collect()
    }

    pub(crate) async fn fresh(self, clock: &Clock) -> Fresh {
        match self {
            Self::Sqlite => {
                let folder = TempDir::new().unwrap();
                let table = Sqlite::open(&folder.path().join("test.db"), clock.clone()).unwrap();
                Fresh { table: Arc::new(table), _folder: Some(folder) }
            }
            Self::Dynamo => {
                let table = dynamo(&unique_name(), super::dynamodb(), clock).await;
                table.create_table().await.unwrap();
                Fresh { table: Arc::new(table), _folder: None }
            }
        }
    }
}

/// A table of that name in DynamoDB, which need not be there yet.
pub(crate) async fn dynamo(table: &str, endpoint: Option<String>, clock: &Clock) -> Dynamo {
    let settings = DynamoSettings { table: table.to_owned(), endpoint };
    Dynamo::connect(settings, clock.clone()).await.unwrap()
}

/// A name for a table that no other test has.
pub(crate) fn unique_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("world-{}-{number}", std::process::id())
}

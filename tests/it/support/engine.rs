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
                static NEXT: AtomicU32 = AtomicU32::new(0);
                let number = NEXT.fetch_add(1, Ordering::Relaxed);
                let table = format!("world-{}-{number}", std::process::id());
                let settings = DynamoSettings { table, endpoint: super::dynamodb() };
                let table = Dynamo::connect(settings, clock.clone()).await.unwrap();
                table.create_table().await.unwrap();
                Fresh { table: Arc::new(table), _folder: None }
            }
        }
    }
}

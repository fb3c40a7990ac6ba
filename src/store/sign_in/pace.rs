//! What the dearest hashes of passwords take that were imported: kept over restarts, so that it is known before the
//! first of them is verified again.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    model::password_hash::PasswordHash,
    store::{
        By, Result, Store,
        counts::turns::turn_of_account,
        ledger::{layout, record::Stored, step::Step},
    },
    table::Item,
};

/// What is kept of it.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Slowest {
    millis: u64,
    #[serde(skip)]
    version: u64,
}

impl Stored for Slowest {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
    }
}

impl Store {
    /// Reads, once on each node, what the dearest imported hashes take.
    pub(super) async fn know_pace(&self) -> Result<()> {
        let read = || async {
            let slowest: Option<Slowest> = self.load(layout::slowest_password()).await?;
            self.hasher.expect(Duration::from_millis(slowest.unwrap_or_default().millis));
            Ok(())
        };
        self.knows_pace.get_or_try_init(read).await.map(drop)
    }

    /// Measures what a hash takes that comes from elsewhere, if it is the first one of its kind, and keeps that.
    ///
    /// # Errors
    /// `Overloaded`, `Table`.
    pub(in crate::store) async fn measure_hash(&self, by: &By, hash: &PasswordHash) -> Result<()> {
        let Some(took) = self.hasher.measure(turn_of_account(by), hash).await? else {
            return Ok(());
        };
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.attempt(|| async {
            let key = layout::slowest_password();
            let before: Option<Slowest> = self.load(key.clone()).await?;
            let before = before.unwrap_or_default();
            if before.millis >= millis {
                return Ok(Some(()));
            }
            let version = before.version + 1;
            let item = layout::item(key, version, &Slowest { millis, version })?;
            let mut step = Step::default();
            match before.version {
                0 => step.insert(item),
                before => step.replace(item, before),
            }
            Ok(self.commit(step).await?.then(()))
        })
        .await
    }
}

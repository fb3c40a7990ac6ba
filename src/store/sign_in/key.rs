//! API keys: making, finding, removing.

use crate::{
    caller::Caller,
    error::Fault,
    model::{
        audit::Target,
        id::{AccountId, KeyId},
        key::{Key, NewKey},
    },
    store::{
        By, Error, Reach, Result, Store,
        ledger::{
            guard::{expect_version, reaches},
            layout,
            memory::Touched,
            page::{Order, Page, PageRequest, Walk},
            record,
            step::Step,
        },
    },
    table::{Index, Item},
};

impl Store {
    /// Makes a key for an account; returns it and the token that shows it, which is not stored.
    pub(crate) async fn create_key(
        &self,
        by: &By,
        account: AccountId,
        new: &NewKey,
    ) -> Result<(Key, String)> {
        reaches(by.role(), new.role)?;
        self.require_account(by, account).await?;
        self.require_home(by, account, new.role).await?;
        if new.expires.is_some_and(|expires| expires <= self.now()) {
            let why = "expires must be in the future";
            return Err(Error::Field(Fault::new("expires", "range", why)));
        }
        if let Caller::Key(maker) = &by.caller {
            self.check_successor(maker.id, new).await?;
        }
        self.attempt(|| async {
            let maker = by.caller.to_string();
            let (mut key, token) = Key::make(new.clone(), account, maker, self.now(), &self.random);
            key.version = 1;
            let mut step = Step::default();
            step.insert(layout::api_key_item(&key, key.version)?);
            self.audit(&mut step, by, account, Target::Key(key.id), &[])?;
            Ok(self.commit(step).await?.then((key, token)))
        })
        .await
    }

    /// A key that ends makes none that outlives it.
    async fn check_successor(&self, maker: KeyId, new: &NewKey) -> Result<()> {
        let maker: Option<Key> = self.load(layout::api_key(maker)).await?;
        let Some(end) = maker.and_then(|maker| maker.expires) else { return Ok(()) };
        if new.expires.is_some_and(|expires| expires <= end) {
            return Ok(());
        }
        let why = format!("expires must not be after {end}, when the key that asks ends");
        Err(Error::Field(Fault::new("expires", "range", why)))
    }

    /// A page of an account's keys, in order of creation.
    pub(crate) async fn keys(&self, account: AccountId, page: &PageRequest) -> Result<Page<Key>> {
        let pick = |item: &Item| record::decode(item).map(Some);
        let walk = Walk {
            index: Index::Gs1,
            partitions: &[layout::account_partition(account)],
            order: Order::Rising,
            prefix: "key#",
            filters: "",
            pick: &pick,
        };
        self.page(page, &walk).await
    }

    /// Removes a key for good.
    pub(crate) async fn remove_key(
        &self,
        by: &By,
        reach: Reach,
        id: KeyId,
        version: Option<u64>,
    ) -> Result<Key> {
        self.attempt(|| async {
            let key: Option<Key> = self.load(layout::api_key(id)).await?;
            let key = key.filter(|key| reach.includes(key.account_id));
            let key = key.ok_or(Error::NotFound("key"))?;
            reaches(by.role(), key.role)?;
            expect_version(version, key.version)?;
            let mut step = Step::default();
            step.remove(layout::api_key(id), key.version);
            step.touched.push(Touched::Key(id));
            self.audit(&mut step, by, key.account_id, Target::Key(id), &[])?;
            Ok(self.commit(step).await?.then(key))
        })
        .await
    }
}

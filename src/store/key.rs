//! API keys.

use super::{
    By, Error, Result, Store, layout,
    step::{Committed, Step},
    user::reaches,
};
use crate::{
    clock::Timestamp,
    error::Fault,
    model::{
        audit::Target,
        id::AccountId,
        key::{Key, NewKey},
    },
    table::{self, Item},
};

impl Store {
    /// Makes a key for an account; returns it and the token that shows it, which is not stored.
    pub async fn create_key(
        &self,
        by: &By,
        account: AccountId,
        new: &NewKey,
    ) -> Result<(Key, String)> {
        reaches(by.role(), new.role)?;
        self.require_account(by, account).await?;
        if new.expires.is_some_and(|expires| expires <= self.now()) {
            let why = "expires must be in the future";
            return Err(Error::Field(Fault::new("expires", "range", why)));
        }
        let mut tries = self.tries();
        loop {
            tries.next().await?;
            let (key, token) = Key::make(new.clone(), account, self.now(), &self.random);
            let mut step = Step::default();
            let item = layout::item(layout::api_key(key.id), 1, &key)?;
            let listed =
                table::Key::new(layout::account_partition(account), format!("key#{}", key.id));
            let expires = key.expires.map(Timestamp::seconds);
            step.insert(Item { gs1: Some(listed), expires, ..item });
            self.audit(&mut step, by, account, Target::Key(key.id), &[])?;
            if self.commit(step).await? == Committed::Done {
                return Ok((key, token));
            }
        }
    }
}

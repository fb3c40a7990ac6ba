//! A table that is not there: whatever is asked of it, it says so.

use async_trait::async_trait;

use super::{Error, Item, Key, Op, Page, Passed, Query, Result, Scanned, Table, Walks, Written};

/// Stands where a table would be, for what can be found out without one.
pub(crate) struct Absent;

fn missing<T>() -> Result<T> {
    Err(Error::Missing("create it with: guestlist table create".to_owned()))
}

#[async_trait]
impl Table for Absent {
    async fn get(&self, _: &Key) -> Result<Option<Item>> {
        missing()
    }

    async fn get_many(&self, _: &[Key]) -> Result<Vec<Option<Item>>> {
        missing()
    }

    async fn query(&self, _: &Query) -> Result<Page> {
        missing()
    }

    async fn skip(&self, _: &Query) -> Result<Passed> {
        missing()
    }

    async fn scan(&self, _: Option<&Key>, _: usize) -> Result<Scanned> {
        missing()
    }

    fn walks(&self) -> Walks {
        Walks { passed: 0, examined: 0 }
    }

    async fn write(&self, _: Vec<Op>) -> Result<Written> {
        missing()
    }

    async fn add(&self, _: &Key, _: i64) -> Result<i64> {
        missing()
    }

    async fn ready(&self) -> Result<()> {
        missing()
    }
}

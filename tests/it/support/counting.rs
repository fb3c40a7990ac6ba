//! A table that counts what it is asked, over a real one.

use std::{
    mem,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use guestlist::table::{Item, Key, Op, Page, Query, Read, Result, Table, Written};

/// Counts calls, and hands them on.
pub(crate) struct Counting {
    inner: Arc<dyn Table>,
    calls: Mutex<Vec<String>>,
}

impl Counting {
    pub(crate) fn over(inner: Arc<dyn Table>) -> Arc<Self> {
        Arc::new(Self { inner, calls: Mutex::new(Vec::new()) })
    }

    /// What was asked since the last time, such as `get, write(3)`.
    pub(crate) fn take(&self) -> String {
        mem::take(&mut *self.calls.lock().unwrap()).join(", ")
    }

    fn note(&self, call: String) {
        self.calls.lock().unwrap().push(call);
    }
}

#[async_trait]
impl Table for Counting {
    async fn get(&self, key: &Key, read: Read) -> Result<Option<Item>> {
        self.note("get".to_owned());
        self.inner.get(key, read).await
    }

    async fn query(&self, query: &Query) -> Result<Page> {
        self.note("query".to_owned());
        self.inner.query(query).await
    }

    async fn write(&self, ops: Vec<Op>) -> Result<Written> {
        self.note(format!("write({})", ops.len()));
        self.inner.write(ops).await
    }

    async fn add(&self, key: &Key, n: i64) -> Result<i64> {
        self.note("add".to_owned());
        self.inner.add(key, n).await
    }

    async fn ready(&self) -> Result<()> {
        self.inner.ready().await
    }
}

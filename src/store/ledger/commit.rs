//! Committing a step: its transaction, and what this node has to take note of along with it.

use std::sync::Arc;

use tracing::Instrument as _;

use crate::{
    clock::Timestamp,
    store::{
        By, Conflict, Error, Result, Store,
        ledger::{layout, record::Stored, step::Step},
    },
    table::{self, Item, Key, Written},
};

/// How a commit ended, if not in a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(in crate::store) enum Committed {
    /// It is durable.
    Done,
    /// Something that the step had read has changed: start anew.
    Stale,
}

impl Committed {
    /// What the step leads to, unless it is to start anew.
    pub(in crate::store) fn then<T>(self, done: T) -> Option<T> {
        match self {
            Self::Done => Some(done),
            Self::Stale => None,
        }
    }
}

impl Store {
    /// Applies a step's transaction; the node forgets the callers that it changed.
    pub(in crate::store) async fn commit(&self, step: Step) -> Result<Committed> {
        let mut step = step;
        if let Some(account) = step.account.take() {
            step.check(layout::account(account.id), account.version);
        }
        let Step {
            ops,
            refusals,
            touched,
            has_letters,
            notes,
            once,
            account: _,
            changed: _,
            standing: _,
            requires_caller: _,
            gives_way: _,
        } = step;
        let table = Arc::clone(&self.table);
        let (callers, letters) = (Arc::clone(&self.callers), Arc::clone(&self.letters));
        let log = Arc::clone(&self.notes);
        // A task of its own: a client that hangs up, or a deadline, ends the waiting, but a write
        // that is on its way happens, and this node has to take note of it.
        let writing = async move {
            let written = table.write(ops).await;
            // Also after a failure: whether the write was applied is then not known.
            if !matches!(written, Ok(Written::Refused(_))) {
                for what in &touched {
                    callers.forget(what);
                }
            }
            if let (Some(once), Ok(Written::Done)) = (&once, &written) {
                once.advance();
            }
            if matches!(written, Ok(Written::Done)) {
                for note in notes {
                    log.note(note);
                }
            }
            if has_letters && matches!(written, Ok(Written::Done)) {
                letters.notify_one();
            }
            written
        };
        let writing = tokio::spawn(writing.in_current_span());
        let written =
            writing.await.map_err(|error| table::Error::Unavailable(error.to_string()))?;
        match written? {
            Written::Done => Ok(Committed::Done),
            Written::Refused(refused) => match refusals.get(refused.op).copied().flatten() {
                Some(conflict) => Err(Error::Conflict(conflict)),
                None => Ok(Committed::Stale),
            },
        }
    }

    /// Commits a step that another node may just as well have done first.
    pub(in crate::store) async fn commit_unless_done(&self, step: Step) -> Result<()> {
        let (Committed::Done | Committed::Stale) = self.commit(step).await?;
        Ok(())
    }

    /// Notes something in place of what was noted there, until `expires`, if that is said. Of two nodes that do so at the
    /// same time, one is believed.
    pub(in crate::store) async fn put_note<T: Stored>(
        &self,
        key: Key,
        noted: &T,
        expires: Option<Timestamp>,
    ) -> Result<()> {
        let item = layout::item(key, 1, noted)?;
        let mut step = Step::default();
        step.overwrite(Item { expires: expires.map(Timestamp::seconds), ..item });
        self.commit_unless_done(step).await
    }

    /// Strikes off what was noted there, if anything was.
    pub(in crate::store) async fn strike_note(&self, key: Key) -> Result<()> {
        let mut step = Step::default();
        step.clear(key);
        self.commit_unless_done(step).await
    }

    /// Adds to `step` that it carries out a call which is to be carried out once: it may happen only
    /// while the reservation is the call's own. Whatever is audited is marked along with that.
    pub(in crate::store) fn mark(&self, step: &mut Step, by: &By) -> Result<()> {
        if let (Some(once), None) = (&by.once, &step.once) {
            let op = once.committed(self.now())?;
            // First, since the first refusal counts: a call that was taken over has no other trouble.
            step.ops.insert(0, op);
            step.refusals.insert(0, Some(Conflict::UnderWay));
            step.once = Some(Arc::clone(once));
        }
        Ok(())
    }
}

//! One transaction in the making: operations, and what the refusal of each would mean.

use std::sync::Arc;

use crate::{
    model::{account::Account, audit::Standing, id::SignInId},
    security::Note,
    store::{
        Conflict,
        ledger::{memory::Touched, once::Once},
    },
    table::{Condition, Item, Key, Op},
};

/// What a business step is about to do.
#[derive(Clone, Debug, Default)]
pub(in crate::store) struct Step {
    pub(in crate::store) ops: Vec<Op>,
    /// For each operation the conflict that its refusal means; `None` means a lost race.
    pub(in crate::store) refusals: Vec<Option<Conflict>>,
    /// What changes of that which the node remembers of callers.
    pub(in crate::store) touched: Vec<Touched>,
    /// The user's account, where it must stay as it was read: open, or managed.
    pub(in crate::store) account: Option<Account>,
    /// What it changes beside the user, in the words of the audit trail.
    pub(in crate::store) changed: Vec<&'static str>,
    /// Which role and state what the audit trail tells of had before, and has now.
    pub(in crate::store) standing: [Standing; 2],
    pub(in crate::store) has_letters: bool,
    /// Whether it requires already that its caller still is who it was.
    pub(in crate::store) requires_caller: bool,
    /// The sign-in that it removes, whose address another one takes.
    pub(in crate::store) gives_way: Option<SignInId>,
    /// What the log tells of it once it is committed.
    pub(in crate::store) notes: Vec<Note>,
    /// The reservation that it marks.
    pub(in crate::store) once: Option<Arc<Once>>,
}

impl Step {
    /// Stores a record that must not be there yet.
    pub(in crate::store) fn insert(&mut self, item: Item) {
        self.push(Op::Put(item, Condition::Absent), None);
    }

    /// Stores a claim that nobody else may have.
    pub(in crate::store) fn claim(&mut self, item: Item, taken: Option<Conflict>) {
        self.push(Op::Put(item, Condition::Absent), taken);
    }

    /// Stores a record in place of its version `before`.
    pub(in crate::store) fn replace(&mut self, item: Item, before: u64) {
        self.push(Op::Put(item, Condition::Version(before)), None);
    }

    /// Stores a record in place of whatever is there.
    pub(in crate::store) fn overwrite(&mut self, item: Item) {
        self.push(Op::Put(item, Condition::Any), None);
    }

    /// Leaves a record as it is, which must still be of version `before`.
    pub(in crate::store) fn check(&mut self, key: Key, before: u64) {
        self.push(Op::Check(key, Condition::Version(before)), None);
    }

    /// Requires that nothing is at `key`.
    pub(in crate::store) fn require_absent(&mut self, key: Key, taken: Conflict) {
        self.push(Op::Check(key, Condition::Absent), Some(taken));
    }

    /// Removes a record of version `before`.
    pub(in crate::store) fn remove(&mut self, key: Key, before: u64) {
        self.push(Op::Delete(key, Condition::Version(before)), None);
    }

    /// Removes whatever is there.
    pub(in crate::store) fn clear(&mut self, key: Key) {
        self.push(Op::Delete(key, Condition::Any), None);
    }

    /// Requires of a record that it removes, whatever is there, that it is of version `before`.
    pub(in crate::store) fn require_version(&mut self, key: &Key, before: u64) {
        for op in &mut self.ops {
            if let Op::Delete(removed, condition) = op
                && removed == key
            {
                *condition = Condition::Version(before);
            }
        }
    }

    /// Adds to a counter's numbers.
    pub(in crate::store) fn count(&mut self, key: Key, amounts: Vec<(String, i64)>) {
        self.push(Op::Add(key, amounts), None);
    }

    fn push(&mut self, op: Op, refusal: Option<Conflict>) {
        self.ops.push(op);
        self.refusals.push(refusal);
    }
}

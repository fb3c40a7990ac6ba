//! How a step becomes a transaction: records and where they lie, claims, pages, the trail, and calls that are
//! carried out once. Knows users and accounts as records, and none of the rules about them.

pub(crate) mod attempt;
pub(crate) mod audit;
pub(crate) mod chores;
pub(crate) mod claim;
pub(crate) mod commit;
pub(crate) mod conflict;
pub(crate) mod document;
pub(crate) mod error;
mod error_texts;
pub(crate) mod format;
pub(crate) mod guard;
pub(crate) mod layout;
pub(crate) mod memory;
pub(crate) mod once;
pub(crate) mod page;
pub(crate) mod place;
pub(crate) mod queue;
pub(crate) mod readiness;
pub(crate) mod recall;
pub(crate) mod record;
pub(crate) mod step;
pub(crate) mod tasks;

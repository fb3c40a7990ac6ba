//! How a step becomes a transaction: records and where they lie, claims, pages, the trail, and calls that are
//! carried out once. Knows users and accounts as records, and none of the rules about them.

pub mod attempt;
pub mod audit;
pub mod chores;
pub mod claim;
pub mod commit;
pub mod conflict;
pub mod document;
pub mod error;
pub mod format;
pub mod guard;
pub mod layout;
pub mod memory;
pub mod once;
pub mod page;
pub mod queue;
pub mod record;
pub mod step;

//! How a step becomes a transaction: records and where they lie, claims, pages, the trail, and calls that are
//! carried out once. Knows users and accounts as records, and none of the rules about them.

pub mod audit;
pub mod claim;
pub mod conflict;
pub mod error;
pub mod layout;
pub mod once;
pub mod page;
pub mod record;
pub mod step;

//! Users: finding pages of them, making, changing, removing, and what else is kept about them.

pub(crate) mod create;
pub(crate) mod export;
pub(crate) mod find;
pub(crate) mod hold;
pub(crate) mod leave;
pub(crate) mod leave_for_good;
pub(crate) mod list;
pub(crate) mod listed;
pub(crate) mod names;
pub(crate) mod order;
pub(crate) mod page_marks;
pub(crate) mod profile;
pub(crate) mod revoke;
pub(crate) mod transfer;
pub(crate) mod trash;
pub(crate) mod update;

//! Users: finding pages of them, making, changing, removing, and what else is kept about them.

pub mod create;
pub mod export;
pub mod find;
pub mod hold;
pub mod list;
pub mod listed;
pub mod order;
pub mod page_marks;
pub mod profile;
pub mod revoke;
pub mod trash;
pub mod update;

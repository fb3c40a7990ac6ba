//! Numbers that are kept as things change: totals, days, users' numbers, and limits on guesses.

pub mod days;
pub mod limits;
pub mod network;
pub mod numbers;
pub mod totals;

//! Numbers that are kept as things change: totals, days, users' numbers, and limits on guesses.

pub(crate) mod days;
pub(crate) mod limits;
pub(crate) mod network;
pub(crate) mod numbers;
pub(crate) mod totals;
pub(crate) mod turns;

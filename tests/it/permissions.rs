//! Who may call what, send which field and see which field: as the contract says it, and as the
//! service does it.

mod accounts;
mod matrix;
mod sweep;

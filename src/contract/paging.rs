//! The parameters of calls that reply pages.

use super::kind::{Kind, MAX_LIMIT, MAX_LIMIT_BY_NUMBER, named};
use crate::role::Role::{self, Admin, Public};

/// A parameter of the query string.
#[derive(Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// The lowest role that may send it.
    pub role: Role,
}

/// Of a walk of an index that the caller chooses.
pub(super) const PAGE: &[Parameter] =
    &[INDEX, limit(MAX_LIMIT), parameter("next"), parameter("prev"), ORDER, TOTAL];
/// The same where there is but one index to walk.
pub(super) const PAGE_IN_ORDER: &[Parameter] =
    &[limit(MAX_LIMIT), parameter("next"), parameter("prev"), ORDER];
/// The same where the reply can say what the ids in it stand for.
pub(super) const PAGE_WITH_NAMES: &[Parameter] = &[
    limit(MAX_LIMIT),
    parameter("next"),
    parameter("prev"),
    ORDER,
    Parameter { name: "names", kind: Kind::Flag, role: Public },
];
/// The same where it is walked one way only.
pub(super) const PAGE_ONE_WAY: &[Parameter] =
    &[limit(MAX_LIMIT), parameter("next"), parameter("prev")];
/// Of a page by its number.
pub(super) const PAGE_BY_NUMBER: &[Parameter] =
    &[limit(MAX_LIMIT_BY_NUMBER), parameter("offset"), parameter("order")];
/// What is walked. The order by email tells something of emails, which are for admins to see.
const INDEX: Parameter = Parameter { name: "index", kind: Kind::Index, role: Admin };
/// Which way a list is walked that has but one order.
const ORDER: Parameter = Parameter { name: "order", kind: Kind::Direction, role: Public };
/// Whether the reply is to tell how long the whole list is.
const TOTAL: Parameter = Parameter { name: "total", kind: Kind::Flag, role: Public };

const fn parameter(name: &'static str) -> Parameter {
    Parameter { name, kind: named(name), role: Public }
}

const fn limit(most: usize) -> Parameter {
    Parameter { name: "limit", kind: Kind::Limit(most), role: Public }
}

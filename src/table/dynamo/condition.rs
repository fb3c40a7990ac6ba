//! Conditions as DynamoDB expressions. An item that has expired counts as absent, for DynamoDB may
//! take days to remove it.

use std::collections::HashMap;

use super::{Attributes, number};
use crate::table::Condition;

/// An expression with what its placeholders stand for; nothing for [`Condition::Any`]. In the form
/// that the SDK's builders take.
#[derive(Clone, Default)]
pub(super) struct Expression {
    pub(super) text: Option<String>,
    pub(super) names: Option<HashMap<String, String>>,
    pub(super) values: Option<Attributes>,
}

/// The condition as it stands at the second `now`.
pub(super) fn expression(condition: Condition, now: u64) -> Expression {
    let expires = ("#expires".to_owned(), "expires".to_owned());
    let pk = ("#pk".to_owned(), "pk".to_owned());
    let version = ("#version".to_owned(), "version".to_owned());
    let now = (":now".to_owned(), number(&now));
    let (text, names, values) = match condition {
        Condition::Any => return Expression::default(),
        Condition::Absent => {
            ("attribute_not_exists(#pk) OR #expires <= :now", [pk, expires], vec![now])
        }
        Condition::Version(wanted) => (
            "#version = :wanted AND (attribute_not_exists(#expires) OR #expires > :now)",
            [version, expires],
            vec![now, (":wanted".to_owned(), number(&wanted))],
        ),
    };
    Expression {
        text: Some(text.to_owned()),
        names: Some(names.into()),
        values: Some(values.into_iter().collect()),
    }
}

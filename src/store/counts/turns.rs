//! Whose turn it is where work on passwords is shared.

use crate::{
    auth::Turn,
    caller::Caller,
    network::network_of,
    store::{By, counts::limits::household_of},
};

/// Whose work a password is that a call sets or shows: the person's own.
pub(in crate::store) fn own_turn(by: &By) -> Turn {
    let network = by.address.map(network_of).unwrap_or_default();
    let member = match (by.caller.user(), by.address) {
        (Some(user), _) => user.to_string(),
        (None, Some(address)) => household_of(address),
        (None, None) => String::new(),
    };
    Turn::of_people(network, member)
}

/// Whose work a password is that a call sets for somebody else.
pub(in crate::store) fn turn_of_account(by: &By) -> Turn {
    match &by.caller {
        Caller::Anonymous | Caller::Identity(_) => own_turn(by),
        Caller::User(_) | Caller::Key(_) | Caller::Operator | Caller::Service(_) => {
            let account = by.caller.account().map(|account| account.to_string());
            Turn::of_admins(account.unwrap_or_default(), by.caller.to_string())
        }
    }
}

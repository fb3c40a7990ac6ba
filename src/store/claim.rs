//! Claims: items that make a value unique and lead from it to its user.

use serde::{Deserialize, Serialize};

use super::{
    Conflict, Result,
    layout::{self, Stored},
};
use crate::{
    model::{
        id::{AccountId, UserId},
        user::User,
    },
    table::{Item, Key},
};

/// Whose a claimed value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Claim {
    pub(super) account_id: AccountId,
    pub(super) user_id: UserId,
}

impl Stored for Claim {}

/// All that a user claims, each with the conflict if somebody else has it. For values that the
/// service itself chooses there is none: a collision is tried again with another value.
pub(super) fn claims_of(user: &User) -> Vec<(Key, Option<Conflict>)> {
    let mut claims = vec![
        (layout::email_claim(&user.email), Some(Conflict::EmailTaken)),
        (layout::number_claim(user.number), None),
        (layout::user_claim(user.id), None),
    ];
    if let Some(name) = &user.username {
        claims.push((layout::username_claim(name), Some(Conflict::UsernameTaken)));
    }
    if let Some(id) = &user.external_id {
        let key = layout::external_id_claim(user.account_id, id);
        claims.push((key, Some(Conflict::ExternalIdTaken)));
    }
    if let Some(identity) = &user.identity {
        claims.push((layout::identity_claim(identity), Some(Conflict::AlreadyRegistered)));
    }
    claims
}

/// The item that claims `key` for the user. That of the number also lists the user.
pub(super) fn claim_item(key: Key, user: &User) -> Result<Item> {
    let (number, listed) = layout::number_claim_of(user);
    let gs1 = (key == number).then_some(listed);
    let claim = Claim { account_id: user.account_id, user_id: user.id };
    Ok(Item { gs1, ..layout::item(key, 1, &claim)? })
}

//! The audit trail: who changed what, when and from where; written with the change itself.

use serde::Serialize;

use super::{By, Result, Store, layout, step::Step};
use crate::{
    clock::Timestamp,
    model::{
        id::{AccountId, AuditId, UserId},
        user::User,
    },
    table::Item,
};

/// One line of the trail. It holds names of fields, never their values.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: AuditId,
    at: Timestamp,
    account_id: AccountId,
    actor: String,
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<UserId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changed: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
}

impl Store {
    /// Notes a change of a user.
    pub(super) fn audit_user(
        &self,
        step: &mut Step,
        by: &By,
        before: Option<&User>,
        after: &User,
    ) -> Result<()> {
        let changed = before.map(|before| changed_fields(before, after)).unwrap_or_default();
        self.audit(step, by, after.account_id, Some(after.id), changed)
    }

    /// Notes a change of something else in an account, and that the call is carried out by it.
    pub(super) fn audit(
        &self,
        step: &mut Step,
        by: &By,
        account: AccountId,
        user: Option<UserId>,
        changed: Vec<&'static str>,
    ) -> Result<()> {
        if let Some(once) = &by.once {
            self.mark(step, once)?;
        }
        let at = self.now();
        let id = AuditId::new(at, &self.random);
        // Whoever logs in becomes the user that the entry is about.
        let actor = match (by.caller.user(), user) {
            (None, Some(user)) if by.action == "user/login" => format!("user:{user}"),
            _ => by.caller.to_string(),
        };
        let entry = Entry {
            id,
            at,
            account_id: account,
            actor,
            action: by.action,
            user_id: user,
            changed,
            address: by.address.map(|address| address.to_string()),
        };
        let item = layout::item(layout::audit(account, id), 1, &entry)?;
        let gs1 = user.map(|user| layout::audit_of_user(user, id));
        step.insert(Item { gs1, ..item });
        Ok(())
    }
}

fn changed_fields(before: &User, after: &User) -> Vec<&'static str> {
    let fields = [
        ("email", before.email != after.email),
        ("role", before.role != after.role),
        ("state", before.state != after.state),
        ("first", before.first != after.first),
        ("last", before.last != after.last),
        ("username", before.username != after.username),
        ("externalId", before.external_id != after.external_id),
        ("language", before.language != after.language),
        ("preferences", before.preferences != after.preferences),
        ("invite", before.invite != after.invite),
        ("identity", before.identity != after.identity),
    ];
    fields.into_iter().filter_map(|(name, changed)| changed.then_some(name)).collect()
}

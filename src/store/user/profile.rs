//! A user's profile as requests speak of it: the optional fields that are set, changed and cleared in the
//! same way, whether the user is made, restored or updated.

use serde_json::{Map, Value};

use crate::{
    model::{
        fields::Change,
        text::{ExternalId, Language, Name, Username},
        user::User,
    },
    store::{Result, ledger::document::merged},
};

/// What a request says of a user's profile.
#[derive(Clone, Debug, Default)]
pub(crate) struct Profile {
    pub(crate) first: Change<Name>,
    pub(crate) last: Change<Name>,
    pub(crate) username: Change<Username>,
    pub(crate) external_id: Change<ExternalId>,
    pub(crate) language: Change<Language>,
    /// A patch of those that are there.
    pub(crate) preferences: Change<Map<String, Value>>,
}

impl Profile {
    /// Makes the user's profile what is said of it.
    pub(super) fn apply(&self, user: &mut User) -> Result<()> {
        // Without `..`, here and wherever fields are carried over: one that is forgotten does not compile.
        let Self { first, last, username, external_id, language, preferences } = self.clone();
        first.apply(&mut user.first);
        last.apply(&mut user.last);
        username.apply(&mut user.username);
        external_id.apply(&mut user.external_id);
        language.apply(&mut user.language);
        match preferences {
            Change::Keep => {}
            Change::Clear => user.preferences = None,
            Change::Set(patch) => {
                let document = user.preferences.take().unwrap_or_default();
                user.preferences = Some(merged("preferences", &document, patch)?);
            }
        }
        Ok(())
    }
}

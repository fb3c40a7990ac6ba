//! A user that is shown and not changed: the stored text, of which is read no more than tells who may
//! see it. Everything else goes into replies as it stands.

use std::borrow::Cow;

use serde::{Deserialize, de::Error as _};
use serde_json::{Error, Result};

use super::{
    id::{AccountId, UserId},
    members::Members,
    user::{State, User},
};
use crate::role::Role;

/// A user as it is stored, in part still as text.
pub struct UserText {
    /// The user's id.
    pub id: UserId,
    /// The account that it belongs to.
    pub account_id: AccountId,
    /// What it may do.
    pub role: Role,
    /// Where it stands.
    pub state: State,
    /// The stored item's version.
    pub version: u64,
    members: Members,
}

impl UserText {
    /// The user in a text that was stored, which is of that version.
    ///
    /// # Errors
    /// Why the text is not that of a user.
    pub fn new(text: String, version: u64) -> Result<Self> {
        let members = Members::of(text).ok_or_else(|| Error::custom("not a JSON object"))?;
        let required = |name| members.get(name).ok_or_else(|| Error::missing_field(name));
        Ok(Self {
            id: serde_json::from_str(required("id")?)?,
            account_id: serde_json::from_str(required("accountId")?)?,
            role: serde_json::from_str(required("role")?)?,
            state: serde_json::from_str(required("state")?)?,
            version,
            members,
        })
    }

    /// The text that a user is stored as.
    ///
    /// # Errors
    /// What about the user cannot be written.
    pub fn of(user: &User) -> Result<Self> {
        Self::new(serde_json::to_string(user)?, user.version)
    }

    /// The whole user.
    ///
    /// # Errors
    /// Why the text is not that of a user.
    pub fn read(&self) -> Result<User> {
        let user: User = serde_json::from_str(self.members.text())?;
        Ok(User { version: self.version, ..user })
    }

    /// The stored JSON text of one of a [`User`]'s members, if the user has it.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name)
    }

    /// One of a [`User`]'s members, if the user has it.
    pub fn member<'a, T: Deserialize<'a>>(&'a self, name: &str) -> Option<T> {
        serde_json::from_str(self.members.get(name)?).ok()
    }

    /// Whether one of a [`User`]'s members is this text.
    pub fn has(&self, name: &str, text: &str) -> bool {
        self.member::<Cow<'_, str>>(name).is_some_and(|member| member == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::text::Document;

    const ADA: &str = r#"{"id":"01890a5d-ac96-774b-bcce-b302099a8057",
        "accountId":"01890a5d-ac96-774b-bcce-b302099a8058","email":"\"a\"@example.com","role":"admin",
        "state":"active","number":7,"first":"Zo\u00eb","preferences":"{\"a\": 1}",
        "identity":{"subject":"x","issuer":"https://issuer.example"},"later":{"added":[1]},
        "created":"2026-01-02T03:04:05Z","updated":"2026-01-02T03:04:05.5Z"}"#;

    fn ada() -> UserText {
        UserText::new(ADA.to_owned(), 3).unwrap()
    }

    #[test]
    fn what_is_not_read_is_handed_on_as_it_stands() {
        let user = ada();
        assert_eq!(user.text("first").unwrap(), r#""Zo\u00eb""#);
        assert_eq!(user.text("number").unwrap(), "7");
        assert_eq!(user.member::<Document>("preferences").unwrap().as_json(), r#"{"a": 1}"#);
        assert!(user.text("last").is_none());
    }

    #[test]
    fn the_whole_user_is_the_same_as_one_read_at_once() {
        let user = ada().read().unwrap();
        assert_eq!(user.version, 3);
        assert_eq!(UserText::of(&user).unwrap().read().unwrap(), user);
    }

    #[test]
    fn texts_are_compared_and_not_their_spelling() {
        let user = ada();
        assert!(user.has("first", "Zoë") && user.has("email", r#""a"@example.com"#));
        assert!(!user.has("first", "Zo") && !user.has("last", ""));
    }

    #[test]
    fn what_is_no_user_is_refused() {
        let without_role = ADA.replace("role", "rule");
        for text in ["", "{}", "[]", without_role.as_str(), ADA.trim_end_matches('}')] {
            assert!(UserText::new(text.to_owned(), 1).is_err(), "{text}");
        }
    }
}

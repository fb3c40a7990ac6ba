//! A user that is shown and not changed: the stored text, of which is read no more than tells who may
//! see it. Everything else goes into replies as it stands.

use std::{borrow::Cow, ops::Range};

use serde::{Deserialize, de::Error as _};
use serde_json::{Error, Result};

use super::{
    id::{AccountId, UserId},
    members::members,
    user::{Member, State, User},
};
use crate::role::Role;

/// A user as it is stored, in part still as text.
pub(crate) struct UserText {
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
    text: String,
    places: Places,
}

/// Where the text of each [`Member`] is, empty if there is none. Small, since users are moved.
type Places = [Range<u32>; Member::COUNT];

impl UserText {
    /// The user in a text that was stored, which is of that version.
    ///
    /// # Errors
    /// Why the text is not that of a user.
    pub(crate) fn new(text: String, version: u64) -> Result<Self> {
        let mut places = Places::default();
        let walked = members(&text, |name, value| {
            let place = Member::named(name).and_then(|member| places.get_mut(member as usize));
            let range = u32::try_from(value.start).ok().zip(u32::try_from(value.end).ok());
            if let (Some(place), Some((start, end))) = (place, range) {
                *place = start..end;
            }
        });
        walked.ok_or_else(|| Error::custom("not a JSON object"))?;
        let read = |member| part(&text, &places, member).unwrap_or_default();
        let id = |member| read(member).trim_matches('"');
        let is_missing = || Error::custom("a user has an id, and an account");
        Ok(Self {
            id: UserId::parse(id(Member::Id)).ok_or_else(is_missing)?,
            account_id: AccountId::parse(id(Member::AccountId)).ok_or_else(is_missing)?,
            role: serde_json::from_str(read(Member::Role))?,
            state: serde_json::from_str(read(Member::State))?,
            version,
            text,
            places,
        })
    }

    /// The text that a user is stored as.
    ///
    /// # Errors
    /// What about the user cannot be written.
    pub(crate) fn of(user: &User) -> Result<Self> {
        Self::new(serde_json::to_string(user)?, user.version)
    }

    /// The whole user.
    ///
    /// # Errors
    /// Why the text is not that of a user.
    pub(crate) fn read(&self) -> Result<User> {
        let user: User = serde_json::from_str(&self.text)?;
        Ok(User { version: self.version, ..user })
    }

    /// The JSON text of a member, if the user has it.
    pub(crate) fn text(&self, member: Member) -> Option<&str> {
        part(&self.text, &self.places, member)
    }

    /// A member, if the user has it.
    pub(crate) fn member<'a, T: Deserialize<'a>>(&'a self, member: Member) -> Option<T> {
        serde_json::from_str(self.text(member)?).ok()
    }

    /// Whether a member is this text.
    pub(crate) fn has(&self, member: Member, text: &str) -> bool {
        self.member::<Cow<'_, str>>(member).is_some_and(|member| member == text)
    }
}

fn part<'a>(text: &'a str, places: &Places, member: Member) -> Option<&'a str> {
    let Range { start, end } = places.get(member as usize)?;
    let part = text.get(usize::try_from(*start).ok()?..usize::try_from(*end).ok()?)?;
    (!part.is_empty()).then_some(part)
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
        assert_eq!(user.text(Member::First).unwrap(), r#""Zo\u00eb""#);
        assert_eq!(user.text(Member::Number).unwrap(), "7");
        assert_eq!(user.member::<Document>(Member::Preferences).unwrap().as_json(), r#"{"a": 1}"#);
        assert!(user.text(Member::Last).is_none());
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
        assert!(user.has(Member::First, "Zoë") && user.has(Member::Email, r#""a"@example.com"#));
        assert!(!user.has(Member::First, "Zo") && !user.has(Member::Last, ""));
    }

    #[test]
    fn what_is_no_user_is_refused() {
        let without_role = ADA.replace("role", "rule");
        for text in ["", "{}", "[]", without_role.as_str(), ADA.trim_end_matches('}')] {
            assert!(UserText::new(text.to_owned(), 1).is_err(), "{text}");
        }
    }
}

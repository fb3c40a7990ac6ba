//! The own address on the move: a new one that waits for its code, and the way back to an old one.
//!
//! A sign-in lists what its person has moved lately. A way back is open only while its move is listed, and
//! taking it strikes off that move with all later ones: so the first owner of the address has the last word.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{SignIn, TotpCredential};
use crate::{
    clock::Timestamp,
    model::{
        email::Email,
        id::{AccountId, SessionId, SignInId, UserId},
    },
};

/// How long a move can be undone.
pub(crate) const UNDO_LIFETIME: Duration = Duration::from_hours(7 * 24);
/// How many moves there may be that can be undone.
pub(crate) const MAX_MOVES: usize = 5;

/// An address that somebody wants to sign in by, stored under the digest of the code that was sent there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewEmail {
    /// Whose address it is to be.
    pub sign_in_id: SignInId,
    /// The sign-in's epoch when the code was asked for.
    pub epoch: u64,
    /// The session that it was asked for in.
    pub session_id: SessionId,
    /// The account of the user whose email goes along.
    pub account_id: AccountId,
    /// That user.
    pub user_id: UserId,
    /// The address.
    pub email: Email,
    /// The stored item's version.
    #[serde(skip)]
    pub version: u64,
}

impl NewEmail {
    /// Whether it is still good for the sign-in. Epochs count from the same number in each, so it must be the
    /// same one, too.
    pub(crate) fn is_good_for(&self, sign_in: &SignIn) -> bool {
        self.sign_in_id == sign_in.id && self.epoch == sign_in.epoch && !sign_in.trashed
    }
}

/// The way back to an old address, stored under the digest of the code that was sent there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WayBack {
    /// Whose address it was.
    pub sign_in_id: SignInId,
    /// The account of the user whose email went along.
    pub account_id: AccountId,
    /// That user.
    pub user_id: UserId,
    /// The email that the user had, if it went along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_email: Option<Email>,
    /// The old address.
    pub from: Email,
    /// The new one.
    pub to: Email,
    /// The second factor of that time, sealed as it is in the sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totp: Option<TotpCredential>,
    /// The stored item's version.
    #[serde(skip)]
    pub version: u64,
}

/// A move that can be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Move {
    /// The digest of the code that undoes it.
    pub undo: String,
    /// Until when it can be undone.
    pub until: Timestamp,
}

impl SignIn {
    /// The moves that can be undone at that time, the latest last.
    fn open_moves(&self, at: Timestamp) -> impl Iterator<Item = &Move> {
        self.moves.iter().filter(move |it| at < it.until)
    }

    /// Until when there are so many moves that can be undone that there must be no further one; if there are.
    pub(crate) fn stays_until(&self, at: Timestamp) -> Option<Timestamp> {
        let first = self.open_moves(at).next()?;
        (self.open_moves(at).count() >= MAX_MOVES).then_some(first.until)
    }

    /// The same at the address that its person has proved to read.
    #[must_use]
    pub(crate) fn moved_by_person(&self, email: &Email, made: Move, at: Timestamp) -> Self {
        let moves = self.open_moves(at).cloned().chain([made]).collect();
        Self { email: email.clone(), moves, ..self.clone() }
    }

    /// The same as it was before the move that is undone by that code, if that is still possible; what it is used
    /// from is not known any more.
    pub(crate) fn moved_back(&self, undo: &str, way: &WayBack, at: Timestamp) -> Option<Self> {
        let before = self.moves.iter().take_while(|it| it.undo != undo);
        let moves: Vec<Move> = before.cloned().collect();
        let undone = self.moves.get(moves.len()).filter(|it| at < it.until)?;
        let is_own = way.sign_in_id == self.id && undone.undo == undo && !self.trashed;
        let networks = Vec::new();
        let back = Self { email: way.from.clone(), moves, networks, ..self.clone() };
        is_own.then_some(match &way.totp {
            Some(totp) => back.with_totp(totp.clone()),
            None => back.without_totp(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::sign_in::tests::{ada, totp},
        random::Random,
    };

    fn email(text: &str) -> Email {
        Email::parse(text).unwrap()
    }

    /// That moment, and so many days after it.
    fn day(number: u64) -> Timestamp {
        ada().created.plus(Duration::from_hours(24 * number))
    }

    fn moved(sign_in: &SignIn, undo: &str, made: Timestamp) -> SignIn {
        let made_at = Move { undo: undo.to_owned(), until: made.plus(UNDO_LIFETIME) };
        sign_in.moved_by_person(&email(&format!("{undo}@example.com")), made_at, made)
    }

    fn way_back(sign_in: &SignIn, totp: Option<TotpCredential>) -> WayBack {
        let random = Random::seeded(3);
        WayBack {
            sign_in_id: sign_in.id,
            account_id: AccountId::new(sign_in.created, &random),
            user_id: UserId::new(sign_in.created, &random),
            user_email: None,
            from: ada().email,
            to: sign_in.email.clone(),
            totp,
            version: 1,
        }
    }

    #[test]
    fn the_way_back_closes_all_later_ones() {
        let moved = moved(&moved(&moved(&ada(), "x", day(0)), "y", day(1)), "z", day(2));
        let way = way_back(&moved, None);
        let names = |sign_in: &SignIn| -> Vec<String> {
            sign_in.moves.iter().map(|it| it.undo.clone()).collect()
        };
        let back = |sign_in: &SignIn, undo| sign_in.moved_back(undo, &way, day(3));
        let middle = back(&moved, "y").unwrap();
        assert_eq!((names(&middle), &middle.email), (vec!["x".to_owned()], &way.from));
        assert_eq!((back(&middle, "y"), back(&middle, "z")), (None, None));
        let first = back(&middle, "x").unwrap();
        assert_eq!(names(&first), Vec::<String>::new());
        assert_eq!(back(&first, "x"), None, "once");
        assert_eq!(names(&back(&moved, "x").unwrap()), Vec::<String>::new());
        assert_eq!(back(&moved, "other"), None);
        assert_eq!(moved.moved_back("x", &way, day(7)), None, "a week has passed");
        assert!(moved.moved_back("y", &way, day(7)).is_some());
        let trashed = SignIn { trashed: true, ..moved.clone() };
        assert_eq!(back(&trashed, "x"), None);
        let other = SignIn { id: SignInId::new(day(0), &Random::seeded(2)), ..moved };
        assert_eq!(back(&other, "x"), None);
    }

    #[test]
    fn the_second_factor_is_as_it_was() {
        let used = SignIn { networks: vec!["there".to_owned()], ..moved(&ada(), "x", day(0)) };
        let with = used.clone().with_totp(totp());
        let back = |sign_in: &SignIn, totp| {
            sign_in.moved_back("x", &way_back(sign_in, totp), day(1)).unwrap()
        };
        assert_eq!(back(&with, None).totp(), None, "turned on since");
        assert_eq!(back(&used, Some(totp())).totp(), Some(&totp()), "turned off since");
        assert_eq!(back(&used, None).networks, Vec::<String>::new());
    }

    #[test]
    fn there_are_not_too_many_ways_back() {
        let mut sign_in = ada();
        for number in 0..5 {
            assert_eq!(sign_in.stays_until(day(number)), None);
            sign_in = moved(&sign_in, &number.to_string(), day(number));
        }
        assert_eq!(sign_in.stays_until(day(6)), Some(day(7)));
        assert_eq!(sign_in.stays_until(day(7)), None);
        assert_eq!(moved(&sign_in, "5", day(7)).moves.len(), 5, "the first one is forgotten");
    }

    #[test]
    fn a_new_email_is_for_one_epoch_of_one_sign_in() {
        let (ada, random) = (ada(), Random::seeded(4));
        let new = NewEmail {
            sign_in_id: ada.id,
            epoch: ada.epoch,
            session_id: SessionId::new(ada.created, &random),
            account_id: AccountId::new(ada.created, &random),
            user_id: UserId::new(ada.created, &random),
            email: email("ada@example.org"),
            version: 1,
        };
        assert!(new.is_good_for(&ada));
        assert!(!new.is_good_for(&ada.clone().in_next_epoch()));
        assert!(!new.is_good_for(&SignIn { trashed: true, ..ada.clone() }));
        let other = SignInId::new(ada.created, &Random::seeded(2));
        assert!(!new.is_good_for(&SignIn { id: other, ..ada }));
    }
}

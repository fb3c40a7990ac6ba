//! Sessions: what somebody who has signed in holds on to, and the tokens that renew it.
//!
//! A refresh token is the session's place, a part that all its tokens share, and a part of its own. What
//! follows on a token is made from that part and a salt that only the session's record holds: so the same
//! successor can be given again when its reply was lost, a copy of the table opens nothing, and the
//! service's secret is not involved.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    model::{
        id::{AccountId, EntryId, SessionId, SignInId, UserId},
        random_part,
        refresh_token::RefreshToken,
    },
    random::Random,
    secret::{digest_of, same},
};

/// How long after a renewal the token that it was done with still gets the same reply, and the new one gets
/// itself. Tabs and nodes that renew at the same moment, and replies that are lost, fall within it.
const GRACE: Duration = Duration::from_secs(30);

/// For how long somebody counts as having shown a credential just now.
pub(crate) const FRESH_FOR: Duration = Duration::from_mins(10);

/// For how long a confirmation takes the place of a password that is typed again: for the call that asked for it.
pub(crate) const CONFIRMED_FOR: Duration = Duration::from_mins(2);

/// Whether what was shown at `shown` was shown just now.
pub(crate) fn is_fresh(shown: Timestamp, now: Timestamp) -> bool {
    now.since(shown) <= FRESH_FOR
}

/// How a person has shown who it is: the values of `amr` (RFC 8176, section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// A password.
    #[serde(rename = "pwd")]
    Password,
    /// A code of the second factor: of an app, or a recovery code.
    #[serde(rename = "otp")]
    OneTimeCode,
    /// A provider's word (RFC 8176 has no value for it; this one is in common use).
    #[serde(rename = "fed")]
    Federated,
    /// Two of them.
    #[serde(rename = "mfa")]
    Several,
}

/// What somebody has shown who signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authentication {
    /// How.
    pub(crate) amr: Vec<Method>,
    /// When; `None` if a provider has vouched for the person without saying when that was.
    pub(crate) at: Option<Timestamp>,
}

/// How long sessions last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lifetimes {
    /// Without a refresh.
    pub(crate) idle: Duration,
    /// From their beginning, however often they are refreshed.
    pub(crate) absolute: Duration,
}

impl Lifetimes {
    /// When a session ends that began at `created` and is refreshed at `now`.
    fn end(self, created: Timestamp, now: Timestamp) -> Timestamp {
        now.plus(self.idle).min(created.plus(self.absolute))
    }
}

/// In how many accounts a session can be at once; the one that was used the longest time ago gives way.
const MAX_ENTRIES: usize = 16;

/// How many accounts a session can be kept out of; then it ends.
const MAX_BARRED: usize = 100;

/// A session's part in an account: all that the account's admins see of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    /// The entry's id.
    pub id: EntryId,
    /// The account.
    pub account_id: AccountId,
    /// The user as whom the account was entered.
    pub user_id: UserId,
    /// When it was entered.
    pub since: Timestamp,
    /// When it was last given a token.
    pub used: Timestamp,
    /// Where from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// With which program, as that calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
}

/// A session as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Session {
    /// The session's id, which its access tokens name.
    pub id: SessionId,
    /// Whose it is.
    pub sign_in_id: SignInId,
    /// The sign-in's epoch that it belongs to; it is good only while the sign-in is in that one.
    pub epoch: u64,
    /// The digest of what all its refresh tokens have in common.
    family: String,
    /// The digest of what only the latest refresh token has.
    latest: String,
    /// The digest of what the token before it has, which the latest one follows from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    /// What the latest one follows from besides: 32 random bytes in base64url.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    salt: String,
    /// How many successors have been made.
    #[serde(default)]
    rotation: u64,
    /// When the latest one was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    turned: Option<Timestamp>,
    /// When its person last showed a credential, if that is known; refreshing does not change it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    auth_time: Option<Timestamp>,
    /// Which ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<Method>,
    /// When it began.
    pub created: Timestamp,
    /// When it was last renewed.
    pub used: Timestamp,
    /// Where it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The program that it began with, as that calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The accounts that it is in, of which access tokens are each for one; at most [`MAX_ENTRIES`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entered: Vec<Entry>,
    /// The accounts that it does not get into again, since their admins have ended its entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub barred: Vec<AccountId>,
    /// Whether its refresh token is in a browser's cookie, where no script reads it, and counts nowhere else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cookie: bool,
    /// When it ends unless it is renewed. The name `expires` is the stored item's own.
    #[serde(rename = "expiresAt")]
    pub expires: Timestamp,
    /// The stored item's version.
    #[serde(skip)]
    pub version: u64,
}

/// Where and with what a session begins.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    /// The caller's address.
    pub address: Option<String>,
    /// The caller's program.
    pub agent: Option<String>,
}

impl Session {
    /// A session that begins now, and its first refresh token.
    pub(crate) fn begin(
        sign_in: (SignInId, u64),
        origin: Origin,
        amr: Vec<Method>,
        (now, lifetimes): (Timestamp, Lifetimes),
        random: &Random,
    ) -> (Self, RefreshToken) {
        let (sign_in_id, epoch) = sign_in;
        let id = SessionId::new(now, random);
        let token = RefreshToken {
            sign_in_id,
            id,
            family: random_part::make(random),
            latest: random_part::make(random),
        };
        let session = Self {
            id,
            sign_in_id,
            epoch,
            family: digest_of(&token.family),
            latest: digest_of(&token.latest),
            before: None,
            salt: String::new(),
            rotation: 0,
            turned: None,
            auth_time: Some(now),
            amr,
            created: now,
            used: now,
            address: origin.address,
            agent: origin.agent,
            entered: Vec::new(),
            barred: Vec::new(),
            cookie: false,
            expires: lifetimes.end(now, now),
            version: 0,
        };
        (session, token)
    }

    /// The same, whose refresh token is in a browser's cookie, or is not.
    #[must_use]
    pub(crate) fn in_cookie(self, cookie: bool) -> Self {
        Self { cookie, ..self }
    }

    /// The session as it goes on in that epoch.
    #[must_use]
    pub(crate) fn kept(self, epoch: u64) -> Self {
        Self { epoch, ..self }
    }

    /// When its person last showed a credential; `None` if a provider has vouched for the person without saying when
    /// that was.
    pub(crate) const fn auth_time(&self) -> Option<Timestamp> {
        self.auth_time
    }

    /// When its person last showed a credential after it had begun.
    pub(crate) fn confirmed_at(&self) -> Option<Timestamp> {
        self.auth_time.filter(|at| *at > self.created)
    }

    /// The same, whose person has shown a credential at that time.
    #[must_use]
    pub(crate) fn shown_at(self, auth_time: Option<Timestamp>) -> Self {
        Self { auth_time, ..self }
    }

    /// The same, whose person has shown this just now. What was shown before is not said any more: it was not shown
    /// then.
    #[must_use]
    pub(crate) fn confirmed(self, amr: Vec<Method>, now: Timestamp) -> Self {
        Self { auth_time: Some(now), amr, ..self }
    }

    /// Its part in an account as that user.
    pub(crate) fn entry(&self, (account, user): (AccountId, UserId)) -> Option<&Entry> {
        self.entered.iter().find(|it| it.account_id == account && it.user_id == user)
    }

    /// The same in an account, too, as that user.
    #[must_use]
    pub(crate) fn enter(
        mut self,
        (account_id, user_id): (AccountId, UserId),
        origin: Origin,
        (now, random): (Timestamp, &Random),
    ) -> Self {
        let Origin { address, agent } = origin;
        let same = |it: &&mut Entry| it.account_id == account_id && it.user_id == user_id;
        if let Some(entry) = self.entered.iter_mut().find(same) {
            *entry = Entry { used: now, address, agent, ..entry.clone() };
            return self;
        }
        // A user of before is somebody else now.
        self.entered.retain(|it| it.account_id != account_id);
        if self.entered.len() >= MAX_ENTRIES {
            let oldest = self.entered.iter().enumerate().min_by_key(|(_, it)| it.used);
            if let Some((place, _)) = oldest {
                self.entered.remove(place);
            }
        }
        let id = EntryId::new(now, random);
        let since = now;
        self.entered.push(Entry { id, account_id, user_id, since, used: now, address, agent });
        self
    }

    /// The entry that was used last.
    pub(crate) fn last_entry(&self) -> Option<&Entry> {
        self.entered.iter().max_by_key(|it| it.used)
    }

    /// The same, which does not get into an account again; `None` if there are too many of these.
    pub(crate) fn bar(mut self, account: AccountId) -> Option<Self> {
        self.entered.retain(|it| it.account_id != account);
        if !self.barred.contains(&account) {
            self.barred.push(account);
        }
        (self.barred.len() <= MAX_BARRED).then_some(self)
    }

    /// What a refresh token is to this session at that moment.
    pub(crate) fn recognise(&self, token: &RefreshToken, now: Timestamp) -> Recognised {
        let fits = |kept: &str, part: &str| same(digest_of(part).as_bytes(), kept.as_bytes());
        if !fits(&self.family, &token.family) {
            return Recognised::Stranger;
        }
        // In either direction: the clock of another node may have been ahead.
        let apart = self.turned.map(|turned| now.since(turned).max(turned.since(now)));
        let turned_lately = apart.is_some_and(|apart| apart <= GRACE);
        if fits(&self.latest, &token.latest) {
            return if turned_lately { Recognised::New } else { Recognised::Latest };
        }
        match &self.before {
            Some(before) if fits(before, &token.latest) => {
                if turned_lately {
                    Recognised::Again
                } else {
                    Recognised::Late
                }
            }
            Some(_) | None => Recognised::Used,
        }
    }

    /// The session after a renewal by its latest token, and the token that takes the place of that.
    pub(crate) fn renewed(
        &self,
        token: &RefreshToken,
        (now, lifetimes): (Timestamp, Lifetimes),
        random: &Random,
    ) -> (Self, RefreshToken) {
        let renewed = Self {
            before: Some(self.latest.clone()),
            used: now,
            expires: lifetimes.end(self.created, now),
            ..self.clone()
        };
        renewed.turned_at(token, now, random)
    }

    /// The session after the token before its latest one was shown late, which has lost its reply: another
    /// token takes the place of the latest one, which is void. The session lasts no longer for it.
    pub(crate) fn renewed_again(
        &self,
        token: &RefreshToken,
        now: Timestamp,
        random: &Random,
    ) -> (Self, RefreshToken) {
        self.clone().turned_at(token, now, random)
    }

    fn turned_at(
        self,
        token: &RefreshToken,
        now: Timestamp,
        random: &Random,
    ) -> (Self, RefreshToken) {
        let turned = Self {
            salt: random_part::make(random),
            rotation: self.rotation.saturating_add(1),
            turned: Some(now),
            ..self
        };
        let successor = turned.successor(token);
        (Self { latest: digest_of(&successor.latest), ..turned }, successor)
    }

    /// The latest token, for the holder of the one before it.
    pub(crate) fn successor(&self, token: &RefreshToken) -> RefreshToken {
        let key = hmac::Key::new(hmac::HMAC_SHA256, token.latest.as_bytes());
        let Self { id, rotation, salt, .. } = self;
        let tag = hmac::sign(&key, format!("refresh {id} {rotation} {salt}").as_bytes());
        RefreshToken { latest: URL_SAFE_NO_PAD.encode(tag), ..token.clone() }
    }
}

/// What a refresh token is to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recognised {
    /// The one that renews it.
    Latest,
    /// The one that renews it, made a moment ago: it gets itself, so that a slower tab's token is still the one
    /// before.
    New,
    /// The one before, shown again at once: it gets the same reply.
    Again,
    /// The one before, whose successor has not been renewed since: its reply was lost, or somebody else has it.
    Late,
    /// An older one, or one that has been made void: two have it, and one of them has no right to.
    Used,
    /// None of its tokens.
    Stranger,
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: Timestamp = Timestamp::from_millis(1_800_000_000_000);
    const HOUR: Duration = Duration::from_hours(1);

    /// A session, the time, and the caller that renews it.
    struct Scene {
        session: Option<Session>,
        now: Timestamp,
        random: Random,
        lifetimes: Lifetimes,
    }

    impl Scene {
        fn begin() -> (Self, RefreshToken) {
            let random = Random::seeded(1);
            let day = Duration::from_hours(24);
            let lifetimes = Lifetimes { idle: day * 30, absolute: day * 90 };
            let sign_in = (SignInId::new(BEGIN, &random), 1);
            let origin = Origin::default();
            let (session, token) =
                Session::begin(sign_in, origin, Vec::new(), (BEGIN, lifetimes), &random);
            (Self { session: Some(session), now: BEGIN, random, lifetimes }, token)
        }

        /// What the store does.
        fn refresh(&mut self, token: &RefreshToken) -> Option<RefreshToken> {
            let session = self.session.clone().filter(|it| self.now < it.expires)?;
            let (session, successor) = match session.recognise(token, self.now) {
                Recognised::Stranger => return None,
                Recognised::Used => {
                    self.session = None;
                    return None;
                }
                Recognised::New => return Some(token.clone()),
                Recognised::Again => return Some(session.successor(token)),
                Recognised::Late => session.renewed_again(token, self.now, &self.random),
                Recognised::Latest => {
                    session.renewed(token, (self.now, self.lifetimes), &self.random)
                }
            };
            self.session = Some(session);
            Some(successor)
        }

        fn wait(&mut self, time: Duration) {
            self.now = self.now.plus(time);
        }
    }

    #[test]
    fn within_the_grace_the_same_reply_is_given_again() {
        let (mut scene, first) = Scene::begin();
        let second = scene.refresh(&first).unwrap();
        let kept = scene.session.clone();
        scene.wait(GRACE);
        assert!(scene.refresh(&first).unwrap() == second);
        assert_eq!(scene.session, kept);
        assert!(scene.refresh(&second).unwrap() == second);
        assert_eq!(scene.session, kept);
        scene.wait(Duration::from_secs(1));
        let third = scene.refresh(&second).unwrap();
        assert!(third != second && scene.refresh(&second).unwrap() == third);
        assert!(scene.refresh(&first).is_none() && scene.session.is_none());
    }

    /// A browser opens its tabs of yesterday: the fast ones come back with the new token before the slow ones
    /// have shown the old one.
    #[test]
    fn a_slow_tab_signs_nobody_out() {
        let (mut scene, first) = Scene::begin();
        let fast = scene.refresh(&first).unwrap();
        for _ in 0..3 {
            scene.wait(Duration::from_secs(5));
            assert!(scene.refresh(&fast).unwrap() == fast);
            assert!(scene.refresh(&first).unwrap() == fast);
        }
    }

    #[test]
    fn a_lost_reply_signs_nobody_out() {
        let (mut scene, first) = Scene::begin();
        let lost = scene.refresh(&first).unwrap();
        let expires = scene.session.clone().unwrap().expires;
        scene.wait(HOUR);
        let late = scene.refresh(&first).unwrap();
        assert!(late != lost);
        assert_eq!(scene.session.clone().unwrap().expires, expires);
        // Lost, too; and within the grace of the later renewal the reply is given again.
        scene.wait(HOUR);
        let later = scene.refresh(&first).unwrap();
        assert!(scene.refresh(&first).unwrap() == later);
        assert!(scene.refresh(&later).is_some());
    }

    #[test]
    fn what_was_made_void_ends_the_session() {
        for seconds in [0, 31] {
            let (mut scene, first) = Scene::begin();
            let void = scene.refresh(&first).unwrap();
            scene.wait(HOUR);
            let late = scene.refresh(&first).unwrap();
            scene.wait(Duration::from_secs(seconds));
            assert!(scene.refresh(&void).is_none());
            assert!(scene.refresh(&late).is_none());
        }
    }

    #[test]
    fn a_clock_far_ahead_gives_no_grace_for_longer() {
        let (mut scene, first) = Scene::begin();
        scene.wait(HOUR);
        let ahead = scene.refresh(&first).unwrap();
        scene.now = BEGIN;
        assert!(scene.refresh(&first).unwrap() != ahead);
    }

    #[test]
    fn a_made_up_token_ends_nothing() {
        let (mut scene, first) = Scene::begin();
        let strange = RefreshToken { family: random_part::make(&scene.random), ..first.clone() };
        assert!(scene.refresh(&strange).is_none());
        assert!(scene.refresh(&first).is_some());
    }

    #[test]
    fn a_session_ends_idle_and_in_the_end_in_any_case() {
        let (mut scene, mut token) = Scene::begin();
        let day = Duration::from_hours(24);
        for _ in 0..4 {
            scene.wait(day * 20);
            token = scene.refresh(&token).unwrap();
        }
        assert_eq!(scene.session.clone().unwrap().auth_time(), Some(BEGIN));
        scene.wait(day * 10);
        assert!(scene.refresh(&token).is_none());
        let (mut scene, token) = Scene::begin();
        scene.wait(day * 30);
        assert!(scene.refresh(&token).is_none());
    }

    /// The owner refreshes every quarter of an hour for nine hours a day. Somebody has copied a token at
    /// some moment of the first day, and comes by night, every half hour, with the copy or with what it got
    /// for that last.
    #[test]
    fn a_thief_by_night_gets_in_for_one_night_at_most() {
        for stolen_at in 0..36 {
            for shows_the_copy in [true, false] {
                let (mut scene, mut owner) = Scene::begin();
                let (mut copy, mut thief) = (owner.clone(), owner.clone());
                let mut nights = 0;
                for day in 0..30 {
                    for quarter in 0..36 {
                        scene.wait(Duration::from_mins(15));
                        let Some(token) = scene.refresh(&owner) else { break };
                        owner = token;
                        if (day, quarter) == (0, stolen_at) {
                            (copy, thief) = (owner.clone(), owner.clone());
                        }
                    }
                    let came_in = (0..30).filter(|_| {
                        scene.wait(Duration::from_mins(30));
                        let shown = if shows_the_copy { &copy } else { &thief };
                        let given = scene.refresh(shown);
                        thief = given.clone().unwrap_or(thief.clone());
                        given.is_some()
                    });
                    nights += usize::from(came_in.count() > 0);
                }
                assert!(nights <= 1, "{nights} nights, stolen at {stolen_at}, {shows_the_copy}");
                assert!(scene.session.is_none(), "not found, stolen at {stolen_at}");
            }
        }
    }

    /// As the one before, stolen before the owner's last refresh of the day: the first one of the next day
    /// ends the session.
    #[test]
    fn what_a_thief_makes_void_ends_the_session_at_the_owners_next_refresh() {
        let (mut scene, copy) = Scene::begin();
        let owner = scene.refresh(&copy).unwrap();
        scene.wait(HOUR);
        assert!(scene.refresh(&copy).is_some());
        scene.wait(HOUR);
        assert!(scene.refresh(&owner).is_none() && scene.session.is_none());
    }
}

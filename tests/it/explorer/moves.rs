//! The moves: calls of one party, with what that party knows.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    position::{Known, MadeKey, PASSWORDS, Path, Position, Session},
    sentences,
    stage::{Outcome, Stage, UNTRUSTED},
};
use crate::support::issuers::outside;

pub(super) const BOB: &str = "bob@example.com";
/// Mallory's second mailbox.
pub(super) const EVIL: &str = "evil@example.com";
pub(super) const MALLORY: &str = "mallory@example.com";

/// One of the two accounts of which Mallory is an admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum At {
    /// Made by the operator, who vouches for its admins, or not.
    A = 0,
    /// Registered by Mallory.
    B = 1,
}

/// What an admin does with Bob's user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Admin {
    Make,
    MakeWithPassword,
    Invite,
    Revoke,
    NewPassword,
    Away,
    Back,
    RemoveTotp,
    EndSessions,
    Suspend,
    Activate,
    Demote,
    Remove,
    Restore,
    MakeOrRestore,
    Purge,
    Unbind,
    SignAllOut,
    Leave,
}

/// A move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Move {
    /// Mallory, as an admin.
    Admin(Admin, At),
    /// Mallory signs up with Bob's address.
    SignUp,
    /// Mallory signs up with the code of an invite that she was shown, of the latest there is.
    SignUpInvited,
    /// Mallory accepts that invite with her own token.
    AcceptShown,
    /// Somebody asks for a letter to Bob.
    Forgot,
    /// Mallory signs in with Bob's address and a password of hers.
    SignIn(&'static str),
    /// Mallory reads her second mailbox and sets a password for its address.
    ProveEvil,
    /// Mallory signs in with her second address.
    SignInEvil,
    /// Mallory asks for Bob's address in place of her own; the code for it goes to Bob, who does nothing with it.
    TakeAddress,
    /// Mallory turns on a second factor of her own sign-in.
    OwnTotp,
    /// Mallory, in a session that she has begun with Bob's address.
    AsBob(As),
    /// Mallory, with the token of an issuer that nobody trusts, which says that she reads Bob's mailbox.
    Outside(Foreign),
    /// Bob.
    Bob(Own),
    /// The operator vouches for the admins of A, or does not.
    Manage(bool),
    /// The service does its chores.
    Sweep,
}

/// What Mallory does with the token of another issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Foreign {
    AcceptShown,
    Join(At),
    Register,
}

/// What Mallory does in Bob's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum As {
    Enrol,
    MakeKey,
    ChangePassword,
    AcceptShown,
    Join(At),
    Register,
    Move,
    MoveBack,
    Leave,
    EndOthers,
}

/// What Bob does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Own {
    SignUp,
    Verify,
    Reset,
    SignUpInvited(At),
    Accept(At),
    Join(At),
    SignIn,
    EndOthers,
    Register,
    Leave(At),
}

const ADMIN: [Admin; 19] = {
    use Admin::*;
    [
        Make,
        MakeWithPassword,
        Invite,
        Revoke,
        NewPassword,
        Away,
        Back,
        RemoveTotp,
        EndSessions,
        Suspend,
        Activate,
        Demote,
        Remove,
        Restore,
        MakeOrRestore,
        Purge,
        Unbind,
        SignAllOut,
        Leave,
    ]
};

/// All moves.
pub(super) fn all() -> Vec<Move> {
    let places = [At::A, At::B];
    let mut all: Vec<Move> =
        ADMIN.iter().flat_map(|it| places.map(|at| Move::Admin(*it, at))).collect();
    all.extend([Move::SignUp, Move::SignUpInvited, Move::AcceptShown, Move::Forgot]);
    all.extend(["mallory-1", "mallory-2", "mallory-own"].map(Move::SignIn));
    all.extend([Move::ProveEvil, Move::SignInEvil, Move::TakeAddress, Move::OwnTotp]);
    let named = [As::Enrol, As::MakeKey, As::ChangePassword, As::AcceptShown, As::Register];
    all.extend(named.map(Move::AsBob));
    let named = [As::Move, As::MoveBack, As::Leave, As::EndOthers];
    all.extend(named.map(Move::AsBob));
    all.extend(places.map(|at| Move::AsBob(As::Join(at))));
    let own = [Own::SignUp, Own::Verify, Own::Reset, Own::SignIn, Own::EndOthers, Own::Register];
    all.extend(own.map(Move::Bob));
    for own in [Own::SignUpInvited, Own::Accept, Own::Join, Own::Leave] {
        all.extend(places.map(|at| Move::Bob(own(at))));
    }
    all.extend([Foreign::AcceptShown, Foreign::Register].map(Move::Outside));
    all.extend(places.map(|at| Move::Outside(Foreign::Join(at))));
    all.extend([Move::Manage(false), Move::Manage(true), Move::Sweep]);
    all
}

/// How many sessions Mallory keeps for each way in.
const MOST: usize = 3;

pub(super) fn password(name: &str) -> &'static str {
    PASSWORDS.iter().find(|(known, _)| *known == name).unwrap().1
}

/// A move in the making.
struct Turn<'a> {
    stage: &'a Stage,
    known: Known,
    /// What Mallory was told in it.
    told: Vec<Value>,
    /// Whether Bob has proved his address by it.
    proves: bool,
    /// Whether it is Mallory who moves.
    is_hers: bool,
}

/// The position after a move, or `None` where the party does not know what it takes, or was refused.
pub(super) async fn apply(
    stage: &Stage,
    before: &Position,
    made: Move,
) -> Result<Option<Position>, String> {
    stage.load(&before.items, before.now);
    let known = (*before.known).clone();
    let is_hers = !matches!(made, Move::Bob(_) | Move::Manage(_) | Move::Sweep);
    let mut turn = Turn { stage, known, told: Vec::new(), proves: false, is_hers };
    turn.make(made).await;
    for told in &turn.told {
        sentences::hears(&turn.known, told)
            .map_err(|why| format!("{why}\n  in {made:?}: {told}"))?;
    }
    if Arc::ptr_eq(&before.items, &stage.items().0) {
        return Ok(None);
    }
    if matches!(made, Move::AcceptShown | Move::Outside(_)) {
        return Err(format!("6: {made:?} comes to something"));
    }
    turn.reads_letters().await;
    let Turn { mut known, proves, is_hers, .. } = turn;
    let (items, now) = stage.items();
    let path = Some(Path::then(before.path.as_ref(), made));
    let mut after = Position { items, now, known: Arc::default(), path };
    if proves {
        sentences::proves(&mut known, before, &after);
    }
    after.known = Arc::new(known);
    if is_hers {
        sentences::spares(before, &after).map_err(|why| format!("{why}\n  by {made:?}"))?;
    }
    Ok(Some(after))
}

/// What an admin calls for it.
fn call_of(what: Admin) -> (&'static str, Value) {
    match what {
        Admin::Make => ("user/create", json!({"email": BOB})),
        Admin::MakeWithPassword => {
            let password = password("mallory-1");
            ("user/create", json!({"email": BOB, "password": password, "role": "admin"}))
        }
        Admin::Invite => {
            ("user/create", json!({"email": BOB, "sendInvite": true, "role": "admin"}))
        }
        Admin::Revoke => ("invite/revoke", json!({"email": BOB})),
        Admin::NewPassword => {
            ("user/changePassword", json!({"email": BOB, "newPassword": password("mallory-2")}))
        }
        Admin::Away => ("user/update", json!({"email": BOB, "newEmail": EVIL})),
        Admin::Back => ("user/update", json!({"email": EVIL, "newEmail": BOB})),
        Admin::RemoveTotp => ("totp/remove", json!({"email": BOB})),
        Admin::EndSessions => ("session/remove", json!({"email": BOB, "others": true})),
        Admin::Suspend => ("user/update", json!({"email": BOB, "state": "suspended"})),
        Admin::Activate => ("user/update", json!({"email": BOB, "state": "active"})),
        Admin::Demote => ("user/updateRole", json!({"email": BOB, "role": "user"})),
        Admin::Remove => ("user/remove", json!({"email": BOB})),
        Admin::Restore => ("trash/restore", json!({"email": BOB})),
        Admin::MakeOrRestore => {
            let password = password("mallory-2");
            ("user/createOrRestore", json!({"email": BOB, "password": password}))
        }
        Admin::Purge => ("trash/purge", json!({"email": BOB})),
        Admin::Unbind => ("user/update", json!({"email": BOB, "identity": null})),
        Admin::SignAllOut => ("account/update", json!({"endSessions": true})),
        Admin::Leave => ("user/leave", json!({})),
    }
}

/// A mailbox's name for the code of a letter: what its link is for, and of invites also the account.
fn named(link: &str, account: Option<usize>) -> String {
    account.map_or_else(|| link.to_owned(), |account| format!("{link} {account}"))
}

impl Turn<'_> {
    async fn call(
        &mut self,
        name: &str,
        token: &str,
        account: Option<&str>,
        body: Value,
    ) -> Outcome {
        let outcome = self.stage.call(name, (token, account), body).await;
        if self.is_hers {
            let told = outcome.as_ref().map_or_else(|why| Value::from(why.as_str()), Value::clone);
            self.told.push(told);
        }
        outcome
    }

    /// A call as an admin of the account.
    async fn rules(&mut self, at: At, name: &str, body: Value) -> Option<Outcome> {
        let token = self.known.own.get(at as usize)?.access.clone();
        Some(self.call(name, &token, None, body).await)
    }

    /// A call in Bob's name, by Mallory.
    async fn poses(&mut self, name: &str, account: Option<At>, body: Value) -> Option<Outcome> {
        let token = self.known.as_bob.last()?.access.clone();
        let account = account.map(|at| self.known.accounts[at as usize].clone());
        Some(self.call(name, &token, account.as_deref(), body).await)
    }

    /// A call by Bob.
    async fn bobs(&mut self, name: &str, account: Option<At>, body: Value) -> Option<Outcome> {
        let token = self.known.bob.as_ref()?.access.clone();
        let account = account.map(|at| self.known.accounts[at as usize].clone());
        Some(self.call(name, &token, account.as_deref(), body).await)
    }

    async fn public(&mut self, name: &str, body: Value) -> Option<Outcome> {
        Some(self.call(name, "", None, body).await)
    }

    async fn make(&mut self, made: Move) -> Option<Outcome> {
        match made {
            Move::Admin(what, at) => self.admin(what, at).await,
            Move::AsBob(what) => self.as_bob(what).await,
            Move::Bob(what) => Box::pin(self.bob(what)).await,
            Move::Manage(managed) => {
                let body = json!({"accountId": self.known.accounts[0], "managed": managed});
                Some(self.stage.operate("account/update", body).await)
            }
            Move::Sweep => {
                self.stage.sweep().await;
                Some(Ok(Value::Null))
            }
            Move::Outside(what) => self.outside(what).await,
            Move::SignUp => {
                let body = json!({"email": BOB, "password": password("mallory-1")});
                self.public("identity/create", body).await
            }
            Move::SignUpInvited => {
                let invite = self.known.shown.last()?.clone();
                let body = json!({"invite": invite, "password": password("mallory-1")});
                let outcome = self.public("identity/create", body).await?;
                if let Ok(reply) = &outcome {
                    self.takes(reply);
                    self.known.typed = "mallory-1";
                }
                Some(outcome)
            }
            Move::AcceptShown => {
                let body = json!({"invite": self.known.shown.last()?});
                self.rules(At::B, "user/login", body).await
            }
            Move::Forgot => self.public("password/forgot", json!({"email": BOB})).await,
            Move::SignIn(name) => self.signs_in(BOB, name).await,
            Move::ProveEvil => {
                if let Some(code) = self.known.evil.take() {
                    let body = json!({"code": code, "newPassword": password("mallory-1")});
                    return self.public("password/reset", body).await;
                }
                self.public("password/forgot", json!({"email": EVIL})).await
            }
            Move::SignInEvil => self.signs_in(EVIL, "mallory-1").await,
            Move::TakeAddress => {
                let current = password("mallory-own");
                let body = json!({"newEmail": BOB, "currentPassword": current});
                self.rules(At::B, "user/update", body).await
            }
            Move::OwnTotp => {
                let token = self.known.own.last()?.access.clone();
                self.enrols(&token, "mallory-own").await
            }
        }
    }

    /// Mallory has a session that she has begun with Bob's address.
    fn takes(&mut self, reply: &Value) {
        if reply["accessToken"].is_string() {
            self.known.as_bob.push(Session::of(reply));
        }
    }

    async fn signs_in(&mut self, email: &str, name: &'static str) -> Option<Outcome> {
        if self.known.as_bob.iter().filter(|session| !session.is_over).count() >= MOST {
            return None;
        }
        let mut body = json!({"email": email, "password": password(name)});
        if let Some(secret) = &self.known.totp {
            body["totp"] = Value::from(sentences::totp(self.stage, secret));
        }
        let outcome = self.public("session/create", body).await?;
        if let Ok(reply) = &outcome {
            self.takes(reply);
            self.known.typed = name;
        }
        Some(outcome)
    }

    async fn enrols(&mut self, token: &str, name: &str) -> Option<Outcome> {
        let body = json!({"currentPassword": password(name)});
        let enrolled = self.call("totp/enroll", token, None, body).await;
        let Ok(reply) = enrolled else { return Some(enrolled) };
        let secret = reply["secret"].as_str()?.to_owned();
        let code = sentences::totp(self.stage, &secret);
        let outcome = self.call("totp/confirm", token, None, json!({"code": code})).await;
        if outcome.is_ok() {
            self.known.totp = Some(secret);
        }
        Some(outcome)
    }

    async fn admin(&mut self, what: Admin, at: At) -> Option<Outcome> {
        let (call, body) = call_of(what);
        let outcome = self.rules(at, call, body).await?;
        let Ok(reply) = &outcome else { return Some(outcome) };
        match what {
            Admin::MakeWithPassword => drop(self.known.live.insert("mallory-1")),
            Admin::NewPassword | Admin::MakeOrRestore => drop(self.known.live.insert("mallory-2")),
            Admin::Invite => {
                let code = reply["invite"].as_str()?.to_owned();
                self.known.shown.retain(|known| *known != code);
                self.known.shown.push(code);
            }
            Admin::SignAllOut => self.comes_again(at).await,
            Admin::Make
            | Admin::Revoke
            | Admin::Away
            | Admin::Back
            | Admin::RemoveTotp
            | Admin::EndSessions
            | Admin::Suspend
            | Admin::Activate
            | Admin::Demote
            | Admin::Remove
            | Admin::Restore
            | Admin::Purge
            | Admin::Unbind
            | Admin::Leave => {}
        }
        Some(outcome)
    }

    /// Mallory, signed out of an account of hers, signs in again.
    async fn comes_again(&mut self, at: At) {
        let account = self.known.accounts[at as usize].clone();
        let body =
            json!({"email": MALLORY, "password": password("mallory-own"), "accountId": account});
        if let Some(Ok(reply)) = self.public("session/create", body).await {
            self.known.own[at as usize] = Session::of(&reply);
        }
    }

    async fn as_bob(&mut self, what: As) -> Option<Outcome> {
        match what {
            As::Enrol => {
                let token = self.known.as_bob.last()?.access.clone();
                self.enrols(&token, self.known.typed).await
            }
            As::MakeKey => {
                if self.known.keys.iter().any(|key| !key.is_over) {
                    return None;
                }
                let body = json!({"name": "spare", "role": "admin"});
                let outcome = self.poses("key/create", None, body).await?;
                if let Ok(reply) = &outcome {
                    let user = reply["maker"].as_str()?.trim_start_matches("user:").to_owned();
                    let key = reply["key"].as_str()?.to_owned();
                    self.known.keys.push(MadeKey { key, user, is_over: false });
                }
                Some(outcome)
            }
            As::ChangePassword => {
                let typed = self.known.typed;
                let new = if typed == "mallory-1" { "mallory-2" } else { "mallory-1" };
                let body =
                    json!({"currentPassword": password(typed), "newPassword": password(new)});
                let outcome = self.poses("user/changePassword", None, body).await?;
                if outcome.is_ok() {
                    self.known.live.insert(new);
                    self.known.typed = new;
                }
                Some(outcome)
            }
            As::AcceptShown => {
                let body = json!({"invite": self.known.shown.last()?});
                self.poses("user/login", None, body).await
            }
            As::Join(at) => {
                let body = json!({"accountId": self.known.accounts[at as usize]});
                self.poses("user/login", None, body).await
            }
            As::Register => self.poses("account/register", None, json!({"name": "Bob's"})).await,
            As::Move | As::MoveBack => {
                let to = if what == As::Move { EVIL } else { BOB };
                let body = json!({"newEmail": to, "currentPassword": password(self.known.typed)});
                self.poses("user/update", None, body).await
            }
            As::Leave => self.poses("user/leave", None, json!({})).await,
            As::EndOthers => self.poses("session/remove", None, json!({"others": true})).await,
        }
    }

    async fn outside(&mut self, what: Foreign) -> Option<Outcome> {
        let token = outside(UNTRUSTED, "mallory", BOB, true);
        let (name, body) = match what {
            Foreign::AcceptShown => ("user/login", json!({"invite": self.known.shown.last()?})),
            Foreign::Join(at) => {
                ("user/login", json!({"accountId": self.known.accounts[at as usize]}))
            }
            Foreign::Register => ("account/register", json!({"name": "Nobody's"})),
        };
        Some(self.call(name, &token, None, body).await)
    }

    async fn bob(&mut self, what: Own) -> Option<Outcome> {
        let own = password("bob");
        match what {
            Own::SignUp => {
                self.public("identity/create", json!({"email": BOB, "password": own})).await
            }
            Own::Verify => {
                let code = self.known.mailbox.get("verify")?;
                let body = json!({"code": code, "password": own});
                let outcome = self.public("identity/verify", body).await?;
                self.begins(&outcome);
                self.proves = outcome.is_ok();
                Some(outcome)
            }
            Own::Reset => {
                let code = self.known.mailbox.remove("reset")?;
                let body = json!({"code": code, "newPassword": own});
                let outcome = self.public("password/reset", body).await?;
                self.proves = outcome.is_ok();
                Some(outcome)
            }
            Own::SignUpInvited(at) => {
                let invite = self.known.mailbox.get(&named("invite", Some(at as usize)))?;
                let body = json!({"invite": invite, "password": own});
                let outcome = self.public("identity/create", body).await?;
                self.begins(&outcome);
                self.proves = outcome.as_ref().is_ok_and(|reply| reply["state"] == "verified");
                Some(outcome)
            }
            Own::Accept(at) => {
                let invite = self.known.mailbox.get(&named("invite", Some(at as usize)))?;
                let body = json!({"invite": invite});
                self.bobs("user/login", None, body).await
            }
            Own::Join(at) => {
                let body = json!({"accountId": self.known.accounts[at as usize]});
                self.bobs("user/login", None, body).await
            }
            Own::SignIn => {
                let body = json!({"email": BOB, "password": own});
                let outcome = self.public("session/create", body).await?;
                self.begins(&outcome);
                Some(outcome)
            }
            Own::EndOthers => self.bobs("session/remove", None, json!({"others": true})).await,
            Own::Register => {
                if !self.known.private.is_empty() {
                    return None;
                }
                let outcome = self.bobs("account/register", None, json!({"name": "Bob's"})).await?;
                if let Ok(reply) = &outcome {
                    self.known.private.push(reply["account"]["id"].as_str()?.to_owned());
                }
                Some(outcome)
            }
            Own::Leave(at) => self.bobs("user/leave", Some(at), json!({})).await,
        }
    }

    fn begins(&mut self, outcome: &Outcome) {
        if let Ok(reply) = outcome
            && reply["accessToken"].is_string()
        {
            self.known.bob = Some(Session::of(reply));
        }
    }

    /// The letters come into the mailboxes.
    async fn reads_letters(&mut self) {
        for letter in self.stage.post().await {
            if letter.to == EVIL && letter.link == "reset" {
                self.known.evil = Some(letter.code);
            } else if letter.to == BOB {
                let invited = letter.link == "invite";
                let account = invited.then(|| self.account_of(&letter.code)).flatten();
                self.known.mailbox.insert(named(&letter.link, account), letter.code);
            }
        }
    }

    /// Which of the two accounts has sent an invite.
    fn account_of(&self, code: &str) -> Option<usize> {
        let (items, _) = self.stage.items();
        let shown = code.split('.').next()?;
        let digest = guestlist::model::code::Code::parse(shown)?.digest();
        let partition = format!("invite#{digest}");
        let key = guestlist::table::Key::new(partition, "invite");
        let account = items.get(&key)?.body()["invitee"]["accountId"].as_str()?.to_owned();
        self.known.accounts.iter().position(|known| *known == account)
    }
}

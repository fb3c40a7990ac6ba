//! Where things stand: the table, the time, and what each party knows.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use guestlist::{clock::Timestamp, model::code::Code, table::Key};
use serde_json::Value;

use super::moves::Move;
use crate::support::{
    memory::{Items, Stored},
    tokens::said_by,
};

/// The passwords that there are, and what they are called.
pub(super) const PASSWORDS: [(&str, &str); 5] = [
    ("mallory-own", "mallory signs in with this"),
    ("mallory-1", "the first that mallory has chosen"),
    ("mallory-2", "another one that mallory took"),
    ("bob", "only bob himself has thought of it"),
    ("bob-back", "what bob has after coming back"),
];

/// Tokens of a session.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) access: String,
    pub(super) refresh: String,
    /// Whether its sign-in's address has been proved by Bob since, so that it must never be good again.
    pub(super) is_over: bool,
}

impl Session {
    pub(super) fn of(reply: &Value) -> Self {
        let text = |name: &str| reply[name].as_str().unwrap().to_owned();
        let (access, refresh) = (text("accessToken"), text("refreshToken"));
        Self { access, refresh, is_over: false }
    }

    pub(super) fn subject(&self) -> String {
        said_by(&self.access)["sub"].as_str().unwrap().to_owned()
    }
}

/// An API key that was made in Bob's name.
#[derive(Clone, Debug)]
pub(super) struct MadeKey {
    pub(super) key: String,
    pub(super) user: String,
    pub(super) is_over: bool,
}

/// What the parties know.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// The accounts A and B.
    pub(super) accounts: [String; 2],
    /// Mallory's own tokens for them.
    pub(super) own: Vec<Session>,
    /// Sessions that Mallory has begun with Bob's address.
    pub(super) as_bob: Vec<Session>,
    /// Mallory's passwords for Bob's address, but those from before Bob has proved it.
    pub(super) live: BTreeSet<&'static str>,
    /// The password of the last of them.
    pub(super) typed: &'static str,
    /// The secret of the authenticator that Mallory has turned on in Bob's name.
    pub(super) totp: Option<String>,
    /// Codes of invites that Mallory was shown.
    pub(super) shown: Vec<String>,
    pub(super) keys: Vec<MadeKey>,
    /// Bob's own session.
    pub(super) bob: Option<Session>,
    /// The latest codes in Bob's mailbox, by what they are for and, for invites, by the account.
    pub(super) mailbox: BTreeMap<String, String>,
    /// The latest code for a new password in Mallory's second mailbox.
    pub(super) evil: Option<String>,
    /// Ids of accounts that are Bob's alone.
    pub(super) private: Vec<String>,
    /// The sign-in that Bob has proved last.
    pub(super) proved: Option<String>,
}

/// A position, and how it was come by.
#[derive(Clone)]
pub(super) struct Position {
    pub(super) items: Items,
    pub(super) now: i64,
    pub(super) known: Arc<Known>,
    pub(super) path: Option<Arc<Path>>,
}

/// The moves so far, the last one first.
pub(super) struct Path {
    made: Move,
    before: Option<Arc<Path>>,
}

impl Path {
    pub(super) fn then(before: Option<&Arc<Self>>, made: Move) -> Arc<Self> {
        Arc::new(Self { made, before: before.map(Arc::clone) })
    }
}

/// A sign-in as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SignIn {
    pub(super) id: String,
    pub(super) verified: bool,
    pub(super) kept: bool,
    /// What nobody else is to change.
    pub(super) guarded: Value,
}

impl Position {
    /// The moves that led here, in their order.
    pub(super) fn trace(&self) -> String {
        let mut moves = Vec::new();
        let mut next = self.path.as_ref();
        while let Some(path) = next {
            moves.push(format!("{:?}", path.made));
            next = path.before.as_ref();
        }
        moves.reverse();
        moves.join("\n  ")
    }

    fn body(&self, partition: &str, sort: &str) -> Option<&Value> {
        body(&self.items, partition, sort)
    }

    /// The sign-in that has the address, unless it is in the trash.
    pub(super) fn sign_in(&self, email: &str) -> Option<SignIn> {
        let claim = self.body(&format!("signin#{email}"), "claim")?;
        let id = claim["signInId"].as_str()?.to_owned();
        let record = self.body(&format!("signin#{id}"), "signin")?;
        let parts = ["email", "verified", "credentials", "epoch"];
        let guarded = parts.into_iter().map(|name| (name.to_owned(), record[name].clone()));
        let guarded = Value::Object(guarded.collect());
        let (verified, kept) = (record["verified"] == true, self.is_kept(record));
        Some(SignIn { id, verified, kept, guarded })
    }

    fn is_kept(&self, sign_in: &Value) -> bool {
        let kept = &sign_in["kept"];
        let Some(account) = kept["accountId"].as_str() else { return false };
        let account = self.body(&format!("account#{account}"), "account");
        account.is_some_and(|account| {
            let released = |of: &Value| of["released"].as_u64().unwrap_or(0);
            account["managed"] == true && released(account) == released(kept)
        })
    }

    /// The ids of a sign-in's sessions.
    pub(super) fn sessions(&self, sign_in: &str) -> BTreeSet<String> {
        let partition = format!("sessions#{sign_in}");
        let from = Arc::new(Key { partition: partition.clone(), sort: String::new() });
        let own = self.items.range(from..).take_while(|(key, _)| key.partition == partition);
        own.map(|(key, _)| key.sort.clone()).collect()
    }

    /// The users that are bound to a sign-in.
    pub(super) fn users_of(&self, sign_in: &str) -> BTreeSet<String> {
        let users = self.items.iter().filter(|(key, _)| key.partition.starts_with("account#"));
        let bound = users.filter(|(_, stored)| stored.body()["identity"]["subject"] == sign_in);
        bound.map(|(_, stored)| stored.body()["id"].as_str().unwrap().to_owned()).collect()
    }

    /// What tells positions apart in which something else can come next: a digest of the table and of what
    /// the parties know, with ids by their order, times by their rank, and nothing that is only told.
    pub(super) fn digest(&self) -> u128 {
        let text = Form { position: self, names: BTreeMap::new() }.text();
        let half = |salt: u8| {
            let mut hasher = DefaultHasher::new();
            (salt, &text).hash(&mut hasher);
            u128::from(hasher.finish())
        };
        half(1) << 64 | half(2)
    }
}

fn body<'a>(items: &'a Items, partition: &str, sort: &str) -> Option<&'a Value> {
    items.get(&Key::new(partition, sort)).map(|stored| stored.body())
}

/// The partitions that nothing explored goes by, or that are told with what is known of them.
const UNTOLD: [&str; 10] = [
    "outbox#",
    "mail",
    "names#",
    "numbers#",
    "count#",
    "purge#",
    "reset#",
    "sessions#",
    "home",
    "table",
];
/// The partitions that are named by digests, in whose order there is nothing.
const SHUFFLED: [&str; 2] = ["invite#", "signup#"];
/// What is random, or a time that nothing is compared with, or only told.
const DROPPED: [&str; 31] = [
    "created",
    "updated",
    "activity",
    "used",
    "since",
    "turned",
    "authTime",
    "expiresAt",
    "expires",
    "family",
    "latest",
    "before",
    "salt",
    "rotation",
    "nonce",
    "secret",
    "proof",
    "lastStep",
    "number",
    "holds",
    "amr",
    "name",
    "admins",
    "purgeAfter",
    "at",
    "lastUsed",
    "createdBy",
    "released",
    "epoch",
    "keyEpoch",
    "inviter",
];
/// Times of which only counts whether they are there.
const THERE: [&str; 3] = ["joined", "unboundUntil", "recovery"];

/// A position's canonical form in the making.
struct Form<'a> {
    position: &'a Position,
    names: BTreeMap<String, usize>,
}

impl Form<'_> {
    fn text(mut self) -> String {
        let mut text = String::new();
        for account in &self.position.known.accounts {
            text.push_str(account);
            text.push('\n');
        }
        let mut shuffled = Vec::new();
        for (key, stored) in self.position.items.iter() {
            let partition = key.partition.as_str();
            if UNTOLD.iter().any(|start| partition.starts_with(start)) {
                continue;
            }
            let line = self.line(key, stored);
            if SHUFFLED.iter().any(|start| partition.starts_with(start)) {
                shuffled.push(line);
            } else {
                text.push_str(&line);
            }
        }
        let mut named = self.renamed(&text);
        shuffled.sort_by_cached_key(|line| {
            Form { position: self.position, names: self.names.clone() }.renamed(line)
        });
        for line in shuffled {
            named.push_str(&self.renamed(&line));
        }
        let knowledge = self.knowledge();
        named.push_str(&self.renamed(&knowledge));
        ranked(&named)
    }

    fn line(&self, key: &Key, stored: &Stored) -> String {
        // The time of a removal stands in its trace.
        let sort = match key.sort.strip_prefix("trash#") {
            Some(rest) if key.partition.starts_with("email#") => {
                rest.rsplit('#').next().unwrap_or("")
            }
            Some(_) | None => &key.sort,
        };
        let body = stored.body();
        let mut line = format!("{} {sort} ", key.partition);
        self.value(&mut line, "", body);
        if body.get("kept").is_some() {
            let _ = write!(line, " kept:{}", self.position.is_kept(body));
        }
        if let Some(maker) = body.pointer("/maker/user") {
            let _ = write!(line, " good:{}", self.is_good(maker));
        }
        line.push('\n');
        line
    }

    /// Whether the user has lost nothing since it has made a key.
    fn is_good(&self, maker: &Value) -> bool {
        let text = |name: &str| maker[name].as_str().unwrap_or_default();
        let partition = format!("account#{}", text("accountId"));
        let kinds = ["user", "trash"];
        let user = kinds
            .into_iter()
            .find_map(|kind| self.position.body(&partition, &format!("{kind}#{}", text("userId"))));
        let epoch = |value: &Value, name: &str| value[name].as_u64().unwrap_or(0);
        user.is_some_and(|user| epoch(user, "keyEpoch") == epoch(maker, "epoch"))
    }

    #[expect(clippy::self_only_used_in_recursion, reason = "a method beside its neighbours")]
    fn value(&self, text: &mut String, name: &str, value: &Value) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    if THERE.contains(&name.as_str()) {
                        let _ = write!(text, "{name};");
                    } else if !DROPPED.contains(&name.as_str()) {
                        let _ = write!(text, "{name}:");
                        self.value(text, name, value);
                    }
                }
            }
            Value::Array(all) => {
                for one in all {
                    self.value(text, name, one);
                }
            }
            Value::String(plain) => match name {
                "hash" | "password" => text.push_str(password_of(plain)),
                "signedOut" => {
                    let millis = Timestamp::parse(plain).unwrap().millis();
                    let _ = write!(text, "~{millis};");
                }
                _ => {
                    let _ = write!(text, "{plain};");
                }
            },
            Value::Null | Value::Bool(_) | Value::Number(_) => {
                let _ = write!(text, "{value};");
            }
        }
    }

    fn knowledge(&self) -> String {
        let known = &self.position.known;
        let mut text = String::new();
        for (whose, sessions) in [("own", &known.own), ("as", &known.as_bob)] {
            for session in sessions {
                self.session(&mut text, whose, session);
            }
        }
        if let Some(session) = &known.bob {
            self.session(&mut text, "bob", session);
        }
        let _ = writeln!(text, "{:?} {} {}", known.live, known.typed, known.totp.is_some());
        let shown: BTreeSet<_> = known.shown.iter().map(|code| self.code("invite", code)).collect();
        let _ = writeln!(text, "shown {shown:?}");
        for key in &known.keys {
            let id = key.key.split('_').nth(1).unwrap_or_default();
            let _ = writeln!(text, "key {} {} {}", uuid(id), key.user, key.is_over);
        }
        for (link, code) in &known.mailbox {
            let kind = link.split(' ').next().unwrap_or_default();
            let _ = writeln!(text, "mailbox {link} {}", self.code(kind, code));
        }
        let evil = known.evil.as_ref().map(|code| self.code("reset", code));
        let _ = writeln!(text, "evil {evil:?} {} {:?}", known.private.len(), known.proved);
        text
    }

    /// A session by its tokens and by what the table has of it.
    fn session(&self, text: &mut String, whose: &str, session: &Session) {
        let claims = said_by(&session.access);
        let said = |name: &str| claims[name].as_str().unwrap_or("none").to_owned();
        let sign_in = said("sub");
        let _ = write!(text, "{whose} {sign_in} {} {} ", said("account_id"), session.is_over);
        let position = self.position;
        let stored =
            position.body(&format!("sessions#{sign_in}"), &format!("session#{}", said("sid")));
        let record = position.body(&format!("signin#{sign_in}"), "signin");
        if let (Some(stored), Some(record)) = (stored, record) {
            let began = Timestamp::parse(stored["created"].as_str().unwrap()).unwrap().millis();
            let current = stored["epoch"] == record["epoch"];
            let _ = write!(text, "~{began}; {current} {} ", stored["barred"]);
            for entry in stored["entered"].as_array().into_iter().flatten() {
                let _ = write!(text, "{} {} ", entry["accountId"], entry["userId"]);
            }
        }
        text.push('\n');
    }

    /// A code, by what it opens.
    fn code(&self, kind: &str, code: &str) -> String {
        let kind = if kind == "verify" { "signup" } else { kind };
        let (code, proof) = code.split_once('.').map_or((code, false), |(code, _)| (code, true));
        let digest = Code::parse(code).unwrap().digest();
        let Some(opened) = self.position.body(&format!("{kind}#{digest}"), kind) else {
            return "gone".to_owned();
        };
        if kind != "reset" {
            return format!("{digest} {proof}");
        }
        let sign_in = opened["signInId"].as_str().unwrap();
        let record = self.position.body(&format!("signin#{sign_in}"), "signin");
        let good = record.map(|record| record["epoch"] == opened["epoch"]);
        format!("{sign_in} {good:?} {}", opened["epoch"].is_null())
    }

    /// The text with ids and digests numbered in the order in which they appear.
    fn renamed(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let is_part = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find(|it| !is_part(it)).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            let is_id = run.len() == 36 && run.as_bytes()[8] == b'-' && run.as_bytes()[13] == b'-';
            if is_id || run.len() == 43 {
                let next = self.names.len();
                let number = *self.names.entry(run.to_owned()).or_insert(next);
                let _ = write!(out, "${number}");
            } else {
                out.push_str(run);
            }
            let end = after.find(is_part).unwrap_or(after.len());
            let (between, next) = after.split_at(end);
            out.push_str(between);
            rest = next;
        }
        out
    }
}

/// The text with times, which stand behind `~`, by their rank.
fn ranked(text: &str) -> String {
    let pieces = || text.split('~').skip(1).map(|piece| piece.split_once(';').unwrap());
    let times: BTreeSet<i64> = pieces().map(|(time, _)| time.parse().unwrap()).collect();
    let times: Vec<i64> = times.into_iter().collect();
    let mut out = text.split('~').next().unwrap_or_default().to_owned();
    for (time, rest) in pieces() {
        let rank = times.binary_search(&time.parse().unwrap()).unwrap();
        let _ = write!(out, "~{rank};{rest}");
    }
    out
}

/// The hyphenated form of an id without hyphens.
fn uuid(plain: &str) -> String {
    let cuts = [0, 8, 12, 16, 20, 32];
    let parts = cuts.windows(2).map(|cut| plain.get(cut[0]..cut[1]).unwrap_or_default());
    parts.collect::<Vec<_>>().join("-")
}

/// Which password it is that a hash is of.
fn password_of(hash: &str) -> &'static str {
    let mut parts = hash.rsplit('$').map(|part| STANDARD_NO_PAD.decode(part).unwrap_or_default());
    let (digest, salt) = (parts.next().unwrap(), parts.next().unwrap());
    let params = Params::new(Params::MIN_M_COST, Params::MIN_T_COST, 1, None).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut blocks = vec![Block::new(); argon2.params().block_count()];
    let is_of = |password: &str| {
        let mut out = vec![0; digest.len()];
        let bytes = password.as_bytes();
        argon2.hash_password_into_with_memory(bytes, &salt, &mut out, &mut blocks).unwrap();
        out == digest
    };
    let mut is_of = is_of;
    PASSWORDS.iter().find(|(_, password)| is_of(password)).map_or("?", |(name, _)| name)
}

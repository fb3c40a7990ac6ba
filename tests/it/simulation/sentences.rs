//! What must hold after every write, whatever order things come in and whatever fails.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

use guestlist::table::Op;
use serde_json::Value;

use crate::support::memory::Items;

/// The fields of a user that may not change without an entry in the trail.
const AUDITED: [&str; 10] = [
    "email",
    "role",
    "state",
    "first",
    "last",
    "username",
    "externalId",
    "language",
    "identity",
    "revoked",
];

/// What has been seen of a run so far.
#[derive(Default)]
pub(super) struct Watch(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    before: Items,
    failed: Option<String>,
    /// The ids of the users that were made with an external id.
    made: BTreeMap<String, BTreeSet<String>>,
    /// Who has asked to be in which account.
    consents: BTreeSet<(String, String)>,
    /// The letters that were written: their ids, in the order of their writing, and what they say.
    letters: Vec<(String, Value)>,
}

impl Watch {
    /// Notes that a person asks to be in an account, or in some account or other, if it is "".
    pub(super) fn consent(&self, subject: &str, account: &str) {
        self.0.lock().unwrap().consents.insert((subject.to_owned(), account.to_owned()));
    }

    /// What is wrong, if anything is.
    pub(super) fn failed(&self) -> Option<String> {
        self.0.lock().unwrap().failed.clone()
    }

    pub(super) fn fail(&self, why: String) {
        self.0.lock().unwrap().failed.get_or_insert(why);
    }

    /// How many users were made with this external id.
    pub(super) fn made(&self, external_id: &str) -> usize {
        self.0.lock().unwrap().made.get(external_id).map_or(0, BTreeSet::len)
    }

    /// All letters so far.
    pub(super) fn letters(&self) -> Vec<(String, Value)> {
        self.0.lock().unwrap().letters.clone()
    }

    /// Looks at the table after these were written to it.
    pub(super) fn look(&self, items: &Items, ops: &[Op]) {
        let mut seen = self.0.lock().unwrap();
        let found = seen.note(items, ops).and_then(|()| whole(items));
        if let Err(why) = found {
            let keys: Vec<_> = ops.iter().map(|op| op.key().to_string()).collect();
            seen.failed.get_or_insert(format!("{why}\nafter a write of {}", keys.join(", ")));
        }
        seen.before = items.clone();
    }
}

impl Seen {
    /// What one write may do.
    fn note(&mut self, items: &Items, ops: &[Op]) -> Result<(), String> {
        let entries: Vec<Value> = ops
            .iter()
            .filter(|op| op.key().partition.starts_with("audit#"))
            .filter_map(|op| items.get(op.key()).map(|stored| stored.body().clone()))
            .collect();
        for op in ops {
            let key = op.key();
            let Some(after) = items.get(key).map(|stored| stored.body()) else { continue };
            if key.partition.starts_with("used#") && self.before.contains_key(key) {
                return Err("a state or a ticket is used a second time".to_owned());
            }
            if key.partition.starts_with("signin#") && key.sort == "signin" {
                self.can_still_get_in(key, after)?;
            }
            if key.partition.starts_with("outbox#") {
                self.note_letter(after);
            }
            if !(key.partition.starts_with("account#") && key.sort != "account") {
                continue;
            }
            let id = text(after, "id");
            if let Some(external) = after["externalId"].as_str() {
                self.made.entry(external.to_owned()).or_default().insert(id.to_owned());
            }
            let other = key.sort.replace("trash#", "user#");
            let before = [other.replace("user#", "trash#"), other].into_iter().find_map(|sort| {
                let key = guestlist::table::Key::new(key.partition.clone(), sort);
                self.before.get(&key).map(|stored| stored.body().clone())
            });
            let before = before.unwrap_or(Value::Null);
            let changed: Vec<_> =
                AUDITED.into_iter().filter(|name| before[*name] != after[*name]).collect();
            if !changed.is_empty() && !entries.iter().any(|entry| entry["userId"] == after["id"]) {
                return Err(format!("user {id} changes {changed:?} and the trail does not say so"));
            }
            if before["identity"] != after["identity"] {
                self.is_willing(items, after)?;
            }
        }
        Ok(())
    }

    /// Nobody is left without a way to sign in who had one.
    fn can_still_get_in(&self, key: &guestlist::table::Key, after: &Value) -> Result<(), String> {
        let opens = |body: &Value| {
            let credentials = body["credentials"].as_array().cloned().unwrap_or_default();
            credentials.iter().any(|it| it["kind"] == "password" || it["kind"] == "provider")
        };
        let had_one = self.before.get(key).is_some_and(|before| opens(before.body()));
        let has_none = had_one && !opens(after);
        if has_none { Err(format!("nothing opens {key} any more")) } else { Ok(()) }
    }

    fn note_letter(&mut self, letter: &Value) {
        // A job: the letter is its payload.
        let letter = if letter["content"].is_null() { &letter["job"] } else { letter };
        let id = text(letter, "id");
        if !id.is_empty() && !self.letters.iter().any(|(known, _)| known == id) {
            self.letters.push((id.to_owned(), letter.clone()));
        }
    }

    /// Whether the person who becomes this user has asked for it.
    fn is_willing(&self, items: &Items, user: &Value) -> Result<(), String> {
        let identity = &user["identity"];
        let (issuer, subject) = (text(identity, "issuer"), text(identity, "subject"));
        if subject.is_empty() {
            return Ok(());
        }
        let person = if issuer == "guestlist" {
            let key = guestlist::table::Key::new(format!("signin#{subject}"), "signin");
            let sign_in = items.get(&key).ok_or("a user of a sign-in that is not there")?;
            text(sign_in.body(), "email").to_owned()
        } else {
            subject.to_owned()
        };
        let account = text(user, "accountId");
        let asked = [account, ""]
            .iter()
            .any(|account| self.consents.contains(&(person.clone(), (*account).to_owned())));
        let id = text(user, "id");
        asked.then_some(()).ok_or_else(|| format!("{person} is user {id} of {account} unasked"))
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// All that must be there because of the users that there are.
#[derive(Default)]
struct Wanted {
    /// Partition, sort key and user of each claim.
    claims: BTreeSet<(String, String, String)>,
    totals: BTreeMap<(String, String), i64>,
    admins: BTreeMap<String, u64>,
    holds: BTreeMap<String, u64>,
}

impl Wanted {
    fn add(&mut self, user: &Value) {
        let of = |name: &str| text(user, name);
        let (id, account, state, role) = (of("id"), of("accountId"), of("state"), of("role"));
        let mut claim = |partition: String, sort: String| {
            self.claims.insert((partition, sort, id.to_owned()));
        };
        claim(format!("user#{id}"), "claim".to_owned());
        let number = user["number"].as_u64().unwrap_or_default();
        let place = if state == "trashed" { "trash" } else { "live" };
        claim(format!("numbers#{account}"), format!("{place}#{number:020}"));
        if state != "trashed" {
            let here = format!("account#{account}");
            claim(format!("email#{}", of("email")), here.clone());
            for (name, start) in [("username", "username"), ("externalId", "external")] {
                if !of(name).is_empty() {
                    claim(format!("{start}#{}", of(name)), here.clone());
                }
            }
            let identity = &user["identity"];
            if !identity.is_null() {
                let (issuer, subject) = (text(identity, "issuer"), text(identity, "subject"));
                claim(format!("identity#{}#{issuer}#{subject}", issuer.len()), here);
            }
        }
        *self.totals.entry((account.to_owned(), format!("{state}_{role}"))).or_default() += 1;
        if state == "active" && role != "user" {
            *self.admins.entry(account.to_owned()).or_default() += 1;
        }
        self.holds.insert(id.to_owned(), user["holds"].as_u64().unwrap_or_default());
    }
}

/// Whether the identities that sign-ins list are just those that lead to them.
fn linked(items: &Items) -> Result<(), String> {
    let (mut wanted, mut found) = (BTreeSet::new(), BTreeSet::new());
    for (key, stored) in items.iter() {
        let body = stored.body();
        if key.sort == "signin" && body["trashed"] != true {
            for it in body["credentials"].as_array().into_iter().flatten() {
                if it["kind"] == "provider" {
                    let (issuer, subject) = (text(it, "issuer"), text(it, "subject"));
                    let claim = format!("provider#{}#{issuer}#{subject}", issuer.len());
                    wanted.insert((claim, text(body, "id").to_owned()));
                }
            }
        }
        if key.partition.starts_with("provider#") {
            found.insert((key.partition.clone(), text(body, "signInId").to_owned()));
        }
    }
    same("identities at providers", &wanted, &found)
}

/// Whether claims, lists, totals, counts of admins and of holds are just what the users make them.
fn whole(items: &Items) -> Result<(), String> {
    let mut wanted = Wanted::default();
    for (key, stored) in items.iter() {
        let is_user = key.sort.starts_with("user#") || key.sort.starts_with("trash#");
        if key.partition.starts_with("account#") && is_user {
            wanted.add(stored.body());
        }
    }
    let (mut claims, mut totals) = (BTreeSet::new(), BTreeMap::new());
    let mut holds: BTreeMap<String, u64> = BTreeMap::new();
    for (key, stored) in items.iter() {
        let (partition, sort) = (key.partition.as_str(), key.sort.as_str());
        let body = stored.body();
        let (kind, whose) = partition.split_once('#').unwrap_or((partition, ""));
        let claims_something = match kind {
            "email" | "username" | "external" | "identity" => sort.starts_with("account#"),
            "numbers" => sort != "counter",
            "user" => sort == "claim",
            _ => false,
        };
        if claims_something {
            claims.insert((partition.to_owned(), sort.to_owned(), text(body, "userId").to_owned()));
        }
        match kind {
            "count" => {
                for (name, number) in body.as_object().into_iter().flatten() {
                    let number = number.as_i64().unwrap_or_default();
                    if name != "listVersion" && number != 0 {
                        *totals.entry((whose.to_owned(), name.clone())).or_default() += number;
                    }
                }
            }
            "hold" if sort.starts_with("hold#") => *holds.entry(whose.to_owned()).or_default() += 1,
            "account" if sort == "account" => {
                let admins = wanted.admins.get(whose).copied().unwrap_or_default();
                let counted = body["admins"].as_u64().unwrap_or_default();
                if counted != admins {
                    return Err(format!(
                        "account {whose} counts {counted} admins and has {admins}"
                    ));
                }
            }
            _ => {}
        }
    }
    linked(items)?;
    totals.retain(|_, number| *number != 0);
    same("claims", &wanted.claims, &claims)?;
    same("totals", &wanted.totals.into_iter().collect(), &totals.into_iter().collect())?;
    wanted.holds.retain(|_, count| *count > 0);
    same("holds", &wanted.holds.into_iter().collect(), &holds.into_iter().collect())
}

fn same<T: Ord + std::fmt::Debug>(
    what: &str,
    wanted: &BTreeSet<T>,
    found: &BTreeSet<T>,
) -> Result<(), String> {
    let missing: Vec<_> = wanted.difference(found).collect();
    let left: Vec<_> = found.difference(wanted).collect();
    if missing.is_empty() && left.is_empty() {
        return Ok(());
    }
    Err(format!("{what}: missing {missing:?}, too many {left:?}"))
}

//! What a table must forget that comes out of a backup: it does not know what has been ended since.
//!
//! Sessions that were ended, codes that were used and keys that were removed after the backup's moment would be
//! good again, emails would leave twice, and users' numbers would be given twice. So none of them outlasts
//! this step, and all people sign in anew. What it cannot know is left to the operator: users who were removed
//! since, roles that were taken away, and, unless asked otherwise, old passwords.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::{
    model::{account::Account, sign_in::SignIn, user::User},
    store::{
        Error, Result, Store,
        counts::numbers,
        ledger::{layout, record},
    },
    table::{Condition, Item, Op, Written},
};

/// How many items are read at once.
const PAGE: usize = 500;
/// How many of them are written at the same time.
const TOGETHER: usize = 16;

/// How far to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Leave API keys as they are.
    pub(crate) keep_keys: bool,
    /// Take everybody's password away.
    pub(crate) reset_passwords: bool,
    /// How many numbers each account passes over, since they may have been given after the backup.
    pub(crate) number_gap: u64,
}

/// What was forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Forgotten {
    /// How many accounts everybody was signed out of.
    pub(crate) accounts: u64,
    /// How many sessions have ended.
    pub(crate) sessions: u64,
    /// How many codes and invites are void.
    pub(crate) codes: u64,
    /// How many emails are not sent.
    pub(crate) emails: u64,
    /// How many keys are gone, or are still good where they are kept.
    pub(crate) keys: u64,
    /// How many passwords are gone.
    pub(crate) passwords: u64,
}

/// What becomes of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Session,
    Code,
    Email,
    Key,
    /// It goes without a word: what a call has replied, which may be a code or a token, or what is true no more.
    Stale,
    /// It is looked at, and most often stays as it is.
    Kept,
}

/// What the partitions of items begin with, and what becomes of these.
const FATES: &[(&str, Fate)] = &[
    ("sessions#", Fate::Session),
    ("invite#", Fate::Code),
    ("signup#", Fate::Code),
    ("reset#", Fate::Code),
    ("newemail#", Fate::Code),
    ("wayback#", Fate::Code),
    ("code#", Fate::Code),
    ("fresh#", Fate::Code),
    // Why none leave, or did not then.
    ("mail", Fate::Stale),
    ("outbox#", Fate::Email),
    ("key#", Fate::Key),
    ("idempotency#", Fate::Stale),
    // What probes have written: the engines' own.
    ("ready", Fate::Stale),
    // What did not go well then.
    ("tasks", Fate::Stale),
    ("account#", Fate::Kept),
    ("audit#", Fate::Kept),
    ("count#", Fate::Kept),
    ("days#", Fate::Kept),
    ("email#", Fate::Kept),
    ("external#", Fate::Kept),
    ("hold#", Fate::Kept),
    ("home", Fate::Kept),
    ("identity#", Fate::Kept),
    ("limit#", Fate::Kept),
    ("logo#", Fate::Kept),
    ("names#", Fate::Kept),
    ("numbers#", Fate::Kept),
    ("passwords", Fate::Kept),
    ("provider#", Fate::Kept),
    ("purge#", Fate::Kept),
    ("signin#", Fate::Kept),
    ("table", Fate::Kept),
    // What was used is not to be used again.
    ("used#", Fate::Kept),
    ("user#", Fate::Kept),
    ("username#", Fate::Kept),
];

impl Store {
    /// Has the table forget what must not come back, and signs everybody out. No service may run on it
    /// meanwhile; if it is cut off, it is to be done again.
    ///
    /// # Errors
    /// `Busy` if somebody else writes, `Table`, also for an item of which nobody knows what it is.
    pub(crate) async fn forget_after_restore(&self, terms: Terms) -> Result<Forgotten> {
        let mut forgotten = Forgotten::default();
        let mut after = None;
        loop {
            let page = self.table.scan(after.as_ref(), PAGE).await?;
            let mut ops = Vec::new();
            for item in &page.items {
                ops.extend(self.after_restore(item, terms, &mut forgotten)?);
            }
            let writes = stream::iter(ops).map(|op| self.write_alone(op));
            writes.buffer_unordered(TOGETHER).try_collect::<()>().await?;
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(forgotten),
            }
        }
    }

    async fn write_alone(&self, op: Op) -> Result<()> {
        match self.table.write(vec![op]).await? {
            Written::Done => Ok(()),
            Written::Refused(_) => Err(Error::Busy),
        }
    }

    /// What is done about one item, if anything.
    fn after_restore(
        &self,
        item: &Item,
        terms: Terms,
        forgotten: &mut Forgotten,
    ) -> Result<Option<Op>> {
        let gone = match fate(item)? {
            Fate::Kept => return self.kept_after_restore(item, terms, forgotten),
            Fate::Key if terms.keep_keys => {
                forgotten.keys += 1;
                return Ok(None);
            }
            Fate::Key => &mut forgotten.keys,
            Fate::Session => &mut forgotten.sessions,
            Fate::Code => &mut forgotten.codes,
            Fate::Email => &mut forgotten.emails,
            Fate::Stale => &mut 0,
        };
        *gone += 1;
        Ok(Some(Op::Delete(item.key.clone(), Condition::Any)))
    }

    /// The change of an item that stays.
    fn kept_after_restore(
        &self,
        item: &Item,
        terms: Terms,
        forgotten: &mut Forgotten,
    ) -> Result<Option<Op>> {
        let (partition, sort) = (item.key.partition.as_str(), item.key.sort.as_str());
        let version = item.version + 1;
        let changed = if item.key.sort == "account" && partition.starts_with("account#") {
            let mut account: Account = record::decode(item)?;
            account.sign_out(self.now());
            forgotten.accounts += 1;
            layout::account_item(&account, version)?
        } else if partition.starts_with("account#") {
            let mut user: User = record::decode(item)?;
            if user.invite.take().is_none() {
                return Ok(None);
            }
            layout::user_item(&user, version)?
        } else if partition.starts_with("numbers#") && sort == "counter" {
            numbers::passed_over(item, terms.number_gap)?
        } else if partition.starts_with("signin#") && sort == "signin" && terms.reset_passwords {
            let sign_in: SignIn = record::decode(item)?;
            if sign_in.password().is_none() {
                return Ok(None);
            }
            forgotten.passwords += 1;
            let sign_in = sign_in.without_password().in_next_epoch();
            let body = record::encode(&item.key, &sign_in)?;
            Item { version, body, ..item.clone() }
        } else {
            return Ok(None);
        };
        Ok(Some(Op::Put(changed, Condition::Version(item.version))))
    }
}

/// What becomes of an item. One of an unknown kind stops all: it may be something that must not come back.
fn fate(item: &Item) -> Result<Fate> {
    // Without it another code is made, if there is no root user.
    if item.key == layout::setup() {
        return Ok(Fate::Stale);
    }
    let begins = |start: &str| match start.strip_suffix('#') {
        Some(_) => item.key.partition.starts_with(start),
        None => item.key.partition == start,
    };
    FATES.iter().find(|(start, _)| begins(start)).map(|(_, fate)| *fate).ok_or_else(|| {
        let why = "this version does not know what it is".to_owned();
        Error::Table(crate::table::Error::Corrupt { key: item.key.clone(), why })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The partitions of `gs1`, which are no items' own.
    const LISTS: [&str; 4] = ["trash#", "holds#", "invites#", "letters#"];

    /// The beginnings of partitions and of sort keys that a source file writes.
    fn written(source: &str) -> impl Iterator<Item = &str> {
        let texts = source.split("format!(\"").skip(1);
        texts.filter_map(|text| {
            Some(&text[..=text.find(['#', '"']).filter(|at| text[*at..].starts_with('#'))?])
        })
    }

    #[test]
    fn of_every_partition_it_is_known_what_becomes_of_it() {
        let sort_keys = ["user#", "trash#", "email#", "registered#", "session#", "shard#", "ref#"];
        let known: Vec<&str> = FATES.iter().map(|(start, _)| *start).collect();
        let layout = include_str!("../ledger/layout.rs").split("#[cfg(test)]").next().unwrap();
        let unknown: Vec<&str> = written(layout)
            .filter(|start| {
                !known.contains(start) && !LISTS.contains(start) && !sort_keys.contains(start)
            })
            .filter(|start| !start.contains('{'))
            .collect();
        assert!(written(layout).count() > 30);
        let engines =
            [include_str!("../../table/sqlite/mod.rs"), include_str!("../../table/dynamo/mod.rs")];
        let whole = [&[layout], &engines[..]].concat();
        let whole = whole.iter().flat_map(|source| source.split("Key::new(\"").skip(1));
        for partition in whole.map(|text| text.split('"').next().unwrap()) {
            assert!(known.contains(&partition), "say in FATES what becomes of {partition}");
        }
        assert_eq!(unknown, [""; 0], "say in FATES what becomes of these when a table is restored");
        for source in [include_str!("../ledger/chores.rs"), include_str!("../outbox/mod.rs")] {
            let name = source.split("name: \"").nth(1).unwrap().split('"').next().unwrap();
            assert!(known.contains(&format!("{name}#").as_str()), "{name}");
        }
    }
}

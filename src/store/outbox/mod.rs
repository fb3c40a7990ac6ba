//! The outbox: letters that are written with the change that they tell of, and wait to be sent.

pub mod mail;

use std::time::Duration;

use crate::{
    clock::Timestamp,
    model::{
        code::{Code, OpenCode, Purpose},
        email::Email,
        id::{LetterId, UserId},
        letter::{Content, Letter},
        sign_in::{Reset, SignUp},
        text::Language,
    },
    store::{
        Conflict, Error, Result, Store,
        ledger::{commit::Committed, layout, record, step::Step},
    },
    table::{Index, Item, Key, Page, Position, Query, Range},
};

/// How long undeliverable letters are kept for an operator to see.
const PARKED_LIFETIME: Duration = Duration::from_hours(30 * 24);

/// A letter that this node has the right to send until its lease runs out.
#[derive(Clone, Debug)]
pub struct Leased {
    /// The letter.
    pub letter: Letter,
    key: Key,
    version: u64,
}

/// The code that a letter carries.
#[derive(Clone, PartialEq, Eq)]
pub enum Enclosed {
    /// It carries none.
    Nothing,
    /// This one.
    Code(Code),
    /// One that opens nothing any more: the letter is not worth sending.
    Void,
}

impl Store {
    /// Waits until this node writes a letter.
    pub async fn letter_posted(&self) {
        self.letters.notified().await;
    }

    /// Leases up to `limit` letters that are due, until `until`; other nodes leave them alone.
    pub async fn lease_letters(&self, limit: usize, until: Timestamp) -> Result<Vec<Leased>> {
        let mut leased = Vec::new();
        for shard in 0..layout::OUTBOX_SHARDS {
            // Of each as many, so that one that is full keeps no other waiting.
            let share = limit.div_ceil(usize::from(layout::OUTBOX_SHARDS));
            for item in self.due(layout::outbox_partition(shard), share).await? {
                // One letter's trouble must not hold up the others.
                match self.lease(&item, until).await {
                    Ok(one) => leased.extend(one),
                    Err(error) => tracing::error!(item = %item.key, %error, "letter not leased"),
                }
            }
        }
        Ok(leased)
    }

    /// Strikes a letter off that is delivered, or that is not worth sending any more.
    pub async fn finish_letter(&self, leased: &Leased) -> Result<()> {
        let mut step = Step::default();
        step.remove(leased.key.clone(), leased.version);
        self.settle(step).await
    }

    /// Puts a letter back to be tried again at `due`.
    pub async fn postpone_letter(
        &self,
        leased: &Leased,
        due: Timestamp,
        why: String,
    ) -> Result<()> {
        self.move_letter(leased, layout::waiting_letter(leased.letter.id, due), None, why).await
    }

    /// Puts a letter aside that cannot be delivered, for an operator to see.
    pub async fn park_letter(&self, leased: &Leased, why: String) -> Result<()> {
        let expires = Some(self.now().plus(PARKED_LIFETIME).seconds());
        let key = layout::parked_letter(leased.letter.id);
        self.move_letter(leased, key, expires, why).await
    }

    /// The first undeliverable letters, at most `limit`; in place of one that cannot be read, why.
    pub async fn parked_letters(&self, limit: usize) -> Result<Vec<Result<Letter>>> {
        Ok(self.parked_items(None, limit).await?.items.iter().map(record::decode).collect())
    }

    /// The undeliverable letters behind one as they are stored, or the first; at most `limit`.
    async fn parked_items(&self, after: Option<LetterId>, limit: usize) -> Result<Page> {
        let partition = layout::PARKED_PARTITION;
        let query = Query::first(Index::Primary, partition, Range::All, limit);
        let after = after.map(layout::parked_letter);
        let after = after.map(|key| Position { sort: key.sort.clone(), key });
        Ok(self.table.query(&Query { after, ..query }).await?)
    }

    /// The code for a letter whose turn it is.
    pub async fn letter_code(&self, letter: &Letter) -> Result<Enclosed> {
        let (purpose, open) = match &letter.content {
            Content::Invite { user_id, invite, .. } => (Purpose::Invite(*user_id), invite),
            Content::Verify { sign_up, code } => (Purpose::Verify(*sign_up), code),
            Content::Reset { sign_in, code } => (Purpose::Reset(*sign_in), code),
            Content::AlreadySignedUp
            | Content::PasswordChanged { .. }
            | Content::EmailChanged { .. }
            | Content::NewSignIn { .. } => return Ok(Enclosed::Nothing),
        };
        let Some(code) = open.code(purpose, &self.codes) else { return Ok(Enclosed::Void) };
        let opens = self.opens(purpose, open, &code).await?;
        Ok(if opens { Enclosed::Code(code) } else { Enclosed::Void })
    }

    /// Whether a code still opens what it is for.
    async fn opens(&self, purpose: Purpose, open: &OpenCode, code: &Code) -> Result<bool> {
        match purpose {
            Purpose::Invite(_) => match self.open_invite(code).await {
                Ok(_) => Ok(true),
                Err(Error::NotFound(_) | Error::Conflict(Conflict::InviteUsed)) => Ok(false),
                Err(error) => Err(error),
            },
            Purpose::Verify(_) => {
                Ok(self.load::<SignUp>(layout::sign_up(&open.digest)).await?.is_some())
            }
            Purpose::Reset(_) => {
                Ok(self.load::<Reset>(layout::reset(&open.digest)).await?.is_some())
            }
        }
    }

    /// A letter that nobody has tried to send yet.
    pub(in crate::store) fn new_letter(
        &self,
        to: &Email,
        language: Option<Language>,
        user: Option<UserId>,
        content: Content,
    ) -> Letter {
        let created = self.now();
        Letter {
            id: LetterId::new(created, &self.random),
            to: to.clone(),
            language,
            user_id: user,
            content,
            created,
            attempts: 0,
            last_error: None,
        }
    }

    /// Adds to `step` that a letter is to be sent.
    pub(in crate::store) fn post(step: &mut Step, letter: &Letter) -> Result<()> {
        let key = layout::waiting_letter(letter.id, letter.created);
        step.insert(layout::letter_item(key, 1, letter)?);
        step.has_letters = true;
        Ok(())
    }

    /// A lease is a due time in the future: if this node dies, the letter comes up again by itself.
    async fn lease(&self, item: &Item, until: Timestamp) -> Result<Option<Leased>> {
        let version = item.version + 1;
        let mut step = Step::default();
        let letter: Letter = match record::decode(item) {
            Ok(letter) => letter,
            Err(error) => {
                // Put aside as it is, or it would come up again for ever.
                let (id, _) = layout::letter_place(&item.key);
                let key = Key::new(layout::PARKED_PARTITION, id);
                step.remove(item.key.clone(), item.version);
                let expires = Some(self.now().plus(PARKED_LIFETIME).seconds());
                step.insert(Item { key, version, expires, ..item.clone() });
                self.settle(step).await?;
                return Err(error);
            }
        };
        let key = layout::waiting_letter(letter.id, until);
        step.remove(item.key.clone(), item.version);
        step.insert(layout::letter_item(key.clone(), version, &letter)?);
        let leased = Leased { letter, key, version };
        Ok((self.commit(step).await? == Committed::Done).then_some(leased))
    }

    async fn move_letter(
        &self,
        leased: &Leased,
        to: Key,
        expires: Option<u64>,
        why: String,
    ) -> Result<()> {
        let mut letter = leased.letter.clone();
        letter.attempts += 1;
        letter.last_error = Some(why);
        let mut step = Step::default();
        step.remove(leased.key.clone(), leased.version);
        let item = layout::letter_item(to, leased.version + 1, &letter)?;
        step.insert(Item { expires, ..item });
        self.settle(step).await
    }
}

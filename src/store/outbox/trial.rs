//! Test emails, and how many emails wait: what an operator asks of the outbox who wonders whether mail leaves.

use crate::{
    caller::CallingUser,
    clock::Timestamp,
    model::{
        audit::Target,
        email::Email,
        letter::{Content, Letter},
        text::Language,
    },
    store::{
        By, Reach, Result, Store,
        counts::limits::{Bucket, TEST_EMAILS},
        find::select::Selector,
        ledger::{
            queue::{Job as _, Queued},
            record,
            step::Step,
        },
    },
    table::{Index, Query, Range},
};

/// How many emails that wait are looked at in each partition.
const COUNTED: usize = 250;

/// The emails that wait, as far as they are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Backlog {
    /// How many.
    pub(crate) count: u64,
    /// Whether there are more.
    pub(crate) more: bool,
    /// When the oldest of them was written.
    pub(crate) oldest: Option<Timestamp>,
}

impl Store {
    /// How many emails wait, those that are on their way among them.
    pub(crate) async fn backlog(&self) -> Result<Backlog> {
        let mut backlog = Backlog::default();
        for partition in Letter::QUEUE.partitions() {
            let query = Query::first(Index::Primary, partition, Range::All, COUNTED);
            let page = self.table.query(&query).await?;
            backlog.more |= page.more;
            for item in &page.items {
                backlog.count += 1;
                let created = record::decode(item).ok().map(|it: Queued<Letter>| it.job.created);
                backlog.oldest = backlog.oldest.into_iter().chain(created).min();
            }
        }
        Ok(backlog)
    }

    /// Counts a test email to the user who calls, and notes who has asked for it.
    ///
    /// # Errors
    /// `Limited`.
    pub(crate) async fn begin_test_email(&self, by: &By, to: CallingUser) -> Result<Letter> {
        let CallingUser { id, account, .. } = to;
        let user = self.user(Reach::Account(account), &Selector::by_id(id)).await?;
        let emails = [Bucket::of(&TEST_EMAILS, &id.to_string())];
        self.check_limits(&emails).await?;
        self.miss(&emails).await?;
        let mut step = Step::default();
        self.audit(&mut step, by, account, Target::User(id), &[])?;
        self.commit_unless_done(step).await?;
        Ok(self.test_email(&user.email, user.language))
    }

    /// A test email to somebody whom the operator names on the command line.
    pub(crate) async fn begin_test_email_to(&self, by: &By, to: &Email) -> Result<Letter> {
        if let Some(home) = self.home().await? {
            let mut step = Step::default();
            self.audit(&mut step, by, home.account_id, Target::Account(home.account_id), &[])?;
            self.commit_unless_done(step).await?;
        }
        Ok(self.test_email(to, None))
    }

    fn test_email(&self, to: &Email, language: Option<Language>) -> Letter {
        self.new_letter(to, language, None, Content::Test { at: self.now() })
    }
}

//! The outbox: letters that are written with the change that they tell of, and wait to be sent.

pub(crate) mod held;
pub(crate) mod mail;
pub(crate) mod trial;
pub(crate) mod tries;
pub(crate) mod trouble;

use std::time::Duration;

use crate::{
    clock::Timestamp,
    model::{
        code::{Code, OpenCode, Purpose},
        confirmation::Confirmation,
        email::Email,
        id::{LetterId, UserId},
        invite::Invite,
        letter::{Content, Letter, Undo},
        sign_in::{NewEmail, Reset, SignUp},
        text::Language,
    },
    store::{
        Result, Store,
        ledger::{
            layout,
            queue::{self, Failed, Job, Queue, Queued, Taken},
            record,
            step::Step,
        },
    },
    table::Key,
};

impl Job for Letter {
    const QUEUE: Queue = Queue {
        name: "outbox",
        shards: 4,
        first_pause: Duration::from_secs(1),
        longest_pause: Duration::from_hours(1),
        // That takes about three days.
        most_attempts: Some(84),
    };

    fn name(&self) -> String {
        self.id.to_string()
    }

    /// A letter is listed under the user whom it is about.
    fn listed(&self) -> Option<Key> {
        self.user_id
            .map(|user| Key::new(layout::letters_of_user(user), format!("letter#{}", self.id)))
    }

    fn longest_hold(queued: &Queued<Self>) -> Duration {
        held::longest_hold(queued)
    }
}

/// After how many tries a letter is put aside that is refused for a reason which need not be its own; that
/// takes about a day.
const MOST_UNCLEAR_ATTEMPTS: u32 = 35;

/// A letter that this node has the right to send until its lease runs out.
#[derive(Clone, Debug)]
pub struct Leased {
    /// The letter.
    pub(crate) letter: Letter,
    /// How often it was tried before.
    pub(crate) attempts: u32,
    taken: Taken,
}

/// The code that a letter carries.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Enclosed {
    /// It carries none.
    Nothing,
    /// This one.
    Code(Code),
    /// One that opens nothing any more: the letter is not worth sending.
    Void,
}

impl Store {
    /// Waits until this node writes a letter.
    pub(crate) async fn letter_posted(&self) {
        self.letters.notified().await;
    }

    /// Leases up to `limit` letters that are due, until `until`; other nodes leave them alone. One that
    /// cannot be read is put aside.
    pub async fn lease_letters(&self, limit: usize, until: Timestamp) -> Result<Vec<Leased>> {
        if let Some(recall) = self.recalls.due(&self.clock) {
            self.recall_jobs::<Letter>(recall).await?;
        }
        let mut leased = Vec::new();
        for taken in self.take_jobs(&Letter::QUEUE, limit, self.now(), until).await? {
            match taken.read() {
                Ok(Queued { job: letter, attempts, .. }) => {
                    leased.push(Leased { letter, attempts, taken });
                }
                Err(error) => {
                    tracing::error!(item = %taken.key(), %error, "letter not leased");
                    // Or it would come up again for ever; if that fails, it does once more.
                    if let Err(error) = self.park_job::<Letter>(&taken, error.to_string()).await {
                        tracing::warn!(item = %taken.key(), %error, "the letter is not parked");
                    }
                }
            }
        }
        Ok(leased)
    }

    /// Strikes a letter off that is delivered, or that is not worth sending any more.
    pub(crate) async fn finish_letter(&self, leased: &Leased) -> Result<()> {
        self.finish_job(&leased.taken).await
    }

    /// Puts a letter back that could not be handed over, or aside if it was tried often enough.
    pub(crate) async fn fail_letter(&self, leased: &Leased, why: String) -> Result<Failed> {
        self.fail_job::<Letter>(&leased.taken, why, None).await
    }

    /// The same where it is not clear that the letter is at fault, but others are taken.
    pub(crate) async fn fail_unclear_letter(&self, leased: &Leased, why: String) -> Result<Failed> {
        self.fail_job::<Letter>(&leased.taken, why, Some(MOST_UNCLEAR_ATTEMPTS)).await
    }

    /// Puts a letter back that could not be tried, through no fault of its own, to be tried at `due`.
    pub(crate) async fn return_letter(
        &self,
        leased: &Leased,
        due: Timestamp,
        why: Option<String>,
    ) -> Result<()> {
        self.return_job::<Letter>(&leased.taken, due, why).await
    }

    /// Puts a letter back to be tried again at `due`.
    pub async fn postpone_letter(
        &self,
        leased: &Leased,
        due: Timestamp,
        why: String,
    ) -> Result<()> {
        self.postpone_job::<Letter>(&leased.taken, due, why).await
    }

    /// Puts a letter aside that cannot be delivered, for an operator to see.
    pub async fn park_letter(&self, leased: &Leased, why: String) -> Result<()> {
        self.park_job::<Letter>(&leased.taken, why).await
    }

    /// The first undeliverable letters, at most `limit`; in place of one that cannot be read, why.
    pub(crate) async fn parked_letters(&self, limit: usize) -> Result<Vec<Result<Queued<Letter>>>> {
        let parked = self.parked_jobs(&Letter::QUEUE, None, limit).await?;
        Ok(parked.items.iter().map(record::decode).collect())
    }

    /// The code for a letter whose turn it is.
    pub(crate) async fn letter_code(&self, letter: &Letter) -> Result<Enclosed> {
        let (purpose, open) = match &letter.content {
            Content::Invite { user_id, invite, .. } => {
                return self.sent_invite(*user_id, invite).await;
            }
            Content::Verify { sign_up, code, .. } => (Purpose::Verify(*sign_up), code),
            Content::Reset { sign_in, code, .. } => (Purpose::Reset(*sign_in), code),
            Content::ConfirmEmail { sign_in, code } => (Purpose::NewEmail(*sign_in), code),
            // It tells of the change also where there is no way back any more.
            Content::EmailChanged { undo: Some(Undo { sign_in, code }), .. } => {
                return Ok(code
                    .code(Purpose::WayBack(*sign_in), &self.codes)
                    .map_or(Enclosed::Nothing, Enclosed::Code));
            }
            Content::ConfirmCode { request, code }
            | Content::ProviderCode { request, code, .. } => {
                return self.sent_digits(request, code).await;
            }
            Content::AlreadySignedUp
            | Content::EmailInUse
            | Content::PasswordChanged { .. }
            | Content::EmailChanged { undo: None, .. }
            | Content::ProviderLinked { .. }
            | Content::ProviderRemoved { .. }
            | Content::SecondFactorRemoved { .. }
            | Content::SecondFactorOn { .. }
            | Content::SecondFactorOff { .. }
            | Content::SessionsEnded { .. }
            | Content::SignInRemoved { .. }
            | Content::Unbound { .. }
            | Content::KeyCreated { .. }
            | Content::RecoveryCodeUsed { .. }
            | Content::RoleGranted { .. }
            | Content::NewSignIn { .. }
            | Content::Test { .. } => return Ok(Enclosed::Nothing),
        };
        let Some(code) = open.code(purpose, &self.codes) else { return Ok(Enclosed::Void) };
        let opens = self.opens(purpose, open, &code).await?;
        Ok(if opens { Enclosed::Code(code) } else { Enclosed::Void })
    }

    /// The code of an invite as its letter carries it.
    async fn sent_invite(&self, user: UserId, open: &OpenCode) -> Result<Enclosed> {
        let purpose = Purpose::Invite(user);
        let Some(code) = open.code(purpose, &self.codes) else { return Ok(Enclosed::Void) };
        let opens = self.opens(purpose, open, &code).await?;
        let Some(code) = open.sent_invite(user, &self.codes) else { return Ok(Enclosed::Void) };
        Ok(if opens { Enclosed::Code(code) } else { Enclosed::Void })
    }

    /// The digits that somebody has asked for.
    async fn sent_digits(&self, request: &str, open: &OpenCode) -> Result<Enclosed> {
        let Some(code) = open.digits(Purpose::Confirm, &self.codes) else {
            return Ok(Enclosed::Void);
        };
        let asked: Option<Confirmation> = self.load(layout::confirmation(request)).await?;
        Ok(if asked.is_some() { Enclosed::Code(code) } else { Enclosed::Void })
    }

    /// Whether a code still opens what it is for.
    async fn opens(&self, purpose: Purpose, open: &OpenCode, code: &Code) -> Result<bool> {
        match purpose {
            Purpose::Invite(_) | Purpose::InviteProof(_) => {
                let invite = self.load::<Invite>(layout::invite(&code.digest())).await?;
                Ok(invite.is_some_and(|invite| !invite.used))
            }
            Purpose::Verify(_) => {
                Ok(self.load::<SignUp>(layout::sign_up(&open.digest)).await?.is_some())
            }
            Purpose::SetUp | Purpose::Confirm | Purpose::WayBack(_) => Ok(false),
            Purpose::NewEmail(_) => {
                Ok(self.load::<NewEmail>(layout::new_email(&open.digest)).await?.is_some())
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
            account_id: None,
            content,
            created,
        }
    }

    /// Adds to `step` that a letter is to be sent.
    pub(in crate::store) fn post(step: &mut Step, letter: &Letter) -> Result<()> {
        step.insert(queue::new_item(letter, letter.created)?);
        step.has_letters = true;
        Ok(())
    }
}

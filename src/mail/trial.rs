//! Test emails: handed over at once, past the outbox, so that the caller learns what has become of it.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::{
    advice::Advice,
    courier::Courier,
    letter,
    refusal::{Refusal, Stage},
};
use crate::model::letter::Letter;

/// How many test emails are on their way at once: each keeps its caller waiting.
const AT_ONCE: usize = 2;
/// How long a caller waits for what becomes of one.
const LONGEST: Duration = Duration::from_secs(8);

/// The test emails that may set out.
pub struct Trials {
    /// One for each that is on its way.
    turns: Semaphore,
    /// How long one may take.
    pub(crate) patience: Duration,
}

impl Trials {
    /// Each takes a little less than a request may, so that its caller learns of it.
    pub(crate) fn within(request: Duration) -> Self {
        Self { turns: Semaphore::new(AT_ONCE), patience: LONGEST.min(request.mul_f32(0.8)) }
    }

    /// The right to send one; `None` while too many are on their way.
    pub(crate) fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.turns.try_acquire().ok()
    }
}

/// How far a test email came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TrialStage {
    /// The settings name no mail server.
    Settings,
    /// The conversation with the mail server.
    At(Stage),
}

/// Why a test email was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotTaken {
    /// Where.
    pub(crate) stage: TrialStage,
    /// What the server said, or what has happened instead.
    pub(crate) reply: String,
    /// What to do about it.
    pub(crate) advice: Advice,
}

impl From<Refusal> for NotTaken {
    fn from(refusal: Refusal) -> Self {
        let code = refusal.code.map(|code| format!("{code} ")).unwrap_or_default();
        Self {
            stage: TrialStage::At(refusal.stage),
            reply: format!("{code}{}", refusal.text),
            advice: Advice::at(refusal.stage, refusal.code.is_some()),
        }
    }
}

impl TrialStage {
    /// Its name on the wire.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::At(Stage::Resolution) => "resolve",
            Self::At(Stage::Connection) => "connect",
            Self::At(Stage::Tls) => "tls",
            Self::At(Stage::SignIn) => "signIn",
            Self::At(Stage::Sender) => "sender",
            Self::At(Stage::Recipient) => "recipient",
            Self::At(Stage::Content) => "content",
        }
    }
}

impl Courier {
    /// Hands a test email over, and gives the words with which the mail server took it. If emails wait because the
    /// server took none, they are tried again at once.
    ///
    /// # Errors
    /// Why it was not taken.
    pub(crate) async fn try_out(
        &self,
        letter: &Letter,
        longest: Duration,
    ) -> Result<String, NotTaken> {
        let written = letter::write(&self.templates, letter, None, None, &self.app_url);
        let written = written.map_err(|reply| NotTaken {
            stage: TrialStage::At(Stage::Content),
            reply,
            advice: Advice::ReadReply,
        })?;
        let tried = self.transport.try_out(&written, longest).await;
        match &tried {
            Ok(_) => {
                if let Err(error) = self.taken().await {
                    tracing::warn!(%error, "that the mail server takes emails is not noted");
                }
            }
            Err(NotTaken { stage: TrialStage::Settings, .. }) => {}
            Err(NotTaken { reply, advice, .. }) => self.not_taken(reply, Some(*advice)).await,
        }
        tried
    }
}

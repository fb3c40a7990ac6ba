//! When an email last left, and when and why one last did not, as the nodes have noted it.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    store::{
        Result, Store,
        ledger::{layout, record::Stored},
    },
};

/// An email that a mail server took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SentTry {
    at: Timestamp,
}

/// One that it did not take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FailedTry {
    /// When.
    pub(crate) at: Timestamp,
    /// What the server said, or what happened instead, without addresses.
    pub(crate) why: String,
    /// The code of what to do about it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) advice: Option<String>,
}

/// The last of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LastTries {
    /// When an email was taken.
    pub(crate) sent: Option<Timestamp>,
    /// When and why one was not.
    pub(crate) failed: Option<FailedTry>,
}

impl Stored for SentTry {}
impl Stored for FailedTry {}

impl Store {
    /// Notes that an email was taken.
    pub(crate) async fn note_email_sent(&self, at: Timestamp) -> Result<()> {
        self.put_note(layout::email_sent(), &SentTry { at }, None).await
    }

    /// Notes that one was not.
    pub(crate) async fn note_email_failed(&self, failed: &FailedTry) -> Result<()> {
        self.put_note(layout::email_failed(), failed, None).await
    }

    /// What was noted last.
    pub(crate) async fn last_tries(&self) -> Result<LastTries> {
        let sent: Option<SentTry> = self.load(layout::email_sent()).await?;
        let failed = self.load(layout::email_failed()).await?;
        Ok(LastTries { sent: sent.map(|sent| sent.at), failed })
    }
}

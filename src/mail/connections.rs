//! Connections to the mail server that wait for the next email.
//!
//! A connection belongs to its user, and comes back here only after an email was handed over on it.
//! One on which anything was cut short or refused is gone with its user: a reply that is still to come on it
//! would be taken for the reply to the next email.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use lettre::transport::smtp::client::AsyncSmtpConnection;
use tokio::time::Instant;

/// How long a connection may wait; servers close theirs after some minutes.
const IDLE: Duration = Duration::from_secs(30);
/// How many emails go over one connection; some servers refuse more after a hundred.
const MOST_EMAILS: u32 = 50;

/// A connection that is signed in and ready for an email.
pub(super) struct Ready {
    pub(super) connection: AsyncSmtpConnection,
    /// How many emails it has taken.
    emails: u32,
}

/// The connections that wait.
#[derive(Default)]
pub(super) struct Connections(Mutex<Vec<(Ready, Instant)>>);

impl Ready {
    pub(super) const fn new(connection: AsyncSmtpConnection) -> Self {
        Self { connection, emails: 0 }
    }
}

impl Connections {
    /// The one that was used last; nobody else has it from now on.
    pub(super) fn take(&self) -> Option<Ready> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|(_, since)| since.elapsed() < IDLE);
        waiting.pop().map(|(ready, _)| ready)
    }

    /// Keeps a connection on which an email was handed over.
    pub(super) fn keep(&self, ready: Ready) {
        let emails = ready.emails + 1;
        if emails < MOST_EMAILS {
            let ready = Ready { emails, ..ready };
            let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.push((ready, Instant::now()));
        }
    }
}

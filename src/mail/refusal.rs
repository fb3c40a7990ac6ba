//! Whose fault it is that an email was not taken: its recipient's, its own, or the sender's.
//!
//! A server says the same codes for very different reasons, so that what counts is where in the conversation
//! it says them, and the enhanced code (RFC 3463) behind the first.

use std::fmt;

/// Where in the conversation an email was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Finding out the server's address.
    Resolution,
    /// Connecting, the greeting, `EHLO`.
    Connection,
    /// TLS, from the start or by `STARTTLS`.
    Tls,
    /// `AUTH`.
    SignIn,
    /// `MAIL FROM`.
    Sender,
    /// `RCPT TO`.
    Recipient,
    /// `DATA` and what follows.
    Content,
}

/// Why an email was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Where.
    pub(crate) stage: Stage,
    /// The reply's code, if there was a reply.
    pub(crate) code: Option<u16>,
    /// What the server said, or what has happened instead.
    pub(crate) text: String,
    /// Whether the server was asked for what only this email needs.
    pub(crate) special: bool,
}

/// Whose fault it is, and so what becomes of the email.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// There is no such recipient, or the email cannot be sent as it is: it is put aside.
    Email,
    /// Something passing: this email is tried again.
    Passing,
    /// It cannot be told. This email is tried again, but not for as long.
    Unclear {
        /// Whether the same reply to several recipients in a row makes it the sender's fault.
        counts: bool,
    },
    /// The server does not take emails from this sender at all: none is at fault.
    Sender,
}

impl Refusal {
    /// Whose fault it is.
    pub(crate) fn fault(&self) -> Fault {
        let passing = self.code.is_none_or(|code| code < 500);
        match self.stage {
            Stage::Sender if self.special && !passing => Fault::Unclear { counts: false },
            Stage::Resolution | Stage::Connection | Stage::Tls | Stage::SignIn | Stage::Sender => {
                Fault::Sender
            }
            // 421 is about the connection (RFC 5321, 3.8).
            Stage::Recipient | Stage::Content if passing => Fault::Passing,
            Stage::Recipient => self.fault_at_recipient(),
            Stage::Content => self.fault_at_content(),
        }
    }

    /// Many servers say only here that they do not like the sender (`smtpd_delay_reject` of Postfix).
    fn fault_at_recipient(&self) -> Fault {
        match self.enhanced() {
            // No such mailbox, no such domain, bad syntax, moved, ambiguous, null MX; a mailbox that is off.
            Some((1, 1 | 2 | 3 | 4 | 6 | 10) | (2, 1)) => Fault::Email,
            // A full mailbox gets empty again.
            Some((2, 2)) => Fault::Passing,
            Some(_) | None => Fault::Unclear { counts: true },
        }
    }

    /// Whatever a server says of the content is about this email alone, or anybody who can have one sent
    /// could keep all others from leaving.
    fn fault_at_content(&self) -> Fault {
        match self.enhanced() {
            Some((1, 1 | 2 | 3 | 4 | 6 | 10) | (2, 1) | (6, _)) => Fault::Email,
            Some((2, 2)) => Fault::Passing,
            Some(_) | None => Fault::Unclear { counts: false },
        }
    }

    /// Subject and detail of the enhanced code, if the text begins with one.
    fn enhanced(&self) -> Option<(u16, u16)> {
        let word = self.text.split_whitespace().next()?;
        let mut parts = word.split('.').map(|part| part.parse().ok());
        match (parts.next()??, parts.next()??, parts.next()??, parts.next()) {
            (4 | 5, subject, detail, None) => Some((subject, detail)),
            _ => None,
        }
    }

    /// Whether the server may have closed the connection before it heard of the email: a fresh one may do.
    pub(crate) fn is_stale(&self) -> bool {
        self.stage == Stage::Sender && self.code.is_none_or(|code| code == 421)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = match self.stage {
            Stage::Resolution | Stage::Connection | Stage::Tls => "",
            Stage::SignIn => "signing in: ",
            Stage::Sender => "the sender: ",
            Stage::Recipient => "the recipient: ",
            Stage::Content => "the email: ",
        };
        let code = self.code.map(|code| format!("{code} ")).unwrap_or_default();
        write!(f, "{stage}{code}{}", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(stage: Stage, reply: &str, fault: Fault) {
        let (code, text) = match reply.split_once(' ') {
            Some((code, text)) if code.len() == 3 => (code.parse().ok(), text),
            _ => (None, reply),
        };
        let refusal = Refusal { stage, code, text: text.to_owned(), special: false };
        assert_eq!(refusal.fault(), fault, "{refusal}");
    }

    #[test]
    fn a_refused_sender_is_no_fault_of_any_email() {
        for (stage, reply) in [
            (Stage::Connection, "Connection refused"),
            (Stage::Connection, "554 5.7.1 blocked by policy"),
            (Stage::Connection, "421 4.3.2 too busy"),
            (Stage::Resolution, "no such host"),
            (Stage::Tls, "invalid certificate"),
            (Stage::SignIn, "535 5.7.8 wrong password"),
            (Stage::SignIn, "454 4.7.0 try later"),
            (Stage::Sender, "553 5.1.8 sender refused"),
            (Stage::Sender, "550 not yours"),
            (Stage::Sender, "554 5.1.1 no such sender"),
            (Stage::Sender, "452 4.5.3 quota"),
            (Stage::Sender, "550 5.4.5 daily quota"),
            (Stage::Sender, "the server did not answer"),
        ] {
            check(stage, reply, Fault::Sender);
        }
    }

    #[test]
    fn a_refused_recipient_puts_its_email_aside() {
        for reply in [
            "550 5.1.1 no such user",
            "550 5.1.2 no such domain",
            "501 5.1.3 bad syntax",
            "551 5.1.6 moved",
            "556 5.1.10 null MX",
            "550 5.2.1 disabled",
        ] {
            check(Stage::Recipient, reply, Fault::Email);
            check(Stage::Content, reply, Fault::Email);
        }
        check(Stage::Content, "554 5.6.0 bad content", Fault::Email);
    }

    #[test]
    fn what_may_be_the_senders_fault_is_not_held_against_the_recipient() {
        for reply in [
            "554 5.7.1 relaying denied",
            "550 5.7.1 client host blocked",
            "553 5.1.8 sender's domain does not exist",
            "550 5.1.7 bad sender",
            "550 5.4.5 daily quota",
            "550 no",
            "553 no",
            "554 no",
        ] {
            check(Stage::Recipient, reply, Fault::Unclear { counts: true });
            check(Stage::Content, reply, Fault::Unclear { counts: false });
        }
        for reply in [
            "450 4.2.0 greylisted",
            "421 4.7.0 bye",
            "552 5.2.2 mailbox full",
            "the server did not answer",
        ] {
            check(Stage::Recipient, reply, Fault::Passing);
            check(Stage::Content, reply, Fault::Passing);
        }
    }

    #[test]
    fn what_only_this_email_asks_for_stops_no_other() {
        let text = "5.6.7 no SMTPUTF8 here".to_owned();
        let refusal = Refusal { stage: Stage::Sender, code: Some(553), text, special: true };
        assert_eq!(refusal.fault(), Fault::Unclear { counts: false });
    }
}

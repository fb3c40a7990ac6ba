//! What to do about a mail server that does not take emails.

use super::refusal::Stage;

/// What to do. Its code stays as it is, so that others can say it in their own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advice {
    SetServer,
    CheckHost,
    AskServer,
    CheckPort,
    CheckTls,
    CheckSignIn,
    CheckSender,
    CheckRecipient,
    ReadReply,
}

const ALL: [Advice; 9] = [
    Advice::SetServer,
    Advice::CheckHost,
    Advice::AskServer,
    Advice::CheckPort,
    Advice::CheckTls,
    Advice::CheckSignIn,
    Advice::CheckSender,
    Advice::CheckRecipient,
    Advice::ReadReply,
];

impl Advice {
    /// On a refusal at this stage, by the server's words or without any.
    pub(super) const fn at(stage: Stage, is_answered: bool) -> Self {
        match stage {
            Stage::Resolution => Self::CheckHost,
            Stage::Connection if is_answered => Self::AskServer,
            Stage::Connection => Self::CheckPort,
            Stage::Tls => Self::CheckTls,
            Stage::SignIn => Self::CheckSignIn,
            Stage::Sender => Self::CheckSender,
            Stage::Recipient => Self::CheckRecipient,
            Stage::Content => Self::ReadReply,
        }
    }

    /// The one of this code.
    pub(crate) fn named(code: &str) -> Option<Self> {
        ALL.into_iter().find(|advice| advice.code() == code)
    }

    /// Its name on the wire.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::SetServer => "set_server",
            Self::CheckHost => "check_host",
            Self::AskServer => "ask_server",
            Self::CheckPort => "check_port",
            Self::CheckTls => "check_tls",
            Self::CheckSignIn => "check_sign_in",
            Self::CheckSender => "check_sender",
            Self::CheckRecipient => "check_recipient",
            Self::ReadReply => "read_reply",
        }
    }

    /// It in English.
    pub(crate) const fn sentence(self) -> &'static str {
        match self {
            Self::SetServer => {
                "Set smtp_url to your mail server, such as smtps://user:password@mail.example.com, and restart."
            }
            Self::CheckHost => "Check the host in smtp_url, and the DNS settings of this machine.",
            Self::AskServer => {
                "The server refuses connections from here. Ask its operator, and check whether this machine's \
                 address is on a block list."
            }
            Self::CheckPort => {
                "Check the host and port in smtp_url, that the server is running, and that no firewall is in the \
                 way. Many hosting providers block ports 25, 465 and 587."
            }
            Self::CheckTls => {
                "Check that the port in smtp_url matches its scheme: smtps:// for TLS from the start (usually port \
                 465), smtp:// for STARTTLS (usually 587). If the server's certificate comes from a private \
                 certificate authority, set smtp_ca to the authority's certificate."
            }
            Self::CheckSignIn => {
                "Check the username and password in smtp_url. Some providers require an app password, and characters \
                 such as @ and / must be written as %40 and %2F."
            }
            Self::CheckSender => {
                "Set mail_from to an address that the server accepts as a sender for this username."
            }
            Self::CheckRecipient => {
                "Check the address. If the server says that it does not relay, allow this service to send through it."
            }
            Self::ReadReply => {
                "The server refused the email itself. Its reply says why; it may be a spam filter or a quota."
            }
        }
    }
}

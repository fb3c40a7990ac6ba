//! How a letter leaves the house: over SMTP, or into a folder where nobody has configured SMTP.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    time::Duration,
};

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart},
    transport::smtp::{Error as SmtpError, PoolConfig},
};

use super::letter::Written;
use crate::{error::with_causes, private_file};

/// How long one send may take. The library's own time-out covers only the connecting, so that a
/// server that falls silent would hold a letter for ever.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);
/// How many connections are kept.
const CONNECTIONS: u32 = 4;
/// Replies to a sign-in that fails: the settings are at fault, not the letter.
const SIGN_IN_CODES: [u16; 4] = [530, 534, 535, 538];

/// How letters leave.
pub enum Transport {
    /// To an SMTP server.
    Smtp {
        /// The connections.
        mailer: AsyncSmtpTransport<Tokio1Executor>,
        /// Who the letters are from.
        from: Mailbox,
        /// Where the server is, for people to read.
        server: String,
    },
    /// Into a folder, one `.eml` file for each.
    Folder {
        /// The folder, made when it is needed.
        folder: PathBuf,
        /// Who the letters are from.
        from: Mailbox,
        /// Whether the log tells the links, which have codes in them.
        shows_links: bool,
    },
}

/// Why a letter did not leave.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A later try may succeed.
    #[error("{0}")]
    Transient(String),
    /// The receiving side has refused this letter for good.
    #[error("{0}")]
    Permanent(String),
}

/// A sender that settings can hold: `Name <address>` or just an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender(Mailbox);

impl Sender {
    /// Reads the sender; `None` if it is no mailbox (RFC 5322).
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

/// A mail server's URL, which may hold a password: `smtp://…` or `smtps://…`.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl(String);

impl SmtpUrl {
    /// Reads the URL; `None` if it has another scheme.
    pub fn parse(text: &str) -> Option<Self> {
        let known = ["smtp://", "smtps://"].iter().any(|scheme| text.starts_with(scheme));
        known.then(|| Self(text.to_owned()))
    }
}

/// Without the user and password.
impl fmt::Display for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.split_once("://"), self.0.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, server))) => write!(f, "{scheme}://{server}"),
            (Some(_), None) | (None, _) => f.write_str(&self.0),
        }
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmtpUrl({self})")
    }
}

impl Transport {
    /// A transport to `url`: `smtp://`, `smtps://` (TLS from the start) or
    /// `smtp://…?tls=required` (STARTTLS), with `user:password@` where the server wants it.
    ///
    /// # Errors
    /// What is wrong with the URL.
    pub fn smtp(url: &SmtpUrl, from: Sender) -> Result<Self, String> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url.0)
            .map_err(|error| error.to_string())?;
        let pool = PoolConfig::new().max_size(CONNECTIONS).idle_timeout(Duration::from_secs(30));
        let mailer = builder.timeout(Some(Duration::from_secs(10))).pool_config(pool).build();
        Ok(Self::Smtp { mailer, from: from.0, server: url.to_string() })
    }

    /// A transport into `folder`.
    pub fn folder(folder: &Path, from: Sender, shows_links: bool) -> Self {
        Self::Folder { folder: folder.to_owned(), from: from.0, shows_links }
    }

    /// Sends a letter; when this returns the other side has taken it over.
    ///
    /// # Errors
    /// [`Error`], which tells whether to try again.
    pub async fn send(&self, letter: &Written) -> Result<(), Error> {
        match self {
            Self::Smtp { mailer, from, .. } => {
                let message = message(letter, from)?;
                match tokio::time::timeout(SEND_TIMEOUT, mailer.send(message)).await {
                    Ok(Ok(_)) => Ok(()),
                    Ok(Err(error)) => Err(classify(&error)),
                    Err(_) => Err(Error::Transient(format!(
                        "the server did not answer within {} seconds",
                        SEND_TIMEOUT.as_secs()
                    ))),
                }
            }
            Self::Folder { folder, from, shows_links } => {
                let message = message(letter, from)?;
                let path = folder.join(format!("{}.eml", letter.id));
                let (whole, bytes) = (path.clone(), message.formatted());
                let stored =
                    tokio::task::spawn_blocking(move || private_file::replace(&whole, &bytes))
                        .await;
                stored.map_err(io::Error::other).flatten().map_err(|error| {
                    Error::Transient(format!("{} cannot be written: {error}", path.display()))
                })?;
                let link = shows_links.then_some(letter.link.as_str());
                tracing::info!(link, file = %path.display(),
                    "no SMTP server is configured: the letter is in a file");
                Ok(())
            }
        }
    }

    /// Whether the SMTP server answers and takes the credentials.
    ///
    /// # Errors
    /// What it says instead.
    pub async fn check(&self) -> Result<(), String> {
        let Self::Smtp { mailer, server, .. } = self else { return Ok(()) };
        let answer = match tokio::time::timeout(SEND_TIMEOUT, mailer.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err("the server refuses to talk".to_owned()),
            Ok(Err(error)) => Err(with_causes(&error)),
            Err(_) => Err("the server does not answer".to_owned()),
        };
        answer.map_err(|why| format!("{server}: {why}"))
    }
}

fn message(letter: &Written, from: &Mailbox) -> Result<Message, Error> {
    let unfit = |error: &dyn std::fmt::Display| Error::Permanent(error.to_string());
    let to: Address = letter.to.as_str().parse().map_err(|error| unfit(&error))?;
    let domain = from.email.domain();
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(&letter.subject)
        .message_id(Some(format!("<{}@{domain}>", letter.id)))
        .multipart(MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone()))
        .map_err(|error| unfit(&error))
}

fn classify(error: &SmtpError) -> Error {
    let code = error.status().map(u16::from);
    let settings_at_fault = code.is_some_and(|code| SIGN_IN_CODES.contains(&code));
    if error.is_permanent() && !settings_at_fault {
        Error::Permanent(with_causes(error))
    } else {
        Error::Transient(with_causes(error))
    }
}

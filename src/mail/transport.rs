//! How a letter becomes a message and leaves the house: over SMTP, or into a folder where nobody has
//! configured SMTP.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    time::Duration,
};

use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Attachment, Mailbox, MultiPart, SinglePart,
        header::{ContentType, ContentTypeErr, HeaderName, HeaderValue},
    },
};

use super::{
    advice::Advice,
    letter::{LOGO_ID, Written},
    refusal::{Fault, Refusal, Stage},
    relay::{Relay, RelaySettings},
    trial::{NotTaken, TrialStage},
};
use crate::private_file;

/// How letters leave.
pub enum Transport {
    /// To an SMTP server.
    Smtp {
        /// The server.
        relay: Box<Relay>,
        /// Who the letters are from.
        from: Mailbox,
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

/// Where emails leave to.
pub(crate) enum Route<'a> {
    /// A mail server.
    Server {
        /// Its name or address.
        host: &'a str,
        /// Its port.
        port: u16,
        /// How the way there is protected: `implicit`, `starttls` or `none`.
        tls: &'static str,
    },
    /// A folder, since no mail server is set.
    Folder(&'a Path),
}

/// Why a letter did not leave.
pub(super) struct Refused {
    /// Whose fault it is.
    pub(super) fault: Fault,
    /// What happened.
    pub(super) why: String,
    /// What to do about it, if the server is at fault or its settings.
    pub(super) advice: Option<Advice>,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let advice = Advice::at(refusal.stage, refusal.code.is_some());
        Self { fault: refusal.fault(), why: refusal.to_string(), advice: Some(advice) }
    }
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

impl Transport {
    /// A transport to an SMTP server.
    ///
    /// # Errors
    /// What is wrong with the settings.
    pub fn smtp(settings: RelaySettings, from: Sender) -> Result<Self, String> {
        Ok(Self::Smtp { relay: Box::new(Relay::new(settings)?), from: from.0 })
    }

    /// A transport into `folder`.
    pub fn folder(folder: &Path, from: Sender, shows_links: bool) -> Self {
        Self::Folder { folder: folder.to_owned(), from: from.0, shows_links }
    }

    /// Sends a letter; when this returns the other side has taken it over.
    ///
    /// # Errors
    /// [`Refused`], which tells whose fault it is.
    pub(super) async fn send(&self, letter: &Written) -> Result<(), Refused> {
        match self {
            Self::Smtp { relay, from } => {
                let message = message(letter, from)?;
                let sent = relay.send(message.envelope(), &message.formatted()).await;
                sent.map(drop).map_err(Refused::from)
            }
            Self::Folder { folder, from, shows_links } => {
                let message = message(letter, from)?;
                let path = folder.join(format!("{}.eml", letter.id));
                let (whole, bytes) = (path.clone(), message.formatted());
                let stored =
                    tokio::task::spawn_blocking(move || private_file::replace(&whole, &bytes))
                        .await;
                stored.map_err(io::Error::other).flatten().map_err(|error| Refused {
                    fault: Fault::Sender,
                    why: format!("{} cannot be written: {error}", path.display()),
                    advice: None,
                })?;
                let link = shows_links.then_some(letter.link.as_str());
                tracing::info!(link, file = %path.display(),
                    "no mail server is set: the email was written to a file");
                Ok(())
            }
        }
    }

    /// Hands a test email over, stage by stage, and gives the server's words.
    ///
    /// # Errors
    /// Where it was refused; also where there is no server that could take it.
    pub(super) async fn try_out(
        &self,
        letter: &Written,
        longest: Duration,
    ) -> Result<String, NotTaken> {
        match self {
            Self::Smtp { relay, from } => {
                let message = message(letter, from).map_err(|refused| NotTaken {
                    stage: TrialStage::At(Stage::Content),
                    reply: refused.why,
                    advice: Advice::ReadReply,
                })?;
                let sent = relay.try_out(message.envelope(), &message.formatted(), longest).await;
                sent.map_err(NotTaken::from)
            }
            Self::Folder { folder, .. } => Err(NotTaken {
                stage: TrialStage::Settings,
                reply: format!(
                    "no mail server is set: emails are written to the folder {}",
                    folder.display()
                ),
                advice: Advice::SetServer,
            }),
        }
    }

    /// Where emails leave to.
    pub(crate) fn route(&self) -> Route<'_> {
        match self {
            Self::Smtp { relay, .. } => {
                let url = relay.url();
                Route::Server { host: &url.host, port: url.port, tls: url.protection.name() }
            }
            Self::Folder { folder, .. } => Route::Folder(folder),
        }
    }

    /// Who emails are from.
    pub(crate) fn sender(&self) -> String {
        match self {
            Self::Smtp { from, .. } | Self::Folder { from, .. } => from.to_string(),
        }
    }

    /// Whether the SMTP server answers, and takes the credentials and the sender.
    ///
    /// # Errors
    /// What it says instead.
    pub async fn check(&self) -> Result<(), String> {
        let Self::Smtp { relay, from } = self else { return Ok(()) };
        let sender = ascii(&from.email).map_err(|why| format!("mail_from: {why}"))?;
        let envelope = Envelope::new(Some(sender.clone()), vec![sender]);
        let envelope = envelope.map_err(|error| error.to_string())?;
        let answer = relay.check(&envelope).await;
        answer.map_err(|refusal| format!("{}: {refusal}", relay.url()))
    }

    /// How long one letter may take.
    pub(crate) const fn patience(&self) -> Duration {
        match self {
            Self::Smtp { relay, .. } => relay.patience(),
            Self::Folder { .. } => Duration::from_secs(10),
        }
    }
}

fn message(letter: &Written, from: &Mailbox) -> Result<Message, Refused> {
    let unfit = |error: &dyn fmt::Display| Refused {
        fault: Fault::Email,
        why: error.to_string(),
        advice: None,
    };
    let to: Address = letter.to.as_str().parse().map_err(|error| unfit(&error))?;
    let to = ascii(&to).map_err(|why| unfit(&why))?;
    let sender = ascii(&from.email).map_err(|why| unfit(&why))?;
    let id = format!("<{}@{}>", letter.id, sender.domain());
    let body = body(letter).map_err(|error| unfit(&error))?;
    Message::builder()
        .from(Mailbox::new(from.name.clone(), sender))
        .to(Mailbox::new(None, to))
        .subject(&letter.subject)
        .message_id(Some(id))
        // So that nobody's out-of-office reply answers it (RFC 3834).
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ))
        .multipart(body)
        .map_err(|error| unfit(&error))
}

/// Text and HTML; the picture goes along, so that nobody is asked for it, who would learn that the email is read.
fn body(letter: &Written) -> Result<MultiPart, ContentTypeErr> {
    let (text, html) = (letter.text.clone(), letter.html.clone());
    let Some(logo) = &letter.logo else { return Ok(MultiPart::alternative_plain_html(text, html)) };
    let picture = Attachment::new_inline(LOGO_ID.to_owned());
    let picture = picture.body(logo.clone(), ContentType::parse("image/png")?);
    let html = MultiPart::related().singlepart(SinglePart::html(html)).singlepart(picture);
    Ok(MultiPart::alternative().singlepart(SinglePart::plain(text)).multipart(html))
}

/// The address with its domain in ASCII (UTS 46), which every server takes.
fn ascii(address: &Address) -> Result<Address, String> {
    if address.domain().is_ascii() {
        return Ok(address.clone());
    }
    let unfit = || format!("{} is not a valid Internet domain", address.domain());
    let domain = idna::domain_to_ascii(address.domain()).map_err(|_| unfit())?;
    Address::new(address.user(), domain).map_err(|_| unfit())
}

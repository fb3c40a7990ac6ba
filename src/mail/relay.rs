//! Conversations with the mail server (SMTP, RFC 5321), one email each.

use std::{
    error::Error as StdError,
    future::Future,
    io,
    net::IpAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use lettre::{
    address::Envelope,
    transport::smtp::{
        Error as SmtpError,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands::{Data, Mail, Rcpt, Rset},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
        response::{Response, Severity},
    },
};
use tokio::{
    net::lookup_host,
    time::{Instant, timeout, timeout_at},
};

use super::{
    connections::{Connections, Ready},
    refusal::{Refusal, Stage},
    smtp_url::{Protection, SmtpUrl},
};
use crate::error::with_causes;

/// How long a connection is waited for.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// The mail server, and the connections to it.
pub struct Relay {
    url: SmtpUrl,
    tls: Option<TlsParameters>,
    hello: ClientId,
    patience: Duration,
    connections: Connections,
}

/// Until when an email may take.
#[derive(Clone, Copy)]
struct Until {
    /// For the reply to `MAIL FROM`.
    sender: Deadline,
    /// As a whole.
    whole: Deadline,
}

/// When a server that has not answered is given up, and after how long that is.
#[derive(Clone, Copy)]
struct Deadline {
    at: Instant,
    patience: Duration,
}

impl Deadline {
    fn after(patience: Duration) -> Self {
        Self { at: Instant::now() + patience, patience }
    }

    fn silence(self, stage: Stage) -> Refusal {
        let seconds = self.patience.as_secs_f32().ceil();
        let text = format!("the server did not answer within {seconds} seconds");
        Refusal { stage, code: None, text, special: false }
    }
}

/// How the mail server is spoken to.
#[derive(Clone, Debug)]
pub struct RelaySettings {
    /// Where it is.
    pub url: SmtpUrl,
    /// What it is greeted with: a domain or an IP address.
    pub hello: String,
    /// A file with certificates (PEM) of authorities that are trusted besides the system's.
    pub authorities: Option<PathBuf>,
    /// How long one email may take.
    pub patience: Duration,
}

impl Relay {
    /// The mail server of the settings.
    ///
    /// # Errors
    /// What is wrong with the certificates.
    pub(super) fn new(settings: RelaySettings) -> Result<Self, String> {
        let RelaySettings { url, hello, authorities, patience } = settings;
        let tls = match url.protection {
            Protection::Tls | Protection::StartTls => {
                Some(tls_parameters(&url.host, authorities.as_deref())?)
            }
            Protection::None => None,
        };
        let hello = match hello.parse() {
            Ok(IpAddr::V4(ip)) => ClientId::Ipv4(ip),
            Ok(IpAddr::V6(ip)) => ClientId::Ipv6(ip),
            Err(_) => ClientId::Domain(hello),
        };
        Ok(Self { url, tls, hello, patience, connections: Connections::default() })
    }

    pub(super) const fn url(&self) -> &SmtpUrl {
        &self.url
    }

    /// How safe the way to the server is, in words.
    pub(crate) const fn way(&self) -> &'static str {
        match self.url.protection {
            Protection::Tls => "over TLS",
            Protection::StartTls => "over TLS (STARTTLS)",
            Protection::None => "without TLS",
        }
    }

    pub(super) const fn patience(&self) -> Duration {
        self.patience
    }

    /// Hands an email over; when this returns the server has taken it, and has said so in these words.
    ///
    /// # Errors
    /// Where it was refused. If the server has not answered in time it may have taken the email all the
    /// same.
    pub(super) async fn send(
        &self,
        envelope: &Envelope,
        message: &[u8],
    ) -> Result<String, Refusal> {
        let whole = Deadline::after(self.patience);
        if let Some(kept) = self.connections.take() {
            // The server may have closed it meanwhile, which must not use up all the time.
            let sooner = Deadline::after(CONNECT);
            let until = Until { sender: if sooner.at < whole.at { sooner } else { whole }, whole };
            match self.hand_over(kept, until, envelope, message).await {
                Err(refusal) if refusal.is_stale() => {}
                done => return done,
            }
        }
        let ready = Ready::new(self.connect(whole).await?);
        self.hand_over(ready, Until { sender: whole, whole }, envelope, message).await
    }

    /// As [`Relay::send`], on a new connection, so that every stage is gone through, and within the time for which
    /// somebody waits.
    ///
    /// # Errors
    /// Those of [`Relay::send`].
    pub(super) async fn try_out(
        &self,
        envelope: &Envelope,
        message: &[u8],
        longest: Duration,
    ) -> Result<String, Refusal> {
        let whole = Deadline::after(self.patience.min(longest));
        let ready = Ready::new(self.connect(whole).await?);
        self.hand_over(ready, Until { sender: whole, whole }, envelope, message).await
    }

    /// Whether the server takes the credentials and the sender.
    ///
    /// # Errors
    /// What it says instead.
    pub(super) async fn check(&self, envelope: &Envelope) -> Result<(), Refusal> {
        let deadline = Deadline::after(self.patience);
        let mut connection = self.connect(deadline).await?;
        let sender = Mail::new(envelope.from().cloned(), Vec::new());
        self.positive(Stage::Sender, deadline, connection.command(sender)).await?;
        let _ = self.within(Stage::Sender, deadline, connection.command(Rset)).await;
        goodbye(connection).await;
        Ok(())
    }

    async fn connect(&self, deadline: Deadline) -> Result<AsyncSmtpConnection, Refusal> {
        let implicit = match self.url.protection {
            Protection::Tls => self.tls.clone(),
            Protection::StartTls | Protection::None => None,
        };
        let connecting = async {
            let mut failed = None;
            for (host, port) in self.url.addresses() {
                let server = (host.as_str(), port);
                let tls = implicit.clone();
                let connecting = AsyncSmtpConnection::connect_tokio1(
                    server,
                    Some(CONNECT),
                    &self.hello,
                    tls,
                    None,
                );
                match connecting.await {
                    Ok(connection) => return Ok(connection),
                    // The first address is the likelier one, and its error the more telling.
                    Err(error) => failed = failed.or(Some(error)),
                }
            }
            Err(failed)
        };
        let mut connection = match timeout_at(deadline.at, connecting).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(Some(error))) => return Err(self.not_connected(deadline, &error).await),
            Ok(Err(None)) | Err(_) => return Err(deadline.silence(Stage::Connection)),
        };
        if let (Protection::StartTls, Some(tls)) = (self.url.protection, &self.tls) {
            if !connection.can_starttls() {
                goodbye(connection).await;
                return Err(Refusal {
                    stage: Stage::Tls,
                    code: None,
                    text: "the server does not offer STARTTLS; use smtps://, or ?tls=none if codes and \
                           passwords may be sent in the clear"
                        .to_owned(),
                    special: false,
                });
            }
            let starting = connection.starttls(tls.clone(), &self.hello);
            self.within(Stage::Tls, deadline, starting).await?;
        }
        if let Some((user, password)) = &self.url.credentials {
            let credentials = Credentials::new(user.clone(), password.clone());
            let signing_in = connection.auth(DEFAULT_MECHANISMS, &credentials);
            self.positive(Stage::SignIn, deadline, signing_in).await?;
        }
        Ok(connection)
    }

    /// How far it came to a connection that there is none of.
    async fn not_connected(&self, deadline: Deadline, error: &SmtpError) -> Refusal {
        let stage = if is_of_tls(error) {
            Stage::Tls
        } else if error.status().is_none() && !self.is_known(deadline).await {
            Stage::Resolution
        } else {
            Stage::Connection
        };
        refusal(stage, error)
    }

    /// Whether the server's name leads to an address.
    async fn is_known(&self, deadline: Deadline) -> bool {
        for (host, port) in self.url.addresses() {
            let found = timeout_at(deadline.at, lookup_host((host, port))).await;
            if found.is_ok_and(|found| found.is_ok_and(|mut found| found.next().is_some())) {
                return true;
            }
        }
        false
    }

    /// Hands an email over on a connection, which is used again only if all went well.
    async fn hand_over(
        &self,
        mut ready: Ready,
        until: Until,
        envelope: &Envelope,
        message: &[u8],
    ) -> Result<String, Refusal> {
        let done = self.converse(&mut ready.connection, until, envelope, message).await;
        match &done {
            Ok(_) => self.connections.keep(ready),
            // After a whole reply the server may be told that it was the last one.
            Err(refusal) if refusal.code.is_some() => goodbye(ready.connection).await,
            Err(_) => drop(ready),
        }
        done
    }

    async fn converse(
        &self,
        connection: &mut AsyncSmtpConnection,
        until: Until,
        envelope: &Envelope,
        message: &[u8],
    ) -> Result<String, Refusal> {
        let deadline = until.whole;
        let mut parameters = Vec::new();
        let mut addresses = envelope.to().iter().chain(envelope.from());
        let special = addresses.any(|address| !AsRef::<str>::as_ref(address).is_ascii());
        if special {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(Refusal {
                    stage: Stage::Recipient,
                    code: Some(553),
                    text:
                        "5.1.3 the mail server takes only addresses in ASCII (it has no SMTPUTF8)"
                            .to_owned(),
                    special,
                });
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !message.is_ascii() {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let sender = Mail::new(envelope.from().cloned(), parameters);
        let sender = self.positive(Stage::Sender, until.sender, connection.command(sender)).await;
        sender.map_err(|refusal| Refusal { special, ..refusal })?;
        for to in envelope.to() {
            let recipient = connection.command(Rcpt::new(to.clone(), Vec::new()));
            self.positive(Stage::Recipient, deadline, recipient).await?;
        }
        let data = self.within(Stage::Content, deadline, connection.command(Data)).await?;
        expect(Stage::Content, &data, Severity::PositiveIntermediate)?;
        let taken = self.within(Stage::Content, deadline, connection.message(message)).await?;
        expect(Stage::Content, &taken, Severity::PositiveCompletion)?;
        Ok(words(&taken))
    }

    /// Waits for a reply that says that something is done.
    async fn positive(
        &self,
        stage: Stage,
        deadline: Deadline,
        reply: impl Future<Output = Result<Response, SmtpError>>,
    ) -> Result<(), Refusal> {
        let reply = self.within(stage, deadline, reply).await?;
        expect(stage, &reply, Severity::PositiveCompletion)
    }

    async fn within<T>(
        &self,
        stage: Stage,
        deadline: Deadline,
        reply: impl Future<Output = Result<T, SmtpError>>,
    ) -> Result<T, Refusal> {
        match timeout_at(deadline.at, reply).await {
            Ok(reply) => reply.map_err(|error| refusal(stage, &error)),
            Err(_) => Err(deadline.silence(stage)),
        }
    }
}

/// A reply as the server has said it, on one line.
fn words(reply: &Response) -> String {
    let lines = reply.message().map(str::to_owned);
    std::iter::once(reply.code().to_string()).chain(lines).collect::<Vec<_>>().join(" ")
}

/// Whether it was the handshake that failed, and not what comes before it.
fn is_of_tls(error: &SmtpError) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if error.is::<rustls::Error>()
            || inner.is_some_and(<dyn StdError + Send + Sync>::is::<rustls::Error>)
        {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Refuses a reply that answers something else than what was asked.
fn expect(stage: Stage, reply: &Response, severity: Severity) -> Result<(), Refusal> {
    if reply.code().severity == severity {
        return Ok(());
    }
    let text = format!("the server replied unexpectedly: {}", reply.code());
    Err(Refusal { stage, code: None, text, special: false })
}

fn refusal(stage: Stage, error: &SmtpError) -> Refusal {
    let code = error.status().map(u16::from);
    let text = match (code, error.source()) {
        (Some(_), Some(said)) => said.to_string(),
        (Some(_) | None, _) => with_causes(error),
    };
    Refusal { stage, code, text, special: false }
}

/// Takes leave of the server, without waiting for long.
async fn goodbye(mut connection: AsyncSmtpConnection) {
    let _ = timeout(GOODBYE, connection.quit()).await;
}

fn tls_parameters(domain: &str, authorities: Option<&Path>) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(domain.to_owned());
    if let Some(path) = authorities {
        let shown = path.display();
        let pem = std::fs::read(path).map_err(|error| format!("smtp_ca: {shown}: {error}"))?;
        if !String::from_utf8_lossy(&pem).contains("BEGIN CERTIFICATE") {
            return Err(format!("smtp_ca: {shown}: holds no certificate in PEM"));
        }
        let certificate = Certificate::from_pem(&pem)
            .map_err(|error| format!("smtp_ca: {shown}: {}", with_causes(&error)))?;
        builder = builder.add_root_certificate(certificate);
    }
    builder.build().map_err(|error| format!("smtp_url: {}", with_causes(&error)))
}

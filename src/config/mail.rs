//! The settings of mail.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use super::{Raw, Reader, TableSettings, sized, within};
use crate::{
    mail::{
        smtp_url::{SmtpUrl, host_name},
        transport::Sender,
    },
    model::text::Language,
};

/// How letters are written, and how they leave.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// The mail server, if there is one.
    pub smtp_url: Option<SmtpUrl>,
    /// What it is greeted with, if that is set.
    pub hello: Option<String>,
    /// A file with certificates to trust for it.
    pub authorities: Option<PathBuf>,
    /// How many letters are on their way at once.
    pub connections: usize,
    /// How long one may take.
    pub timeout: Duration,
    /// The folder that takes letters if there is none.
    pub folder: PathBuf,
    /// Who letters are from.
    pub from: Sender,
    /// The folder of the team's own templates, if it has any.
    pub templates: Option<PathBuf>,
    /// The language of letters whose reader's is not known.
    pub language: Language,
}

impl Reader {
    pub(super) fn mail(&mut self, table: Option<&TableSettings>) -> Option<MailSettings> {
        let smtp_url = self.smtp_url();
        let form = "a host's name such as auth.example.com, or an IP address";
        let hello = self.optional("smtp_hello", form, host_name);
        let authorities = self.optional("smtp_ca", "a file", |text| Some(PathBuf::from(text)));
        let connections = self.value("smtp_connections", "a number from 1 to 100", sized(1..=100));
        let form = "a whole number of seconds from 1 to 600";
        let timeout = self.value("smtp_timeout_seconds", form, |text| {
            within(1..=600)(text).map(Duration::from_secs)
        });
        let form = "a mailbox such as Guestlist <guestlist@example.com>";
        let from = self.value("mail_from", form, Sender::parse);
        let path = |text: &str| Some(PathBuf::from(text));
        let folder = self.optional("mail_folder", "a folder", path);
        let beside = match table {
            Some(TableSettings::Sqlite(folder)) => folder.as_path(),
            Some(TableSettings::Dynamo { .. }) | None => Path::new("./data"),
        };
        let folder = folder.unwrap_or_else(|| beside.join("mail"));
        let templates = self.optional("mail_templates", "a folder", path);
        let form = "a language tag such as en or pt-BR";
        let language = self.value("mail_language", form, Language::parse);
        Some(MailSettings {
            smtp_url,
            hello,
            authorities,
            connections: connections?,
            timeout: timeout?,
            folder,
            from: from?,
            templates,
            language: language?,
        })
    }

    fn smtp_url(&mut self) -> Option<SmtpUrl> {
        let given = self.sources.take("smtp_url");
        let given = given.first()?;
        let read = match &given.value {
            Raw::Text(text) => SmtpUrl::parse(text),
            Raw::Table(_) => Err("must be a URL such as smtp://mail.example.com:587".to_owned()),
        };
        read.map_err(|why| self.faults.push(format!("smtp_url (from {given}): {why}"))).ok()
    }
}

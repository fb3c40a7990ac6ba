//! The settings of mail.

use std::path::{Path, PathBuf};

use super::{Reader, TableSettings};
use crate::{
    mail::transport::{Sender, SmtpUrl},
    model::text::Language,
};

/// How letters are written, and how they leave.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// The mail server, if there is one.
    pub smtp_url: Option<SmtpUrl>,
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
        let form = "a URL such as smtp://mail.example.com:587";
        let smtp_url = self.optional("smtp_url", form, SmtpUrl::parse);
        let form = "a mailbox such as Guestlist <guestlist@example.com>";
        let from = self.value("mail_from", form, Sender::parse);
        let path = |text: &str| Some(PathBuf::from(text));
        let folder = self.optional("mail_folder", "a folder", path);
        let beside = match table {
            Some(TableSettings::Sqlite(path)) => path.as_path(),
            Some(TableSettings::Dynamo { .. }) | None => Path::new("./data"),
        };
        let folder = folder.unwrap_or_else(|| beside.join("mail"));
        let templates = self.optional("mail_templates", "a folder", path);
        let form = "a language tag such as en or pt-BR";
        let language = self.value("mail_language", form, Language::parse);
        Some(MailSettings { smtp_url, folder, from: from?, templates, language: language? })
    }
}

//! The settings of the log.

use super::{Reader, Settings, parsed};

/// What to log, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// A filter in the syntax of `tracing-subscriber`'s `EnvFilter`.
    pub filter: String,
    /// Whether lines are JSON.
    pub json: bool,
    /// Whether each request has a line.
    pub access: bool,
    /// Whether one-time codes, and links with them, are printed wherever that goes.
    pub codes: bool,
}

impl Settings {
    /// Whether one-time codes may be printed, to a terminal or not: only where the person who tries the service on
    /// the own machine reads them, since logs are kept and read by others.
    pub fn shows_codes(&self, is_terminal: bool) -> bool {
        self.log.codes || (is_terminal && self.public_url().is_loopback())
    }
}

impl Reader {
    pub(super) fn log(&mut self) -> Option<LogSettings> {
        let form = "a level such as info, or a filter such as guestlist=debug";
        let filter = self.value("log", form, |text| {
            let valid = tracing_subscriber::EnvFilter::try_new(text).is_ok();
            valid.then(|| text.to_owned())
        });
        let json = self.value("log_format", "text or json", |text| match text {
            "text" => Some(false),
            "json" => Some(true),
            _ => None,
        });
        let access = self.on_or_off("access_log");
        let codes = self.value("log_codes", "true or false", parsed);
        Some(LogSettings { filter: filter?, json: json?, access: access?, codes: codes? })
    }
}

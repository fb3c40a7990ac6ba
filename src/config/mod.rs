//! Settings: read once, checked as a whole, every fault listed at once.
//!
//! The only module that reads the environment.

mod issuers;
mod log;
mod mail;
mod network;
mod parts;
mod providers;
mod setting;
mod shown;
pub mod sources;
mod table_settings;
mod tokens;

use std::{fmt, net::SocketAddr, str::FromStr, time::Duration};

use clap::ArgMatches;

use self::sources::{Given, Raw, SETTINGS, Sources};
pub use self::{
    log::LogSettings,
    mail::MailSettings,
    network::{Facade, Limits},
    shown::Shown,
    table_settings::TableSettings,
};
use crate::{
    auth::{IssuerSettings, TokenKeys, provider::ProviderSettings},
    model::id::AccountId,
    proxy::Proxies,
    public_url::PublicUrl,
    secret::Secret,
    store::Rules,
    web::WebProxies,
};

/// The longest time that a setting in days may give.
const MAX_DAYS: u64 = 3650;

/// Everything that can be set, in valid form.
#[derive(Debug)]
pub struct Settings {
    /// Where to serve.
    pub listen: SocketAddr,
    /// What the service is called from outside, if that is set.
    pub public_url: Option<PublicUrl>,
    /// What comes before `/noun/verb`; empty, or begins with `/`.
    pub base_path: String,
    /// Where everything is kept.
    pub table: TableSettings,
    /// How much of an SQLite table is kept in memory, in MiB.
    pub sqlite_cache_mib: usize,
    /// What keys are derived from, if it is set.
    pub secret: Option<Secret>,
    /// The secrets before it.
    pub previous_secrets: Vec<Secret>,
    /// What the service's own tokens are signed with.
    pub token_keys: TokenKeys,
    /// Outside issuers of tokens.
    pub issuers: Vec<IssuerSettings>,
    /// What people can sign in with besides.
    pub providers: Vec<ProviderSettings>,
    /// How letters leave.
    pub mail: MailSettings,
    /// Where the links in letters lead, if not to the public URL.
    pub app_url: Option<String>,
    /// The origins whose pages may call.
    pub cors_origins: Vec<String>,
    /// The other services that tokens can be for: `aud` of such tokens.
    pub audiences: Vec<String>,
    /// The other interfaces that are served.
    pub facades: Vec<Facade>,
    /// The most requests that a key may make of the panel's interface in a minute, on each node; 0 for any
    /// number.
    pub panel_requests_per_minute: u32,
    /// The account that a login by Meiro's interface is to, if it is always the same.
    pub meiro_account: Option<AccountId>,
    /// What the business steps go by.
    pub rules: Rules,
    /// What one process takes on.
    pub limits: Limits,
    /// The proxies in between.
    pub proxies: Proxies,
    /// The proxies that other services are called through.
    pub web_proxies: WebProxies,
    /// Whether `/metrics` can be read.
    pub metrics: bool,
    /// Whether the console is served.
    pub console: bool,
    /// What to log.
    pub log: LogSettings,
}

/// Every fault of the settings.
#[derive(Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<String>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the settings have {}:",
            match self.0.len() {
                1 => "a fault".to_owned(),
                count => format!("{count} faults"),
            }
        )?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  - {fault}"))
    }
}

impl std::error::Error for Faults {}

impl Settings {
    /// Reads the settings from the command line, the environment and the file.
    ///
    /// # Errors
    /// Every fault in them.
    pub fn read(flags: &ArgMatches) -> Result<Self, Faults> {
        Self::check(Sources::gather(flags, std::env::vars_os()))
    }

    /// All settings as they are given, whether or not they will do.
    #[must_use]
    pub fn shown(flags: &ArgMatches) -> Vec<Shown> {
        shown::shown(Sources::gather(flags, std::env::vars_os()))
    }

    /// Makes settings of what was given.
    ///
    /// # Errors
    /// Every fault in it.
    pub fn check(sources: Sources) -> Result<Self, Faults> {
        let mut reader = Reader { sources, faults: Vec::new() };
        reader.faults = reader.sources.take_faults();
        let settings = reader.settings();
        match settings {
            Some(settings) if reader.faults.is_empty() => Ok(settings),
            Some(_) | None => Err(Faults(reader.faults)),
        }
    }
}

/// Takes settings from the sources and notes their faults.
struct Reader {
    sources: Sources,
    faults: Vec<String>,
}

impl Reader {
    fn settings(&mut self) -> Option<Settings> {
        let listen = self.value("listen", "an address and port such as 127.0.0.1:8080", parsed);
        let form = "a URL such as https://example.com/auth, its host in lower case";
        let public_url = self.optional("public_url", form, PublicUrl::parse);
        let base_path = self.value("base_path", "empty, or a path such as /api", base_path);
        let (table, sqlite_cache_mib) = (self.table(), self.sqlite_cache_mib());
        let secret = self.optional("secret", SECRET_FORM, Secret::parse);
        let previous_secrets = self.list("previous_secrets", SECRET_FORM, Secret::parse);
        let token_keys = self.token_keys();
        let issuers = self.several("issuers", issuers::read);
        let providers = self.several("providers", providers::read);
        let mail = self.mail(table.as_ref());
        let app_url = self.optional("app_url", APP_URL_FORM, app_url);
        let origin = "an origin such as https://app.example.com, or *";
        let cors_origins = self.list("cors_origins", origin, web_origin);
        let audiences = self.audiences(public_url.as_ref(), listen.zip(base_path.as_deref()));
        let facades = self.facades();
        let panel_requests_per_minute = self.panel_requests_per_minute();
        let meiro_account = self.meiro_account();
        let rules = self.rules();
        let limits = self.limits();
        let proxies = self.proxies();
        let web_proxies = self.web_proxies();
        let (metrics, console) = (self.on_or_off("metrics"), self.on_or_off("console"));
        let log = self.log();
        if matches!(table, Some(TableSettings::Dynamo { .. })) && secret.is_none() {
            self.faults.push(
                "secret: is required with a DynamoDB table, since all nodes must share it; make \
                 one with: openssl rand -base64 32 | tr '+/' '-_'"
                    .to_owned(),
            );
        }
        if let (Some(TableSettings::Dynamo { .. }), Some(listen)) = (&table, listen) {
            self.public_url_of_nodes(public_url.as_ref(), listen);
        }
        Some(Settings {
            listen: listen?,
            public_url,
            base_path: base_path?,
            table: table?,
            sqlite_cache_mib: sqlite_cache_mib?,
            secret,
            previous_secrets,
            token_keys: token_keys?,
            issuers,
            providers,
            mail: mail?,
            app_url,
            cors_origins,
            audiences,
            facades,
            panel_requests_per_minute: panel_requests_per_minute?,
            meiro_account,
            rules: rules?,
            limits: limits?,
            proxies: proxies?,
            web_proxies,
            metrics: metrics?,
            console: console?,
            log: log?,
        })
    }

    fn table(&mut self) -> Option<TableSettings> {
        let endpoint =
            self.optional("dynamodb_endpoint", "a URL such as http://localhost:8000", web_url);
        let table = self.value("table", TableSettings::FORM, TableSettings::parse)?;
        match (table, endpoint) {
            (TableSettings::Dynamo { name, .. }, endpoint) => {
                Some(TableSettings::Dynamo { name, endpoint })
            }
            (TableSettings::Sqlite(folder), None) => Some(TableSettings::Sqlite(folder)),
            (TableSettings::Sqlite(_), Some(_)) => {
                let why =
                    "dynamodb_endpoint: needs table = dynamodb:NAME; it does not apply to SQLite";
                self.faults.push(why.to_owned());
                None
            }
        }
    }

    fn sqlite_cache_mib(&mut self) -> Option<usize> {
        self.value("sqlite_cache_mb", "a number of MiB from 8 to 65536", sized(8..=65_536))
    }

    /// Settings of several parts, each read by `read`.
    fn several<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(&sources::Raw) -> Result<T, Vec<String>>,
    ) -> Vec<T> {
        let mut all = Vec::new();
        for one in self.sources.take(name) {
            match read(&one.value) {
                Ok(it) => all.push(it),
                Err(faults) => {
                    self.faults
                        .extend(faults.iter().map(|why| format!("{name} (from {one}): {why}")));
                }
            }
        }
        all
    }

    fn rules(&mut self) -> Option<Rules> {
        let days = format!("a whole number of days from 1 to {MAX_DAYS}");
        let days_within = |text: &str| {
            let days = parsed::<u64>(text).filter(|days| (1..=MAX_DAYS).contains(days));
            days.map(|days| Duration::from_secs(days * 24 * 60 * 60))
        };
        let invite_lifetime = self.value("invite_days", &days, days_within);
        let sessions = self.session_lifetimes(&days, days_within);
        let trash_lifetime = self.value("trash_days", &days, days_within);
        let invite_any_email = self.value("invite_any_email", "true or false", parsed);
        let open_registration = self.value("registration", "open or invite", |text| match text {
            "open" => Some(true),
            "invite" => Some(false),
            _ => None,
        });
        let seconds = "a whole number of seconds from 0 to 60";
        let caller_lifetime = self
            .value("caller_seconds", seconds, |text| within(0..=60)(text).map(Duration::from_secs));
        Some(Rules {
            invite_lifetime: invite_lifetime?,
            trash_lifetime: trash_lifetime?,
            sessions: sessions?,
            invite_any_email: invite_any_email?,
            open_registration: open_registration?,
            caller_lifetime: caller_lifetime?,
        })
    }

    /// A setting that has a default.
    fn value<T>(
        &mut self,
        name: &'static str,
        form: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        if let Some(given) = self.sources.take(name).first() {
            return self.read(name, form, given, &read);
        }
        let setting = SETTINGS.iter().find(|setting| setting.name == name);
        setting.and_then(|setting| setting.default).and_then(read)
    }

    /// A setting that may be missing.
    fn optional<T>(
        &mut self,
        name: &'static str,
        form: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let given = self.sources.take(name);
        given.first().and_then(|given| self.read(name, form, given, &read))
    }

    /// A setting with any number of values.
    fn list<T>(
        &mut self,
        name: &'static str,
        form: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Vec<T> {
        let given = self.sources.take(name);
        given.iter().filter_map(|given| self.read(name, form, given, &read)).collect()
    }

    fn read<T>(
        &mut self,
        name: &str,
        form: &str,
        given: &Given,
        read: &impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = match &given.value {
            Raw::Text(text) => read(text),
            Raw::Table(_) => None,
        };
        if value.is_none() {
            let shown = match &given.value {
                Raw::Text(text) if !may_hold_secret(name) => format!(", not {text:?}"),
                Raw::Text(_) | Raw::Table(_) => String::new(),
            };
            self.faults.push(format!("{name} (from {given}): must be {form}{shown}"));
        }
        value
    }
}

const APP_URL_FORM: &str = "a URL such as https://app.example.com or https://example.com/app, without user, ?, \
                            # or the name of a file";

const SECRET_FORM: &str = "32 bytes in base64url (43 characters); make one with: \
                           openssl rand -base64 32 | tr '+/' '-_'";

/// Whether a value must not be shown, however wrong it is; a URL of a mail server has a password.
fn may_hold_secret(setting: &str) -> bool {
    setting.contains("secret") || setting == "smtp_url"
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.trim().parse().ok()
}

fn within(range: std::ops::RangeInclusive<u64>) -> impl Fn(&str) -> Option<u64> {
    move |text| parsed(text).filter(|number| range.contains(number))
}

fn sized(range: std::ops::RangeInclusive<usize>) -> impl Fn(&str) -> Option<usize> {
    move |text| parsed(text).filter(|number| range.contains(number))
}

fn base_path(text: &str) -> Option<String> {
    let path = text.trim_end_matches('/');
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
    let valid = path.is_empty() || (path.starts_with('/') && path.chars().all(plain));
    valid.then(|| path.to_owned())
}

fn web_url(text: &str) -> Option<String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let valid = !rest.is_empty() && !rest.starts_with('/') && !text.contains(char::is_whitespace);
    valid.then(|| text.to_owned())
}

/// A page to whose address a fragment can be added.
fn app_url(text: &str) -> Option<String> {
    let url = web_url(text)?;
    let (_, rest) = url.split_once("://")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let last = path.rsplit('/').next().unwrap_or_default();
    let fits = !rest.contains(['?', '#', '\\']) && !host.contains('@') && !last.contains('.');
    fits.then_some(url)
}

/// An origin as browsers write it: in small letters, without the scheme's usual port.
fn web_origin(text: &str) -> Option<String> {
    if text == "*" {
        return Some(text.to_owned());
    }
    let url = PublicUrl::parse(&text.to_ascii_lowercase())?;
    (!text.ends_with('/') && url.path().is_empty()).then(|| url.origin())
}

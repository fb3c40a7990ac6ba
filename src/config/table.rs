//! Where everything is kept: in an SQLite table, or in one of DynamoDB.

use std::path::PathBuf;

/// Where everything is kept.
    pub table: TableSettings,
    /// What keys are derived from, if it is set.
    pub secret: Option<Secret>,
    /// The secrets before it.
    pub previous_secrets: Vec<Secret>,
    /// What the service's own tokens are signed with.
    pub token_keys: TokenKeys,
    /// Outside issuers of tokens.
    pub issuers: Vec<IssuerSettings>,
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
    /// Whether `/metrics` can be read.
    pub metrics: bool,
    /// Whether the console is served.
    pub console: bool,
    /// What to log.
    pub log: LogSettings,
}

/// Where everything is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableSettings {
    /// In this folder.
    Sqlite(PathBuf),
    /// In Amazon DynamoDB.
    Dynamo {
        /// The table's name.
        name: String,
        /// Where DynamoDB is, if not on AWS.
        endpoint: Option<String>,
    },
}

impl TableSettings {
    /// What [`TableSettings::parse`] reads.
    pub const FORM: &str = "sqlite:FOLDER or dynamodb:NAME";

    /// Reads where a table is; one in DynamoDB is on AWS.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Some(Self::Sqlite(path.into())),
            Some(("dynamodb", name)) if is_table_name(name) => {
                Some(Self::Dynamo { name: name.to_owned(), endpoint: None })
            }
            Some(_) | None => None,
        }
    }

    /// The same at the endpoint of another one, if it has any.
    #[must_use]
    pub fn beside(self, other: &Self) -> Self {
        match (self, other) {
            (Self::Dynamo { name, .. }, Self::Dynamo { endpoint, .. }) => {
                Self::Dynamo { name, endpoint: endpoint.clone() }
            }
            (table, _) => table,
        }
    }
}

/// Amazon's rule: 3 to 255 of letters, digits, `_`, `-` and `.`.
fn is_table_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    (3..=255).contains(&name.len()) && name.bytes().all(plain)
}

//! Where everything is kept: in an SQLite table, or in one of DynamoDB.

use std::{fmt, path::PathBuf};

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

impl fmt::Display for TableSettings {
    /// As [`TableSettings::parse`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(folder) => write!(f, "sqlite:{}", folder.display()),
            Self::Dynamo { name, .. } => write!(f, "dynamodb:{name}"),
        }
    }
}

/// Amazon's rule: 3 to 255 of letters, digits, `_`, `-` and `.`.
fn is_table_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    (3..=255).contains(&name.len()) && name.bytes().all(plain)
}

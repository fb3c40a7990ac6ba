//! Where everything is kept: in an SQLite table, or in one of DynamoDB.

use std::path::PathBuf;

/// The default of the setting `sqlite_cache_mb`.
const CACHE_MIB: usize = 64;

/// Where everything is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableSettings {
    /// In an SQLite file.
    Sqlite {
        /// The folder that it is in.
        folder: PathBuf,
        /// How much of it is kept in memory, in MiB.
        cache_mib: usize,
    },
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

    /// Reads where a table is; one in DynamoDB is on AWS, and of an SQLite file as much is kept in memory as is usual.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Some(Self::sqlite(path.into())),
            Some(("dynamodb", name)) if is_table_name(name) => {
                Some(Self::Dynamo { name: name.to_owned(), endpoint: None })
            }
            Some(_) | None => None,
        }
    }

    /// An SQLite file in that folder, of which as much is kept in memory as is usual.
    #[must_use]
    pub fn sqlite(folder: PathBuf) -> Self {
        Self::Sqlite { folder, cache_mib: CACHE_MIB }
    }

    /// The same at the endpoint of another one, if it has any, or with as much of it in memory.
    #[must_use]
    pub fn beside(self, other: &Self) -> Self {
        match (self, other) {
            (Self::Dynamo { name, .. }, Self::Dynamo { endpoint, .. }) => {
                Self::Dynamo { name, endpoint: endpoint.clone() }
            }
            (Self::Sqlite { folder, .. }, Self::Sqlite { cache_mib, .. }) => {
                Self::Sqlite { folder, cache_mib: *cache_mib }
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

//! Ids: time-ordered UUIDs (version 7, RFC 9562), a type for each noun.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

use crate::{clock::Timestamp, random::Random};

fn next(now: Timestamp, random: &Random) -> Uuid {
    let millis = u64::try_from(now.millis()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &random.bytes()).into_uuid()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id; ids made later sort later, to the millisecond.
            pub fn new(now: Timestamp, random: &Random) -> Self {
                Self(next(now, random))
            }

            /// Reads the hyphenated form.
            pub fn parse(text: &str) -> Option<Self> {
                (text.len() == 36).then(|| Uuid::try_parse(text).ok().map(Self)).flatten()
            }

            /// The id's last byte, which is random: for spreading over shards.
            pub const fn low_byte(self) -> u8 {
                let [.., low] = *self.0.as_bytes();
                low
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.hyphenated(), f)
            }
        }
    )*};
}

ids! {
    /// An account's id.
    AccountId;
    /// A user's id.
    UserId;
    /// An API key's id.
    KeyId;
    /// A letter's id.
    LetterId;
    /// An audit entry's id.
    AuditId;
    /// The id of a person's sign-in with email and password.
    SignInId;
    /// The id of a sign-up that waits for its email to be proved.
    SignUpId;
    /// A session's id.
    SessionId;
    /// The id of a session's entry into an account.
    EntryId;
    /// A hold's id.
    HoldId;
    /// A request's id.
    RequestId;
}

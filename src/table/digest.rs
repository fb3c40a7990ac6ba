//! What tells whether two tables hold the same: a digest of items, in the order in which they are added.

use aws_lc_rs::digest::{Context, SHA256};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// SHA-256 over items, each part with its length in front of it, so that no two lists of items look alike.
pub(crate) struct Digest {
    context: Context,
    records: u64,
}

impl Default for Digest {
    fn default() -> Self {
        Self { context: Context::new(&SHA256), records: 0 }
    }
}

impl Digest {
    /// Begins another item.
    pub(crate) fn record(&mut self) {
        self.records += 1;
    }

    /// Adds a part of the item, or that it lacks it.
    pub(crate) fn part(&mut self, part: Option<&[u8]>) {
        // No part is so long.
        let length = part.map_or(u64::MAX, |part| u64::try_from(part.len()).unwrap_or(u64::MAX));
        self.context.update(&length.to_le_bytes());
        self.context.update(part.unwrap_or_default());
    }

    /// How many items there were, and their digest in base64url.
    pub(crate) fn end(self) -> (u64, String) {
        (self.records, URL_SAFE_NO_PAD.encode(self.context.finish()))
    }
}

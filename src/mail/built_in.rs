//! The templates that Guestlist brings along.

use include_dir::{Dir, include_dir};

/// `build.rs` watches this folder, too.
static FOLDER: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/mail/templates");

/// File names and texts.
pub(super) fn templates() -> impl Iterator<Item = (&'static str, &'static str)> {
    FOLDER.files().filter_map(|file| Some((file.path().to_str()?, file.contents_utf8()?)))
}

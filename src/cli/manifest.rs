//! What a backup says of itself, and the proof that it was this service which has made it.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    secret::{Secret, Secrets},
    table::sqlite::backup::{Content, Label},
};

/// What a backup was made of, when and by what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
    /// The version of the program that made it.
    pub(super) guestlist: String,
    /// When it was asked for; everything acknowledged until then is in it.
    pub(super) created: Timestamp,
    /// How many records there are.
    pub(super) records: u64,
    /// SHA-256 of them all.
    pub(super) digest: String,
    /// The short public name of the secret that the table was used with.
    pub(super) secret: String,
}

impl Manifest {
    /// Of what a backup holds.
    pub(super) fn new(content: &Content, created: Timestamp, secret: &Secret) -> Self {
        let Content { records, digest } = content.clone();
        let guestlist = env!("CARGO_PKG_VERSION").to_owned();
        Self { guestlist, created, records, digest, secret: secret.fingerprint() }
    }

    /// The label that says so, which nobody can make without the secret.
    pub(super) fn label(&self, secret: &Secret) -> serde_json::Result<Label> {
        let manifest = serde_json::to_string(self)?;
        let proof = URL_SAFE_NO_PAD.encode(hmac::sign(&key(secret), manifest.as_bytes()));
        Ok(Label { manifest, proof })
    }

    /// What a label says; it must be true of what the backup holds.
    ///
    /// # Errors
    /// What is wrong, for people.
    pub(super) fn read(label: &Label, content: &Content) -> Result<Self, String> {
        let manifest: Self = serde_json::from_str(&label.manifest)
            .map_err(|error| format!("its manifest cannot be read: {error}"))?;
        if manifest.records != content.records {
            let (said, found) = (manifest.records, content.records);
            return Err(format!("it should have {said} records but has {found}"));
        }
        if manifest.digest != content.digest {
            return Err("its records differ from those that were backed up".to_owned());
        }
        Ok(manifest)
    }
}

/// Whether a label was made with one of the secrets.
pub(super) fn is_proved(label: &Label, secrets: &Secrets) -> bool {
    let Ok(proof) = URL_SAFE_NO_PAD.decode(&label.proof) else { return false };
    secrets
        .all()
        .any(|secret| hmac::verify(&key(secret), label.manifest.as_bytes(), &proof).is_ok())
}

fn key(secret: &Secret) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret.derive("backup").expose())
}

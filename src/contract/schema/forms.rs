//! Texts with a grammar of their own: codes, tokens, hashes, languages, pictures.

use serde_json::{Value, json};

use super::{form, with};
use crate::model::{logo, text};

/// How far a test email may come, in this order.
pub(super) const MAIL_STAGES: &[&str] =
    &["settings", "resolve", "connect", "tls", "signIn", "sender", "recipient", "content"];

/// What to do about a mail server that takes no emails, by code.
pub(super) const MAIL_ADVICE: &[&str] = &[
    "set_server",
    "check_host",
    "ask_server",
    "check_port",
    "check_tls",
    "check_sign_in",
    "check_sender",
    "check_recipient",
    "read_reply",
];

/// So many characters of base64url.
pub(super) fn random(description: &str, length: usize) -> Value {
    let example: String = "Xk29-mQ7".chars().cycle().take(length).collect();
    form(description, &format!("^[A-Za-z0-9_-]{{{length}}}$"), &example)
}

/// The example is a circle.
pub(super) fn logo() -> Value {
    let description = format!(
        "A PNG or SVG picture of up to {} KiB, in base64; it is rewritten before it is stored",
        logo::MAX_BYTES / 1024
    );
    json!({
        "type": "string", "contentEncoding": "base64", "maxLength": logo::MAX_CHARS,
        "pattern": "^[A-Za-z0-9+/]+={0,2}$",
        "description": description,
        "examples": [concat!(
            "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCAyIDIiPjxjaXJjbGUgY3g9",
            "IjEiIGN5PSIxIiByPSIxIi8+PC9zdmc+",
        )],
    })
}

pub(super) fn invite_code() -> Value {
    form(
        "The code of an invite, as it is shown or, with a second part, as it was sent",
        r"^[A-Za-z0-9_-]{24}(\.[A-Za-z0-9_-]{24})?$",
        &"Xk29-mQ7".repeat(3),
    )
}

pub(super) fn password_hash() -> Value {
    let description = "An Argon2, bcrypt, scrypt or PBKDF2 hash with its salt, in the usual form";
    let example = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW";
    with(form(description, r"^\$?[a-z0-9_-]+\$.+$", example), "maxLength", 512)
}

pub(super) fn refresh_token() -> Value {
    let id = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}";
    let random = "[A-Za-z0-9_-]{43}";
    let pattern = format!(r"^glr_{id}\.{id}\.{random}\.{random}$");
    let (id, random) = ("01890000-0000-7000-8000-000000000000", "A".repeat(43));
    let example = format!("glr_{id}.{id}.{random}.{random}");
    form("A refresh token; it works once", &pattern, &example)
}

/// The grammar of RFC 5646, section 2.1, of the tags that begin with a language.
pub(super) fn language() -> Value {
    let pattern = [
        "^[A-Za-z]{2,3}(-[A-Za-z]{3}){0,3}",
        "(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?",
        "(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*",
        "(-[0-9A-WY-Za-wy-z](-[A-Za-z0-9]{2,8})+)*",
        "(-[xX](-[A-Za-z0-9]{1,8})+)?$",
    ];
    let schema = form("A language tag (BCP 47)", &pattern.concat(), "pt-BR");
    with(schema, "maxLength", text::MAX_LANGUAGE_CHARS)
}

pub(super) fn second_factor() -> Value {
    let pattern = "^([0-9]{6}|[a-z2-7]{4}(-[a-z2-7]{4}){5}-[a-z2-7]{2})$";
    form("The digits that the app shows, or a recovery code", pattern, "123456")
}

//! Letters as text: pure functions from what a letter says to what a person reads.

use super::templates::{self, Draft};
use crate::model::{
    code::Code,
    email::Email,
    id::LetterId,
    letter::{Content, Letter},
};

/// A letter written out, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The letter's id.
    pub id: LetterId,
    /// Where it goes.
    pub to: Email,
    /// Its subject.
    pub subject: String,
    /// Its text, for people who read plain text.
    pub text: String,
    /// Its text as HTML.
    pub html: String,
    /// The link that it is about.
    pub link: String,
}

/// Writes a letter out, with the code that it carries; the link leads to `app_url`.
pub fn write(letter: &Letter, code: Option<&Code>, app_url: &str) -> Written {
    let link = link(&letter.content, code, app_url);
    let draft = Draft::of(&letter.content, letter.to.as_str(), code.map(Code::reveal));
    Written {
        id: letter.id,
        to: letter.to.clone(),
        subject: draft.subject.clone(),
        text: templates::text(&draft, &link),
        html: templates::html(&draft, &link),
        link,
    }
}

/// The page of the single-page app that a letter leads to. The code goes into the fragment, which
/// browsers keep to themselves: it appears in no server's log and in no `Referer`.
fn link(content: &Content, code: Option<&Code>, app_url: &str) -> String {
    let action = match content {
        Content::Invite { .. } => "invite",
        Content::Verify { .. } => "verify",
        Content::Reset { .. } => "reset",
        Content::AlreadySignedUp | Content::PasswordChanged { .. } | Content::NewSignIn { .. } => {
            return app_url.to_owned();
        }
    };
    let code = code.map(Code::reveal).unwrap_or_default();
    format!("{}/#{action}={code}", app_url.trim_end_matches('/'))
}

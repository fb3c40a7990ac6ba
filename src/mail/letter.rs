//! Letters as text: pure functions from what a letter says to what a person reads.

use super::templates::{self, InviteFields};
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

/// Writes a letter out; the link leads to `app_url`.
pub fn write(letter: &Letter, code: &Code, app_url: &str) -> Written {
    let Content::Invite { account_name, inviter, role, invite, .. } = &letter.content;
    let link = invite_link(app_url, code);
    let expires = invite.expires.to_string();
    let day = expires.split_once('T').map_or(expires.as_str(), |(day, _)| day);
    let fields = InviteFields {
        account: account_name,
        inviter: inviter.as_deref(),
        role: role.name(),
        link: &link,
        code: code.reveal(),
        expires: day,
    };
    Written {
        id: letter.id,
        to: letter.to.clone(),
        subject: templates::invite_subject(&fields),
        text: templates::invite_text(&fields),
        html: templates::invite_html(&fields),
        link: link.clone(),
    }
}

/// The page of the single-page app where an invite is accepted. The code goes into the fragment,
/// which browsers keep to themselves: it appears in no server's log and in no `Referer`.
pub fn invite_link(app_url: &str, code: &Code) -> String {
    format!("{}/#invite={}", app_url.trim_end_matches('/'), code.reveal())
}

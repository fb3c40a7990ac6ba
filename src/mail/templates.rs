//! The texts of letters.

use std::fmt::Write as _;

use crate::{clock::Timestamp, model::letter::Content};

/// What a letter says, before it is text or HTML.
pub(super) struct Draft<'a> {
    pub(super) subject: String,
    opening: String,
    /// What the link does.
    action: &'static str,
    code: Option<&'a str>,
    closing: Vec<String>,
}

impl<'a> Draft<'a> {
    /// What a letter to that address says, and the code that it carries.
    pub(super) fn of(content: &Content, to: &str, code: Option<&'a str>) -> Self {
        match content {
            Content::Invite { account_name, inviter, role, invite, .. } => {
                let opening = match inviter {
                    Some(inviter) => format!("{inviter} invites you to"),
                    None => "You are invited to".to_owned(),
                };
                Self {
                    subject: format!("You are invited to join {account_name}"),
                    opening: format!(
                        "{opening} join {account_name}. Your role there will be {role}."
                    ),
                    action: "Accept the invitation",
                    code,
                    closing: vec![
                        format!("The invitation works once, until {}.", minute(invite.expires)),
                        "If you did not expect it, you need not do anything.".to_owned(),
                    ],
                }
            }
            Content::Verify { code: open, .. } => Self {
                subject: "Confirm your e-mail address".to_owned(),
                opening: format!(
                    "Somebody signs up with the address {to}. If that is you, confirm it."
                ),
                action: "Confirm the address",
                code,
                closing: vec![
                    format!("The link works once, until {}.", minute(open.expires)),
                    "If you have not signed up, you need not do anything.".to_owned(),
                ],
            },
            Content::AlreadySignedUp => Self {
                subject: "You have signed up already".to_owned(),
                opening: format!(
                    "Somebody signs up with the address {to}, which has a password already. \
                     If that is you, sign in with it, or set a new one there."
                ),
                action: "Sign in",
                code,
                closing: vec!["If it was not you, you need not do anything.".to_owned()],
            },
            Content::Reset { code: open, .. } => Self {
                subject: "Set a new password".to_owned(),
                opening: format!("Somebody wants to set a new password for {to}."),
                action: "Set a new password",
                code,
                closing: vec![
                    format!("The link works once, until {}.", minute(open.expires)),
                    "If it was not you, you need not do anything; the password stays as it is."
                        .to_owned(),
                ],
            },
            Content::PasswordChanged { at, address } => {
                Self::password_changed(to, *at, address.as_deref())
            }
            Content::NewSignIn { at, address, agent } => {
                Self::new_sign_in(to, *at, address.as_deref(), agent.as_deref())
            }
        }
    }

    fn password_changed(to: &str, at: Timestamp, address: Option<&str>) -> Self {
        Self {
            subject: "Your password was changed".to_owned(),
            opening: format!(
                "The password of {to} was changed on {}{}.",
                minute(at),
                part(" from the address ", address),
            ),
            action: "Open the app",
            code: None,
            closing: vec![
                "If it was not you, set a new password there at once, and tell an admin."
                    .to_owned(),
            ],
        }
    }

    fn new_sign_in(to: &str, at: Timestamp, address: Option<&str>, agent: Option<&str>) -> Self {
        Self {
            subject: "A new sign-in".to_owned(),
            opening: format!(
                "Somebody signed in as {to} on {}{}{}.",
                minute(at),
                part(" from the address ", address),
                part(" with ", agent),
            ),
            action: "Open the app",
            code: None,
            closing: vec![
                "If it was you, you need not do anything.".to_owned(),
                "If it was not you, set a new password there at once, and tell an admin."
                    .to_owned(),
            ],
        }
    }
}

/// The letter as plain text.
pub(super) fn text(draft: &Draft<'_>, link: &str) -> String {
    let Draft { opening, action, code, closing, .. } = draft;
    let mut text = format!("Hello,\n\n{opening}\n\n{action}:\n\n{link}\n\n");
    if let Some(code) = code {
        let _ = write!(text, "If you are asked for a code, it is:\n\n{code}\n\n");
    }
    text + &closing.join("\n") + "\n"
}

/// The letter as HTML.
pub(super) fn html(draft: &Draft<'_>, link: &str) -> String {
    let Draft { subject, opening, action, code, closing } = draft;
    let code = code.map(|code| {
        format!("<p>If you are asked for a code, it is: <code>{}</code></p>\n", escape(code))
    });
    format!(
        "<!doctype html>\n\
         <html lang=\"en\">\n\
         <head><meta charset=\"utf-8\"><title>{subject}</title></head>\n\
         <body style=\"margin:0;padding:24px;background:#f4f4f5;\
         font:16px/1.5 system-ui,sans-serif;color:#18181b\">\n\
         <div style=\"max-width:32em;margin:0 auto;padding:32px;background:#ffffff;\
         border-radius:8px\">\n\
         <p>Hello,</p>\n\
         <p>{opening}</p>\n\
         <p style=\"margin:28px 0\"><a href=\"{link}\" style=\"padding:12px 20px;\
         background:#1d4ed8;color:#ffffff;text-decoration:none;border-radius:6px\">\
         {action}</a></p>\n\
         {code}\
         <p style=\"color:#52525b;font-size:14px\">{closing}</p>\n\
         </div>\n\
         </body>\n\
         </html>\n",
        subject = escape(subject),
        opening = escape(opening),
        link = escape(link),
        action = escape(action),
        code = code.unwrap_or_default(),
        closing = escape(&closing.join(" ")),
    )
}

fn part(before: &str, value: Option<&str>) -> String {
    value.map(|value| format!("{before}{value}")).unwrap_or_default()
}

/// The moment to the minute.
fn minute(at: Timestamp) -> String {
    let text = at.to_string();
    let (day, time) = text.split_once('T').unwrap_or((&text, ""));
    format!("{day} {} UTC", time.get(..5).unwrap_or_default())
}

/// Makes a text safe inside HTML elements and quoted attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

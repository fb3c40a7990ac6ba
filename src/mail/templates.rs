//! The texts of letters.

/// What a template is filled with.
pub(super) struct InviteFields<'a> {
    pub(super) account: &'a str,
    pub(super) inviter: Option<&'a str>,
    pub(super) role: &'a str,
    pub(super) link: &'a str,
    pub(super) code: &'a str,
    pub(super) expires: &'a str,
}

pub(super) fn invite_subject(fields: &InviteFields<'_>) -> String {
    format!("You are invited to join {}", fields.account)
}

pub(super) fn invite_text(fields: &InviteFields<'_>) -> String {
    let InviteFields { account, role, link, code, expires, .. } = fields;
    format!(
        "Hello,\n\n\
         {opening} join {account}. Your role there will be {role}.\n\n\
         To accept, open this link:\n\n\
         {link}\n\n\
         If you are asked for a code, it is:\n\n\
         {code}\n\n\
         The invitation works once, until {expires}.\n\
         If you did not expect it, you need not do anything.\n",
        opening = opening(fields),
    )
}

pub(super) fn invite_html(fields: &InviteFields<'_>) -> String {
    let InviteFields { account, role, link, code, expires, .. } = fields;
    let (account, link, opening) = (escape(account), escape(link), escape(&opening(fields)));
    format!(
        "<!doctype html>\n\
         <html lang=\"en\">\n\
         <head><meta charset=\"utf-8\"><title>Invitation</title></head>\n\
         <body style=\"margin:0;padding:24px;background:#f4f4f5;\
         font:16px/1.5 system-ui,sans-serif;color:#18181b\">\n\
         <div style=\"max-width:32em;margin:0 auto;padding:32px;background:#ffffff;\
         border-radius:8px\">\n\
         <p>Hello,</p>\n\
         <p>{opening} join <strong>{account}</strong>. Your role there will be {role}.</p>\n\
         <p style=\"margin:28px 0\"><a href=\"{link}\" style=\"padding:12px 20px;\
         background:#1d4ed8;color:#ffffff;text-decoration:none;border-radius:6px\">\
         Accept the invitation</a></p>\n\
         <p>If you are asked for a code, it is: <code>{code}</code></p>\n\
         <p style=\"color:#52525b;font-size:14px\">The invitation works once, until {expires}. \
         If you did not expect it, you need not do anything.</p>\n\
         </div>\n\
         </body>\n\
         </html>\n"
    )
}

fn opening(fields: &InviteFields<'_>) -> String {
    match fields.inviter {
        Some(inviter) => format!("{inviter} invites you to"),
        None => "You are invited to".to_owned(),
    }
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

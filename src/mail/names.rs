//! What people call themselves, their accounts and keys, and what their browsers say, made fit for emails.
//!
//! Somebody who can have an email sent must not be able to write in it: mail programs make links of whatever
//! looks like one, and a long name can be a message.

/// The longest name in an email, in characters.
const MAX_CHARS: usize = 40;

/// A name that is short, shows what is in it, and that no mail program makes a link of.
pub(super) fn harmless(name: &str) -> String {
    let mut shown = String::new();
    let mut count = 0;
    let mut letters = name.chars().filter(|c| !is_hidden(*c)).peekable();
    while let Some(letter) = letters.next() {
        if count >= MAX_CHARS && !is_attached(letter) {
            shown.push('…');
            break;
        }
        // Many small marks on one letter do not make a name any longer, but cover what is around.
        if count >= 2 * MAX_CHARS {
            break;
        }
        count += 1;
        shown.push(letter);
        let follows = letters.peek().is_some_and(|next| !next.is_whitespace());
        if follows && is_joint(letter) {
            shown.push(' ');
        }
    }
    shown.trim().to_owned()
}

/// What kind of browser and system it is that calls itself so: words of our own, not those of the sender.
pub(super) fn device(agent: &str) -> Option<String> {
    let known = |words: &[(&str, &'static str)]| {
        words.iter().find(|(word, _)| agent.contains(word)).map(|(_, name)| *name)
    };
    // The more particular ones first: most claim to be some other, too.
    let browser = known(&[
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
        ("curl", "curl"),
    ]);
    let system = known(&[
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => Some(format!("{browser} ({system})")),
        (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => None,
    }
}

/// What joins the parts of an address; the full stops of other scripts count as dots in domains.
fn is_joint(c: char) -> bool {
    matches!(c, '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}' | '@' | '\u{ff20}' | '/' | ':' | '\\')
}

/// What belongs to the character before it.
fn is_attached(c: char) -> bool {
    matches!(c, '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
        || unicode_normalization::char::is_combining_mark(c)
}

/// What is not seen, or rules how others are shown. Records of before may have it.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_a_link_or_a_message() {
        for (name, shown) in [
            ("Analytical Engines", "Analytical Engines"),
            ("Ltd.", "Ltd."),
            ("St. Gallen", "St. Gallen"),
            ("booking.com", "booking. com"),
            ("https://evil.example/a", "https: / / evil. example/ a"),
            ("evil。example", "evil。 example"),
            ("me@evil.example", "me@ evil. example"),
            ("A\u{202e}B\u{200b}C\u{3164}", "ABC"),
            ("نیما", "نیما"),
        ] {
            assert_eq!(harmless(name), shown);
        }
        let long = harmless(&"ž".repeat(60));
        assert_eq!(long, format!("{}…", "ž".repeat(40)));
        assert!(harmless(&"\u{301}".repeat(500)).chars().count() <= 2 * MAX_CHARS);
    }

    #[test]
    fn a_device_is_told_in_our_own_words() {
        for (agent, shown) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0",
                "Firefox (Linux)",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140 Safari/537 Edg/140",
                "Edge (Windows)",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19 like Mac OS X) Version/19 Safari/604",
                "Safari (iPhone)",
            ),
            ("curl/8.9", "curl"),
        ] {
            assert_eq!(device(agent).as_deref(), Some(shown));
        }
        assert_eq!(device("call 555-0100 or visit evil.example"), None);
    }
}

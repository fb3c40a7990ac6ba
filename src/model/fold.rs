//! How texts are compared in searches: what people type for the same word is one.

use std::borrow::Cow;

use caseless::Caseless;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::model::unseen::is_unseen;

/// The longest folded name, in bytes; leaves room in a sort key for a second one and an id.
const MAX_FOLDED_BYTES: usize = 400;

/// Folds a name for searching: no accents, no case, single spaces, no `#`, and no letters that few
/// keyboards have where there are plain ones for them.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return squeeze(text.chars().map(|c| c.to_ascii_lowercase()), text.len());
    }
    let bare = text.chars().filter(|c| !is_unseen(*c)).nfkd().filter(|c| !is_combining_mark(*c));
    // A letter that others are folded to may be made of several.
    let folded = bare.default_case_fold().nfkd().filter(|c| !is_combining_mark(*c));
    squeeze(folded.flat_map(plain), text.len())
}

/// A text in no case, for finding one inside another; accents count.
pub fn caseless(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        let has_upper_case = text.bytes().any(|byte| byte.is_ascii_uppercase());
        return if has_upper_case { text.to_ascii_lowercase().into() } else { text.into() };
    }
    Cow::Owned(text.chars().nfd().default_case_fold().nfc().collect())
}

/// What people type for letters that Unicode does not take apart.
fn plain(c: char) -> impl Iterator<Item = char> {
    let letters = match c {
        'æ' => ['a', 'e'],
        'œ' => ['o', 'e'],
        'þ' => ['t', 'h'],
        'ø' => ['o', '\0'],
        'ð' | 'đ' | 'ɖ' => ['d', '\0'],
        'ħ' => ['h', '\0'],
        'ı' | 'ɨ' => ['i', '\0'],
        'ĸ' => ['k', '\0'],
        'ł' => ['l', '\0'],
        'ŋ' => ['n', '\0'],
        'ŧ' => ['t', '\0'],
        'ǥ' => ['g', '\0'],
        'ə' | 'ǝ' => ['e', '\0'],
        'ƒ' => ['f', '\0'],
        'ʉ' => ['u', '\0'],
        'ƶ' => ['z', '\0'],
        other => [other, '\0'],
    };
    letters.into_iter().filter(|c| *c != '\0')
}

/// The text with single spaces, none at the ends, and no `#`, which ends it in a sort key.
fn squeeze(chars: impl Iterator<Item = char>, length: usize) -> String {
    let mut folded = String::with_capacity(length);
    for c in chars {
        let c = if c.is_whitespace() || c == '#' { ' ' } else { c };
        let doubled = c == ' ' && (folded.is_empty() || folded.ends_with(' '));
        if folded.len() + c.len_utf8() > MAX_FOLDED_BYTES {
            break;
        }
        if !doubled {
            folded.push(c);
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding() {
        let check = |text: &str, folded: &str| assert_eq!(fold(text), folded, "{text:?}");
        check("Ada Lovelace", "ada lovelace");
        check("  Zoë   #1 ", "zoe 1");
        check("ÅSTRÖM", "astrom");
        check("", "");
        assert!(fold(&"ñ".repeat(1000)).len() <= MAX_FOLDED_BYTES);
    }

    #[test]
    fn spellings_of_one_name_are_one() {
        for (one, other) in [
            ("STRASSE", "Straße"),
            ("STRAẞE", "straße"),
            ("ΠΑΠΑΔΟΠΟΥΛΟΣ", "Παπαδόπουλος"),
            ("Łukasz", "lukasz"),
            ("ØRSTED", "orsted"),
            ("Đorđe", "dorde"),
            ("ÆSOP", "aesop"),
            ("Œuvre", "oeuvre"),
            ("Þór", "thor"),
            ("ISTANBUL", "ıstanbul"),
            ("İstanbul", "istanbul"),
            ("Ħal", "hal"),
            ("Ǿ", "o"),
            ("A\u{200b}da", "ada"),
            ("ＡＤＡ", "ada"),
            ("ﬁnn", "FINN"),
            ("Nguyễn", "NGUYE\u{302}\u{303}N"),
            ("Ёлка", "елка"),
        ] {
            assert_eq!(fold(one), fold(other), "{one:?} {other:?}");
        }
        assert_ne!(fold("Ada"), fold("Ida"));
    }

    #[test]
    fn a_folded_text_stays_as_it_is() {
        for c in ('\0'..='\u{1ffff}').filter(|c| !c.is_control()) {
            let once = fold(&format!("x{c}y"));
            assert_eq!(fold(&once), once, "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn parts_are_found_whatever_the_case() {
        let check = |text: &str, expected: &str| assert_eq!(caseless(text), expected);
        check("ada", "ada");
        check("ADA", "ada");
        check("STRAßE", "strasse");
        check("Παπαδόπουλος", "παπαδόπουλοσ");
        check("Zoe\u{308}", "zoë");
    }
}

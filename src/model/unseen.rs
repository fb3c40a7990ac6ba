//! Characters that nobody sees, or that change how others are shown: what keeps them out of names.
//!
//! Somebody's name is read by others, in the console, in emails and in other programs. A name that looks
//! empty, or that turns the text around it, misleads them.

use std::fmt;

use unicode_normalization::char::is_combining_mark;

/// The most marks on one character. Real writing has up to six or so (Tibetan, Hebrew with accents).
const MAX_MARKS: usize = 8;

/// What a text has that people cannot see for what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unseen {
    /// An invisible character, or one that rules how others are shown.
    Character(char),
    /// More marks on one character than [`MAX_MARKS`].
    Marks,
    /// A mark at the very beginning, which would go on whatever stands before the text.
    Loose(char),
    /// Nothing that could be seen.
    Empty,
}

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character(c) => {
                let code = u32::from(*c);
                write!(f, "must not contain the invisible character U+{code:04X}")
            }
            Self::Marks => {
                write!(f, "must have at most {MAX_MARKS} accents or other marks on one character")
            }
            Self::Loose(c) => {
                let code = u32::from(*c);
                write!(
                    f,
                    "must not begin with the mark U+{code:04X}, which goes on another character"
                )
            }
            Self::Empty => f.write_str("must have at least one visible character"),
        }
    }
}

/// The first thing in a text that cannot be seen for what it is.
pub(crate) fn find(text: &str) -> Option<Unseen> {
    let (mut marks, mut before) = (0, None);
    let mut is_seen = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if is_unseen(c) {
            if !has_use(before, c, chars.peek().copied()) {
                return Some(Unseen::Character(c));
            }
        } else if is_combining_mark(c) {
            marks += 1;
            if before.is_none() {
                return Some(Unseen::Loose(c));
            }
            if marks > MAX_MARKS {
                return Some(Unseen::Marks);
            }
        } else {
            marks = 0;
            is_seen |= !c.is_whitespace();
        }
        before = Some(c);
    }
    (!is_seen).then_some(Unseen::Empty)
}

/// The text without what [`find`] finds, for texts from elsewhere that nobody here can correct.
pub(crate) fn without(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    let (mut marks, mut before) = (0, None);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if is_unseen(c) {
            if !has_use(before, c, chars.peek().copied()) {
                continue;
            }
        } else if is_combining_mark(c) {
            marks += 1;
            if before.is_none() || marks > MAX_MARKS {
                continue;
            }
        } else {
            marks = 0;
        }
        before = Some(c);
        seen.push(c);
    }
    seen
}

/// Whether a character has no shape of its own: those that Unicode calls default ignorable, blanks that are
/// no white space, and those that mean something between two parties alone or nothing at all.
pub(crate) fn is_unseen(c: char) -> bool {
    let ignorable = matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}');
    let blank = matches!(c, '\u{2800}' | '\u{fff9}'..='\u{fffc}' | '\u{1d159}');
    let private = matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}');
    ignorable || blank || private || is_no_character(c)
}

/// Whether Unicode has set the code point aside for good.
fn is_no_character(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}

/// Whether writing needs the unseen character in this place.
fn has_use(before: Option<char>, c: char, after: Option<char>) -> bool {
    let Some(before) = before else { return false };
    match c {
        // Joiners shape letters in some scripts; one of them also makes one picture of several.
        '\u{200c}' => is_joined(before) && after.is_some_and(is_joined),
        '\u{200d}' => {
            let letters = is_joined(before) && after.is_some_and(is_joined);
            letters || (is_of_picture(before) && after.is_some_and(is_picture))
        }
        '\u{fe00}'..='\u{fe0f}' => has_variants(before) || after == Some('\u{20e3}'),
        '\u{e0100}'..='\u{e01ef}' => is_han(before),
        '\u{180b}'..='\u{180f}' => matches!(before, '\u{1820}'..='\u{18aa}'),
        // Keeps the order of two marks.
        '\u{34f}' => is_combining_mark(before) && after.is_some_and(is_combining_mark),
        _ => false,
    }
}

/// Whether the character is of a script in which joiners change how letters are written: from Arabic to
/// Tibetan, Myanmar, Khmer, Mongolian, and what was added to them later.
fn is_joined(c: char) -> bool {
    let is_letter = c.is_alphabetic() || is_combining_mark(c);
    is_letter
        && matches!(c,
            '\u{600}'..='\u{8ff}' | '\u{900}'..='\u{109f}' | '\u{1780}'..='\u{18af}'
            | '\u{a840}'..='\u{a8ff}' | '\u{a960}'..='\u{abff}' | '\u{fb50}'..='\u{fdff}'
            | '\u{fe70}'..='\u{fefc}' | '\u{11000}'..='\u{11fff}' | '\u{1e900}'..='\u{1e95f}')
}

/// Whether the character is, or may be shown as, a small picture.
fn is_picture(c: char) -> bool {
    matches!(c,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
        | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{24c2}' | '\u{25a0}'..='\u{27bf}'
        | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}' | '\u{3030}' | '\u{303d}'
        | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1faff}')
}

/// Whether a picture may end with the character, before it is joined with another.
fn is_of_picture(c: char) -> bool {
    is_picture(c) || c == '\u{fe0f}'
}

/// Whether there are other shapes of the character to select from; not so of Latin, Greek and Cyrillic
/// letters.
fn has_variants(c: char) -> bool {
    is_picture(c) || (matches!(c, '\u{1000}'..='\u{1dff}' | '\u{2000}'..) && !is_unseen(c))
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{2fff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<Unseen>, cleaned: &str) {
        assert_eq!(find(text), expected, "{text:?}");
        assert_eq!(without(text), cleaned, "{text:?}");
        let left = find(&without(text));
        assert!(left.is_none() || left == Some(Unseen::Empty), "{text:?}");
    }

    #[test]
    fn names_of_all_scripts_are_seen() {
        for name in [
            "Ada",
            "Zoe\u{308}",
            "Nguye\u{302}\u{303}n",
            "محمد",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "ශ\u{dca}\u{200d}රී",
            "葛\u{e0100}城",
            "辻\u{fe00}",
            "שָׁ\u{34f}\u{5b8}ל",
            "ᠮᠣᠩ\u{180b}ᠭᠣᠯ",
            "O'Neil",
            "X Æ A-12",
            "李 小龍",
            "❤\u{fe0f}",
            "👩\u{200d}🔬",
            "👩🏽\u{200d}⚕\u{fe0f}",
            "🏳\u{fe0f}\u{200d}🌈",
            "1\u{fe0f}\u{20e3}",
            "1",
        ] {
            check(name, None, name);
        }
    }

    #[test]
    fn what_cannot_be_seen_is_found() {
        for c in [
            '\u{ad}',
            '\u{61c}',
            '\u{115f}',
            '\u{200b}',
            '\u{200e}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2800}',
            '\u{3164}',
            '\u{e000}',
            '\u{fdd0}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{ffff}',
            '\u{e0041}',
            '\u{e0100}',
            '\u{f0000}',
            '\u{10ffff}',
            '\u{200c}',
            '\u{200d}',
            '\u{fe0f}',
            '\u{34f}',
            '\u{180e}',
        ] {
            check(&format!("A{c}da"), Some(Unseen::Character(c)), "Ada");
            check(&c.to_string(), Some(Unseen::Character(c)), "");
        }
        check("می\u{200c}", Some(Unseen::Character('\u{200c}')), "می");
        check("👩\u{200d}", Some(Unseen::Character('\u{200d}')), "👩");
    }

    #[test]
    fn marks_need_a_letter_and_are_few() {
        let pile = |count| format!("Z{}", "\u{335}".repeat(count));
        check(&pile(MAX_MARKS), None, &pile(MAX_MARKS));
        check(&pile(MAX_MARKS + 1), Some(Unseen::Marks), &pile(MAX_MARKS));
        check("\u{301}Ada", Some(Unseen::Loose('\u{301}')), "Ada");
        check(" \u{301}", Some(Unseen::Empty), " \u{301}");
        check("  ", Some(Unseen::Empty), "  ");
    }
}

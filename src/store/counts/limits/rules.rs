//! The limits: what is counted, how much of it is free, and how long callers have to wait after that.

use std::time::Duration;

/// How many misses of a kind are forgiven, and what comes then.
pub(in crate::store) struct Rule {
    /// Its name in the table.
    pub(in crate::store) name: &'static str,
    /// The misses without consequence.
    pub(in crate::store) free: u32,
    /// The pause after the first miss beyond those; each further miss doubles it.
    pub(in crate::store) first_pause: Duration,
    /// The longest pause.
    pub(in crate::store) longest_pause: Duration,
    /// The time in which the free misses are forgotten, one after the other, so that those who miss
    /// now and then never have to wait; not less than the longest pause.
    pub(in crate::store) memory: Duration,
}

/// Codes of letters that do not exist, from one address. A code cannot be guessed in earnest; this keeps
/// those who try anyway from the table. An office may share an address, hence so many.
pub(in crate::store) const UNKNOWN_CODE: Rule = Rule {
    name: "unknown_code",
    free: 20,
    first_pause: Duration::from_secs(1),
    longest_pause: Duration::from_mins(15),
    memory: Duration::from_hours(1),
};

/// Wrong passwords from one address: an attacker who tries a few passwords with each of many emails. An
/// office may share an address, and its people mistype.
pub(in crate::store) const WRONG_AT_ADDRESS: Rule = Rule {
    name: "wrong_at_address",
    free: 20,
    first_pause: Duration::from_secs(1),
    longest_pause: Duration::from_mins(15),
    memory: Duration::from_hours(1),
};

/// Wrong passwords and codes for one email, wherever they come from.
pub(in crate::store) const WRONG_FOR_EMAIL: Rule = Rule {
    name: "wrong_for_email",
    free: 5,
    first_pause: Duration::from_secs(1),
    longest_pause: Duration::from_mins(15),
    memory: Duration::from_hours(24),
};

/// Letters that are asked for from one address, for whomever.
pub(in crate::store) const LETTERS_FROM_ADDRESS: Rule = Rule {
    name: "letters_from_address",
    free: 30,
    first_pause: Duration::from_mins(1),
    longest_pause: Duration::from_mins(15),
    memory: Duration::from_hours(1),
};

/// Letters to one email that are asked for from one network.
pub(in crate::store) const LETTERS_FROM_NETWORK: Rule = Rule {
    name: "letters_from_network",
    free: 4,
    first_pause: Duration::from_mins(1),
    longest_pause: Duration::from_hours(1),
    memory: Duration::from_hours(4),
};

/// Letters to one email, wherever they are asked for: nobody's mailbox is to be filled, and yet it is
/// to take many who conspire to keep somebody from signing up.
pub(in crate::store) const LETTERS_FOR_EMAIL: Rule = Rule {
    name: "letters_for_email",
    free: 20,
    first_pause: Duration::from_mins(1),
    longest_pause: Duration::from_hours(1),
    memory: Duration::from_hours(4),
};

/// Letters with a code that are asked for in one session: nobody else is to be kept from asking by them.
pub(in crate::store) const LETTERS_TO_CONFIRM: Rule = Rule {
    name: "letters_to_confirm",
    free: 4,
    first_pause: Duration::from_mins(1),
    longest_pause: Duration::from_hours(1),
    memory: Duration::from_hours(4),
};

/// Letters about keys that are made in one user's name: a script may make many.
pub(in crate::store) const LETTERS_ABOUT_KEYS: Rule = Rule {
    name: "letters_about_keys",
    free: 9,
    first_pause: Duration::from_mins(10),
    longest_pause: Duration::from_hours(4),
    memory: Duration::from_hours(24),
};

/// Invites that an account sends: people who create an account could otherwise write to anyone.
pub(in crate::store) const LETTERS_OF_ACCOUNT: Rule = Rule {
    name: "letters_of_account",
    free: 500,
    first_pause: Duration::from_mins(1),
    longest_pause: Duration::from_hours(1),
    memory: Duration::from_hours(24),
};

/// Invites that one account sends to one mailbox, as they leave.
pub(in crate::store) const INVITES_OF_ACCOUNT_TO_MAILBOX: Rule = Rule {
    name: "invites_of_account_to_mailbox",
    free: 4,
    first_pause: Duration::from_mins(10),
    longest_pause: Duration::from_hours(4),
    memory: Duration::from_hours(24),
};

/// Invites to one mailbox from accounts that have not written to it lately: nobody's mailbox is to be filled by many
/// accounts, and yet one account, whatever it sends, is not to keep the others' from arriving.
pub(in crate::store) const FIRST_INVITES_TO_MAILBOX: Rule = Rule {
    name: "first_invites_to_mailbox",
    free: 19,
    first_pause: Duration::from_mins(1),
    longest_pause: Duration::from_hours(1),
    memory: Duration::from_hours(24),
};

/// All other invites to one mailbox.
pub(in crate::store) const MORE_INVITES_TO_MAILBOX: Rule = Rule {
    name: "more_invites_to_mailbox",
    free: 9,
    first_pause: Duration::from_mins(10),
    longest_pause: Duration::from_hours(4),
    memory: Duration::from_hours(24),
};

/// Identities at providers that are linked to one sign-in or taken off it: its person hears of each.
pub(in crate::store) const CHANGES_OF_PROVIDERS: Rule = Rule {
    name: "changes_of_providers",
    free: 10,
    first_pause: Duration::from_mins(10),
    longest_pause: Duration::from_hours(4),
    memory: Duration::from_hours(24),
};

/// Changes of how people sign in, made by an account for others, of each of which its person hears. The change is refused
/// and not the letter left out: what is not told is not done.
pub(in crate::store) const CHANGES_OF_ACCOUNT: Rule =
    Rule { name: "changes_of_account", ..LETTERS_OF_ACCOUNT };

/// Those of them that one account has one mailbox hear of, or somebody the own one.
pub(in crate::store) const CHANGES_TO_MAILBOX: Rule =
    Rule { name: "changes_to_mailbox", ..CHANGES_OF_PROVIDERS };

/// Letters that tell people what was done with their own sign-in: turning something on and off all the time
/// fills no mailbox.
pub(in crate::store) const LETTERS_OF_CHANGES: Rule =
    Rule { name: "letters_of_changes", free: 10, ..LETTERS_OF_ACCOUNT };

/// Test emails that one user has sent to the own address.
pub(in crate::store) const TEST_EMAILS: Rule = Rule {
    name: "test_emails",
    free: 5,
    first_pause: Duration::from_mins(1),
    longest_pause: Duration::from_mins(15),
    memory: Duration::from_hours(1),
};

#[cfg(test)]
mod tests {
    use super::*;

    /// In the order of this file.
    const ALL: [&Rule; 17] = [
        &UNKNOWN_CODE,
        &WRONG_AT_ADDRESS,
        &WRONG_FOR_EMAIL,
        &LETTERS_FROM_ADDRESS,
        &LETTERS_FROM_NETWORK,
        &LETTERS_FOR_EMAIL,
        &LETTERS_TO_CONFIRM,
        &LETTERS_ABOUT_KEYS,
        &LETTERS_OF_ACCOUNT,
        &INVITES_OF_ACCOUNT_TO_MAILBOX,
        &FIRST_INVITES_TO_MAILBOX,
        &MORE_INVITES_TO_MAILBOX,
        &CHANGES_OF_PROVIDERS,
        &CHANGES_OF_ACCOUNT,
        &CHANGES_TO_MAILBOX,
        &LETTERS_OF_CHANGES,
        &TEST_EMAILS,
    ];

    fn span(time: Duration) -> String {
        let seconds = time.as_secs();
        match (seconds % 3600, seconds % 60) {
            (0, _) => format!("{} h", seconds / 3600),
            (_, 0) => format!("{} min", seconds / 60),
            _ => format!("{seconds} s"),
        }
    }

    /// The rows of the document's table that end with a rule's name, each by its cells.
    fn rows() -> Vec<Vec<&'static str>> {
        let text = include_str!("../../../../docs/interface.md");
        let (_, limits) = text.split_once("\n## Limits\n").unwrap();
        let (limits, _) = limits.split_once("\n## ").unwrap();
        let rows = limits.lines().filter(|line| line.starts_with("| ")).skip(1);
        rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
    }

    #[test]
    fn the_document_lists_each_rule_as_it_is() {
        let rows = rows();
        for rule in ALL {
            let pause = format!("{} to {}", span(rule.first_pause), span(rule.longest_pause));
            let figures = [rule.free.to_string(), pause, span(rule.memory)];
            let own: Vec<_> =
                rows.iter().filter(|row| row[6] == format!("`{}`", rule.name)).collect();
            assert!(!own.is_empty(), "docs/interface.md does not list {}", rule.name);
            for row in own {
                assert_eq!(row[3..6], figures, "of {} in docs/interface.md", rule.name);
            }
        }
        for row in rows {
            let known = ALL.iter().any(|rule| row[6] == format!("`{}`", rule.name));
            assert!(known && row.len() == 7, "{row:?} of docs/interface.md names no rule");
        }
    }

    #[test]
    fn all_rules_are_among_them() {
        let (own, _) = include_str!("rules.rs").split_once("#[cfg(test)]").unwrap();
        let names: Vec<_> = own.split("name: \"").skip(1).collect();
        let names = names.iter().map(|rest| rest.split('"').next().unwrap());
        assert!(names.eq(ALL.iter().map(|rule| rule.name)));
    }
}

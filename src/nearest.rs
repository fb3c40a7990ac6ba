//! "Did you mean …?": the known name that is nearest to one that nobody knows.

/// The most characters of an unknown name that are compared.
const MAX_CHARS: usize = 60;

/// The known name that is nearest, if it may be meant.
fn nearest<S: AsRef<str>>(name: &str, known: impl IntoIterator<Item = S>) -> Option<S> {
    let known = known.into_iter().min_by_key(|known| distance(name, known.as_ref()))?;
    is_near(name, known.as_ref()).then_some(known)
}

/// Whether a known name may be meant by another one: at most two fifths of its characters are others.
pub(crate) fn is_near(name: &str, known: &str) -> bool {
    distance(name, known) <= known.chars().count() * 2 / 5
}

/// How many slips lead from one name to the other (Damerau-Levenshtein, case aside).
fn distance(name: &str, known: &str) -> usize {
    let name: String = name.chars().take(MAX_CHARS).collect::<String>().to_lowercase();
    strsim::damerau_levenshtein(&name, &known.to_lowercase())
}

/// " Did you mean …?" for the end of an error's text; empty if no known name is near.
pub(crate) fn did_you_mean<S: AsRef<str>>(
    name: &str,
    known: impl IntoIterator<Item = S>,
) -> String {
    match nearest(name, known) {
        Some(known) => format!(" Did you mean {}?", known.as_ref()),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_seen_through_and_strangers_are_not() {
        let check = |name: &str, expected: Option<&str>| {
            let known = ["id", "role", "email", "sendInvite", "user/update", "user/updateRole"];
            assert_eq!(nearest(name, known), expected, "{name}");
        };
        check("emial", Some("email"));
        check("rol", Some("role"));
        check("send_invite", Some("sendInvite"));
        check("user/udpate", Some("user/update"));
        check("user/updaterole", Some("user/updateRole"));
        check("password", None);
        check("x", None);
        check(&"email".repeat(1000), None);
    }
}

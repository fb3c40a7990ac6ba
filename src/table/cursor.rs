//! Cursors: a position in a query, sealed so that clients can neither read nor make one.
//!
//! A position holds keys, and keys hold emails that the caller's role may not see. So a cursor is
//! not only signed but encrypted, and the same page always has the same cursors. The query that it
//! belongs to is bound in: a cursor of another account, filter, index or direction does not open.

use super::{Direction, Index, Key, Position};
use crate::secret::{Sealer, Secrets};

/// The longest cursor that is looked at, in characters; keys are at most 3 KiB.
const MAX_CHARS: usize = 6000;

/// Positions are padded to a multiple of this, so that a cursor's length tells no email's.
const PADDED_BYTES: usize = 64;

/// Seals and opens cursors.
pub(crate) struct Cursors(Sealer);

/// What a cursor is good for: one direction of one query.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    /// The index that is walked.
    pub index: Index,
    /// Which way the cursor leads.
    pub direction: Direction,
    /// The partition and the filters, in a form of the caller's choice.
    pub query: &'a str,
}

impl Scope<'_> {
    fn context(&self) -> String {
        let Self { index, direction, query } = self;
        format!("{index:?} {direction:?} {query}")
    }
}

impl Cursors {
    /// Cursors under these secrets.
    pub(crate) fn new(secrets: &Secrets) -> Self {
        Self(Sealer::new(secrets, "cursor"))
    }

    /// The cursor for a position; `None` only if sealing itself fails.
    pub(crate) fn seal(&self, position: &Position, scope: Scope<'_>) -> Option<String> {
        let Position { sort, key } = position;
        let mut bytes = [sort.as_str(), &key.partition, &key.sort]
            .iter()
            .flat_map(|part| {
                let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
                [&length.to_be_bytes(), part.as_bytes()].concat()
            })
            .collect::<Vec<u8>>();
        bytes.resize(bytes.len().next_multiple_of(PADDED_BYTES), 0);
        self.0.seal(&scope.context(), bytes)
    }

    /// The position in a cursor; `None` if it was not sealed here for just this scope.
    pub(crate) fn open(&self, cursor: &str, scope: Scope<'_>) -> Option<Position> {
        if cursor.len() > MAX_CHARS {
            return None;
        }
        let opened = self.0.open(&scope.context(), cursor)?;
        let (sort, rest) = part(&opened)?;
        let (partition, rest) = part(rest)?;
        let (key, _padding) = part(rest)?;
        Some(Position { sort, key: Key::new(partition, key) })
    }
}

fn part(bytes: &[u8]) -> Option<(String, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (text, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    Some((String::from_utf8(text.to_vec()).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::*;
    use crate::secret::Secret;

    fn secrets(seed: u8, previous: &[u8]) -> Secrets {
        let previous = previous.iter().map(|seed| Secret::new([*seed; 32])).collect();
        Secrets { current: Secret::new([seed; 32]), previous }
    }

    const SCOPE: Scope<'_> =
        Scope { index: Index::Gs1, direction: Direction::Forward, query: "account#1 role=admin" };

    fn position() -> Position {
        let key = Key::new("account#1", "user#2");
        Position { sort: "email#zoë@example.com".to_owned(), key }
    }

    #[test]
    fn opens_what_it_sealed_and_nothing_else() {
        let cursors = Cursors::new(&secrets(1, &[]));
        let cursor = cursors.seal(&position(), SCOPE).unwrap();
        assert_eq!(cursors.open(&cursor, SCOPE), Some(position()));
        assert_eq!(cursors.seal(&position(), SCOPE), Some(cursor.clone()));
        for other in [
            Scope { index: Index::Primary, ..SCOPE },
            Scope { direction: Direction::Backward, ..SCOPE },
            Scope { query: "account#1", ..SCOPE },
        ] {
            assert_eq!(cursors.open(&cursor, other), None);
        }
        for at in 0..cursor.len() {
            let mut changed = cursor.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(cursors.open(&changed, SCOPE), None, "changed at {at}");
            assert_eq!(cursors.open(&cursor[..at], SCOPE), None, "cut at {at}");
        }
        assert_eq!(cursors.open(&"A".repeat(10_000), SCOPE), None);
    }

    #[test]
    fn outlives_a_change_of_the_secret() {
        let cursor = Cursors::new(&secrets(1, &[])).seal(&position(), SCOPE).unwrap();
        assert_eq!(Cursors::new(&secrets(2, &[1])).open(&cursor, SCOPE), Some(position()));
        assert_eq!(Cursors::new(&secrets(2, &[])).open(&cursor, SCOPE), None);
    }

    #[test]
    fn shows_nothing_of_the_keys() {
        let cursors = Cursors::new(&secrets(1, &[]));
        let cursor = cursors.seal(&position(), SCOPE).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(&cursor).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("example"));
        let longer = Position { sort: "email#zoë.maria@example.com".to_owned(), ..position() };
        assert_eq!(cursors.seal(&longer, SCOPE).unwrap().len(), cursor.len());
    }
}

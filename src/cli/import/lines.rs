//! The lines of a file or of stdin, one after the other, in constant memory.

use std::{
    io::{self, BufRead, BufReader, Read},
    thread,
};

use tokio::sync::mpsc;

/// The longest line, in bytes; what stands in a longer one is not kept.
pub(super) const MAX_LINE_BYTES: u64 = 1024 * 1024;
/// How many lines are read ahead.
const AHEAD: usize = 16;

/// A place between two lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// How many lines are before it.
    pub(super) line: u64,
    /// How many bytes are before it.
    pub(super) offset: u64,
}

/// A line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The place behind it; its line is the number of this one, from 1.
    pub(super) end: Place,
    /// What stands in it, with its end; `None` if it is too long.
    pub(super) text: Option<Vec<u8>>,
}

/// Reads the lines of `input`, which stands at `place`, on a thread of their own.
pub(super) fn follow(
    input: impl Read + Send + 'static,
    mut place: Place,
) -> mpsc::Receiver<io::Result<Line>> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    thread::spawn(move || {
        let mut reader = BufReader::with_capacity(64 * 1024, input);
        while let Some(line) = next(&mut reader, &mut place).transpose() {
            let failed = line.is_err();
            if sender.blocking_send(line).is_err() || failed {
                return;
            }
        }
    });
    receiver
}

fn next(reader: &mut impl BufRead, place: &mut Place) -> io::Result<Option<Line>> {
    let mut text = Vec::new();
    let most = MAX_LINE_BYTES + 1;
    let mut bytes = reader.by_ref().take(most).read_until(b'\n', &mut text)? as u64;
    if bytes == 0 {
        return Ok(None);
    }
    let too_long = bytes == most && !text.ends_with(b"\n");
    if too_long {
        bytes += skip_line(reader)?;
    }
    *place = Place { line: place.line + 1, offset: place.offset + bytes };
    Ok(Some(Line { end: *place, text: (!too_long).then_some(text) }))
}

/// Reads to the end of the line and keeps nothing; how many bytes that were.
fn skip_line(reader: &mut impl BufRead) -> io::Result<u64> {
    let mut skipped = 0;
    loop {
        let chunk = reader.fill_buf()?;
        let end = chunk.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
        let bytes = end.unwrap_or(chunk.len());
        reader.consume(bytes);
        skipped += bytes as u64;
        if end.is_some() || bytes == 0 {
            return Ok(skipped);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines as `(number, offset behind it, length)`; no length of one that is too long.
    fn check(input: &[u8], expected: &[(u64, u64, Option<usize>)]) {
        let mut reader = BufReader::with_capacity(7, input);
        let mut place = Place { line: 0, offset: 0 };
        let mut found = Vec::new();
        while let Some(line) = next(&mut reader, &mut place).unwrap() {
            let length = line.text.map(|text| text.len());
            found.push((line.end.line, line.end.offset, length));
        }
        assert_eq!(found, expected);
    }

    #[test]
    fn lines_are_counted_in_bytes() {
        check(b"", &[]);
        check(b"a\n\nbc", &[(1, 2, Some(2)), (2, 3, Some(1)), (3, 5, Some(2))]);
    }

    #[test]
    fn a_line_may_have_a_mebibyte_and_not_more() {
        let bytes = MAX_LINE_BYTES;
        let length = usize::try_from(bytes).unwrap();
        let most = vec![b'x'; length];
        check(
            &[&most, &b"\nb\n"[..]].concat(),
            &[(1, bytes + 1, Some(length + 1)), (2, bytes + 3, Some(2))],
        );
        check(&[&most, &b"x\nb\n"[..]].concat(), &[(1, bytes + 2, None), (2, bytes + 4, Some(2))]);
        check(&[&most, &b"xyz"[..]].concat(), &[(1, bytes + 3, None)]);
    }
}

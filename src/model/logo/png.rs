//! PNG pictures (W3C PNG, third edition): checking them, and taking out what a picture can do without.
//!
//! What is left are the chunks that make the picture, each whole: no texts, no profiles to unpack, nothing behind the end.

/// How every PNG begins.
pub(super) const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// The largest width and height, in pixels.
const MAX_SIDE: u32 = 1024;
/// Chunks that are of no use without, and those that make colours what they are.
const KEPT: [&[u8; 4]; 8] =
    [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB"];

/// One part of a PNG.
struct Chunk<'a> {
    kind: &'a [u8],
    data: &'a [u8],
    /// As it stands in the file.
    whole: &'a [u8],
}

/// The same picture without what it can do without.
///
/// # Errors
/// What is wrong with it.
pub(super) fn rebuilt(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut rest = bytes.strip_prefix(&SIGNATURE).ok_or("must be a PNG")?;
    let mut kept = SIGNATURE.to_vec();
    let mut seen = Vec::new();
    loop {
        let (chunk, after) =
            next(rest).ok_or("is a damaged PNG: it is incomplete or was changed")?;
        rest = after;
        if seen.is_empty() != (chunk.kind == b"IHDR") {
            return Err("is a damaged PNG: it must begin with its one header".to_owned());
        }
        if chunk.kind == b"IHDR" {
            header(chunk.data)?;
        }
        let known = KEPT.iter().find(|known| chunk.kind == **known);
        match known {
            Some(known) => {
                fits(**known, &seen)?;
                kept.extend_from_slice(chunk.whole);
                seen.push(**known);
            }
            // The lower case says that a picture is shown without it, too (5.4).
            None if chunk.kind.first().is_some_and(u8::is_ascii_lowercase) => {}
            None => return Err("is a PNG with a chunk of an unknown type".to_owned()),
        }
        if chunk.kind == b"IEND" {
            break;
        }
    }
    if !seen.contains(b"IDAT") {
        return Err("is a damaged PNG: it contains no picture".to_owned());
    }
    Ok(kept)
}

/// Whether a chunk may stand behind those that were seen (5.6).
fn fits(kind: [u8; 4], seen: &[[u8; 4]]) -> Result<(), String> {
    let is_first = !seen.contains(&kind);
    let data_begun = seen.contains(b"IDAT");
    let fits = match &kind {
        b"IDAT" => is_first || seen.last() == Some(b"IDAT"),
        b"IEND" => true,
        b"IHDR" => is_first,
        _ => is_first && !data_begun,
    };
    if fits { Ok(()) } else { Err("is a damaged PNG: its chunks are out of order".to_owned()) }
}

/// The first chunk, whose sum is right, and what comes behind it.
fn next(bytes: &[u8]) -> Option<(Chunk<'_>, &[u8])> {
    let (length, body) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (checked, after) = body.split_at_checked(length.checked_add(4)?)?;
    let (sum, after) = after.split_first_chunk::<4>()?;
    if crc(checked) != u32::from_be_bytes(*sum) {
        return None;
    }
    let (kind, data) = checked.split_at_checked(4)?;
    let whole = bytes.get(..bytes.len() - after.len())?;
    Some((Chunk { kind, data, whole }, after))
}

/// The header (11.2.1).
fn header(data: &[u8]) -> Result<(), String> {
    let damaged = || "is a damaged PNG: its header is not valid".to_owned();
    let (width, rest) = data.split_first_chunk::<4>().ok_or_else(damaged)?;
    let (height, rest) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
    let (width, height) = (u32::from_be_bytes(*width), u32::from_be_bytes(*height));
    let [depth, colours, 0, 0, 0 | 1] = *rest else { return Err(damaged()) };
    let is_known = match colours {
        0 => matches!(depth, 1 | 2 | 4 | 8 | 16),
        3 => matches!(depth, 1 | 2 | 4 | 8),
        2 | 4 | 6 => matches!(depth, 8 | 16),
        _ => false,
    };
    if !is_known || width == 0 || height == 0 {
        return Err(damaged());
    }
    if width > MAX_SIDE || height > MAX_SIDE {
        return Err(format!(
            "must be at most {MAX_SIDE} × {MAX_SIDE} pixels, and is {width} × {height}"
        ));
    }
    Ok(())
}

/// The sum of a chunk's kind and data (annex D).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            let carry = if sum & 1 == 1 { 0xedb8_8320 } else { 0 };
            (sum >> 1) ^ carry
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
        let checked = [kind.as_slice(), data].concat();
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&length[..], &checked, &crc(&checked).to_be_bytes()].concat()
    }

    fn head(width: u32, height: u32, rest: [u8; 5]) -> Vec<u8> {
        chunk(*b"IHDR", &[&width.to_be_bytes()[..], &height.to_be_bytes(), &rest].concat())
    }

    fn png(chunks: &[Vec<u8>]) -> Vec<u8> {
        [&SIGNATURE[..], &chunks.concat()].concat()
    }

    const RGBA: [u8; 5] = [8, 6, 0, 0, 0];

    #[test]
    fn the_sum_is_the_one_of_the_standard() {
        assert_eq!(crc(b"IEND"), 0xae42_6082);
    }

    #[test]
    fn what_makes_the_picture_is_kept_and_nothing_else() {
        let (head, data, end) =
            (head(16, 16, RGBA), chunk(*b"IDAT", b"data"), chunk(*b"IEND", b""));
        let gamma = chunk(*b"gAMA", &[0; 4]);
        let plain = png(&[head.clone(), gamma.clone(), data.clone(), data.clone(), end.clone()]);
        assert_eq!(rebuilt(&plain).unwrap(), plain);
        let text = chunk(*b"tEXt", b"Author\0Ada");
        let profile = chunk(*b"iCCP", b"packed");
        let place = chunk(*b"eXIf", b"where it was taken");
        let full = [head, text, profile, gamma, data.clone(), data, place, end];
        let full = [png(&full), b"<script>alert(1)</script>".to_vec()].concat();
        assert_eq!(rebuilt(&full).unwrap(), plain);
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        let (data, end) = (chunk(*b"IDAT", b"data"), chunk(*b"IEND", b""));
        let good = || head(16, 16, RGBA);
        let with = |head| png(&[head, data.clone(), end.clone()]);
        let mut damaged = with(good());
        damaged[20] ^= 1;
        for (bytes, why) in [
            (b"GIF89a".to_vec(), "must be a PNG"),
            (SIGNATURE.to_vec(), "incomplete"),
            (damaged, "changed"),
            (png(&[good(), data.clone()]), "incomplete"),
            (png(&[good(), end.clone()]), "no picture"),
            (png(&[data.clone(), end.clone()]), "begin with"),
            (png(&[good(), good(), data.clone(), end.clone()]), "begin with"),
            (png(&[good(), data.clone(), chunk(*b"gAMA", b""), end.clone()]), "out of order"),
            (png(&[good(), chunk(*b"ABCD", b""), data.clone(), end.clone()]), "unknown type"),
            (with(head(1025, 16, RGBA)), "1025 × 16"),
            (with(head(16, u32::MAX, RGBA)), "at most 1024"),
            (with(head(0, 16, RGBA)), "header"),
            (with(head(16, 16, [3, 6, 0, 0, 0])), "header"),
            (with(head(16, 16, [8, 6, 1, 0, 0])), "header"),
            (with(chunk(*b"IHDR", b"short")), "header"),
        ] {
            let said = rebuilt(&bytes).unwrap_err();
            assert!(said.contains(why), "{said}: {why}");
        }
        // A length that leads out of the file.
        let mut long = with(good());
        long[8] = 0xff;
        assert!(rebuilt(&long).is_err());
    }
}

//! UUIDs as numbers: 36 characters of text to 128 bits and back.

use std::fmt;

const LENGTH: usize = 36;
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// Reads a UUID in lower case with hyphens; `None` for any other text, so that writing it gives the same text.
pub fn parse(text: &[u8]) -> Option<u128> {
    let text: &[u8; LENGTH] = text.try_into().ok()?;
    if HYPHENS.iter().any(|&at| text[at] != b'-') {
        return None;
    }
    let eight = |first: usize, second: usize| {
        let mut digits = [0; 8];
        digits[..4].copy_from_slice(&text[first..first + 4]);
        digits[4..].copy_from_slice(&text[second..second + 4]);
        hex8(digits)
    };
    let (a, b) = (eight(0, 4)?, eight(9, 14)?);
    let (c, d) = (eight(19, 24)?, eight(28, 32)?);
    Some(u128::from(a) << 96 | u128::from(b) << 64 | u128::from(c) << 32 | u128::from(d))
}

/// Reads eight hexadecimal digits in lower case, all at once.
///
/// Adding to each byte sets its top bit if it is at least a bound; no byte of ASCII carries into the next.
fn hex8(digits: [u8; 8]) -> Option<u32> {
    const ONES: u64 = u64::MAX / 0xFF;
    const TOPS: u64 = ONES << 7;
    let word = u64::from_be_bytes(digits);
    let at_least = |byte: u8| word + ONES * u64::from(0x80 - byte);
    if word & TOPS != 0 {
        return None;
    }
    let are_digits = at_least(b'0') & !at_least(b'9' + 1) & TOPS;
    let are_letters = at_least(b'a') & !at_least(b'f' + 1) & TOPS;
    if are_digits | are_letters != TOPS {
        return None;
    }
    let nibbles = (word & (ONES * 0xF)) + (are_letters >> 7) * 9;
    let bytes = (nibbles | nibbles >> 4) & 0x00FF_00FF_00FF_00FF;
    let pairs = (bytes | bytes >> 8) & 0x0000_FFFF_0000_FFFF;
    Some((pairs | pairs >> 16) as u32)
}

/// Writes a UUID as [`parse`] reads it.
#[derive(Clone, Copy)]
pub struct Text(pub u128);

impl fmt::Display for Text {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.0;
        write!(
            out,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            id >> 96,
            id >> 80 & 0xFFFF,
            id >> 64 & 0xFFFF,
            id >> 48 & 0xFFFF,
            id & 0xFFFF_FFFF_FFFF
        )
    }
}

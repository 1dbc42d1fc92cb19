//! The one decimal spelling: reading it and writing it.

use std::fmt;
use std::ops::Deref;

use crate::excerpt::Excerpt;
use crate::units::UnitsError;

/// Longest text: sign, 39 digits of a 128-bit mantissa, point; or sign, `0.` and 38 decimals.
const TEXT_BYTES: usize = 41;

/// A decimal as text, held without an allocation.
#[derive(Clone, Copy)]
pub struct DecimalText {
    bytes: [u8; TEXT_BYTES],
    start: u8,
}

impl DecimalText {
    /// Writes `magnitude / 10^scale` with all its decimals.
    pub(super) fn new(is_negative: bool, mut magnitude: u128, scale: u8) -> Self {
        let mut bytes = [b'0'; TEXT_BYTES];
        let mut start = TEXT_BYTES;
        let mut written = 0;
        loop {
            if written == scale && scale > 0 {
                start -= 1;
                bytes[start] = b'.';
            }
            // 128-bit division is slow: leave it as soon as the rest fits a machine word.
            let digit = if let Ok(small) = u64::try_from(magnitude) {
                magnitude = u128::from(small / 10);
                small % 10
            } else {
                let digit = magnitude % 10;
                magnitude /= 10;
                digit as u64
            };
            start -= 1;
            bytes[start] = b'0' + digit as u8;
            written += 1;
            if magnitude == 0 && written > scale {
                break;
            }
        }
        if is_negative {
            start -= 1;
            bytes[start] = b'-';
        }
        Self {
            bytes,
            start: start as u8,
        }
    }

    /// Returns the text; it is pure ASCII.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[usize::from(self.start)..]
    }
}

impl Deref for DecimalText {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl fmt::Display for DecimalText {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes()
            .iter()
            .try_for_each(|&byte| fmt::Write::write_char(out, char::from(byte)))
    }
}

impl fmt::Debug for DecimalText {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// The parts of a decimal text whose spelling is proved.
pub(super) struct Spelling<'a> {
    pub is_negative: bool,
    pub whole: &'a [u8],
    pub decimals: &'a [u8],
}

/// Splits `text` into its parts.
///
/// # Errors
///
/// [`UnitsError::NotADecimal`] with the offset of the first byte that does not belong.
pub(super) fn split(text: &[u8]) -> Result<Spelling<'_>, UnitsError> {
    let is_negative = text.first() == Some(&b'-');
    let whole_start = usize::from(is_negative);
    let whole_end = digits_end(text, whole_start);
    let whole = &text[whole_start..whole_end];
    if whole.is_empty() {
        return Err(not_a_decimal(text, whole_start));
    }
    if whole[0] == b'0' && whole.len() > 1 {
        return Err(not_a_decimal(text, whole_start));
    }
    let decimals = if whole_end == text.len() {
        &[]
    } else {
        let decimals_end = digits_end(text, whole_end + 1);
        let decimals = text.get(whole_end + 1..decimals_end).unwrap_or_default();
        if text[whole_end] != b'.' {
            return Err(not_a_decimal(text, whole_end));
        }
        if decimals.is_empty() || decimals_end != text.len() {
            return Err(not_a_decimal(text, decimals_end));
        }
        decimals
    };
    if is_negative && whole == b"0" && decimals.iter().all(|&digit| digit == b'0') {
        return Err(not_a_decimal(text, 0));
    }
    Ok(Spelling {
        is_negative,
        whole,
        decimals,
    })
}

/// The parts of a decimal text in any spelling.
pub(super) struct AnySpelling<'a> {
    pub is_negative: bool,
    pub whole: &'a [u8],
    pub decimals: &'a [u8],
    pub exponent: i32,
}

/// Most digits of an exponent.
const EXPONENT_DIGITS: usize = 3;

/// Splits `text` into its parts: sign, digits, optionally a point with digits, optionally an exponent.
///
/// # Errors
///
/// [`UnitsError::NotADecimal`] with the offset of the first byte that does not belong.
#[cold]
pub(super) fn split_any(text: &[u8]) -> Result<AnySpelling<'_>, UnitsError> {
    let whole_start = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let whole_end = digits_end(text, whole_start);
    if whole_end == whole_start {
        return Err(not_a_decimal(text, whole_start));
    }
    let mut end = whole_end;
    if text.get(end) == Some(&b'.') {
        end = digits_end(text, whole_end + 1);
        if end == whole_end + 1 {
            return Err(not_a_decimal(text, end));
        }
    }
    let decimals = text.get(whole_end + 1..end).unwrap_or_default();
    let mut exponent = 0;
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let is_signed = matches!(text.get(end + 1), Some(b'+' | b'-'));
        let is_negative = text.get(end + 1) == Some(&b'-');
        let start = end + 1 + usize::from(is_signed);
        let exponent_end = digits_end(text, start);
        let digits = text.get(start..exponent_end).unwrap_or_default();
        if digits.is_empty() || digits.len() > EXPONENT_DIGITS {
            return Err(not_a_decimal(text, start));
        }
        exponent = digits
            .iter()
            .fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0'));
        exponent = if is_negative { -exponent } else { exponent };
        end = exponent_end;
    }
    if end != text.len() {
        return Err(not_a_decimal(text, end));
    }
    Ok(AnySpelling {
        is_negative: text[0] == b'-',
        whole: &text[whole_start..whole_end],
        decimals,
        exponent,
    })
}

fn digits_end(text: &[u8], start: usize) -> usize {
    let tail = text.get(start..).unwrap_or_default();
    start.min(text.len())
        + tail
            .iter()
            .position(|byte| !byte.is_ascii_digit())
            .unwrap_or(tail.len())
}

#[cold]
pub(super) fn not_a_decimal(text: &[u8], offset: usize) -> UnitsError {
    UnitsError::NotADecimal {
        offset,
        excerpt: Excerpt::around(text, offset),
    }
}

#[cold]
pub(super) fn too_large(bits: u8, text: &[u8]) -> UnitsError {
    UnitsError::NumberTooLarge {
        bits,
        excerpt: Excerpt::around(text, 0),
    }
}

#[cold]
pub(super) fn digits_lost(decimals: u8, text: &[u8]) -> UnitsError {
    UnitsError::DigitsLost {
        decimals,
        excerpt: Excerpt::around(text, 0),
    }
}

#[cold]
pub(super) fn too_many_decimals(decimals: usize, limit: u8) -> UnitsError {
    UnitsError::TooManyDecimals { decimals, limit }
}

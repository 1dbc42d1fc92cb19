//! Numbers: their grammar, and whole ones as integers.

use super::{Scanner, Span};
use crate::frame::{FrameError, FrameFault};

impl Scanner<'_> {
    /// Reads a whole number.
    ///
    /// # Errors
    ///
    /// `wrong_type` if the next value is no whole number of 64 bits.
    pub fn integer(&mut self) -> Result<i64, FrameError> {
        self.peek()?;
        let start = self.at;
        self.number()?;
        let text = &self.bytes[start..self.at];
        let (is_negative, digits) = match text.strip_prefix(b"-") {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        // Gathered below zero, where one number more fits.
        let sum = digits.iter().try_fold(0_i64, |sum, &digit| {
            let value = digit.is_ascii_digit().then(|| i64::from(digit - b'0'))?;
            sum.checked_mul(10)?.checked_sub(value)
        });
        let value = if is_negative {
            sum
        } else {
            sum.and_then(i64::checked_neg)
        };
        value.ok_or_else(|| self.error(FrameFault::WrongType, start))
    }

    /// Reads a whole number that is not negative.
    ///
    /// # Errors
    ///
    /// `wrong_type` if the next value is no whole number of 64 bits without a sign.
    pub fn unsigned(&mut self) -> Result<u64, FrameError> {
        self.peek()?;
        let start = self.at;
        // Short numbers are gathered as they are read; whatever is not one of them is judged the long way.
        if let Some((value, digits)) = leading_number(&self.bytes[start..])
            && !matches!(self.bytes.get(start + digits), Some(b'.' | b'e' | b'E'))
        {
            self.at = start + digits;
            return Ok(value);
        }
        self.number()?;
        self.bytes[start..self.at]
            .iter()
            .try_fold(0_u64, |sum, &digit| {
                let value = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
                sum.checked_mul(10)?.checked_add(value)
            })
            .ok_or_else(|| self.error(FrameFault::WrongType, start))
    }

    /// Takes `["1.5","2"]`, two numbers as strings, if it stands there without white space; returns where both contents lie.
    ///
    /// `None` takes nothing: whatever else is there must be read the long way, faults included.
    pub fn plain_pair(&mut self) -> Option<(Span, Span)> {
        let rest = self.bytes.get(self.at..)?;
        let first = plain_number(rest.strip_prefix(b"[\"")?)?;
        let second_at = first + 5;
        if rest.get(first + 2..second_at)? != b"\",\"" {
            return None;
        }
        let second = plain_number(rest.get(second_at..)?)?;
        let end = second_at + second;
        if rest.get(end..end + 2)? != b"\"]" {
            return None;
        }
        let start = self.at + 2;
        self.at += end + 2;
        Some((
            start..start + first,
            start + first + 3..start + first + 3 + second,
        ))
    }

    pub(super) fn number(&mut self) -> Result<(), FrameError> {
        let start = self.at;
        if self.bytes.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        let whole = self.at;
        let digits = self.digits();
        if digits == 0 {
            let kind = if self.at == start {
                FrameFault::WrongType
            } else {
                FrameFault::InvalidNumber
            };
            return Err(self.error(kind, self.at));
        }
        if digits > 1 && self.bytes.get(whole) == Some(&b'0') {
            return Err(self.error(FrameFault::InvalidNumber, whole));
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(self.error(FrameFault::InvalidNumber, self.at));
            }
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.bytes.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.error(FrameFault::InvalidNumber, self.at));
            }
        }
        Ok(())
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.bytes.get(self.at), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }
}

/// Returns the length of a string's content up to its closing quote, if it is all digits and points.
///
/// Eight bytes are judged at once. Adding sets a byte's top bit if it is at least a bound, and with the top bits masked no
/// sum carries into the next byte.
#[inline]
pub(crate) fn plain_number(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 0xFF;
    const TOPS: u64 = ONES << 7;
    let mut length = 0;
    for word in bytes.as_chunks::<8>().0 {
        let word = u64::from_le_bytes(*word);
        let low = word & !TOPS;
        let at_least = |byte: u8| low + ONES * u64::from(0x80 - byte);
        let are_digits = at_least(b'0') & !at_least(b'9' + 1);
        let are_no_points = (low ^ (ONES * u64::from(b'.'))) + ONES * 0x7F;
        let others = (!(are_digits | !are_no_points) | word) & TOPS;
        length += others.trailing_zeros() as usize / 8;
        if others != 0 {
            return (bytes[length] == b'"').then_some(length);
        }
    }
    while bytes
        .get(length)
        .is_some_and(|byte| byte.is_ascii_digit() || *byte == b'.')
    {
        length += 1;
    }
    (*bytes.get(length)? == b'"').then_some(length)
}

/// Reads the digits in front as a number, with how many there are; `None` without any, with a needless zero in front, or
/// with so many that 64 bits might not hold them.
#[inline]
pub(crate) fn leading_number(bytes: &[u8]) -> Option<(u64, usize)> {
    const MOST_DIGITS: usize = 19;
    let mut value = 0_u64;
    let mut digits = 0;
    while let Some(digit @ b'0'..=b'9') = bytes.get(digits) {
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
        digits += 1;
    }
    let is_plain = (1..=MOST_DIGITS).contains(&digits) && (digits == 1 || bytes[0] != b'0');
    is_plain.then_some((value, digits))
}

//! Strings: where they end, and what their escapes mean.

use std::borrow::Cow;

use super::{Scanner, Span};
use crate::frame::{FrameError, FrameFault};

impl<'a> Scanner<'a> {
    /// Reads a string, unescaped. A lone surrogate becomes U+FFFD.
    ///
    /// # Errors
    ///
    /// `wrong_type` if the next value is no string, `invalid_string`, `unexpected_end`.
    pub fn string(&mut self) -> Result<Cow<'a, str>, FrameError> {
        let (span, has_escape) = self.string_span()?;
        let raw = &self.bytes[span.clone()];
        if has_escape {
            return Ok(Cow::Owned(unescape(raw)));
        }
        // The whole text was validated, and a string ends at an ASCII quote.
        std::str::from_utf8(raw)
            .map(Cow::Borrowed)
            .map_err(|_| self.error(FrameFault::InvalidUtf8, span.start))
    }

    /// Reads a string as [`Self::string`] does, without asking again whether its bytes are UTF-8.
    ///
    /// # Errors
    ///
    /// As [`Self::string`].
    pub(crate) fn raw_string(&mut self) -> Result<Cow<'a, [u8]>, FrameError> {
        let (span, has_escape) = self.string_span()?;
        let raw = &self.bytes[span];
        Ok(if has_escape {
            Cow::Owned(unescape(raw).into_bytes())
        } else {
            Cow::Borrowed(raw)
        })
    }

    /// Takes a string and returns where its content lies, and whether it has escapes.
    ///
    /// # Errors
    ///
    /// As [`Self::string`].
    pub fn string_span(&mut self) -> Result<(Span, bool), FrameError> {
        if self.peek()? != b'"' {
            return Err(self.error(FrameFault::WrongType, self.at));
        }
        let start = self.at + 1;
        let mut at = start;
        let mut has_escape = false;
        loop {
            at += plain_letters(&self.bytes[at.min(self.bytes.len())..]);
            match self.bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    has_escape = true;
                    let length = match self.bytes.get(at + 1) {
                        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
                        Some(b'u') if hex4(self.bytes, at + 2).is_some() => 6,
                        Some(_) => return Err(self.error(FrameFault::InvalidString, at)),
                        None => return Err(self.error(FrameFault::UnexpectedEnd, at + 1)),
                    };
                    at += length;
                }
                Some(byte) if *byte < 0x20 => return Err(self.error(FrameFault::InvalidString, at)),
                Some(_) => at += 1,
                None => return Err(self.error(FrameFault::UnexpectedEnd, at)),
            }
        }
        self.at = at + 1;
        Ok((start..at, has_escape))
    }
}

/// Counts the bytes in front that mean themselves in a string, eight at a time; at most seven fewer than there are.
///
/// A byte is found by subtracting: only one that is smaller than what is taken away borrows into its top bit. Borrows run
/// upwards, so the lowest mark is always true.
pub(crate) fn plain_letters(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 0xFF;
    const TOPS: u64 = ONES << 7;
    let mut count = 0;
    let (words, _) = bytes.as_chunks::<8>();
    for word in words {
        let word = u64::from_le_bytes(*word);
        let quote = word ^ (ONES * 0x22);
        let backslash = word ^ (ONES * 0x5C);
        let marks = (quote.wrapping_sub(ONES) & !quote)
            | (backslash.wrapping_sub(ONES) & !backslash)
            | (word.wrapping_sub(ONES * 0x20) & !word);
        let marks = marks & TOPS;
        if marks != 0 {
            return count + marks.trailing_zeros() as usize / 8;
        }
        count += 8;
    }
    count
}

fn hex4(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at.checked_add(4)?)?;
    digits
        .iter()
        .try_fold(0, |sum, &digit| Some(sum * 16 + char::from(digit).to_digit(16)?))
}

/// Resolves the escapes of a string whose syntax has been checked.
fn unescape(raw: &[u8]) -> String {
    let mut text = Vec::with_capacity(raw.len());
    let mut at = 0;
    while let Some(&byte) = raw.get(at) {
        if byte != b'\\' {
            text.push(byte);
            at += 1;
            continue;
        }
        let escape = raw.get(at + 1).copied().unwrap_or_default();
        at += 2;
        let plain = match escape {
            b'b' => 0x08,
            b'f' => 0x0C,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let mut code = hex4(raw, at).unwrap_or_default();
                at += 4;
                if (0xD800..0xDC00).contains(&code)
                    && raw.get(at..at + 2) == Some(b"\\u")
                    && let Some(low @ 0xDC00..0xE000) = hex4(raw, at + 2)
                {
                    code = 0x1_0000 + ((code - 0xD800) << 10) + (low - 0xDC00);
                    at += 6;
                }
                let letter = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                text.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
            other => other,
        };
        text.push(plain);
    }
    String::from_utf8_lossy(&text).into_owned()
}

//! The pull scanner: one pass over the bytes, nothing copied that has no escapes.

use std::borrow::Cow;

use super::FrameError;

/// Deepest nesting that is followed. A venue's frames have five levels; a parser without a limit is a stack overflow.
pub const MAX_DEPTH: u32 = 128;

/// A range of bytes of the frame.
pub type Span = std::ops::Range<usize>;

/// Walks over one JSON text. A clone looks ahead.
#[derive(Clone)]
pub struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: u32,
}

impl<'a> Scanner<'a> {
    /// Starts at the first byte.
    ///
    /// # Errors
    ///
    /// `invalid_utf8`.
    pub fn new(bytes: &'a [u8]) -> Result<Self, FrameError> {
        match std::str::from_utf8(bytes) {
            Ok(_) => Ok(Self {
                bytes,
                at: 0,
                depth: 0,
            }),
            Err(error) => Err(FrameError::new("invalid_utf8", bytes, error.valid_up_to())),
        }
    }

    /// Starts inside a text that another scanner has validated.
    pub(crate) fn of_validated(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, depth: 0 }
    }

    /// Returns the offset of the next byte.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// Returns the text being scanned.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Makes an error at `offset`.
    #[cold]
    pub fn error(&self, kind: &'static str, offset: usize) -> FrameError {
        FrameError::new(kind, self.bytes, offset)
    }

    /// Returns the next byte that is not white space, without taking it.
    ///
    /// # Errors
    ///
    /// `unexpected_end`.
    pub fn peek(&mut self) -> Result<u8, FrameError> {
        while let Some(&byte) = self.bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Ok(byte);
            }
            self.at += 1;
        }
        Err(self.error("unexpected_end", self.at))
    }

    /// Takes `wanted` if it is next.
    ///
    /// # Errors
    ///
    /// `unexpected_end`.
    pub fn take(&mut self, wanted: u8) -> Result<bool, FrameError> {
        let is_next = self.peek()? == wanted;
        self.at += usize::from(is_next);
        Ok(is_next)
    }

    /// Takes `wanted`, which must be next.
    ///
    /// # Errors
    ///
    /// `unexpected_end`, `unexpected_byte`.
    pub fn expect(&mut self, wanted: u8) -> Result<(), FrameError> {
        if self.take(wanted)? {
            Ok(())
        } else {
            Err(self.error("unexpected_byte", self.at))
        }
    }

    /// Makes sure that nothing but white space is left.
    ///
    /// # Errors
    ///
    /// `trailing_data`.
    pub fn end(&mut self) -> Result<(), FrameError> {
        match self.peek() {
            Ok(_) => Err(self.error("trailing_data", self.at)),
            Err(_) => Ok(()),
        }
    }

    /// Reads an object: calls `member` with each key, as UTF-8; it must take the value.
    ///
    /// # Errors
    ///
    /// `wrong_type` if the next value is no object, what `member` returns, or a fault of the JSON.
    pub fn object<E: From<FrameError>>(
        &mut self,
        mut member: impl FnMut(&mut Self, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        if !self.take(b'{')? {
            return Err(self.error("wrong_type", self.at).into());
        }
        self.enter()?;
        if !self.take(b'}')? {
            loop {
                let key = self.raw_string()?;
                self.expect(b':')?;
                member(self, &key)?;
                if !self.take(b',')? {
                    self.expect(b'}')?;
                    break;
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads an array: calls `item` for each element; it must take it.
    ///
    /// # Errors
    ///
    /// `wrong_type` if the next value is no array, what `item` returns, or a fault of the JSON.
    pub fn array<E: From<FrameError>>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        if !self.take(b'[')? {
            return Err(self.error("wrong_type", self.at).into());
        }
        self.enter()?;
        if !self.take(b']')? {
            loop {
                item(self)?;
                if !self.take(b',')? {
                    self.expect(b']')?;
                    break;
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

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
            .map_err(|_| self.error("invalid_utf8", span.start))
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
            return Err(self.error("wrong_type", self.at));
        }
        let start = self.at + 1;
        let mut at = start;
        let mut has_escape = false;
        loop {
            match self.bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    has_escape = true;
                    let length = match self.bytes.get(at + 1) {
                        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
                        Some(b'u') if hex4(self.bytes, at + 2).is_some() => 6,
                        Some(_) => return Err(self.error("invalid_string", at)),
                        None => return Err(self.error("unexpected_end", at + 1)),
                    };
                    at += length;
                }
                Some(byte) if *byte < 0x20 => return Err(self.error("invalid_string", at)),
                Some(_) => at += 1,
                None => return Err(self.error("unexpected_end", at)),
            }
        }
        self.at = at + 1;
        Ok((start..at, has_escape))
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
        value.ok_or_else(|| self.error("wrong_type", start))
    }

    /// Reads a whole number that is not negative.
    ///
    /// # Errors
    ///
    /// `wrong_type` if the next value is no whole number of 64 bits without a sign.
    pub fn unsigned(&mut self) -> Result<u64, FrameError> {
        self.peek()?;
        let start = self.at;
        self.number()?;
        self.bytes[start..self.at]
            .iter()
            .try_fold(0_u64, |sum, &digit| {
                let value = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
                sum.checked_mul(10)?.checked_add(value)
            })
            .ok_or_else(|| self.error("wrong_type", start))
    }

    /// Reads what is next with `read`, `None` for `null`.
    ///
    /// # Errors
    ///
    /// A fault of the JSON, or what `read` returns.
    pub fn optional<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, FrameError>,
    ) -> Result<Option<T>, FrameError> {
        if self.null()? {
            Ok(None)
        } else {
            read(self).map(Some)
        }
    }

    /// Reads `true` or `false`.
    ///
    /// # Errors
    ///
    /// `wrong_type` for any other value.
    pub fn boolean(&mut self) -> Result<bool, FrameError> {
        match self.peek()? {
            b't' => self.word(b"true").map(|()| true),
            b'f' => self.word(b"false").map(|()| false),
            _ => Err(self.error("wrong_type", self.at)),
        }
    }

    /// Takes `null` if it is next.
    ///
    /// # Errors
    ///
    /// A fault of the JSON.
    pub fn null(&mut self) -> Result<bool, FrameError> {
        if self.peek()? != b'n' {
            return Ok(false);
        }
        self.word(b"null").map(|()| true)
    }

    /// Validates and skips any value; returns where it lies.
    ///
    /// # Errors
    ///
    /// A fault of the JSON.
    pub fn skip(&mut self) -> Result<Span, FrameError> {
        let first = self.peek()?;
        let start = self.at;
        match first {
            b'{' => self.object(|scanner, _| scanner.skip().map(|_| ()))?,
            b'[' => self.array(|scanner| scanner.skip().map(|_| ()))?,
            b'"' => self.string_span().map(|_| ())?,
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            b'-' | b'0'..=b'9' => self.number()?,
            _ => return Err(self.error("unexpected_byte", start)),
        }
        Ok(start..self.at)
    }

    fn enter(&mut self) -> Result<(), FrameError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error("too_deep", self.at - 1));
        }
        Ok(())
    }

    fn word(&mut self, wanted: &[u8]) -> Result<(), FrameError> {
        for &byte in wanted {
            match self.bytes.get(self.at) {
                Some(&found) if found == byte => self.at += 1,
                Some(_) => return Err(self.error("unexpected_byte", self.at)),
                None => return Err(self.error("unexpected_end", self.at)),
            }
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), FrameError> {
        let start = self.at;
        if self.bytes.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        let whole = self.at;
        let digits = self.digits();
        if digits == 0 {
            let kind = if self.at == start {
                "wrong_type"
            } else {
                "invalid_number"
            };
            return Err(self.error(kind, self.at));
        }
        if digits > 1 && self.bytes.get(whole) == Some(&b'0') {
            return Err(self.error("invalid_number", whole));
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(self.error("invalid_number", self.at));
            }
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.bytes.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.error("invalid_number", self.at));
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
fn plain_number(bytes: &[u8]) -> Option<usize> {
    let length = bytes
        .iter()
        .position(|&byte| !(byte.is_ascii_digit() || byte == b'.'))?;
    (bytes[length] == b'"').then_some(length)
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

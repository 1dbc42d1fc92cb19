//! The pull scanner: one pass over the bytes, nothing copied that has no escapes.

mod number;
mod text;

pub(crate) use number::{leading_number, plain_number};
pub(crate) use text::plain_letters;

use super::{FrameError, FrameFault};

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
            Err(error) => Err(FrameError::new(
                FrameFault::InvalidUtf8,
                bytes,
                error.valid_up_to(),
            )),
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

    /// Returns what has not been taken.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Takes bytes that the caller has read in [`Self::rest`].
    pub(crate) fn pass(&mut self, length: usize) {
        self.at += length;
    }

    /// Makes an error at `offset`.
    #[cold]
    pub fn error(&self, kind: FrameFault, offset: usize) -> FrameError {
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
        Err(self.error(FrameFault::UnexpectedEnd, self.at))
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
            Err(self.error(FrameFault::UnexpectedByte, self.at))
        }
    }

    /// Makes sure that nothing but white space is left.
    ///
    /// # Errors
    ///
    /// `trailing_data`.
    pub fn end(&mut self) -> Result<(), FrameError> {
        match self.peek() {
            Ok(_) => Err(self.error(FrameFault::TrailingData, self.at)),
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
            return Err(self.error(FrameFault::WrongType, self.at).into());
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
            return Err(self.error(FrameFault::WrongType, self.at).into());
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
            _ => Err(self.error(FrameFault::WrongType, self.at)),
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
            _ => return Err(self.error(FrameFault::UnexpectedByte, start)),
        }
        Ok(start..self.at)
    }

    fn enter(&mut self) -> Result<(), FrameError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error(FrameFault::TooDeep, self.at - 1));
        }
        Ok(())
    }

    fn word(&mut self, wanted: &[u8]) -> Result<(), FrameError> {
        for &byte in wanted {
            match self.bytes.get(self.at) {
                Some(&found) if found == byte => self.at += 1,
                Some(_) => return Err(self.error(FrameFault::UnexpectedByte, self.at)),
                None => return Err(self.error(FrameFault::UnexpectedEnd, self.at)),
            }
        }
        Ok(())
    }
}

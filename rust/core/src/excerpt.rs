//! A short copy of foreign input, for errors.

use std::fmt;

/// Most bytes of foreign input an error may carry.
pub const EXCERPT_BYTES: usize = 200;

/// A short copy of the input around a fault, printed escaped.
#[derive(Clone, PartialEq, Eq)]
pub struct Excerpt(Box<[u8]>);

impl Excerpt {
    /// Copies at most [`EXCERPT_BYTES`] of `input`, with `offset` in the middle where that is possible.
    #[cold]
    pub fn around(input: &[u8], offset: usize) -> Self {
        let start = offset
            .saturating_sub(EXCERPT_BYTES / 2)
            .min(input.len().saturating_sub(EXCERPT_BYTES));
        let end = input.len().min(start + EXCERPT_BYTES);
        Self(input[start..end].into())
    }

    /// Returns the copied bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0.escape_ascii())
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Excerpt({self})")
    }
}

//! Why nothing was signed.

use std::error::Error as StdError;
use std::fmt;

/// Why nothing was signed. Names the part at fault, never its content: it may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignError {
    /// A part that becomes a header or a request line is empty.
    EmptyText {
        /// Which part, for instance `access_id`.
        what: &'static str,
    },
    /// A part that becomes a header or a request line has a byte outside visible ASCII. Such a byte
    /// could end the line and smuggle in another header.
    UnprintableText {
        /// Which part.
        what: &'static str,
        /// Where in the part.
        offset: usize,
        /// The byte.
        byte: u8,
    },
}

impl SignError {
    /// Every kind of this module.
    pub const KINDS: &[&str] = &["empty_text", "unprintable_text"];

    /// Returns the stable name of what went wrong.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::EmptyText { .. } => "empty_text",
            Self::UnprintableText { .. } => "unprintable_text",
        }
    }
}

impl fmt::Display for SignError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyText { what } => write!(out, "empty text cannot be sent, was {what}"),
            Self::UnprintableText { what, offset, byte } => {
                write!(
                    out,
                    "{what} must be visible ASCII without blanks, byte {offset} was 0x{byte:02x}"
                )
            }
        }
    }
}

impl StdError for SignError {}

//! Why a frame cannot be read.

use std::fmt;

use crate::error::Excerpt;

/// A frame that is not what it should be: what, and at which byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameError {
    /// Stable name of the fault, one of [`FrameError::KINDS`].
    pub kind: &'static str,
    /// Byte offset of the fault in the inflated frame.
    pub offset: usize,
    /// The bytes around it.
    pub excerpt: Excerpt,
}

impl FrameError {
    /// Every kind of this module.
    pub const KINDS: &[&str] = &[
        "invalid_utf8",
        "unexpected_end",
        "unexpected_byte",
        "invalid_string",
        "invalid_number",
        "too_deep",
        "trailing_data",
        "wrong_type",
        "missing_member",
        "too_long",
    ];

    #[cold]
    pub(crate) fn new(kind: &'static str, input: &[u8], offset: usize) -> Self {
        Self {
            kind,
            offset,
            excerpt: Excerpt::around(input, offset),
        }
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} at byte {}, was `{}`",
            self.kind.replace('_', " "),
            self.offset,
            self.excerpt
        )
    }
}

impl std::error::Error for FrameError {}

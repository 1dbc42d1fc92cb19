//! Why a frame cannot be read.

use std::fmt;

use crate::excerpt::Excerpt;

/// What is wrong with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameFault {
    /// Bytes that are not UTF-8.
    InvalidUtf8,
    /// The frame ends too early.
    UnexpectedEnd,
    /// A byte that may not stand there.
    UnexpectedByte,
    /// A string with a control character or a wrong escape.
    InvalidString,
    /// A number in another spelling than JSON's.
    InvalidNumber,
    /// More nesting than is followed.
    TooDeep,
    /// Something follows the JSON.
    TrailingData,
    /// A value of another type than the member's, or out of its range.
    WrongType,
    /// A member without which the frame means nothing is missing.
    MissingMember,
    /// More bytes than the feed takes.
    TooLong,
}

impl FrameFault {
    /// Every fault.
    pub const ALL: &[Self] = &[
        Self::InvalidUtf8,
        Self::UnexpectedEnd,
        Self::UnexpectedByte,
        Self::InvalidString,
        Self::InvalidNumber,
        Self::TooDeep,
        Self::TrailingData,
        Self::WrongType,
        Self::MissingMember,
        Self::TooLong,
    ];

    /// Returns the stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidUtf8 => "invalid_utf8",
            Self::UnexpectedEnd => "unexpected_end",
            Self::UnexpectedByte => "unexpected_byte",
            Self::InvalidString => "invalid_string",
            Self::InvalidNumber => "invalid_number",
            Self::TooDeep => "too_deep",
            Self::TrailingData => "trailing_data",
            Self::WrongType => "wrong_type",
            Self::MissingMember => "missing_member",
            Self::TooLong => "too_long",
        }
    }
}

/// A frame that is not what it should be: what, and at which byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameError {
    /// The fault.
    pub kind: FrameFault,
    /// Byte offset of the fault in the inflated frame.
    pub offset: usize,
    /// The bytes around it.
    pub excerpt: Excerpt,
}

impl FrameError {
    #[cold]
    pub(crate) fn new(kind: FrameFault, input: &[u8], offset: usize) -> Self {
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
            self.kind.name().replace('_', " "),
            self.offset,
            self.excerpt
        )
    }
}

impl std::error::Error for FrameError {}

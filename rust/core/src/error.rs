//! What can go wrong in the core: one enum per module, gathered in [`Error`].
//!
//! Every error has a stable snake-case [`kind`](Error::kind), which callers may match on and which
//! never changes its meaning. Messages are for people: lower case, no full stop, the offending value
//! last. No error carries a secret; foreign bytes are cut to [`EXCERPT_BYTES`].

use std::error::Error as StdError;
use std::fmt;

pub use crate::frame::FrameError;

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

/// Any error of the core; what a binding converts into its own language.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A signer was given something it must not sign.
    Sign(SignError),
    /// A text is no exact decimal, or does not fit.
    Units(UnitsError),
    /// A compressed frame cannot be inflated.
    Inflate(InflateError),
    /// A frame is not what it should be.
    Frame(FrameError),
}

impl Error {
    /// Returns the stable name of what went wrong, unique in the whole core.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sign(error) => error.kind(),
            Self::Units(error) => error.kind(),
            Self::Inflate(error) => error.kind(),
            Self::Frame(error) => error.kind,
        }
    }

    /// Lists every kind of every module.
    pub fn kinds() -> impl Iterator<Item = &'static str> {
        [
            SignError::KINDS,
            UnitsError::KINDS,
            InflateError::KINDS,
            FrameError::KINDS,
        ]
        .into_iter()
        .flatten()
        .copied()
    }

    /// Returns the byte offset of the fault in the input, 0 where it has no place.
    pub fn offset(&self) -> usize {
        match self {
            Self::Sign(SignError::UnprintableText { offset, .. })
            | Self::Units(UnitsError::NotADecimal { offset, .. })
            | Self::Frame(FrameError { offset, .. }) => *offset,
            _ => 0,
        }
    }

    /// Returns the input around the fault, empty where there is none to show.
    pub fn excerpt(&self) -> &[u8] {
        match self {
            Self::Units(UnitsError::NotADecimal { excerpt, .. })
            | Self::Frame(FrameError { excerpt, .. }) => excerpt.as_bytes(),
            _ => &[],
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sign(error) => error.fmt(out),
            Self::Units(error) => error.fmt(out),
            Self::Inflate(error) => error.fmt(out),
            Self::Frame(error) => error.fmt(out),
        }
    }
}

impl StdError for Error {}

impl From<SignError> for Error {
    #[cold]
    fn from(error: SignError) -> Self {
        Self::Sign(error)
    }
}

impl From<UnitsError> for Error {
    #[cold]
    fn from(error: UnitsError) -> Self {
        Self::Units(error)
    }
}

impl From<FrameError> for Error {
    #[cold]
    fn from(error: FrameError) -> Self {
        Self::Frame(error)
    }
}

impl From<InflateError> for Error {
    #[cold]
    fn from(error: InflateError) -> Self {
        Self::Inflate(error)
    }
}

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

/// Why a number is not usable as an exact decimal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnitsError {
    /// The text is not a decimal in the one accepted spelling.
    NotADecimal {
        /// First byte that does not belong.
        offset: usize,
        /// The text.
        excerpt: Excerpt,
    },
    /// More decimals than the type can scale by.
    TooManyDecimals {
        /// Decimals asked for.
        decimals: usize,
        /// Decimals the type can hold.
        limit: u8,
    },
    /// The digits do not fit the mantissa.
    NumberTooLarge {
        /// Width of the mantissa in bits.
        bits: u8,
        /// The number as text.
        excerpt: Excerpt,
    },
    /// A change of scale would cut off digits that are not zero.
    DigitsLost {
        /// Decimals asked for.
        decimals: u8,
        /// The number as text.
        excerpt: Excerpt,
    },
}

impl UnitsError {
    /// Every kind of this module.
    pub const KINDS: &[&str] = &[
        "not_a_decimal",
        "too_many_decimals",
        "number_too_large",
        "digits_lost",
    ];

    /// Returns the stable name of what went wrong.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::NotADecimal { .. } => "not_a_decimal",
            Self::TooManyDecimals { .. } => "too_many_decimals",
            Self::NumberTooLarge { .. } => "number_too_large",
            Self::DigitsLost { .. } => "digits_lost",
        }
    }
}

impl fmt::Display for UnitsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotADecimal { offset, excerpt } => {
                write!(out, "not a plain decimal at byte {offset}, was `{excerpt}`")
            }
            Self::TooManyDecimals { decimals, limit } => {
                write!(out, "at most {limit} decimals fit, was {decimals}")
            }
            Self::NumberTooLarge { bits, excerpt } => write!(out, "does not fit {bits} bits, was {excerpt}"),
            Self::DigitsLost { decimals, excerpt } => {
                write!(out, "not exact with {decimals} decimals, was {excerpt}")
            }
        }
    }
}

impl StdError for UnitsError {}

/// Why a compressed frame was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InflateError {
    /// Neither gzip nor zlib nor raw deflate.
    NotCompressed {
        /// First byte of the input, 0 if it was empty.
        first_byte: u8,
    },
    /// The input ends before the compressed data does.
    Truncated {
        /// Length of the input.
        bytes: usize,
    },
    /// The compressed data is invalid, or its checksum or length does not match.
    Corrupted {
        /// Length of the input.
        bytes: usize,
    },
    /// The output would exceed the cap.
    OutputTooBig {
        /// The cap.
        limit_bytes: usize,
    },
    /// The output is out of proportion to the input, as in a decompression bomb.
    RatioExceeded {
        /// Output bytes per input byte that are allowed.
        limit: usize,
    },
    /// Bytes follow the compressed data.
    TrailingBytes {
        /// How many.
        bytes: usize,
    },
}

impl InflateError {
    /// Every kind of this module.
    pub const KINDS: &[&str] = &[
        "not_compressed",
        "compressed_truncated",
        "compressed_corrupted",
        "output_too_big",
        "ratio_exceeded",
        "trailing_bytes",
    ];

    /// Returns the stable name of what went wrong.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::NotCompressed { .. } => "not_compressed",
            Self::Truncated { .. } => "compressed_truncated",
            Self::Corrupted { .. } => "compressed_corrupted",
            Self::OutputTooBig { .. } => "output_too_big",
            Self::RatioExceeded { .. } => "ratio_exceeded",
            Self::TrailingBytes { .. } => "trailing_bytes",
        }
    }
}

impl fmt::Display for InflateError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotCompressed { first_byte } => {
                write!(
                    out,
                    "neither gzip nor zlib nor raw deflate, first byte was 0x{first_byte:02x}"
                )
            }
            Self::Truncated { bytes } => write!(out, "compressed data ends too early, length was {bytes}"),
            Self::Corrupted { bytes } => write!(out, "compressed data is corrupted, length was {bytes}"),
            Self::OutputTooBig { limit_bytes } => write!(
                out,
                "inflates to more bytes than the cap, which was {limit_bytes}"
            ),
            Self::RatioExceeded { limit } => write!(
                out,
                "inflates out of proportion, the highest ratio allowed was {limit}"
            ),
            Self::TrailingBytes { bytes } => {
                write!(out, "bytes follow the compressed data, count was {bytes}")
            }
        }
    }
}

impl StdError for InflateError {}

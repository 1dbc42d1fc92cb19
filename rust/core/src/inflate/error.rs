//! Why a compressed frame was refused.

use std::error::Error as StdError;
use std::fmt;

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

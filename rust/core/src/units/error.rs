//! Why a text is no exact decimal, or does not fit.

use std::error::Error as StdError;
use std::fmt;

use crate::excerpt::Excerpt;

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

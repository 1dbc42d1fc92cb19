//! Whatever can go wrong in the core: one enum per module, gathered in [`Error`].
//!
//! Every error has a stable snake-case [`kind`](Error::kind), which callers may match on and which
//! never changes its meaning. Messages are for people: lower case, no full stop, the offending value
//! last. No error carries a secret; foreign bytes are cut to [`EXCERPT_BYTES`].

use std::error::Error as StdError;
use std::fmt;

pub use crate::excerpt::{EXCERPT_BYTES, Excerpt};
pub use crate::frame::{FrameError, FrameFault};
pub use crate::inflate::InflateError;
pub use crate::sign::SignError;
pub use crate::units::UnitsError;

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
            Self::Frame(error) => error.kind.name(),
        }
    }

    /// Lists every kind of every module.
    pub fn kinds() -> impl Iterator<Item = &'static str> {
        [SignError::KINDS, UnitsError::KINDS, InflateError::KINDS]
            .into_iter()
            .flatten()
            .copied()
            .chain(FrameFault::ALL.iter().map(|fault| fault.name()))
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

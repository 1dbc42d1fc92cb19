//! Reading JSON frames without building a tree.
//!
//! [`scan`] is a pull scanner: it walks over the bytes once, borrows what is asked for and validates what is
//! skipped. The modules of the venues read their envelopes with it.
//!
//! The scanner accepts what RFC 8259 accepts and refuses the rest, like Python's `json` with two differences: it
//! refuses `NaN` and `Infinity`, which the RFC does not know, and it has a limit on depth.

pub mod coinex;
mod error;
pub mod exchange;
pub mod scan;
pub mod truex;

pub use error::{FrameError, FrameFault};

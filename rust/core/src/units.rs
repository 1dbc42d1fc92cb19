//! Exact decimals in fixed point: a whole mantissa and the number of decimals, never a float.
//!
//! [`Fixed`] has a 64-bit mantissa and is the type of hot book values; [`Wide`] has 128 bits for what
//! does not fit: futures amounts with 20 decimals and 128-bit venues at 18. Both keep the scale they
//! were read with, so a text comes back letter by letter: `1.50` stays `1.50`. Ordering and equality are
//! by value: `1.5 == 1.50`.
//!
//! One spelling is accepted, the JSON number without an exponent: an optional `-`, whole digits without
//! a leading zero, and optionally a point with at least one digit. Refused are `+1`, `01`, `.5`, `5.`,
//! `1e3`, blanks, the empty text, anything not ASCII, and `-0` in every length: zero has no sign here,
//! and a text that cannot come back identical must not be accepted. [`Wide::parse_any_spelling`] reads what
//! venues send besides, where the text is kept elsewhere.

mod decimal;
mod error;
mod fixed;
mod text;
pub mod time;
pub mod uuid;
mod wide;

pub use decimal::{Decimal, Mantissa};
pub use error::UnitsError;
pub use fixed::Fixed;
pub use text::DecimalText;
pub use wide::Wide;

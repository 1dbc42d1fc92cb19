//! One exact decimal for every width of mantissa.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Div, Mul, Rem};
use std::str::FromStr;

use super::UnitsError;
use super::text::{self, DecimalText};

/// What a mantissa must know. Sealed: 64 and 128 bits are what venues need.
pub trait Mantissa:
    Copy + Default + Ord + Div<Output = Self> + Mul<Output = Self> + Rem<Output = Self> + sealed::Sealed + 'static
{
    /// Width in bits.
    const BITS: u8;
    /// Most decimals: ten to this power is the highest that fits.
    const MAX_SCALE: u8;
    /// Name of the type, for debugging.
    const NAME: &'static str;

    /// Returns ten to the power of `exponent`, at most [`Self::MAX_SCALE`].
    fn power_of_ten(exponent: u8) -> Self;

    /// Returns the value of a digit.
    fn of_digit(digit: u8) -> Self;

    /// Adds, if the sum fits.
    fn checked_add(self, other: Self) -> Option<Self>;

    /// Subtracts, if the difference fits.
    fn checked_sub(self, other: Self) -> Option<Self>;

    /// Multiplies, if the product fits.
    fn checked_mul(self, other: Self) -> Option<Self>;

    /// Changes the sign, if the result fits.
    fn checked_neg(self) -> Option<Self>;

    /// Returns the value without its sign.
    fn magnitude(self) -> u128;

    /// Returns the nearest float.
    fn to_f64(self) -> f64;

    /// Compares by value.
    fn compare(left: Decimal<Self>, right: Decimal<Self>) -> Ordering;

    /// Reads what markets quote the fast way. `None` for all that needs a closer look, be it right or wrong.
    #[inline]
    fn parse_short(_text: &[u8]) -> Option<Decimal<Self>> {
        None
    }
}

/// The methods of [`Mantissa`] that every integer type has in the same words; `$powers` powers of ten fit it.
macro_rules! integer_methods {
    ($integer:ty, $powers:literal) => {
        #[inline]
        fn power_of_ten(exponent: u8) -> Self {
            const POWERS_OF_TEN: [$integer; $powers] = {
                let mut powers = [1; $powers];
                let mut index = 1;
                while index < powers.len() {
                    powers[index] = powers[index - 1] * 10;
                    index += 1;
                }
                powers
            };
            POWERS_OF_TEN[usize::from(exponent)]
        }

        #[inline]
        fn of_digit(digit: u8) -> Self {
            digit.into()
        }

        #[inline]
        fn checked_add(self, other: Self) -> Option<Self> {
            <$integer>::checked_add(self, other)
        }

        #[inline]
        fn checked_sub(self, other: Self) -> Option<Self> {
            <$integer>::checked_sub(self, other)
        }

        #[inline]
        fn checked_mul(self, other: Self) -> Option<Self> {
            <$integer>::checked_mul(self, other)
        }

        #[inline]
        fn checked_neg(self) -> Option<Self> {
            <$integer>::checked_neg(self)
        }

        #[inline]
        fn magnitude(self) -> u128 {
            self.unsigned_abs().into()
        }

        #[inline]
        fn to_f64(self) -> f64 {
            self as f64
        }
    };
}
pub(super) use integer_methods;

pub(super) mod sealed {
    /// Keeps other crates from adding widths.
    pub trait Sealed {}
    impl Sealed for i64 {}
    impl Sealed for i128 {}
}

/// An exact decimal: a whole mantissa and the number of decimals.
#[derive(Clone, Copy, Default)]
pub struct Decimal<M> {
    pub(super) mantissa: M,
    pub(super) scale: u8,
}

impl<M: Mantissa> Decimal<M> {
    /// Most decimals: ten to this power is the highest that fits the mantissa.
    pub const MAX_SCALE: u8 = M::MAX_SCALE;

    /// Makes the number `mantissa / 10^scale`.
    ///
    /// # Errors
    ///
    /// [`UnitsError::TooManyDecimals`] if `scale` exceeds [`Self::MAX_SCALE`].
    pub fn new(mantissa: M, scale: u8) -> Result<Self, UnitsError> {
        if scale > Self::MAX_SCALE {
            return Err(text::too_many_decimals(scale.into(), Self::MAX_SCALE));
        }
        Ok(Self { mantissa, scale })
    }

    /// Reads what markets quote the fast way: not negative, and no more than 18 digits. `None` for all that needs a closer
    /// look, be it right or wrong.
    #[inline]
    pub(crate) fn parse_short(text: &[u8]) -> Option<Self> {
        M::parse_short(text)
    }

    /// Makes again a number that was taken apart.
    #[inline]
    pub(crate) const fn of_parts(mantissa: M, scale: u8) -> Self {
        Self { mantissa, scale }
    }

    /// Reads the one accepted spelling; see the module.
    ///
    /// # Errors
    ///
    /// [`UnitsError::NotADecimal`], [`UnitsError::TooManyDecimals`] or [`UnitsError::NumberTooLarge`].
    pub fn parse(text: &[u8]) -> Result<Self, UnitsError> {
        match M::parse_short(text) {
            Some(value) => Ok(value),
            None => Self::parse_any(text),
        }
    }

    fn parse_any(text: &[u8]) -> Result<Self, UnitsError> {
        let parts = text::split(text)?;
        if parts.decimals.len() > Self::MAX_SCALE.into() {
            return Err(text::too_many_decimals(parts.decimals.len(), Self::MAX_SCALE));
        }
        let mantissa = gather(text, &[parts.whole, parts.decimals])?;
        Ok(Self {
            mantissa: signed(text, parts.is_negative, mantissa)?,
            scale: parts.decimals.len() as u8,
        })
    }

    /// Reads every spelling that venues use and REST replies are read in: besides the one of [`Self::parse`] a plus sign,
    /// zeros in front, and an exponent of up to three digits. `1E-8` is `0.00000001`, `1.5e3` is `1500`.
    ///
    /// # Errors
    ///
    /// As [`Self::parse`], with the same bounds on digits.
    pub fn parse_any_spelling(text: &[u8]) -> Result<Self, UnitsError> {
        let parts = text::split_any(text)?;
        let mut decimals = parts.decimals;
        // Zeros at the end of a long fraction are no reason not to fit.
        while decimals.len() > Self::MAX_SCALE.into() && decimals.ends_with(b"0") {
            decimals = &decimals[..decimals.len() - 1];
        }
        let (ten, zero) = (M::power_of_ten(1), M::default());
        let mut mantissa: M = gather(text, &[parts.whole, decimals])?;
        let mut scale = decimals.len() as i64 - i64::from(parts.exponent);
        while scale > Self::MAX_SCALE.into() && mantissa % ten == zero {
            (mantissa, scale) = (mantissa / ten, scale - 1);
        }
        while scale < 0 {
            let product = mantissa.checked_mul(ten);
            (mantissa, scale) = (product.ok_or_else(|| text::too_large(M::BITS, text))?, scale + 1);
        }
        if scale > Self::MAX_SCALE.into() {
            return Err(text::too_many_decimals(scale as usize, Self::MAX_SCALE));
        }
        Ok(Self {
            mantissa: signed(text, parts.is_negative, mantissa)?,
            scale: scale as u8,
        })
    }

    /// Returns the same value without zeros at the end of its decimals.
    #[must_use]
    pub fn without_zeros(self) -> Self {
        let Self {
            mut mantissa,
            mut scale,
        } = self;
        let ten = M::power_of_ten(1);
        while scale > 0 && mantissa % ten == M::default() {
            (mantissa, scale) = (mantissa / ten, scale - 1);
        }
        Self { mantissa, scale }
    }

    /// Returns the number without its point: 150 for `1.50`.
    #[inline]
    pub const fn mantissa(self) -> M {
        self.mantissa
    }

    /// Returns the number of decimals: 2 for `1.50`.
    #[inline]
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// Tells whether the value is zero, however it is written.
    #[inline]
    pub fn is_zero(self) -> bool {
        self.mantissa == M::default()
    }

    /// Returns the text this number was read from, or would be.
    pub fn text(self) -> DecimalText {
        DecimalText::new(
            self.mantissa < M::default(),
            self.mantissa.magnitude(),
            self.scale,
        )
    }

    /// Returns the same value with another number of decimals.
    ///
    /// # Errors
    ///
    /// [`UnitsError::DigitsLost`] if digits other than zero would go, [`UnitsError::NumberTooLarge`]
    /// or [`UnitsError::TooManyDecimals`] if it does not fit. Nothing is ever rounded.
    #[inline]
    pub fn rescale(self, scale: u8) -> Result<Self, UnitsError> {
        if scale > Self::MAX_SCALE {
            return Err(text::too_many_decimals(scale.into(), Self::MAX_SCALE));
        }
        let mantissa = if scale >= self.scale {
            self.mantissa
                .checked_mul(M::power_of_ten(scale - self.scale))
                .ok_or_else(|| self.too_large())?
        } else {
            let factor = M::power_of_ten(self.scale - scale);
            if self.mantissa % factor != M::default() {
                return Err(text::digits_lost(scale, &self.text()));
            }
            self.mantissa / factor
        };
        Ok(Self { mantissa, scale })
    }

    /// Adds exactly; the result has the longer of both scales.
    ///
    /// # Errors
    ///
    /// [`UnitsError::NumberTooLarge`] if the sum or a common scale does not fit.
    pub fn checked_add(self, other: Self) -> Result<Self, UnitsError> {
        let (left, right) = self.with_common_scale(other)?;
        let sum = left.mantissa.checked_add(right.mantissa);
        Self::new(sum.ok_or_else(|| self.too_large())?, left.scale)
    }

    /// Subtracts exactly; the result has the longer of both scales.
    ///
    /// # Errors
    ///
    /// [`UnitsError::NumberTooLarge`] if the difference or a common scale does not fit.
    pub fn checked_sub(self, other: Self) -> Result<Self, UnitsError> {
        let (left, right) = self.with_common_scale(other)?;
        let difference = left.mantissa.checked_sub(right.mantissa);
        Self::new(difference.ok_or_else(|| self.too_large())?, left.scale)
    }

    /// Multiplies exactly, with the sum of both scales.
    ///
    /// # Errors
    ///
    /// [`UnitsError::NumberTooLarge`] or [`UnitsError::TooManyDecimals`] if the product does not fit.
    pub fn checked_mul(self, other: Self) -> Result<Self, UnitsError> {
        let product = self.mantissa.checked_mul(other.mantissa);
        Self::new(product.ok_or_else(|| self.too_large())?, self.scale + other.scale)
    }

    /// Returns the nearest float or its neighbour, for signals only: not every decimal has one.
    pub fn to_f64(self) -> f64 {
        // Both operands are exact below 2^53, so this one division rounds correctly there.
        self.mantissa.to_f64() / M::power_of_ten(self.scale).to_f64()
    }

    fn with_common_scale(self, other: Self) -> Result<(Self, Self), UnitsError> {
        let scale = self.scale.max(other.scale);
        Ok((self.rescale(scale)?, other.rescale(scale)?))
    }

    #[cold]
    fn too_large(self) -> UnitsError {
        text::too_large(M::BITS, &self.text())
    }
}

/// Gathers digits below zero: negative numbers reach one further than positive ones.
fn gather<M: Mantissa>(text: &[u8], parts: &[&[u8]]) -> Result<M, UnitsError> {
    let ten = M::power_of_ten(1);
    parts
        .iter()
        .copied()
        .flatten()
        .try_fold(M::default(), |sum, &digit| {
            sum.checked_mul(ten)
                .and_then(|sum| sum.checked_sub(M::of_digit(digit - b'0')))
                .ok_or_else(|| text::too_large(M::BITS, text))
        })
}

/// Gives a number gathered below zero its sign.
fn signed<M: Mantissa>(text: &[u8], is_negative: bool, gathered: M) -> Result<M, UnitsError> {
    if is_negative {
        return Ok(gathered);
    }
    gathered
        .checked_neg()
        .ok_or_else(|| text::too_large(M::BITS, text))
}

impl<M: Mantissa> Ord for Decimal<M> {
    fn cmp(&self, other: &Self) -> Ordering {
        M::compare(*self, *other)
    }
}

impl<M: Mantissa> PartialOrd for Decimal<M> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<M: Mantissa> PartialEq for Decimal<M> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<M: Mantissa> Eq for Decimal<M> {}

impl<M: Mantissa> FromStr for Decimal<M> {
    type Err = UnitsError;

    fn from_str(text: &str) -> Result<Self, UnitsError> {
        Self::parse(text.as_bytes())
    }
}

impl<M: Mantissa> fmt::Display for Decimal<M> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text().fmt(out)
    }
}

impl<M: Mantissa> fmt::Debug for Decimal<M> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}({self})", M::NAME)
    }
}

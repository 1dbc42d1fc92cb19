//! The wide type: 128 bits of mantissa.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::Fixed;
use super::text::{self, DecimalText};
use crate::units::UnitsError;

const POWERS_OF_TEN: [i128; 39] = {
    let mut powers = [1; 39];
    let mut index = 1;
    while index < powers.len() {
        powers[index] = powers[index - 1] * 10;
        index += 1;
    }
    powers
};

/// An exact decimal with a 128-bit mantissa and at most 38 decimals.
#[derive(Clone, Copy, Default)]
pub struct Wide {
    mantissa: i128,
    scale: u8,
}

impl Wide {
    /// Most decimals: `10^38` is the highest power of ten that fits the mantissa.
    pub const MAX_SCALE: u8 = 38;

    /// Zero without decimals.
    pub const ZERO: Self = Self {
        mantissa: 0,
        scale: 0,
    };

    /// Makes the number `mantissa / 10^scale`.
    ///
    /// # Errors
    ///
    /// [`UnitsError::TooManyDecimals`] if `scale` exceeds [`Self::MAX_SCALE`].
    pub fn new(mantissa: i128, scale: u8) -> Result<Self, UnitsError> {
        if scale > Self::MAX_SCALE {
            return Err(text::too_many_decimals(scale.into(), Self::MAX_SCALE));
        }
        Ok(Self { mantissa, scale })
    }

    /// Makes a number whose scale is proved by the caller.
    pub(super) const fn from_parts(mantissa: i128, scale: u8) -> Self {
        Self { mantissa, scale }
    }

    /// Reads the one accepted spelling; see the module.
    ///
    /// # Errors
    ///
    /// [`UnitsError::NotADecimal`], [`UnitsError::TooManyDecimals`] or [`UnitsError::NumberTooLarge`].
    pub fn parse(text: &[u8]) -> Result<Self, UnitsError> {
        let parts = text::split(text)?;
        if parts.decimals.len() > Self::MAX_SCALE.into() {
            return Err(text::too_many_decimals(parts.decimals.len(), Self::MAX_SCALE));
        }
        // Negative numbers reach one further than positive ones, so digits are gathered below zero.
        let mut mantissa: i128 = 0;
        for &digit in parts.whole.iter().chain(parts.decimals) {
            mantissa = mantissa
                .checked_mul(10)
                .and_then(|sum| sum.checked_sub(i128::from(digit - b'0')))
                .ok_or_else(|| text::too_large(128, text))?;
        }
        if !parts.is_negative {
            mantissa = mantissa.checked_neg().ok_or_else(|| text::too_large(128, text))?;
        }
        Ok(Self {
            mantissa,
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
        let mut mantissa: i128 = 0;
        for &digit in parts.whole.iter().chain(decimals) {
            mantissa = mantissa
                .checked_mul(10)
                .and_then(|sum| sum.checked_sub(i128::from(digit - b'0')))
                .ok_or_else(|| text::too_large(128, text))?;
        }
        let mut scale = decimals.len() as i64 - i64::from(parts.exponent);
        while scale > Self::MAX_SCALE.into() && mantissa % 10 == 0 {
            (mantissa, scale) = (mantissa / 10, scale - 1);
        }
        while scale < 0 {
            let product = mantissa.checked_mul(10);
            (mantissa, scale) = (product.ok_or_else(|| text::too_large(128, text))?, scale + 1);
        }
        if scale > Self::MAX_SCALE.into() {
            return Err(text::too_many_decimals(scale as usize, Self::MAX_SCALE));
        }
        if !parts.is_negative {
            mantissa = mantissa.checked_neg().ok_or_else(|| text::too_large(128, text))?;
        }
        Ok(Self {
            mantissa,
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
        while scale > 0 && mantissa % 10 == 0 {
            (mantissa, scale) = (mantissa / 10, scale - 1);
        }
        Self { mantissa, scale }
    }

    /// Returns the number without its point: 150 for `1.50`.
    pub const fn mantissa(self) -> i128 {
        self.mantissa
    }

    /// Returns the number of decimals: 2 for `1.50`.
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// Tells whether the value is zero, however it is written.
    pub const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// Returns the text this number was read from, or would be.
    pub fn text(self) -> DecimalText {
        DecimalText::new(self.mantissa < 0, self.mantissa.unsigned_abs(), self.scale)
    }

    /// Returns the same value with another number of decimals.
    ///
    /// # Errors
    ///
    /// [`UnitsError::DigitsLost`] if digits other than zero would go, [`UnitsError::NumberTooLarge`]
    /// or [`UnitsError::TooManyDecimals`] if it does not fit. Nothing is ever rounded.
    pub fn rescale(self, scale: u8) -> Result<Self, UnitsError> {
        if scale > Self::MAX_SCALE {
            return Err(text::too_many_decimals(scale.into(), Self::MAX_SCALE));
        }
        let mantissa = if scale >= self.scale {
            let factor = POWERS_OF_TEN[usize::from(scale - self.scale)];
            self.mantissa
                .checked_mul(factor)
                .ok_or_else(|| text::too_large(128, &self.text()))?
        } else {
            let factor = POWERS_OF_TEN[usize::from(self.scale - scale)];
            if self.mantissa % factor != 0 {
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
        let mantissa = left.mantissa.checked_add(right.mantissa);
        mantissa
            .map(|mantissa| Self {
                mantissa,
                scale: left.scale,
            })
            .ok_or_else(|| text::too_large(128, &self.text()))
    }

    /// Subtracts exactly; the result has the longer of both scales.
    ///
    /// # Errors
    ///
    /// [`UnitsError::NumberTooLarge`] if the difference or a common scale does not fit.
    pub fn checked_sub(self, other: Self) -> Result<Self, UnitsError> {
        let (left, right) = self.with_common_scale(other)?;
        let mantissa = left.mantissa.checked_sub(right.mantissa);
        mantissa
            .map(|mantissa| Self {
                mantissa,
                scale: left.scale,
            })
            .ok_or_else(|| text::too_large(128, &self.text()))
    }

    /// Multiplies exactly, with the sum of both scales.
    ///
    /// # Errors
    ///
    /// [`UnitsError::NumberTooLarge`] or [`UnitsError::TooManyDecimals`] if the product does not fit.
    pub fn checked_mul(self, other: Self) -> Result<Self, UnitsError> {
        let mantissa = self.mantissa.checked_mul(other.mantissa);
        Self::new(
            mantissa.ok_or_else(|| text::too_large(128, &self.text()))?,
            self.scale + other.scale,
        )
    }

    /// Returns the nearest float or its neighbour, for signals only: not every decimal has one.
    pub fn to_f64(self) -> f64 {
        self.mantissa as f64 / POWERS_OF_TEN[usize::from(self.scale)] as f64
    }

    fn with_common_scale(self, other: Self) -> Result<(Self, Self), UnitsError> {
        let scale = self.scale.max(other.scale);
        Ok((self.rescale(scale)?, other.rescale(scale)?))
    }
}

impl Ord for Wide {
    fn cmp(&self, other: &Self) -> Ordering {
        // Cross products would need 256 bits. Whole parts are compared first; what remains is below
        // one, so bringing it to the longer scale stays below 10^38.
        let left_one = POWERS_OF_TEN[usize::from(self.scale)];
        let right_one = POWERS_OF_TEN[usize::from(other.scale)];
        (self.mantissa / left_one)
            .cmp(&(other.mantissa / right_one))
            .then_with(|| {
                let scale = self.scale.max(other.scale);
                let left = self.mantissa % left_one * POWERS_OF_TEN[usize::from(scale - self.scale)];
                let right = other.mantissa % right_one * POWERS_OF_TEN[usize::from(scale - other.scale)];
                left.cmp(&right)
            })
    }
}

impl PartialOrd for Wide {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Wide {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Wide {}

impl From<Fixed> for Wide {
    fn from(value: Fixed) -> Self {
        Self {
            mantissa: value.mantissa().into(),
            scale: value.scale(),
        }
    }
}

impl TryFrom<Wide> for Fixed {
    type Error = UnitsError;

    /// Narrows without changing the scale.
    fn try_from(value: Wide) -> Result<Self, UnitsError> {
        let mantissa = i64::try_from(value.mantissa).map_err(|_| text::too_large(64, &value.text()))?;
        Self::new(mantissa, value.scale)
    }
}

impl FromStr for Wide {
    type Err = UnitsError;

    fn from_str(text: &str) -> Result<Self, UnitsError> {
        Self::parse(text.as_bytes())
    }
}

impl fmt::Display for Wide {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text().fmt(out)
    }
}

impl fmt::Debug for Wide {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Wide({self})")
    }
}

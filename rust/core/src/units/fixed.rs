//! The hot type: 64 bits of mantissa.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::Wide;
use super::text::{self, DecimalText};
use crate::units::UnitsError;

const POWERS_OF_TEN: [i64; 19] = {
    let mut powers = [1; 19];
    let mut index = 1;
    while index < powers.len() {
        powers[index] = powers[index - 1] * 10;
        index += 1;
    }
    powers
};

/// Texts this long have at most 18 digits, below `10^18`.
const SHORT_BYTES: usize = 18;

/// An exact decimal with a 64-bit mantissa and at most 18 decimals.
#[derive(Clone, Copy, Default)]
pub struct Fixed {
    mantissa: i64,
    scale: u8,
}

impl Fixed {
    /// Most decimals: `10^18` is the highest power of ten that fits the mantissa.
    pub const MAX_SCALE: u8 = 18;

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
    pub fn new(mantissa: i64, scale: u8) -> Result<Self, UnitsError> {
        if scale > Self::MAX_SCALE {
            return Err(text::too_many_decimals(scale.into(), Self::MAX_SCALE));
        }
        Ok(Self { mantissa, scale })
    }

    /// Reads the one accepted spelling; see the module.
    ///
    /// # Errors
    ///
    /// [`UnitsError::NotADecimal`], [`UnitsError::TooManyDecimals`] or [`UnitsError::NumberTooLarge`].
    pub fn parse(text: &[u8]) -> Result<Self, UnitsError> {
        match Self::parse_short(text) {
            Some(value) => Ok(value),
            None => Self::parse_any(text),
        }
    }

    /// Reads what markets quote, in one pass: no sign, and so few digits that they cannot overflow.
    /// Returns `None` for all that needs a closer look, be it right or wrong.
    fn parse_short(text: &[u8]) -> Option<Self> {
        if text.len() > SHORT_BYTES {
            return None;
        }
        let mut mantissa = 0_i64;
        let mut point = None;
        for (index, &byte) in text.iter().enumerate() {
            let digit = byte.wrapping_sub(b'0');
            if digit < 10 {
                mantissa = mantissa.wrapping_mul(10).wrapping_add(digit.into());
            } else if byte == b'.' && point.is_none() {
                point = Some(index);
            } else {
                return None;
            }
        }
        let whole = point.unwrap_or(text.len());
        let scale = point.map_or(0, |index| text.len() - index - 1);
        let is_well_spelt = whole > 0 && (whole == 1 || text[0] != b'0') && (scale > 0 || point.is_none());
        is_well_spelt.then_some(Self {
            mantissa,
            scale: scale as u8,
        })
    }

    fn parse_any(text: &[u8]) -> Result<Self, UnitsError> {
        let parts = text::split(text)?;
        if parts.decimals.len() > Self::MAX_SCALE.into() {
            return Err(text::too_many_decimals(parts.decimals.len(), Self::MAX_SCALE));
        }
        // Negative numbers reach one further than positive ones, so digits are gathered below zero.
        let mut mantissa: i64 = 0;
        for &digit in parts.whole.iter().chain(parts.decimals) {
            mantissa = mantissa
                .checked_mul(10)
                .and_then(|sum| sum.checked_sub(i64::from(digit - b'0')))
                .ok_or_else(|| text::too_large(64, text))?;
        }
        if !parts.is_negative {
            mantissa = mantissa.checked_neg().ok_or_else(|| text::too_large(64, text))?;
        }
        Ok(Self {
            mantissa,
            scale: parts.decimals.len() as u8,
        })
    }

    /// Returns the number without its point: 150 for `1.50`.
    pub const fn mantissa(self) -> i64 {
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
        DecimalText::new(self.mantissa < 0, self.mantissa.unsigned_abs().into(), self.scale)
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
                .ok_or_else(|| text::too_large(64, &self.text()))?
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
            .ok_or_else(|| text::too_large(64, &self.text()))
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
            .ok_or_else(|| text::too_large(64, &self.text()))
    }

    /// Multiplies exactly, with the sum of both scales. Cannot fail: 64 times 64 bits fit 128, and 36
    /// decimals fit [`Wide::MAX_SCALE`].
    pub fn wide_mul(self, other: Self) -> Wide {
        let mantissa = i128::from(self.mantissa) * i128::from(other.mantissa);
        Wide::from_parts(mantissa, self.scale + other.scale)
    }

    /// Returns the nearest float, for signals only: not every decimal has one.
    pub fn to_f64(self) -> f64 {
        // Both operands are exact below 2^53, so this one division rounds correctly there.
        self.mantissa as f64 / POWERS_OF_TEN[usize::from(self.scale)] as f64
    }

    fn with_common_scale(self, other: Self) -> Result<(Self, Self), UnitsError> {
        let scale = self.scale.max(other.scale);
        Ok((self.rescale(scale)?, other.rescale(scale)?))
    }
}

impl Ord for Fixed {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.scale == other.scale {
            return self.mantissa.cmp(&other.mantissa);
        }
        // 63 + 60 bits: the cross products always fit.
        let left = i128::from(self.mantissa) * i128::from(POWERS_OF_TEN[usize::from(other.scale)]);
        let right = i128::from(other.mantissa) * i128::from(POWERS_OF_TEN[usize::from(self.scale)]);
        left.cmp(&right)
    }
}

impl PartialOrd for Fixed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Fixed {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Fixed {}

impl FromStr for Fixed {
    type Err = UnitsError;

    fn from_str(text: &str) -> Result<Self, UnitsError> {
        Self::parse(text.as_bytes())
    }
}

impl fmt::Display for Fixed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text().fmt(out)
    }
}

impl fmt::Debug for Fixed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Fixed({self})")
    }
}

//! The wide type: 128 bits of mantissa.

use std::cmp::Ordering;

use super::decimal::{Decimal, Mantissa};
use super::{Fixed, UnitsError, text};

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
pub type Wide = Decimal<i128>;

impl Mantissa for i128 {
    const BITS: u8 = 128;
    const MAX_SCALE: u8 = 38;
    const NAME: &'static str = "Wide";

    #[inline]
    fn power_of_ten(exponent: u8) -> Self {
        POWERS_OF_TEN[usize::from(exponent)]
    }

    #[inline]
    fn of_digit(digit: u8) -> Self {
        digit.into()
    }

    #[inline]
    fn checked_add(self, other: Self) -> Option<Self> {
        i128::checked_add(self, other)
    }

    #[inline]
    fn checked_sub(self, other: Self) -> Option<Self> {
        i128::checked_sub(self, other)
    }

    #[inline]
    fn checked_mul(self, other: Self) -> Option<Self> {
        i128::checked_mul(self, other)
    }

    #[inline]
    fn checked_neg(self) -> Option<Self> {
        i128::checked_neg(self)
    }

    #[inline]
    fn magnitude(self) -> u128 {
        self.unsigned_abs()
    }

    #[inline]
    fn to_f64(self) -> f64 {
        self as f64
    }

    fn compare(left: Wide, right: Wide) -> Ordering {
        if left.scale == right.scale {
            return left.mantissa.cmp(&right.mantissa);
        }
        // Cross products would need 256 bits. Whole parts are compared first; what remains is below
        // one, so bringing it to the longer scale stays below 10^38.
        let left_one = POWERS_OF_TEN[usize::from(left.scale)];
        let right_one = POWERS_OF_TEN[usize::from(right.scale)];
        (left.mantissa / left_one)
            .cmp(&(right.mantissa / right_one))
            .then_with(|| {
                let scale = left.scale.max(right.scale);
                let a = left.mantissa % left_one * POWERS_OF_TEN[usize::from(scale - left.scale)];
                let b = right.mantissa % right_one * POWERS_OF_TEN[usize::from(scale - right.scale)];
                a.cmp(&b)
            })
    }
}

impl Wide {
    /// Zero without decimals.
    pub const ZERO: Self = Self {
        mantissa: 0,
        scale: 0,
    };
}

impl From<i128> for Wide {
    fn from(mantissa: i128) -> Self {
        Self { mantissa, scale: 0 }
    }
}

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

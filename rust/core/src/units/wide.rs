//! The wide type: 128 bits of mantissa.

use std::cmp::Ordering;

use super::decimal::{Decimal, Mantissa, integer_methods};
use super::{Fixed, UnitsError, text};

/// An exact decimal with a 128-bit mantissa and at most 38 decimals.
pub type Wide = Decimal<i128>;

impl Mantissa for i128 {
    const BITS: u8 = 128;
    const MAX_SCALE: u8 = 38;
    const NAME: &'static str = "Wide";

    integer_methods!(i128, 39);

    fn compare(left: Wide, right: Wide) -> Ordering {
        if left.scale == right.scale {
            return left.mantissa.cmp(&right.mantissa);
        }
        if left.scale == right.scale {
            return left.mantissa.cmp(&right.mantissa);
        }
        // Cross products would need 256 bits. Whole parts are compared first; what remains is below
        // one, so bringing it to the longer scale stays below 10^38.
        let left_one = Self::power_of_ten(left.scale);
        let right_one = Self::power_of_ten(right.scale);
        (left.mantissa / left_one)
            .cmp(&(right.mantissa / right_one))
            .then_with(|| {
                let scale = left.scale.max(right.scale);
                let a = left.mantissa % left_one * Self::power_of_ten(scale - left.scale);
                let b = right.mantissa % right_one * Self::power_of_ten(scale - right.scale);
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

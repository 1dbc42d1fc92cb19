//! The hot width: 64 bits of mantissa.

use std::cmp::Ordering;

use super::Wide;
use super::decimal::{Decimal, Mantissa, integer_methods};

/// Texts this long have at most 18 digits, below `10^18`.
const SHORT_BYTES: usize = 18;

/// An exact decimal with a 64-bit mantissa and at most 18 decimals.
pub type Fixed = Decimal<i64>;

impl Mantissa for i64 {
    const BITS: u8 = 64;
    const MAX_SCALE: u8 = 18;
    const NAME: &'static str = "Fixed";

    integer_methods!(i64, 19);

    #[inline]
    fn compare(left: Fixed, right: Fixed) -> Ordering {
        if left.scale == right.scale {
            return left.mantissa.cmp(&right.mantissa);
        }
        // 63 + 60 bits: the cross products always fit.
        let a = i128::from(left.mantissa) * i128::from(Self::power_of_ten(right.scale));
        let b = i128::from(right.mantissa) * i128::from(Self::power_of_ten(left.scale));
        a.cmp(&b)
    }

    /// In one pass: no sign, and so few digits that they cannot overflow.
    #[inline]
    fn parse_short(text: &[u8]) -> Option<Fixed> {
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
        is_well_spelt.then_some(Fixed {
            mantissa,
            scale: scale as u8,
        })
    }
}

impl Fixed {
    /// Zero without decimals.
    pub const ZERO: Self = Self {
        mantissa: 0,
        scale: 0,
    };

    /// Multiplies exactly, with the sum of both scales. Cannot fail: 64 times 64 bits fit 128, and 36
    /// decimals fit [`Wide::MAX_SCALE`].
    pub fn wide_mul(self, other: Self) -> Wide {
        Wide {
            mantissa: i128::from(self.mantissa) * i128::from(other.mantissa),
            scale: self.scale + other.scale,
        }
    }
}

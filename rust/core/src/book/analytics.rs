//! Questions about a ladder: what it costs to fill a size, where the weight lies.
//!
//! Exact answers are [`Wide`]; a function that returns a float says so in its name and is for signals.

use super::{Ladder, Side};
use crate::error::UnitsError;
use crate::units::Wide;

/// What filling a size against a side takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fill {
    /// Price times size, summed over the levels used; exact.
    pub cost: Wide,
    /// The size filled: what was asked, or all there is.
    pub filled: Wide,
}

impl Ladder {
    /// Returns what it costs to take `size` from `side`, best level first.
    ///
    /// # Errors
    ///
    /// [`UnitsError::NumberTooLarge`] if an exact result does not fit 128 bits.
    pub fn fill_cost(&self, side: Side, size: Wide) -> Result<Fill, UnitsError> {
        let mut fill = Fill { cost: Wide::ZERO, filled: Wide::ZERO };
        for level in self.levels(side) {
            let wanted = size.checked_sub(fill.filled)?;
            if wanted.mantissa() <= 0 {
                break;
            }
            let taken = wanted.min(level.size());
            fill.cost = fill.cost.checked_add(level.price().checked_mul(taken)?)?;
            fill.filled = fill.filled.checked_add(taken)?;
        }
        Ok(fill)
    }

    /// Returns the size on `side` at prices as good as `price` or better.
    ///
    /// # Errors
    ///
    /// [`UnitsError::NumberTooLarge`] if the sum does not fit 128 bits.
    pub fn size_to_price(&self, side: Side, price: Wide) -> Result<Wide, UnitsError> {
        let is_good = |level: Wide| match side {
            Side::Bid => level >= price,
            Side::Ask => level <= price,
        };
        let mut levels = self.levels(side).take_while(|level| is_good(level.price()));
        levels.try_fold(Wide::ZERO, |sum, level| sum.checked_add(level.size()))
    }

    /// Returns the exact mid price, `None` if a side is empty. It may have one decimal more than the prices.
    ///
    /// # Errors
    ///
    /// [`UnitsError::NumberTooLarge`] if it does not fit 128 bits.
    pub fn mid(&self) -> Result<Option<Wide>, UnitsError> {
        let (Some(bid), Some(ask)) = (self.best(Side::Bid), self.best(Side::Ask)) else { return Ok(None) };
        let sum = bid.price().checked_add(ask.price())?;
        if sum.mantissa() % 2 == 0 {
            return Wide::new(sum.mantissa() / 2, sum.scale()).map(Some);
        }
        sum.checked_mul(Wide::new(5, 1)?).map(Some)
    }

    /// Returns best ask minus best bid, `None` if a side is empty.
    ///
    /// # Errors
    ///
    /// [`UnitsError::NumberTooLarge`] if it does not fit 128 bits.
    pub fn spread(&self) -> Result<Option<Wide>, UnitsError> {
        let (Some(bid), Some(ask)) = (self.best(Side::Bid), self.best(Side::Ask)) else { return Ok(None) };
        ask.price().checked_sub(bid.price()).map(Some)
    }

    /// Returns best bid, its size, best ask, its size; NaN and 0 for an empty side.
    pub fn best_f64(&self) -> (f64, f64, f64, f64) {
        let side = |side| {
            self.best(side).map_or((f64::NAN, 0.0), |level| (level.price().to_f64(), level.size().to_f64()))
        };
        let ((bid, bid_size), (ask, ask_size)) = (side(Side::Bid), side(Side::Ask));
        (bid, bid_size, ask, ask_size)
    }

    /// Returns the mid price, NaN if a side is empty.
    pub fn mid_f64(&self) -> f64 {
        let (bid, _, ask, _) = self.best_f64();
        bid.midpoint(ask)
    }

    /// Returns the mean of the best prices, each weighted with the size on the other side: where the
    /// next trade presses. NaN if a side is empty.
    pub fn micro_price_f64(&self) -> f64 {
        let (bid, bid_size, ask, ask_size) = self.best_f64();
        (bid * ask_size + ask * bid_size) / (bid_size + ask_size)
    }

    /// Returns (bid size - ask size) / (bid size + ask size) over the best `depth` levels of each side:
    /// 1 if only buyers are there, -1 if only sellers, NaN if nobody is.
    pub fn imbalance_f64(&self, depth: usize) -> f64 {
        let total = |side| self.levels(side).take(depth).map(|level| level.size().to_f64()).sum::<f64>();
        let (bid, ask) = (total(Side::Bid), total(Side::Ask));
        (bid - ask) / (bid + ask)
    }
}

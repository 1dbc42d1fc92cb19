//! What a level-2 book answers beside its levels: exact sums, and signals in floats.

use super::Level2Book;
use crate::book::side::{Level, Side};
use crate::units::UnitsError;
use crate::units::{Fixed, Wide};

/// What filling a size would take from one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// Quote units paid or received.
    pub cost: Wide,
    /// Base units filled; less than asked for when the book is too thin.
    pub filled: Wide,
}

impl Level2Book {
    /// Returns the middle between the best prices, exactly; `None` if a side is empty.
    pub fn mid(&self) -> Option<Wide> {
        let (bid, ask) = (self.bids.best()?.price(), self.asks.best()?.price());
        let sum = Wide::from(bid).checked_add(ask.into()).ok()?;
        // Half of a decimal is five tenths of it.
        sum.checked_mul(Wide::new(5, 1).ok()?).ok()
    }

    /// Returns best ask minus best bid, exactly; `None` if a side is empty.
    pub fn spread(&self) -> Option<Wide> {
        let (bid, ask) = (self.bids.best()?.price(), self.asks.best()?.price());
        Wide::from(ask).checked_sub(bid.into()).ok()
    }

    /// Returns what filling `size` from one side takes, exactly.
    ///
    /// # Errors
    ///
    /// [`UnitsError::NumberTooLarge`] or [`UnitsError::TooManyDecimals`] if a sum does not fit 128 bits.
    pub fn sweep(&self, is_bid: bool, size: Wide) -> Result<Sweep, UnitsError> {
        let mut sweep = Sweep {
            cost: Wide::from(Fixed::ZERO),
            filled: Wide::from(Fixed::ZERO),
        };
        for level in self.side(is_bid).iter() {
            let left = size.checked_sub(sweep.filled)?;
            if left <= Wide::from(Fixed::ZERO) {
                break;
            }
            let taken = left.min(level.size());
            sweep.cost = sweep.cost.checked_add(taken.checked_mul(level.price().into())?)?;
            sweep.filled = sweep.filled.checked_add(taken)?;
        }
        Ok(sweep)
    }

    /// Returns the size resting on one side at `price` or better.
    ///
    /// # Errors
    ///
    /// [`UnitsError::NumberTooLarge`] if the sum does not fit 128 bits.
    pub fn size_to(&self, is_bid: bool, price: Fixed) -> Result<Wide, UnitsError> {
        let is_within = |level: &&Level| {
            if is_bid {
                level.price() >= price
            } else {
                level.price() <= price
            }
        };
        self.side(is_bid)
            .iter()
            .take_while(is_within)
            .try_fold(Wide::from(Fixed::ZERO), |sum, level| {
                sum.checked_add(level.size())
            })
    }

    /// Returns (bid size - ask size) / (bid size + ask size) over `depth` levels: -1 to 1, 0 for an empty book.
    pub fn imbalance_f64(&self, depth: usize) -> f64 {
        let total = |side: &Side| {
            side.iter()
                .take(depth)
                .map(|level| level.size().to_f64())
                .sum::<f64>()
        };
        let (bids, asks) = (total(&self.bids), total(&self.asks));
        if bids + asks > 0.0 {
            (bids - asks) / (bids + asks)
        } else {
            0.0
        }
    }

    /// Returns the mid weighted by the size on the other side; NaN if a side is empty.
    pub fn micro_price_f64(&self) -> f64 {
        let (Some(bid), Some(ask)) = (self.bids.best(), self.asks.best()) else {
            return f64::NAN;
        };
        let (bid_size, ask_size) = (bid.size().to_f64(), ask.size().to_f64());
        (bid.price().to_f64() * ask_size + ask.price().to_f64() * bid_size) / (bid_size + ask_size)
    }
}

//! The price levels of both sides.

use super::level::LevelRecord;
use super::rungs::{Rung, Rungs};
use super::{BookError, LevelUpdate, Written};
use crate::units::Wide;

const POWERS_OF_TEN: [i64; 19] = {
    let mut powers = [1; 19];
    let mut index = 1;
    while index < powers.len() {
        powers[index] = powers[index - 1] * 10;
        index += 1;
    }
    powers
};

/// A side of a book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Those who want to buy; the best is the highest price.
    Bid,
    /// Those who want to sell; the best is the lowest price.
    Ask,
}

impl Side {
    /// Both sides.
    pub const BOTH: [Self; 2] = [Self::Bid, Self::Ask];

    /// Turns a price into a number that rises towards the touch, and back. The bitwise complement
    /// reverses the order of all 64-bit numbers; the negative would overflow for one of them.
    pub(super) const fn rank(self, price: i64) -> i64 {
        match self {
            Self::Bid => price,
            Self::Ask => !price,
        }
    }
}

/// Price levels, each side ordered from the touch.
///
/// Prices are kept as 64-bit ticks of a scale the whole ladder shares; it grows when a price with more
/// decimals arrives. Sizes keep the scale they came with, in 128 bits. No level has size zero.
#[derive(Debug, Clone, Default)]
pub struct Ladder {
    bids: Rungs,
    asks: Rungs,
    records: Vec<LevelRecord>,
    free: Vec<u32>,
    price_scale: u8,
    size_scale: u8,
}

impl Ladder {
    /// Makes an empty ladder.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the number of decimals prices are counted in.
    pub const fn price_scale(&self) -> u8 {
        self.price_scale
    }

    /// Returns the most decimals any size has had since the ladder was last emptied or replaced.
    pub const fn size_scale(&self) -> u8 {
        self.size_scale
    }

    /// Returns the number of levels on `side`.
    pub fn len(&self, side: Side) -> usize {
        self.rungs(side).len()
    }

    /// Tells whether neither side has a level.
    pub fn is_empty(&self) -> bool {
        self.bids.len() == 0 && self.asks.len() == 0
    }

    /// Tells whether the best bid is not below the best ask.
    #[inline]
    pub fn is_crossed(&self) -> bool {
        match (self.bids.best(), self.asks.best()) {
            (Some(bid), Some(ask)) => bid.rank >= Side::Ask.rank(ask.rank),
            _ => false,
        }
    }

    /// Returns the best level of `side`.
    #[inline]
    pub fn best(&self, side: Side) -> Option<LevelView<'_>> {
        self.rungs(side).best().map(|rung| self.view(side, rung))
    }

    /// Iterates over the levels of `side`, best first.
    pub fn levels(&self, side: Side) -> impl ExactSizeIterator<Item = LevelView<'_>> {
        self.rungs(side).iter().map(move |rung| self.view(side, rung))
    }

    /// Removes every level; the scales start over.
    pub fn clear(&mut self) {
        self.bids.clear();
        self.asks.clear();
        self.records.clear();
        self.free.clear();
        self.price_scale = 0;
        self.size_scale = 0;
    }

    /// Applies one change. Removing a level that is not there does nothing.
    ///
    /// # Errors
    ///
    /// [`BookError::PriceOutOfRange`]; the ladder is as before.
    #[inline]
    pub fn set(&mut self, side: Side, update: &LevelUpdate) -> Result<(), BookError> {
        self.make_room(std::slice::from_ref(update), &[])?;
        self.apply(side, update);
        Ok(())
    }

    /// Applies a difference: each change in turn, so of two for one price the last counts.
    ///
    /// # Errors
    ///
    /// [`BookError::PriceOutOfRange`]; the ladder is as before.
    pub fn change(&mut self, bids: &[LevelUpdate], asks: &[LevelUpdate]) -> Result<(), BookError> {
        self.make_room(bids, asks)?;
        bids.iter().for_each(|update| self.apply(Side::Bid, update));
        asks.iter().for_each(|update| self.apply(Side::Ask, update));
        Ok(())
    }

    /// Replaces every level. Updates of size zero are ignored; of two for one price the last counts.
    ///
    /// # Errors
    ///
    /// [`BookError::PriceOutOfRange`]; the ladder is empty then.
    pub fn replace(&mut self, bids: &[LevelUpdate], asks: &[LevelUpdate]) -> Result<(), BookError> {
        self.clear();
        self.make_room(bids, asks)?;
        self.fill(Side::Bid, bids);
        self.fill(Side::Ask, asks);
        Ok(())
    }

    /// Removes the worst levels until no side has more than `limit`.
    #[inline]
    pub fn trim(&mut self, limit: usize) {
        if self.bids.len() > limit {
            self.free.extend(self.bids.drain_beyond(limit).map(|rung| rung.slot));
        }
        if self.asks.len() > limit {
            self.free.extend(self.asks.drain_beyond(limit).map(|rung| rung.slot));
        }
    }

    pub(super) const fn rungs(&self, side: Side) -> &Rungs {
        match side {
            Side::Bid => &self.bids,
            Side::Ask => &self.asks,
        }
    }

    pub(super) fn record(&self, rung: Rung) -> &LevelRecord {
        &self.records[rung.slot as usize]
    }

    /// Counts prices in more decimals without adding a level.
    ///
    /// # Errors
    ///
    /// [`BookError::PriceOutOfRange`]; the ladder is as before.
    pub fn grow_scale(&mut self, price_scale: u8) -> Result<(), BookError> {
        if price_scale <= self.price_scale {
            return Ok(());
        }
        let out_of_range = || BookError::PriceOutOfRange { decimals: price_scale };
        let factor =
            *POWERS_OF_TEN.get(usize::from(price_scale - self.price_scale)).ok_or_else(out_of_range)?;
        let fits = |side: Side| {
            self.rungs(side).iter().all(|rung| side.rank(rung.rank).checked_mul(factor).is_some())
        };
        if !(fits(Side::Bid) && fits(Side::Ask)) {
            return Err(out_of_range());
        }
        for rung in self.bids.iter_mut() {
            rung.rank *= factor;
        }
        for rung in self.asks.iter_mut() {
            rung.rank = !(!rung.rank * factor);
        }
        self.price_scale = price_scale;
        Ok(())
    }

    /// Makes sure that every update can be applied, counting in more decimals if one needs them.
    #[inline]
    fn make_room(&mut self, bids: &[LevelUpdate], asks: &[LevelUpdate]) -> Result<(), BookError> {
        let mut price_scale = self.price_scale;
        let mut size_scale = self.size_scale;
        let mut is_uniform = true;
        for update in bids.iter().chain(asks) {
            is_uniform &= update.scale == self.price_scale;
            price_scale = price_scale.max(update.scale);
            size_scale = size_scale.max(update.record.size_scale);
        }
        if !is_uniform {
            for update in bids.iter().chain(asks) {
                let factor = POWERS_OF_TEN.get(usize::from(price_scale - update.scale));
                if factor.and_then(|factor| update.price.checked_mul(*factor)).is_none() {
                    return Err(BookError::PriceOutOfRange { decimals: price_scale });
                }
            }
            self.grow_scale(price_scale)?;
        }
        self.size_scale = size_scale;
        Ok(())
    }

    /// Returns the rank of an update for which [`make_room`](Self::make_room) was called.
    #[inline]
    fn rank(&self, side: Side, update: &LevelUpdate) -> i64 {
        side.rank(update.price * POWERS_OF_TEN[usize::from(self.price_scale - update.scale)])
    }

    #[inline]
    fn apply(&mut self, side: Side, update: &LevelUpdate) {
        let rank = self.rank(side, update);
        let rungs = match side {
            Side::Bid => &mut self.bids,
            Side::Ask => &mut self.asks,
        };
        match (rungs.find(rank), update.is_removal()) {
            (Ok(index), false) => self.records[rungs.at(index).slot as usize] = update.record,
            (Ok(index), true) => self.free.push(rungs.remove(index).slot),
            (Err(_), true) => {}
            (Err(index), false) => {
                let slot = if let Some(slot) = self.free.pop() {
                    self.records[slot as usize] = update.record;
                    slot
                } else {
                    self.records.push(update.record);
                    self.records.len() as u32 - 1
                };
                rungs.insert(index, Rung { rank, slot });
            }
        }
    }

    /// Fills an empty side. Venues send levels in order; only if they are not, each is put in its place.
    fn fill(&mut self, side: Side, updates: &[LevelUpdate]) {
        let first_slot = self.records.len();
        let present = || updates.iter().filter(|update| !update.is_removal());
        self.records.extend(present().map(|update| update.record));
        let scale = self.price_scale;
        let rungs = present().enumerate().map(|(index, update)| Rung {
            rank: side.rank(update.price * POWERS_OF_TEN[usize::from(scale - update.scale)]),
            slot: (first_slot + index) as u32,
        });
        let rungs: Vec<Rung> = rungs.collect();
        let target = match side {
            Side::Bid => &mut self.bids,
            Side::Ask => &mut self.asks,
        };
        if !target.fill_sorted(rungs.into_iter()) {
            self.records.truncate(first_slot);
            present().for_each(|update| self.apply(side, update));
        }
    }

    #[inline]
    fn view(&self, side: Side, rung: Rung) -> LevelView<'_> {
        LevelView {
            ticks: side.rank(rung.rank),
            ticks_scale: self.price_scale,
            size_scale: self.size_scale,
            record: self.record(rung),
        }
    }
}

/// One level of a ladder, read in place.
#[derive(Debug, Clone, Copy)]
pub struct LevelView<'a> {
    ticks: i64,
    ticks_scale: u8,
    size_scale: u8,
    record: &'a LevelRecord,
}

impl LevelView<'_> {
    /// Returns the price in ticks of the ladder's price scale.
    pub const fn price_ticks(&self) -> i64 {
        self.ticks
    }

    /// Returns the size in units of the ladder's size scale, `None` if that exceeds 128 bits.
    #[inline]
    pub fn size_ticks(&self) -> Option<i128> {
        if self.record.size_scale == self.size_scale {
            return Some(self.record.size);
        }
        self.size().rescale(self.size_scale).ok().map(Wide::mantissa)
    }

    /// Returns the exact price, with the decimals the venue wrote.
    pub fn price(&self) -> Wide {
        let ticks = Wide::new(self.ticks.into(), self.ticks_scale).unwrap_or_default();
        ticks.rescale(self.record.price_scale).unwrap_or(ticks)
    }

    /// Returns the exact size, with the decimals the venue wrote.
    pub fn size(&self) -> Wide {
        Wide::new(self.record.size, self.record.size_scale).unwrap_or_default()
    }

    /// Returns price and size as the venue wrote them.
    pub fn written(&self) -> (Written<'_>, Written<'_>) {
        match self.record.received() {
            Some((price, size)) => (Written::Kept(price), Written::Kept(size)),
            None => (Written::Made(self.price().text()), Written::Made(self.size().text())),
        }
    }
}

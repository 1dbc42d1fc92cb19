//! One side of a level-2 book.
//!
//! Invariants: keys ascend strictly, the best level stands last; no level is empty. Asks are kept under the negated
//! price, so that both sides work alike. Changes near the touch move few levels, wherever the far end is.

use std::io::Write;

use crate::units::{Fixed, Wide};

/// Levels this near the touch are searched one by one before the rest is bisected.
const NEAR_LEVELS: usize = 8;

/// Room for `price:amount:` as sent; longer texts are rendered when a checksum needs them.
pub(super) const TEXT_BYTES: usize = 47;

/// One price level.
#[derive(Clone, Debug)]
pub struct Level {
    key: i64,
    price: Fixed,
    size: Wide,
    text: [u8; TEXT_BYTES],
    text_length: u8,
    orders: u32,
}

impl Level {
    /// Makes a level; `key` orders it within its side.
    pub fn new(key: i64, price: Fixed, size: Wide) -> Self {
        Self {
            key,
            price,
            size,
            text: [0; TEXT_BYTES],
            text_length: 0,
            orders: 0,
        }
    }

    /// Sets how many orders the level's size comes from.
    #[must_use]
    pub fn with_orders(mut self, orders: u32) -> Self {
        self.orders = orders;
        self
    }

    /// Returns how many orders the level's size comes from; 0 where the venue does not tell.
    pub fn orders(&self) -> u32 {
        self.orders
    }

    /// Keeps the text the level was read from.
    #[must_use]
    pub fn with_text(mut self, price: &[u8], size: &[u8]) -> Self {
        let length = price.len() + size.len() + 2;
        if length <= TEXT_BYTES {
            self.text[..price.len()].copy_from_slice(price);
            self.text[price.len()] = b':';
            self.text[price.len() + 1..length - 1].copy_from_slice(size);
            self.text[length - 1] = b':';
            self.text_length = length as u8;
        }
        self
    }

    /// Returns the price, with the decimals it was sent with.
    pub fn price(&self) -> Fixed {
        self.price
    }

    /// Returns the size, with the decimals it was sent with.
    pub fn size(&self) -> Wide {
        self.size
    }

    /// Returns price and size as sent, or as they would be written where the text was not kept.
    pub fn texts(&self) -> (String, String) {
        let text = std::str::from_utf8(&self.text[..usize::from(self.text_length)]).unwrap_or_default();
        match text.strip_suffix(':').and_then(|text| text.split_once(':')) {
            Some((price, size)) => (price.to_owned(), size.to_owned()),
            None => (self.price.to_string(), self.size.to_string()),
        }
    }

    /// Returns the price in the book's ticks, negated for asks.
    pub fn key(&self) -> i64 {
        self.key
    }

    /// Writes `price:amount:` exactly as sent into `out` from `at` on and returns where it ends.
    ///
    /// The whole cache is copied, whatever its length: a copy of constant size is a few instructions.
    pub(super) fn write_text(&self, out: &mut Vec<u8>, at: usize) -> usize {
        if self.text_length > 0
            && let Some(room) = out.get_mut(at..at + TEXT_BYTES)
        {
            room.copy_from_slice(&self.text);
            return at + usize::from(self.text_length);
        }
        out.truncate(at);
        // Writing to a Vec cannot fail.
        let _ = write!(out, "{}:{}:", self.price, self.size);
        out.len()
    }
}

/// The levels of one side.
#[derive(Clone, Debug, Default)]
pub struct Side {
    levels: Vec<Level>,
}

impl Side {
    /// Forgets every level.
    pub fn clear(&mut self) {
        self.levels.clear();
    }

    /// Number of levels.
    pub fn len(&self) -> usize {
        self.levels.len()
    }

    /// Whether there is no level.
    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    /// Returns the best level.
    pub fn best(&self) -> Option<&Level> {
        self.levels.last()
    }

    /// Returns the levels, best first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Level> {
        self.levels.iter().rev()
    }

    /// Sets a level, or inserts it where it belongs.
    pub fn set(&mut self, level: Level) {
        match self.find(level.key) {
            Ok(at) => self.levels[at] = level,
            Err(at) => self.levels.insert(at, level),
        }
    }

    /// Appends a level of a snapshot, which comes best first; [`Self::finish_snapshot`] must follow the last one.
    pub fn push(&mut self, level: Level) {
        self.levels.push(level);
    }

    /// Turns a snapshot around, so that the best level stands last. Levels out of order, or twice, are put right: the
    /// later one wins.
    pub fn finish_snapshot(&mut self) {
        self.levels.reverse();
        if self.levels.is_sorted_by(|worse, better| worse.key < better.key) {
            return;
        }
        let levels = std::mem::take(&mut self.levels);
        for level in levels.into_iter().rev() {
            self.set(level);
        }
    }

    /// Removes a level; one that is not there changes nothing.
    pub fn remove(&mut self, key: i64) {
        if let Ok(at) = self.find(key) {
            self.levels.remove(at);
        }
    }

    /// Drops the worst levels beyond `limit`.
    pub fn trim(&mut self, limit: usize) {
        if self.levels.len() > limit {
            self.levels.drain(..self.levels.len() - limit);
        }
    }

    /// Multiplies every key, when the book learns finer ticks. `false` if one does not fit; nothing changes then.
    pub fn rescale(&mut self, factor: i64) -> bool {
        if self
            .levels
            .iter()
            .any(|level| level.key.checked_mul(factor).is_none())
        {
            return false;
        }
        for level in &mut self.levels {
            level.key *= factor;
        }
        true
    }

    fn find(&self, key: i64) -> Result<usize, usize> {
        let far = self.levels.len().saturating_sub(NEAR_LEVELS);
        for (at, level) in self.levels.iter().enumerate().skip(far).rev() {
            if level.key == key {
                return Ok(at);
            }
            if level.key < key {
                return Err(at + 1);
            }
        }
        self.levels[..far].binary_search_by_key(&key, Level::key)
    }
}

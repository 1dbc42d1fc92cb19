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

/// One price level. Mantissas and scales stand apart, which saves a quarter of the room.
#[derive(Clone, Debug)]
pub struct Level {
    key: i64,
    price: i64,
    size: [u64; 2],
    text: [u8; TEXT_BYTES],
    text_length: u8,
    orders: u32,
    price_scale: u8,
    size_scale: u8,
}

impl Level {
    const EMPTY: Self = Self {
        key: 0,
        price: 0,
        size: [0; 2],
        text: [0; TEXT_BYTES],
        text_length: 0,
        orders: 0,
        price_scale: 0,
        size_scale: 0,
    };

    /// Sets everything but the text; `key` orders the level within its side.
    #[inline]
    pub fn fill(&mut self, key: i64, price: Fixed, size: Wide, orders: u32) {
        let mantissa = size.mantissa() as u128;
        self.key = key;
        self.price = price.mantissa();
        self.size = [mantissa as u64, (mantissa >> 64) as u64];
        self.price_scale = price.scale();
        self.size_scale = size.scale();
        self.orders = orders;
        self.text_length = 0;
    }

    /// Keeps the text the level was read from.
    #[inline]
    pub fn keep_text(&mut self, price: &[u8], size: &[u8]) {
        let length = price.len() + size.len() + 2;
        if length <= TEXT_BYTES {
            let (head, tail) = self.text.split_at_mut(price.len());
            copy_short(head, price);
            tail[0] = b':';
            let (middle, tail) = tail[1..].split_at_mut(size.len());
            copy_short(middle, size);
            tail[0] = b':';
            self.text_length = length as u8;
        }
    }

    /// Returns how many orders the level's size comes from; 0 where the venue does not tell.
    pub fn orders(&self) -> u32 {
        self.orders
    }

    /// Returns the price, with the decimals it was sent with.
    pub fn price(&self) -> Fixed {
        Fixed::of_parts(self.price, self.price_scale)
    }

    /// Returns the size, with the decimals it was sent with.
    pub fn size(&self) -> Wide {
        let [low, high] = self.size.map(u128::from);
        Wide::of_parts((high << 64 | low) as i128, self.size_scale)
    }

    /// Returns price and size as sent, or as they would be written where the text was not kept.
    pub fn texts(&self) -> (String, String) {
        let text = std::str::from_utf8(&self.text[..usize::from(self.text_length)]).unwrap_or_default();
        match text.strip_suffix(':').and_then(|text| text.split_once(':')) {
            Some((price, size)) => (price.to_owned(), size.to_owned()),
            None => (self.price().to_string(), self.size().to_string()),
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
        let _ = write!(out, "{}:{}:", self.price(), self.size());
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

    /// Returns the level at `key`, or an empty one inserted there, to be filled where it stands.
    #[inline]
    pub fn at(&mut self, key: i64) -> &mut Level {
        let at = match self.find(key) {
            Ok(at) => at,
            Err(at) => {
                self.levels.insert(at, Level::EMPTY);
                at
            }
        };
        &mut self.levels[at]
    }

    /// Appends an empty level of a snapshot, which comes worst first; [`Self::finish_snapshot`] must follow the last one.
    #[inline]
    pub fn append(&mut self) -> &mut Level {
        let at = self.levels.len();
        self.levels.push(Level::EMPTY);
        &mut self.levels[at]
    }

    /// Puts levels of a snapshot right that came out of order, or twice: the one that was sent later wins.
    pub fn finish_snapshot(&mut self) {
        if self.levels.is_sorted_by(|worse, better| worse.key < better.key) {
            return;
        }
        let levels = std::mem::take(&mut self.levels);
        for level in levels.into_iter().rev() {
            let key = level.key;
            *self.at(key) = level;
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
        let near = &self.levels[far..];
        if near.first().is_some_and(|level| level.key > key) {
            return self.levels[..far].binary_search_by_key(&key, Level::key);
        }
        // Counted to the end: where a change lands cannot be foretold, and stopping there costs more.
        let at = far + near.iter().filter(|level| level.key < key).count();
        match self.levels.get(at) {
            Some(level) if level.key == key => Ok(at),
            _ => Err(at),
        }
    }
}

/// Copies a few bytes with two copies of constant size that may overlap, for less than a call costs.
#[inline]
fn copy_short(to: &mut [u8], from: &[u8]) {
    if let (Some(first), Some(last)) = (from.first_chunk::<8>(), from.last_chunk::<8>())
        && from.len() <= 16
        && to.len() == from.len()
    {
        to[..8].copy_from_slice(first);
        let tail = to.len() - 8;
        to[tail..].copy_from_slice(last);
    } else if let (Some(first), Some(last)) = (from.first_chunk::<4>(), from.last_chunk::<4>())
        && from.len() <= 8
        && to.len() == from.len()
    {
        to[..4].copy_from_slice(first);
        let tail = to.len() - 4;
        to[tail..].copy_from_slice(last);
    } else {
        to.copy_from_slice(from);
    }
}

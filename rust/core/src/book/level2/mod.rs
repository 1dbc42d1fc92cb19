//! A book of price levels, exact, with the venue's checksum over its own text.

mod views;

pub use self::views::Sweep;
use super::side::{Level, Side, TEXT_BYTES};
use super::top::{Quote, Top};
use super::trust::{Book, Reason, Trust};
use crate::excerpt::Excerpt;
use crate::units::UnitsError;
use crate::units::{Fixed, Wide};

/// Price and size of a level as text, as a venue sends them.
pub type TextPair<'a> = (&'a [u8], &'a [u8]);

/// One level as a venue sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextLevel<'a> {
    /// Price, a decimal.
    pub price: &'a [u8],
    /// Size, a decimal; 0 removes the level.
    pub size: &'a [u8],
    /// Number of orders; 0 where the venue does not tell.
    pub orders: u32,
}

impl<'a> From<TextPair<'a>> for TextLevel<'a> {
    fn from((price, size): TextPair<'a>) -> Self {
        Self {
            price,
            size,
            orders: 0,
        }
    }
}

impl<'a> From<(&'a [u8], &'a [u8], u32)> for TextLevel<'a> {
    fn from((price, size, orders): (&'a [u8], &'a [u8], u32)) -> Self {
        Self { price, size, orders }
    }
}

/// How many times higher prices must fit before zeros at the end of one count as digits.
const HEADROOM: i64 = 100_000;

/// The level-2 book of one market.
///
/// Prices are compared in ticks of `10^-scale`, a scale learned from the finest price seen. Levels keep the text they
/// were sent with. Between two pushes the book holds no more than `limit` levels a side, if a limit is set.
#[derive(Clone, Debug)]
pub struct Level2Book {
    limit: usize,
    scale: u8,
    bids: Side,
    asks: Side,
    has_snapshot: bool,
    /// Whether to believe it.
    pub trust: Trust,
    last: Option<Fixed>,
    updated_at_ms: i64,
    received_at_ns: i64,
    updates: u64,
    text: Vec<u8>,
}

impl Book for Level2Book {
    fn trust(&self) -> &Trust {
        &self.trust
    }

    fn trust_mut(&mut self) -> &mut Trust {
        &mut self.trust
    }

    fn top(&self) -> Top {
        let quote = |level: &Level| Quote {
            price: level.price().into(),
            size: level.size(),
        };
        Top {
            bid: self.bids.best().map(quote),
            ask: self.asks.best().map(quote),
        }
    }

    fn reset(&mut self, reason: &str) {
        self.bids.clear();
        self.asks.clear();
        self.has_snapshot = false;
        self.updated_at_ms = 0;
        self.trust.mark_syncing(reason);
    }
}

impl Level2Book {
    /// Makes an empty book of at most `limit` levels a side; 0 for no limit.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            scale: 0,
            bids: Side::default(),
            asks: Side::default(),
            has_snapshot: false,
            trust: Trust::default(),
            last: None,
            updated_at_ms: 0,
            received_at_ns: 0,
            updates: 0,
            text: Vec::new(),
        }
    }

    /// Levels a side the book is kept to; 0 for no limit.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Whether a snapshot has been applied since the book was last emptied.
    pub fn has_snapshot(&self) -> bool {
        self.has_snapshot
    }

    /// The venue's time of the last applied push, milliseconds; 0 before the first.
    pub fn updated_at_ms(&self) -> i64 {
        self.updated_at_ms
    }

    /// Our time of the last applied push, nanoseconds; 0 before the first.
    pub fn received_at_ns(&self) -> i64 {
        self.received_at_ns
    }

    /// Pushes applied so far.
    pub fn updates(&self) -> u64 {
        self.updates
    }

    /// The last trade price a push carried.
    pub fn last(&self) -> Option<Fixed> {
        self.last
    }

    /// Decimals of the book's ticks.
    pub fn scale(&self) -> u8 {
        self.scale
    }

    /// Records when a push was applied and what it said besides levels.
    pub fn record_update(&mut self, updated_at_ms: i64, received_at_ns: i64, last: Option<Fixed>) {
        self.updated_at_ms = updated_at_ms;
        self.received_at_ns = received_at_ns;
        self.last = last.or(self.last);
        self.updates += 1;
    }

    /// Judges the book after a push was applied: proved, unless there is a doubt or it is crossed.
    pub fn mark_applied(&mut self, doubt: Option<Reason>, now_ns: i64) {
        let is_crossed = self.is_crossed();
        self.trust.mark_applied(doubt, is_crossed, now_ns);
    }

    /// Replaces the whole book; zero sizes are ignored.
    ///
    /// # Errors
    ///
    /// Any [`UnitsError`] of a level. The book is empty then: half a snapshot is worse than none.
    pub fn replace<'a>(
        &mut self,
        bids: impl DoubleEndedIterator<Item: Into<TextLevel<'a>>>,
        asks: impl DoubleEndedIterator<Item: Into<TextLevel<'a>>>,
    ) -> Result<(), UnitsError> {
        self.bids.clear();
        self.asks.clear();
        self.has_snapshot = true;
        let result = self.load(true, bids).and_then(|()| self.load(false, asks));
        if result.is_err() {
            self.reset(Reason::BadLevel.name());
        }
        self.trim();
        result
    }

    fn load<'a>(
        &mut self,
        is_bid: bool,
        levels: impl DoubleEndedIterator<Item: Into<TextLevel<'a>>>,
    ) -> Result<(), UnitsError> {
        // The best comes first, and stands last.
        for text in levels.rev() {
            let text = text.into();
            let (key, price, size) = self.read(is_bid, text)?;
            if !size.is_zero() {
                let level = self.side_mut(is_bid).append();
                level.fill(key, price, size, text.orders);
                level.keep_text(text.price, text.size);
            }
        }
        self.side_mut(is_bid).finish_snapshot();
        Ok(())
    }

    /// Sets levels to what they are now; size zero removes one. Trims to the limit afterwards.
    ///
    /// # Errors
    ///
    /// Any [`UnitsError`] of a level. Levels before it are applied: the caller must mark the book suspect.
    pub fn apply<'a>(
        &mut self,
        bids: impl Iterator<Item: Into<TextLevel<'a>>>,
        asks: impl Iterator<Item: Into<TextLevel<'a>>>,
    ) -> Result<(), UnitsError> {
        for level in bids {
            self.set(true, level.into())?;
        }
        for level in asks {
            self.set(false, level.into())?;
        }
        self.trim();
        Ok(())
    }

    /// Tells whether levels of one side say what the book holds already.
    pub fn holds<'a>(&self, is_bid: bool, levels: impl Iterator<Item: Into<TextLevel<'a>>>) -> bool {
        levels.map(Into::into).all(|text: TextLevel<'a>| {
            let (Ok(price), Ok(size)) = (read_price(text.price), read_size(text.size)) else {
                return false;
            };
            let found = self.side(is_bid).iter().find(|level| level.price() == price);
            found.map_or(size.is_zero(), |level| {
                level.size() == size && level.orders() == text.orders
            })
        })
    }

    /// Drops the worst levels beyond the limit, if there is one.
    pub fn trim(&mut self) {
        if self.limit > 0 {
            self.bids.trim(self.limit);
            self.asks.trim(self.limit);
        }
    }

    /// Sets one level by its text; size zero removes it.
    ///
    /// # Errors
    ///
    /// Any [`UnitsError`]; a negative number is `not_a_decimal` here.
    pub fn set_text(&mut self, is_bid: bool, price: &[u8], size: &[u8]) -> Result<(), UnitsError> {
        self.set(is_bid, (price, size).into())
    }

    fn set(&mut self, is_bid: bool, text: TextLevel<'_>) -> Result<(), UnitsError> {
        let (key, price, size) = self.read(is_bid, text)?;
        if size.is_zero() {
            self.side_mut(is_bid).remove(key);
        } else {
            let level = self.side_mut(is_bid).at(key);
            level.fill(key, price, size, text.orders);
            level.keep_text(text.price, text.size);
        }
        Ok(())
    }

    /// Reads the numbers of a level, and its key.
    #[inline]
    fn read(&mut self, is_bid: bool, text: TextLevel<'_>) -> Result<(i64, Fixed, Wide), UnitsError> {
        // Errors are large, and what may fail hands its results over in memory: what nearly every level is goes without.
        if let (Some(price), Some(size)) = (Fixed::parse_short(text.price), Fixed::parse_short(text.size))
            && price.scale() == self.scale
        {
            let key = if is_bid {
                price.mantissa()
            } else {
                -price.mantissa()
            };
            return Ok((key, price, size.into()));
        }
        self.read_any(is_bid, text)
    }

    #[inline(never)]
    fn read_any(&mut self, is_bid: bool, text: TextLevel<'_>) -> Result<(i64, Fixed, Wide), UnitsError> {
        let (price, size) = (read_price(text.price)?, read_size(text.size)?);
        for (is_negative, text) in [
            (price.mantissa() < 0, text.price),
            (size.mantissa() < 0, text.size),
        ] {
            if is_negative {
                return Err(UnitsError::NotADecimal {
                    offset: 0,
                    excerpt: Excerpt::around(text, 0),
                });
            }
        }
        Ok((self.key_of(is_bid, price)?, price, size))
    }

    /// Sets one level in whole ticks and lots, for a book kept by hand; size zero removes it.
    ///
    /// # Errors
    ///
    /// [`UnitsError::NumberTooLarge`] for an ask at the most negative price.
    pub fn set_ticks(&mut self, is_bid: bool, price_ticks: i64, size_ticks: i64) -> Result<(), UnitsError> {
        let price = Fixed::new(price_ticks, self.scale)?;
        let key = self.key_of(is_bid, price)?;
        if size_ticks == 0 {
            self.side_mut(is_bid).remove(key);
        } else {
            let size = Fixed::new(size_ticks, 0)?;
            self.side_mut(is_bid).at(key).fill(key, price, size.into(), 0);
        }
        Ok(())
    }

    /// Returns the best bid level.
    pub fn best_bid(&self) -> Option<&Level> {
        self.bids.best()
    }

    /// Returns the best ask level.
    pub fn best_ask(&self) -> Option<&Level> {
        self.asks.best()
    }

    /// Returns one side.
    pub fn side(&self, is_bid: bool) -> &Side {
        if is_bid { &self.bids } else { &self.asks }
    }

    /// Whether the best bid is not below the best ask.
    pub fn is_crossed(&self) -> bool {
        match (self.bids.best(), self.asks.best()) {
            (Some(bid), Some(ask)) => bid.key() >= -ask.key(),
            _ => false,
        }
    }

    /// Returns the CRC-32 over `price:size` of every bid and then every ask, best first, joined by `:`.
    pub fn checksum(&mut self) -> u32 {
        let mut text = std::mem::take(&mut self.text);
        let levels = self.bids.len() + self.asks.len();
        let mut end = 0;
        for level in self.bids.iter().chain(self.asks.iter()) {
            if text.len() < end + TEXT_BYTES {
                text.resize(end + TEXT_BYTES * levels, 0);
            }
            end = level.write_text(&mut text, end);
        }
        let crc = crc32fast::hash(&text[..end.saturating_sub(1)]);
        self.text = text;
        crc
    }

    fn side_mut(&mut self, is_bid: bool) -> &mut Side {
        if is_bid { &mut self.bids } else { &mut self.asks }
    }

    fn key_of(&mut self, is_bid: bool, price: Fixed) -> Result<i64, UnitsError> {
        let price = if price.scale() > self.scale {
            self.learn_scale(price)?
        } else {
            price
        };
        let ticks = price.rescale(self.scale)?.mantissa();
        let key = if is_bid { Some(ticks) } else { ticks.checked_neg() };
        key.ok_or_else(|| too_large(price))
    }

    /// Makes the scale fine enough for `price` and returns it, without zeros at its end if those alone would
    /// leave no room for higher prices.
    #[cold]
    fn learn_scale(&mut self, price: Fixed) -> Result<Fixed, UnitsError> {
        let price = if price.mantissa().checked_mul(HEADROOM).is_none() {
            stripped(price)?
        } else {
            price
        };
        if price.scale() <= self.scale {
            return Ok(price);
        }
        let factor = Fixed::new(1, 0)?.rescale(price.scale() - self.scale)?.mantissa();
        let mut bids = self.bids.clone();
        if !(bids.rescale(factor) && self.asks.rescale(factor)) {
            return Err(too_large(price));
        }
        self.bids = bids;
        self.scale = price.scale();
        Ok(price)
    }
}

/// Reads a price as REST replies are read, whatever its spelling. Zeros at the end are no reason not to fit.
///
/// # Errors
///
/// Any [`UnitsError`].
pub(crate) fn read_price(text: &[u8]) -> Result<Fixed, UnitsError> {
    Fixed::parse(text).or_else(|_| {
        let value = Wide::parse_any_spelling(text)?;
        Fixed::try_from(value).or_else(|_| value.without_zeros().try_into())
    })
}

/// Reads a size as REST replies are read, whatever its spelling.
fn read_size(text: &[u8]) -> Result<Wide, UnitsError> {
    // Most sizes fit 64 bits, whose digits are read several times faster.
    Fixed::parse(text)
        .map(Wide::from)
        .or_else(|_| Wide::parse_any_spelling(text))
}

fn stripped(price: Fixed) -> Result<Fixed, UnitsError> {
    let (mut mantissa, mut scale) = (price.mantissa(), price.scale());
    while scale > 0 && mantissa % 10 == 0 {
        (mantissa, scale) = (mantissa / 10, scale - 1);
    }
    Fixed::new(mantissa, scale)
}

#[cold]
fn too_large(price: Fixed) -> UnitsError {
    UnitsError::NumberTooLarge {
        bits: 64,
        excerpt: Excerpt::around(&price.text(), 0),
    }
}

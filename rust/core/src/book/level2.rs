//! A book of price levels with its standing.

use std::borrow::Cow;

use super::{BookError, Ladder, LevelUpdate, Side, Standing, Status};
use crate::units::Wide;

/// Reason of a book whose best bid is not below its best ask.
pub(crate) const CROSSED: &str = "crossed";

/// The levels of one market and whether they may be believed.
///
/// Kept by a feed, which applies its venue's rules, or by hand through [`snapshot`](Self::snapshot) and
/// [`set`](Self::set), where the caller vouches for every change and only a crossed book is suspect.
#[derive(Debug, Clone)]
pub struct Level2Book {
    market: Box<str>,
    limit: usize,
    /// The levels.
    pub ladder: Ladder,
    /// Whether they may be believed.
    pub standing: Standing,
    /// Price of the last trade, where the venue's push carries it.
    pub last: Option<Wide>,
    checksum_text: Vec<u8>,
}

impl Level2Book {
    /// Makes an empty, syncing book. `limit` is the number of levels a side may have, 0 for any number.
    pub fn new(market: &str, limit: usize) -> Self {
        Self {
            market: market.into(),
            limit: if limit == 0 { usize::MAX } else { limit },
            ladder: Ladder::new(),
            standing: Standing::new(),
            last: None,
            checksum_text: Vec::new(),
        }
    }

    /// Returns the market's name.
    pub fn market(&self) -> &str {
        &self.market
    }

    /// Returns the number of levels a side may have, 0 for any number.
    pub const fn limit(&self) -> usize {
        if self.limit == usize::MAX { 0 } else { self.limit }
    }

    /// Computes the checksum of the levels as they stand.
    pub fn checksum(&mut self) -> u32 {
        self.ladder.checksum(&mut self.checksum_text)
    }

    /// Empties the book and waits for a snapshot.
    pub fn restart(&mut self, reason: Cow<'static, str>) {
        self.ladder.clear();
        self.last = None;
        self.standing.syncing(reason);
    }

    /// Replaces every level by hand.
    ///
    /// # Errors
    ///
    /// [`BookError::PriceOutOfRange`]; the book is empty and syncing then.
    pub fn snapshot(&mut self, bids: &[LevelUpdate], asks: &[LevelUpdate]) -> Result<(), BookError> {
        if let Err(error) = self.ladder.replace(bids, asks) {
            self.restart(Cow::Borrowed(error.kind()));
            return Err(error);
        }
        self.ladder.trim(self.limit);
        self.standing.has_snapshot = true;
        self.standing.synced();
        self.updated_by_hand();
        Ok(())
    }

    /// Sets or removes one level by hand.
    ///
    /// # Errors
    ///
    /// [`BookError::PriceOutOfRange`]; the book is as before.
    #[inline]
    pub fn set(&mut self, side: Side, update: &LevelUpdate) -> Result<(), BookError> {
        self.ladder.set(side, update)?;
        self.ladder.trim(self.limit);
        self.updated_by_hand();
        Ok(())
    }

    /// Trims to the limit; a feed calls this after applying a push.
    pub(crate) fn trim(&mut self) {
        self.ladder.trim(self.limit);
    }

    #[inline]
    fn updated_by_hand(&mut self) {
        self.standing.updates += 1;
        match (self.ladder.is_crossed(), self.standing.status()) {
            (true, Status::Synced) => self.standing.suspect(CROSSED),
            (false, Status::Suspect) if self.standing.reason() == CROSSED => self.standing.synced(),
            _ => {}
        }
    }
}

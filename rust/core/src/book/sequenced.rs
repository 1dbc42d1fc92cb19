//! An order-by-order book with what proves it: a snapshot and an unbroken sequence since.

use super::level3::{Level3Book, LevelView, RestingOrder, Side};
use super::top::{Quote, Top};
use super::trust::{Book, Reason, Trust};

/// A level-3 book, its sequence and whether to believe it.
#[derive(Default)]
pub struct SequencedBook {
    /// The orders.
    pub orders: Level3Book,
    /// Whether to believe it.
    pub trust: Trust,
    /// Number of the last event whose trade was reported.
    pub last_trade_sequence: u64,
    has_snapshot: bool,
    sequence: u64,
    received_at_ns: i64,
    updates: u64,
}

impl Book for SequencedBook {
    fn trust(&self) -> &Trust {
        &self.trust
    }

    fn trust_mut(&mut self) -> &mut Trust {
        &mut self.trust
    }

    fn top(&self) -> Top {
        let quote = |level: LevelView| Quote {
            price: i128::from(level.price).into(),
            // Sums of 64-bit sizes do not reach the sign.
            size: (level.size as i128).into(),
        };
        Top {
            bid: self.orders.best(Side::Bid).map(quote),
            ask: self.orders.best(Side::Ask).map(quote),
        }
    }

    fn reset(&mut self, reason: &str) {
        self.orders.clear();
        self.has_snapshot = false;
        self.sequence = 0;
        self.trust.mark_syncing(reason);
    }
}

impl SequencedBook {
    /// Whether a snapshot has been applied since the book was last emptied.
    pub fn has_snapshot(&self) -> bool {
        self.has_snapshot
    }

    /// Number of the last event the book reflects.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Our time of the last applied frame, nanoseconds.
    pub fn received_at_ns(&self) -> i64 {
        self.received_at_ns
    }

    /// Frames applied so far.
    pub fn updates(&self) -> u64 {
        self.updates
    }

    /// Replaces every order; each side comes in priority. The sequence goes on from `sequence`, higher or lower.
    pub fn replace(&mut self, orders: impl Iterator<Item = RestingOrder>, sequence: u64) {
        self.orders.clear();
        for order in orders {
            self.orders.load(order);
        }
        self.has_snapshot = true;
        self.sequence = sequence;
    }

    /// Says that the book now reflects every event up to `sequence`, which proves it unless there is a doubt.
    pub fn mark_applied(&mut self, sequence: u64, doubt: Option<Reason>, now_ns: i64) {
        self.sequence = sequence;
        self.received_at_ns = now_ns;
        self.updates += 1;
        self.trust.mark_applied(doubt, self.orders.is_crossed(), now_ns);
    }

    /// Says that a book kept by hand took one change: it is what its keeper says, unless it is crossed.
    pub fn step(&mut self) {
        self.mark_applied(self.sequence.saturating_add(1), None, 0);
    }
}

//! An order-by-order book with what proves it: a snapshot and an unbroken sequence since.

use super::level3::{Level3Book, RestingOrder};
use super::status::{Status, reason};

/// A level-3 book, its sequence and whether to believe it.
pub struct SequencedBook {
    /// The orders.
    pub orders: Level3Book,
    status: Status,
    reason: &'static str,
    has_snapshot: bool,
    sequence: u64,
    received_at_ns: i64,
    proved_at_ns: i64,
    updates: u64,
}

impl Default for SequencedBook {
    fn default() -> Self {
        Self {
            orders: Level3Book::new(),
            status: Status::Syncing,
            reason: reason::NO_SNAPSHOT,
            has_snapshot: false,
            sequence: 0,
            received_at_ns: 0,
            proved_at_ns: 0,
            updates: 0,
        }
    }
}

impl SequencedBook {
    /// Whether the book may be believed.
    pub fn status(&self) -> Status {
        self.status
    }

    /// Why it is not synced, empty if it is; a name of [`reason`].
    pub fn reason(&self) -> &'static str {
        self.reason
    }

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

    /// Our time of the last frame that left the book synced, nanoseconds.
    pub fn proved_at_ns(&self) -> i64 {
        self.proved_at_ns
    }

    /// Frames applied so far.
    pub fn updates(&self) -> u64 {
        self.updates
    }

    /// Empties the book, which then waits for a snapshot.
    pub fn reset(&mut self, reason: &'static str) {
        self.orders.clear();
        self.has_snapshot = false;
        self.sequence = 0;
        self.doubt(Status::Syncing, reason);
    }

    /// Replaces every order; each side comes in priority.
    pub fn replace(&mut self, orders: impl Iterator<Item = RestingOrder>, sequence: u64) {
        self.orders.clear();
        for order in orders {
            self.orders.add(order);
        }
        self.has_snapshot = true;
        self.sequence = sequence;
    }

    /// Says that the book now reflects every event up to `sequence`, and proves it unless it is crossed.
    pub fn settle(&mut self, sequence: u64, now_ns: i64) {
        self.sequence = sequence;
        self.received_at_ns = now_ns;
        self.updates += 1;
        if self.orders.is_crossed() {
            self.doubt(Status::Suspect, reason::CROSSED);
        } else {
            self.status = Status::Synced;
            self.reason = reason::NONE;
            self.proved_at_ns = now_ns;
        }
    }

    /// Says that a book kept by hand took one change: it is what its keeper says, unless it is crossed.
    pub fn step(&mut self) {
        self.settle(self.sequence.saturating_add(1), 0);
    }

    /// Puts the book in doubt.
    pub fn doubt(&mut self, status: Status, reason: &'static str) {
        self.status = status;
        self.reason = reason;
    }
}

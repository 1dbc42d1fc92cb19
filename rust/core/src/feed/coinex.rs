//! The books of one `CoinEx` connection.
//!
//! What makes a book synced is the venue's checksum over all its levels; whatever makes it doubtful, a later checksum
//! that matches proves it again. Source: docs.coinex.com/api/v2/spot/market/ws/market-depth, read 2026-11-20.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::book::level2::Level2Book;
use crate::book::status::{Status, reason};
use crate::error::Error;
use crate::frame::coinex::{DepthPush, Frame, read};
use crate::inflate::{Inflater, Limits};
use crate::units::Fixed;

/// A book that its feed writes and others read.
pub type SharedBook = Arc<Mutex<Level2Book>>;

/// Locks a book. A panic while it was locked cannot leave it unusable: its status says whether to believe it.
pub fn lock(book: &SharedBook) -> MutexGuard<'_, Level2Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a frame did to a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was replaced.
    Snapshot,
    /// Levels changed.
    Delta,
    /// Nothing changed: the push was old, or came before a snapshot.
    Ignored,
}

impl Change {
    /// Returns the stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Delta => "delta",
            Self::Ignored => "ignored",
        }
    }
}

/// What one frame was.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// A depth push for a book of this feed.
    Book {
        /// Its slot, see [`CoinexFeed::slot`].
        slot: usize,
        /// What happened to it.
        change: Change,
        /// Why it is not synced now; empty if it is.
        reason: &'static str,
    },
    /// Any other push; read it from [`CoinexFeed::json`].
    Push {
        /// For instance `deals.update`.
        method: String,
        /// The market, empty if the push names none.
        market: String,
    },
    /// An answer to a request.
    Reply {
        /// The request's id.
        id: i64,
        /// 0 for success.
        code: i64,
        /// The venue's words.
        message: String,
    },
    /// Valid JSON that is nothing we know, or depth of a market without a book.
    Unrecognised {
        /// Stable name of the reason.
        reason: &'static str,
        /// The market, if known.
        market: String,
    },
}

/// Counters of a feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Frames taken, unreadable ones too.
    pub frames: u64,
    /// Their bytes as received.
    pub bytes_in: u64,
    /// Their bytes inflated.
    pub bytes_inflated: u64,
    /// Checksums that matched.
    pub checksums_ok: u64,
    /// Checksums that did not.
    pub checksums_failed: u64,
    /// Pushes older than their book.
    pub old_pushes: u64,
}

/// Owns the books of one connection.
pub struct CoinexFeed {
    books: Vec<Option<SharedBook>>,
    slots: HashMap<Box<str>, usize>,
    inflater: Inflater,
    push: DepthPush,
    /// Counts what passed.
    pub counters: Counters,
}

impl CoinexFeed {
    /// Makes a feed without books whose frames must stay within `limits`.
    pub fn new(limits: Limits) -> Self {
        Self {
            books: Vec::new(),
            slots: HashMap::new(),
            inflater: Inflater::new(limits),
            push: DepthPush::default(),
            counters: Counters::default(),
        }
    }

    /// Adds an empty book of `limit` levels a side, or empties the one that is there; returns its slot.
    pub fn add_book(&mut self, market: &str, limit: usize) -> usize {
        let fresh = Level2Book::new(limit);
        if let Some(&slot) = self.slots.get(market) {
            if let Some(book) = &self.books[slot] {
                *lock(book) = fresh;
            }
            return slot;
        }
        self.books.push(Some(Arc::new(Mutex::new(fresh))));
        self.slots.insert(market.into(), self.books.len() - 1);
        self.books.len() - 1
    }

    /// Lets a book go; those who hold it keep a stale one.
    pub fn remove_book(&mut self, market: &str) {
        if let Some(book) = self.slots.remove(market).and_then(|slot| self.books[slot].take()) {
            lock(&book).doubt(Status::Stale, reason::DISCONNECTED);
        }
    }

    /// Returns the slot of a market's book.
    pub fn slot(&self, market: &str) -> Option<usize> {
        self.slots.get(market).copied()
    }

    /// Returns a book by its slot.
    pub fn book(&self, slot: usize) -> Option<&SharedBook> {
        self.books.get(slot)?.as_ref()
    }

    /// Empties a book, which then waits for a snapshot.
    pub fn resync(&mut self, market: &str, reason: &'static str) {
        if let Some(book) = self.slot(market).and_then(|slot| self.book(slot)) {
            lock(book).reset(reason);
        }
    }

    /// The connection is gone: every book is stale.
    pub fn disconnected(&mut self) {
        for book in self.books.iter().flatten() {
            lock(book).doubt(Status::Stale, reason::DISCONNECTED);
        }
    }

    /// Returns the JSON of the last frame.
    pub fn json(&self) -> &[u8] {
        self.inflater.output()
    }

    /// Takes one frame: inflates, scans, applies, verifies.
    ///
    /// # Errors
    ///
    /// The frame cannot be read. A difference may have been lost with it, so every synced book is suspect until its
    /// next matching checksum.
    pub fn on_frame(&mut self, frame: &[u8], received_at_ns: i64) -> Result<Event, Error> {
        self.counters.frames += 1;
        self.counters.bytes_in += frame.len() as u64;
        let result = self.take(frame, received_at_ns);
        if result.is_err() {
            for book in self.books.iter().flatten() {
                let mut book = lock(book);
                if book.status() == Status::Synced {
                    book.doubt(Status::Suspect, reason::UNREADABLE_FRAME);
                }
            }
        }
        result
    }

    fn take(&mut self, frame: &[u8], received_at_ns: i64) -> Result<Event, Error> {
        let json = self.inflater.inflate(frame)?;
        self.counters.bytes_inflated += json.len() as u64;
        Ok(match read(json, &mut self.push)? {
            Frame::Depth => {
                let market = self.push.market.as_str();
                match self
                    .slots
                    .get(market)
                    .and_then(|&slot| Some((slot, self.books.get(slot)?.as_ref()?)))
                {
                    Some((slot, book)) => {
                        let book = &mut lock(book);
                        let change = apply(book, &self.push, json, received_at_ns, &mut self.counters);
                        Event::Book {
                            slot,
                            change,
                            reason: book.reason(),
                        }
                    }
                    None => Event::Unrecognised {
                        reason: "no_such_book",
                        market: market.to_owned(),
                    },
                }
            }
            Frame::Push { method, market } => Event::Push {
                method: method.into_owned(),
                market: market.into_owned(),
            },
            Frame::Reply { id, code, message } => Event::Reply {
                id,
                code,
                message: message.into_owned(),
            },
            Frame::Unrecognised => Event::Unrecognised {
                reason: "unknown_frame",
                market: String::new(),
            },
        })
    }
}

fn apply(
    book: &mut Level2Book,
    push: &DepthPush,
    json: &[u8],
    now_ns: i64,
    counters: &mut Counters,
) -> Change {
    if book.has_snapshot() && push.updated_at_ms < book.updated_at_ms() {
        counters.old_pushes += 1;
        return Change::Ignored;
    }
    if !push.is_full && !book.has_snapshot() {
        book.doubt(Status::Suspect, reason::DELTA_BEFORE_SNAPSHOT);
        return Change::Ignored;
    }
    let bids = push.bids.iter().map(|level| level.of(json));
    let asks = push.asks.iter().map(|level| level.of(json));
    let (change, applied) = if push.is_full {
        (Change::Snapshot, book.replace(bids, asks))
    } else {
        (Change::Delta, book.apply(bids, asks))
    };
    let last = push
        .last
        .clone()
        .and_then(|span| Fixed::parse(json.get(span)?).ok());
    book.note(push.updated_at_ms, now_ns, last);
    if applied.is_err() || push.bad_level.is_some() {
        book.doubt(Status::Suspect, reason::BAD_LEVEL);
        return change;
    }
    let Some(wanted) = push.checksum else {
        book.doubt(Status::Suspect, reason::NO_CHECKSUM);
        return change;
    };
    if book.checksum() != wanted {
        counters.checksums_failed += 1;
        book.doubt(Status::Suspect, reason::CHECKSUM_MISMATCH);
        return change;
    }
    counters.checksums_ok += 1;
    if book.is_crossed() {
        book.doubt(Status::Suspect, reason::CROSSED);
    } else {
        book.prove(now_ns);
    }
    change
}

//! The order-by-order books of one Exchange connection, and the account's own messages.
//!
//! A snapshot and an unbroken sequence since make a book synced: one number an event, counted by market. What the real
//! server is known to do is survived: a snapshot may hold effects whose events come later (adding is an upsert, an
//! unknown order cannot leave), and `resync_required` puts only the book in doubt. Source: the project's `marketdata.rs` and recovery guide, read 2026-11-20.

mod delta;
mod event;
mod generation;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::delta::apply;
pub use self::event::{Asked, Counters, Event, SeenTrade};
use self::generation::later_generation;
use crate::book::sequenced::SequencedBook;
use crate::book::status::{Status, reason};
use crate::error::Error;
use crate::feed::coinex::Change;
use crate::frame::exchange::{BookBuffer, CHANNEL, Frame, Short, read};

/// A book that its feed writes and others read.
pub type SharedBook = Arc<Mutex<SequencedBook>>;

/// Locks a book. A panic while it was locked cannot leave it unusable: its status says whether to believe it.
pub fn lock(book: &SharedBook) -> MutexGuard<'_, SequencedBook> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Slot {
    market: Box<str>,
    book: SharedBook,
    /// Number of the last event whose trade was told.
    told: u64,
}

/// Owns the books of one connection.
pub struct ExchangeFeed {
    slots: HashMap<Box<str>, usize>,
    books: Vec<Option<Slot>>,
    /// Slot of the last book: a connection has one market, so it is nearly always the next one's.
    last: usize,
    buffer: BookBuffer,
    trades: Vec<SeenTrade>,
    max_frame_bytes: usize,
    generation: &'static str,
    met: &'static str,
    /// Counts what passed.
    pub counters: Counters,
}

impl ExchangeFeed {
    /// Makes a feed without books.
    pub fn new(max_frame_bytes: usize) -> Self {
        Self {
            slots: HashMap::new(),
            books: Vec::new(),
            last: 0,
            buffer: BookBuffer::default(),
            trades: Vec::new(),
            max_frame_bytes,
            generation: "",
            met: "",
            counters: Counters::default(),
        }
    }

    /// Adds an empty book, or empties the one that is there; returns its slot.
    pub fn add_book(&mut self, market: &str) -> usize {
        if let Some(&slot) = self.slots.get(market) {
            self.resync(market, reason::NO_SNAPSHOT);
            return slot;
        }
        self.books.push(Some(Slot {
            market: market.into(),
            book: SharedBook::default(),
            told: 0,
        }));
        self.slots.insert(market.into(), self.books.len() - 1);
        self.books.len() - 1
    }

    /// Lets a book go; those who hold it keep a stale one.
    pub fn remove_book(&mut self, market: &str) {
        if let Some(slot) = self.slots.remove(market).and_then(|slot| self.books[slot].take()) {
            lock(&slot.book).doubt(Status::Stale, reason::DISCONNECTED);
        }
    }

    /// Returns the slot of a market's book.
    pub fn slot(&self, market: &str) -> Option<usize> {
        self.slots.get(market).copied()
    }

    /// Returns a book by its slot.
    pub fn book(&self, slot: usize) -> Option<&SharedBook> {
        self.books.get(slot)?.as_ref().map(|slot| &slot.book)
    }

    /// Empties a book, which then waits for a snapshot.
    pub fn resync(&mut self, market: &str, reason: &'static str) {
        if let Some(book) = self.slot(market).and_then(|slot| self.book(slot)) {
            lock(book).reset(reason);
        }
    }

    /// The connection is gone: every book is stale, and sequences may begin anew.
    pub fn disconnected(&mut self) {
        for slot in self.books.iter_mut().flatten() {
            slot.told = 0;
            lock(&slot.book).doubt(Status::Stale, reason::DISCONNECTED);
        }
    }

    /// Returns the trades of the last frame, in order.
    pub fn trades(&self) -> &[SeenTrade] {
        &self.trades
    }

    /// Returns the later generation of the protocol the last frame gave away, `M` or `L`; empty for none.
    pub fn generation(&self) -> &'static str {
        self.generation
    }

    /// Returns the later generation met last, on whatever frame; empty for none.
    pub fn met(&self) -> &'static str {
        self.met
    }

    /// Takes one frame.
    ///
    /// # Errors
    ///
    /// The frame cannot be read. A change may have been lost with it, so every synced book is suspect.
    pub fn on_frame<'a>(&mut self, frame: &'a [u8], received_at_ns: i64) -> Result<Event<'a>, Error> {
        self.counters.frames += 1;
        self.counters.bytes_in += frame.len() as u64;
        self.trades.clear();
        self.generation = "";
        let result = self.take(frame, received_at_ns);
        if result.is_err() {
            self.doubt_synced(reason::UNREADABLE_FRAME);
        }
        result
    }

    fn doubt_synced(&mut self, reason: &'static str) {
        for slot in self.books.iter().flatten() {
            let mut book = lock(&slot.book);
            if book.status() == Status::Synced {
                book.doubt(Status::Suspect, reason);
            }
        }
    }

    fn take<'a>(&mut self, frame: &'a [u8], received_at_ns: i64) -> Result<Event<'a>, Error> {
        if frame.len() > self.max_frame_bytes {
            return Err(crate::frame::FrameError::new("too_long", frame, self.max_frame_bytes).into());
        }
        Ok(match read(frame, &mut self.buffer)? {
            Frame::Snapshot => self.on_book(received_at_ns, true),
            Frame::Delta => self.on_book(received_at_ns, false),
            Frame::OrderState { order, status } => Event::OrderState {
                order,
                status: status.into_owned(),
            },
            Frame::Fill(fill) => Event::Fill(fill),
            Frame::Other(short) => self.on_short(short),
            Frame::Unrecognised => Event::Unrecognised {
                reason: "unknown_frame",
                market: String::new(),
            },
        })
    }

    fn on_book(&mut self, now_ns: i64, is_snapshot: bool) -> Event<'static> {
        let market = self.buffer.market.as_str();
        let is_last = matches!(self.books.get(self.last), Some(Some(slot)) if *slot.market == *market);
        if !is_last && let Some(&number) = self.slots.get(market) {
            self.last = number;
        }
        let number = self.last;
        let Some(slot) = self
            .books
            .get_mut(number)
            .and_then(Option::as_mut)
            .filter(|slot| *slot.market == *market)
        else {
            return Event::Unrecognised {
                reason: "no_such_book",
                market: market.to_owned(),
            };
        };
        let book = &mut *lock(&slot.book);
        let change = if is_snapshot {
            book.replace(self.buffer.orders.iter().copied(), self.buffer.sequence);
            book.settle(self.buffer.sequence, now_ns);
            slot.told = self.buffer.sequence;
            Change::Snapshot
        } else {
            let (change, has_gap) = apply(book, &self.buffer, now_ns, &mut slot.told, &mut self.trades);
            self.counters.gaps += u64::from(has_gap);
            change
        };
        Event::Book {
            slot: number,
            change,
            reason: book.reason(),
            message: String::new(),
        }
    }

    fn on_short<'a>(&mut self, short: Short<'a>) -> Event<'a> {
        self.generation = later_generation(&short);
        if !self.generation.is_empty() {
            self.met = self.generation;
        }
        match &*short.kind {
            "authenticated" => reply(Asked::Login, short),
            "unsubscribed" => reply(Asked::Unsubscribe, short),
            "error" if short.code == "invalid_api_key" => reply(Asked::Login, short),
            "error" if short.code == "unsupported_channel" || !self.generation.is_empty() => {
                reply(Asked::Subscribe, short)
            }
            "resync_required" if short.channel == CHANNEL => self.on_resync(short),
            "heartbeat" | "ack" | "reject" | "error" | "admin_message" | "resync_required" => {
                Event::Push(short)
            }
            _ => Event::Unrecognised {
                reason: match self.generation {
                    "M" => "generation_m",
                    "L" => "generation_l",
                    _ => "unknown_frame",
                },
                market: short.market.into_owned(),
            },
        }
    }

    /// The venue skipped events for us and dropped the subscription. Without a market it may have been any.
    fn on_resync<'a>(&mut self, short: Short<'a>) -> Event<'a> {
        let Some(slot) = self.slot(&short.market) else {
            if short.market.is_empty() {
                self.doubt_synced(reason::RESYNC_REQUIRED);
            }
            return Event::Push(short);
        };
        if let Some(book) = self.book(slot) {
            lock(book).doubt(Status::Suspect, reason::RESYNC_REQUIRED);
        }
        Event::Book {
            slot,
            change: Change::Ignored,
            reason: reason::RESYNC_REQUIRED,
            message: short.message.into_owned(),
        }
    }
}

fn reply(asked: Asked, short: Short<'_>) -> Event<'_> {
    Event::Reply {
        asked,
        code: short.code.into_owned(),
        message: short.message.into_owned(),
        market: short.market.into_owned(),
    }
}

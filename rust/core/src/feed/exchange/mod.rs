//! The order-by-order books of one Exchange connection, and the account's own messages.
//!
//! A snapshot and an unbroken sequence since make a book synced: one number an event, counted by market. What the real
//! server is known to do is survived: a snapshot may hold effects whose events come later (adding is an upsert, an
//! unknown order cannot leave), and `resync_required` puts only the book in doubt. Source: the project's `marketdata.rs` and recovery guide, read 2026-11-20.

mod delta;
mod event;
mod generation;

use self::delta::apply;
pub use self::event::{Asked, Counters, Event, SeenTrade};
use self::generation::later_generation;
use super::{BookId, Books, Change, lock};
use crate::book::sequenced::SequencedBook;
use crate::book::top::Shown;
use crate::book::trust::Reason;
use crate::error::Error;
use crate::frame::exchange::{BookBuffer, CHANNEL, Frame, Short, read};

/// Owns the books of one connection.
pub struct ExchangeFeed {
    /// Its books.
    pub books: Books<SequencedBook>,
    buffer: BookBuffer,
    trades: Vec<SeenTrade>,
    max_frame_bytes: usize,
    generation: &'static str,
    detected_version: &'static str,
    /// Counts what passed.
    pub counters: Counters,
}

impl ExchangeFeed {
    /// Makes a feed without books.
    pub fn new(max_frame_bytes: usize) -> Self {
        Self {
            books: Books::default(),
            buffer: BookBuffer::default(),
            trades: Vec::new(),
            max_frame_bytes,
            generation: "",
            detected_version: "",
            counters: Counters::default(),
        }
    }

    /// Adds an empty book, or empties the one that is there.
    pub fn add_book(&mut self, market: &str) -> BookId {
        if let Some(id) = self.books.id(market) {
            self.books.reset(market, Reason::NoSnapshot.name());
            return id;
        }
        self.books.add(market, SequencedBook::default())
    }

    /// The connection is gone, or nothing feeds the books any more: every book is stale because of `reason`, and
    /// sequences may begin again.
    pub fn disconnected(&mut self, reason: &str) {
        for book in self.books.iter() {
            lock(book).last_trade_sequence = 0;
        }
        self.books.mark_stale(reason);
    }

    /// Returns the trades of the last frame, in order.
    pub fn trades(&self) -> &[SeenTrade] {
        &self.trades
    }

    /// Returns the later generation of the protocol the last frame gave away, `M` or `L`; empty for none.
    pub fn generation(&self) -> &'static str {
        self.generation
    }

    /// Returns the later generation detected last, on whatever frame; empty for none.
    pub fn detected_version(&self) -> &'static str {
        self.detected_version
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
            self.books.mark_suspect(Reason::UnreadableFrame);
        }
        result
    }

    fn take<'a>(&mut self, frame: &'a [u8], received_at_ns: i64) -> Result<Event<'a>, Error> {
        if frame.len() > self.max_frame_bytes {
            return Err(crate::frame::FrameError::new(
                crate::frame::FrameFault::TooLong,
                frame,
                self.max_frame_bytes,
            )
            .into());
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
        let Some((id, book)) = self.books.find(market) else {
            return Event::Unrecognised {
                reason: "no_such_book",
                market: market.to_owned(),
            };
        };
        let book = &mut *lock(book);
        let before = Shown::of(book);
        let change = if is_snapshot {
            book.replace(self.buffer.orders.iter().copied(), self.buffer.sequence);
            book.mark_applied(self.buffer.sequence, None, now_ns);
            book.last_trade_sequence = self.buffer.sequence;
            Change::Snapshot
        } else {
            let (change, has_gap) = apply(book, &self.buffer, now_ns, &mut self.trades);
            self.counters.gaps += u64::from(has_gap);
            change
        };
        Event::Book {
            id,
            change,
            reason: book.trust.reason(),
            top_changed: before.is_outdated_by(book),
            message: String::new(),
        }
    }

    fn on_short<'a>(&mut self, short: Short<'a>) -> Event<'a> {
        self.generation = later_generation(&short);
        if !self.generation.is_empty() {
            self.detected_version = self.generation;
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
        let Some((id, book)) = self.books.find(&short.market) else {
            if short.market.is_empty() {
                self.books.mark_suspect(Reason::ResyncRequired);
            }
            return Event::Push(short);
        };
        lock(book).trust.mark_suspect(Reason::ResyncRequired);
        Event::Book {
            id,
            change: Change::Ignored,
            reason: Reason::ResyncRequired,
            top_changed: false,
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

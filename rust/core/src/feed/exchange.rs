//! The order-by-order books of one Exchange connection, and the account's own messages.
//!
//! A snapshot and an unbroken sequence since make a book synced: one number an event, counted by market. What the real
//! server is known to do is survived: a snapshot may hold effects whose events come later (adding is an upsert, an
//! unknown order cannot leave), and `resync_required` puts only the book in doubt. Source: the project's `marketdata.rs` and recovery guide, read 2026-11-20.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::book::level3::Side;
use crate::book::sequenced::SequencedBook;
use crate::book::status::{Status, reason};
use crate::error::Error;
use crate::feed::coinex::Change;
use crate::frame::exchange::{BookBuffer, BookEvent, CHANNEL, Frame, OwnFill, OwnOrder, Short, Trade, read};

/// A book that its feed writes and others read.
pub type SharedBook = Arc<Mutex<SequencedBook>>;

/// Locks a book. A panic while it was locked cannot leave it unusable: its status says whether to believe it.
pub fn lock(book: &SharedBook) -> MutexGuard<'_, SequencedBook> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A public trade with what the book knew of its maker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenTrade {
    /// Ids, price and size.
    pub trade: Trade,
    /// Who came: the side opposite to the maker's; `None` if the book never saw the maker.
    pub aggressor: Option<Side>,
    /// Its number in the market's sequence.
    pub sequence: u64,
}

/// Which request a reply is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// `authenticate`.
    Login,
    /// `subscribe`.
    Subscribe,
    /// `unsubscribe`.
    Unsubscribe,
}

impl Asked {
    /// Returns the stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Subscribe => "subscribe",
            Self::Unsubscribe => "unsubscribe",
        }
    }
}

/// What one frame was.
#[derive(Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A snapshot, a delta or a call to resync of a book of this feed; trades are in [`ExchangeFeed::trades`].
    Book {
        /// Its slot.
        slot: usize,
        /// What happened to it.
        change: Change,
        /// Why it is not synced now; empty if it is.
        reason: &'static str,
        /// The venue's words, for a call to resync.
        message: String,
    },
    /// An answer to a request, which are answered in order.
    Reply {
        /// Which request.
        asked: Asked,
        /// Empty for success.
        code: String,
        /// The venue's words.
        message: String,
        /// Market or channel it is about.
        market: String,
    },
    /// `order_state`.
    OrderState {
        /// The order.
        order: OwnOrder<'a>,
        /// `open`, `filled` or `canceled`.
        status: String,
    },
    /// `fill`.
    Fill(OwnFill<'a>),
    /// Any other message the venue is known to send.
    Push(Short<'a>),
    /// Anything else.
    Unrecognised {
        /// Stable name of the reason.
        reason: &'static str,
        /// Market it names, if any.
        market: String,
    },
}

/// What passed through a feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Frames, unreadable ones too.
    pub frames: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Gaps in a sequence.
    pub gaps: u64,
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

/// Tells a later generation by its signs on the wire.
fn later_generation(short: &Short<'_>) -> &'static str {
    let is_market_data = matches!(
        &*short.kind,
        "snapshot" | "delta" | "resync_required" | "unsubscribed"
    );
    match &*short.kind {
        "market_state" | "market_deleted" => "L",
        "l3_snapshot" | "l3_delta" => "M",
        _ if short.has_team_number => "L",
        _ if is_market_data && short.channel == "data" => "L",
        _ if is_market_data && short.channel == "l2" => "M",
        "error" if short.message.contains("channel is data") => "L",
        "error" if short.message.contains("l2 and l3") || short.message.contains("subscribing to l3") => "M",
        "reject" if short.code == "rate_limit_exceeded" || short.code == "no_liquidity" => "M",
        _ => "",
    }
}

/// Applies a delta; returns what it did and whether it broke the sequence.
///
/// Each event has a number of its own, so a delta continues the book only if its last number is as far from the book's
/// as it has events. An older one is no less a break: the market may have been made anew, which restarts its sequence.
fn apply(
    book: &mut SequencedBook,
    delta: &BookBuffer,
    now_ns: i64,
    told: &mut u64,
    trades: &mut Vec<SeenTrade>,
) -> (Change, bool) {
    let before = delta.sequence.checked_sub(delta.events.len() as u64);
    let says_so = delta
        .start_sequence
        .is_none_or(|start| before.is_some_and(|before| before.checked_add(1) == Some(start)));
    let is_believed = book.status() == Status::Synced;
    let is_next = says_so && before == Some(book.sequence());
    for (event, number) in delta.events.iter().zip(before.unwrap_or(0)..) {
        if is_believed && is_next {
            change(book, event);
        }
        let sequence = number + 1;
        if let BookEvent::Trade(trade) = event
            && sequence > *told
        {
            let aggressor = book.orders.aggressor_of(trade.maker);
            trades.push(SeenTrade {
                trade: *trade,
                aggressor,
                sequence,
            });
        }
    }
    *told = (*told).max(delta.sequence);
    if !is_believed {
        return (Change::Ignored, false);
    }
    if !is_next {
        book.doubt(Status::Suspect, reason::SEQUENCE_GAP);
        return (Change::Delta, true);
    }
    book.settle(delta.sequence, now_ns);
    if delta.events.contains(&BookEvent::Unknown) {
        book.doubt(Status::Suspect, reason::UNKNOWN_EVENT);
    }
    (Change::Delta, false)
}

fn change(book: &mut SequencedBook, event: &BookEvent) {
    match *event {
        BookEvent::Added(order) => book.orders.add(order),
        BookEvent::Updated(order) => {
            if !book.orders.update(order.id, order.remaining) {
                book.orders.touch(order.id, order.side);
            }
        }
        BookEvent::Removed { id, side } => {
            if book.orders.remove(id).is_none() {
                book.orders.touch(id, side);
            }
        }
        BookEvent::Trade(_) | BookEvent::Unknown => {}
    }
}

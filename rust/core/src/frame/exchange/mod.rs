//! Frames of Exchange (jamxu88), generation P: one JSON object a frame, told apart by `type`.
//!
//! Books and orders are read straight into numbers while they are scanned; members may come in any order, though
//! one pass is enough only if `type` and `channel` come first, as the venue sends them. Every number is a whole one: `1.0`, `"1"` and `-1` are
//! refused. Source: mintlify.com/jamxu88/exchange, WebSocket pages, and the project's `ws.rs`, read 2026-11-20.

mod compact;

use std::borrow::Cow;

use super::FrameError;
use super::scan::Scanner;
use crate::book::level3::{RestingOrder, Side};
use crate::units::{time, uuid};

/// The one channel of generation P.
pub const CHANNEL: &str = "l3";

/// One change of a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BookEvent {
    /// An order rests, or rests already and is told again.
    Added(RestingOrder),
    /// An order has a new size and keeps its place.
    Updated(RestingOrder),
    /// An order left.
    Removed {
        /// Its id.
        id: u128,
        /// Its side.
        side: Side,
    },
    /// Two orders traded.
    Trade(Trade),
    /// A kind that is not known.
    Unknown,
}

/// A trade as the book's feed tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade {
    /// The resting order.
    pub maker: u128,
    /// The order that came.
    pub taker: u128,
    /// The maker's price.
    pub price: u64,
    /// Size.
    pub quantity: u64,
}

/// An order of ours as `order_state` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnOrder<'a> {
    /// Its id.
    pub id: u128,
    /// Whose it is.
    pub trader: u128,
    /// Its market.
    pub market: Cow<'a, str>,
    /// Its side.
    pub side: Side,
    /// Limit price.
    pub price: u64,
    /// Size it was sent with.
    pub quantity: u64,
    /// Size still open, or pulled by a cancel.
    pub remaining: u64,
    /// When it was accepted, nanoseconds UTC.
    pub created_at_ns: i64,
}

/// A fill of ours. It names no side: one of its orders is ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnFill<'a> {
    /// Its id.
    pub id: u128,
    /// Its market.
    pub market: Cow<'a, str>,
    /// Ids, price and size.
    pub trade: Trade,
    /// When it happened, nanoseconds UTC.
    pub occurred_at_ns: i64,
}

/// Buffers a book is read into. Reused from frame to frame.
#[derive(Debug, Default)]
pub struct BookBuffer {
    /// Market of the snapshot or delta.
    pub market: String,
    /// Number of the last event reflected.
    pub sequence: u64,
    /// Number of the first event, where a later generation tells it.
    pub start_sequence: Option<u64>,
    /// Resting orders of a snapshot, bids and then asks, each in priority.
    pub orders: Vec<RestingOrder>,
    /// Events of a delta.
    pub events: Vec<BookEvent>,
}

/// What a frame is.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A whole book, in the buffer.
    Snapshot,
    /// Changes of a book, in the buffer.
    Delta,
    /// `order_state`.
    OrderState {
        /// The order.
        order: OwnOrder<'a>,
        /// `open`, `filled` or `canceled`.
        status: Cow<'a, str>,
    },
    /// `fill`.
    Fill(OwnFill<'a>),
    /// Anything else with a `type`: its short members, as far as they are there.
    Other(Short<'a>),
    /// Valid JSON that has no `type`.
    Unrecognised,
}

/// Members of the short messages.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Short<'a> {
    /// `type`.
    pub kind: Cow<'a, str>,
    /// Channel it is about.
    pub channel: Cow<'a, str>,
    /// Market it is about.
    pub market: Cow<'a, str>,
    /// Operation an `ack` or `reject` answers.
    pub op: Cow<'a, str>,
    /// The request's own id, if it had one.
    pub request_id: Option<Cow<'a, str>>,
    /// Code of a `reject` or `error`.
    pub code: Cow<'a, str>,
    /// The venue's words; `reason` of a `resync_required`.
    pub message: Cow<'a, str>,
    /// There is a `team_number`, as only the latest generation sends it.
    pub has_team_number: bool,
}

impl Short<'_> {
    fn is_book(&self, kind: &str) -> bool {
        self.kind == kind && self.channel == CHANNEL
    }
}

/// Reads one frame; a book goes into `book`.
///
/// # Errors
///
/// Any [`FrameError`]: the frame is not JSON, or a message lacks what makes it one.
pub fn read<'a>(frame: &'a [u8], book: &mut BookBuffer) -> Result<Frame<'a>, FrameError> {
    book.orders.clear();
    book.events.clear();
    if let Some(found) = compact::read(frame, book) {
        return Ok(found);
    }
    book.orders.clear();
    book.events.clear();
    let mut scanner = Scanner::new(frame)?;
    if scanner.peek()? != b'{' {
        scanner.skip()?;
        scanner.end()?;
        return Ok(Frame::Unrecognised);
    }
    let mut short = Short::default();
    let mut status = Cow::Borrowed("");
    let (mut request_id, mut sequence, mut start_sequence) =
        (Member::Missing, Member::Missing, Member::Missing);
    let (mut bids, mut asks, mut events) = (Member::Missing, Member::Missing, Member::Missing);
    let mut own = Member::Missing;
    scanner.object(|scanner, key| {
        match key {
            b"type" => short.kind = scanner.string()?,
            b"channel" => short.channel = text(scanner)?,
            b"market" => short.market = text(scanner)?,
            b"op" => short.op = text(scanner)?,
            b"code" => short.code = text(scanner)?,
            b"message" | b"reason" => short.message = text(scanner)?,
            b"status" => status = text(scanner)?,
            b"request_id" => request_id = Member::later(scanner)?,
            b"sequence" => sequence = Member::later(scanner)?,
            b"start_sequence" => start_sequence = Member::later(scanner)?,
            b"team_number" => {
                short.has_team_number = true;
                scanner.skip()?;
            }
            b"events" if short.is_book("delta") => {
                read_events(scanner, &mut book.events)?;
                events = Member::Read;
            }
            b"bids" if short.is_book("snapshot") => {
                read_orders(scanner, Side::Bid, &mut book.orders)?;
                bids = Member::Read;
            }
            b"asks" if short.is_book("snapshot") => {
                read_orders(scanner, Side::Ask, &mut book.orders)?;
                asks = Member::Read;
            }
            b"events" => events = Member::later(scanner)?,
            b"bids" => bids = Member::later(scanner)?,
            b"asks" => asks = Member::later(scanner)?,
            b"order" | b"fill" => own = Member::later(scanner)?,
            _ => {
                scanner.skip()?;
            }
        }
        Ok::<_, FrameError>(())
    })?;
    scanner.end()?;
    let missing = || FrameError::new("missing_member", frame, frame.len());
    match &*short.kind {
        "snapshot" | "delta" if short.channel == CHANNEL => {
            book.market.clear();
            book.market.push_str(&short.market);
            if book.market.is_empty() {
                return Err(missing());
            }
            book.sequence = sequence.read(frame, Scanner::unsigned)?.ok_or_else(missing)?;
            book.start_sequence = start_sequence
                .read(frame, |scanner| scanner.optional(Scanner::unsigned))?
                .flatten();
            if short.kind == "delta" {
                events.read_unless_read(frame, |scanner| read_events(scanner, &mut book.events))?;
                return Ok(Frame::Delta);
            }
            bids.read_unless_read(frame, |scanner| read_orders(scanner, Side::Bid, &mut book.orders))?;
            asks.read_unless_read(frame, |scanner| read_orders(scanner, Side::Ask, &mut book.orders))?;
            Ok(Frame::Snapshot)
        }
        "order_state" => Ok(Frame::OrderState {
            order: own.read(frame, read_own_order)?.ok_or_else(missing)?,
            status,
        }),
        "fill" => own
            .read(frame, read_own_fill)?
            .map(Frame::Fill)
            .ok_or_else(missing),
        "" => Ok(Frame::Unrecognised),
        "ack" | "reject" => {
            short.request_id = request_id
                .read(frame, |scanner| scanner.optional(Scanner::string))?
                .flatten();
            Ok(Frame::Other(short))
        }
        _ => Ok(Frame::Other(short)),
    }
}

/// A member whose meaning depends on others: read on the way if they came first, as the venue sends them, else later.
enum Member {
    Missing,
    Read,
    At(usize),
}

impl Member {
    fn later(scanner: &mut Scanner<'_>) -> Result<Self, FrameError> {
        scanner.skip().map(|span| Self::At(span.start))
    }

    fn read<'a, T>(
        self,
        frame: &'a [u8],
        read: impl FnOnce(&mut Scanner<'a>) -> Result<T, FrameError>,
    ) -> Result<Option<T>, FrameError> {
        match self {
            Self::At(start) => read(&mut Scanner::of_validated(frame, start)).map(Some),
            Self::Missing | Self::Read => Ok(None),
        }
    }

    fn read_unless_read<'a>(
        self,
        frame: &'a [u8],
        read: impl FnOnce(&mut Scanner<'a>) -> Result<(), FrameError>,
    ) -> Result<(), FrameError> {
        match self {
            Self::Read => Ok(()),
            Self::At(start) => read(&mut Scanner::of_validated(frame, start)),
            Self::Missing => Err(FrameError::new("missing_member", frame, frame.len())),
        }
    }
}

/// Reads a text; anything else where a text is usual (an object called `message`, a null market) is no text.
fn text<'a>(scanner: &mut Scanner<'a>) -> Result<Cow<'a, str>, FrameError> {
    if scanner.peek()? == b'"' {
        return scanner.string();
    }
    scanner.skip()?;
    Ok(Cow::Borrowed(""))
}

fn read_orders(
    scanner: &mut Scanner<'_>,
    side: Side,
    orders: &mut Vec<RestingOrder>,
) -> Result<(), FrameError> {
    orders.retain(|order| order.side != side);
    scanner.array(|scanner| {
        let start = scanner.offset();
        let order = read_order(scanner)?;
        if order.side != side {
            return Err(scanner.error("wrong_type", start));
        }
        orders.push(order);
        Ok(())
    })
}

fn read_order(scanner: &mut Scanner<'_>) -> Result<RestingOrder, FrameError> {
    let start = scanner.offset();
    let (mut id, mut side, mut price, mut remaining) = (None, None, None, None);
    scanner.object(|scanner, key| {
        match key {
            b"order_id" => id = Some(read_id(scanner)?),
            b"side" => side = Some(read_side(scanner)?),
            b"price" => price = Some(scanner.unsigned()?),
            b"remaining" => remaining = Some(scanner.unsigned()?),
            _ => {
                scanner.skip()?;
            }
        }
        Ok::<_, FrameError>(())
    })?;
    match (id, side, price, remaining) {
        (Some(id), Some(side), Some(price), Some(remaining)) => Ok(RestingOrder {
            id,
            side,
            price,
            remaining,
        }),
        _ => Err(scanner.error("missing_member", start)),
    }
}

fn read_events(scanner: &mut Scanner<'_>, events: &mut Vec<BookEvent>) -> Result<(), FrameError> {
    events.clear();
    scanner.array(|scanner| {
        events.push(read_event(scanner)?);
        Ok::<_, FrameError>(())
    })
}

fn read_event(scanner: &mut Scanner<'_>) -> Result<BookEvent, FrameError> {
    scanner.peek()?;
    let start = scanner.offset();
    let kind = kind_of(scanner)?;
    match &*kind {
        b"order_added" => read_nested_order(scanner, start).map(BookEvent::Added),
        b"order_updated" => read_nested_order(scanner, start).map(BookEvent::Updated),
        b"order_removed" => read_removal(scanner, start),
        b"trade" => {
            let mut trade = TradeParts::default();
            scanner.object(|scanner, key| trade.member(scanner, key))?;
            trade
                .whole()
                .map(BookEvent::Trade)
                .ok_or_else(|| scanner.error("missing_member", start))
        }
        b"" => Err(scanner.error("missing_member", start)),
        _ => scanner.skip().map(|_| BookEvent::Unknown),
    }
}

/// Looks ahead for the kind of an event, which decides what its other members must be. The venue sends it first.
fn kind_of<'a>(scanner: &Scanner<'a>) -> Result<Cow<'a, [u8]>, FrameError> {
    enum Stop {
        Found,
        Fault(FrameError),
    }
    impl From<FrameError> for Stop {
        fn from(error: FrameError) -> Self {
            Self::Fault(error)
        }
    }
    let mut kind = Cow::Borrowed(&b""[..]);
    let search = scanner.clone().object(|ahead, key| {
        if key == b"kind" {
            kind = ahead.raw_string()?;
            return Err(Stop::Found);
        }
        ahead.skip()?;
        Ok(())
    });
    match search {
        Ok(()) | Err(Stop::Found) => Ok(kind),
        Err(Stop::Fault(error)) => Err(error),
    }
}

fn read_nested_order(scanner: &mut Scanner<'_>, start: usize) -> Result<RestingOrder, FrameError> {
    let mut order = None;
    scanner.object(|scanner, key| {
        if key == b"order" {
            order = Some(read_order(scanner)?);
            return Ok(());
        }
        scanner.skip().map(|_| ())
    })?;
    order.ok_or_else(|| scanner.error("missing_member", start))
}

fn read_removal(scanner: &mut Scanner<'_>, start: usize) -> Result<BookEvent, FrameError> {
    let (mut id, mut side) = (None, None);
    scanner.object(|scanner, key| {
        match key {
            b"order_id" => id = Some(read_id(scanner)?),
            b"side" => side = Some(read_side(scanner)?),
            _ => {
                scanner.skip()?;
            }
        }
        Ok::<_, FrameError>(())
    })?;
    match (id, side) {
        (Some(id), Some(side)) => Ok(BookEvent::Removed { id, side }),
        _ => Err(scanner.error("missing_member", start)),
    }
}

/// The members of a trade, as far as they have been read.
#[derive(Default)]
struct TradeParts {
    maker: Option<u128>,
    taker: Option<u128>,
    price: Option<u64>,
    quantity: Option<u64>,
}

impl TradeParts {
    fn member(&mut self, scanner: &mut Scanner<'_>, key: &[u8]) -> Result<(), FrameError> {
        match key {
            b"maker_order_id" => self.maker = Some(read_id(scanner)?),
            b"taker_order_id" => self.taker = Some(read_id(scanner)?),
            b"price" => self.price = Some(scanner.unsigned()?),
            b"quantity" => self.quantity = Some(scanner.unsigned()?),
            _ => {
                scanner.skip()?;
            }
        }
        Ok(())
    }

    fn whole(&self) -> Option<Trade> {
        Some(Trade {
            maker: self.maker?,
            taker: self.taker?,
            price: self.price?,
            quantity: self.quantity?,
        })
    }
}

fn read_own_order<'a>(scanner: &mut Scanner<'a>) -> Result<OwnOrder<'a>, FrameError> {
    let start = scanner.offset();
    let mut market = None;
    let (mut id, mut trader, mut side) = (None, None, None);
    let (mut price, mut quantity, mut remaining, mut created) = (None, None, None, None);
    scanner.object(|scanner, key| {
        match key {
            b"id" => id = Some(read_id(scanner)?),
            b"trader_id" => trader = Some(read_id(scanner)?),
            b"market" => market = Some(scanner.string()?),
            b"side" => side = Some(read_side(scanner)?),
            b"price" => price = Some(scanner.unsigned()?),
            b"quantity" => quantity = Some(scanner.unsigned()?),
            b"remaining" => remaining = Some(scanner.unsigned()?),
            b"created_at" => created = Some(read_time(scanner)?),
            _ => {
                scanner.skip()?;
            }
        }
        Ok::<_, FrameError>(())
    })?;
    let order = (|| {
        Some(OwnOrder {
            id: id?,
            trader: trader?,
            market: market?,
            side: side?,
            price: price?,
            quantity: quantity?,
            remaining: remaining?,
            created_at_ns: created?,
        })
    })();
    order.ok_or_else(|| scanner.error("missing_member", start))
}

fn read_own_fill<'a>(scanner: &mut Scanner<'a>) -> Result<OwnFill<'a>, FrameError> {
    let start = scanner.offset();
    let (mut id, mut market, mut occurred) = (None, None, None);
    let mut trade = TradeParts::default();
    scanner.object(|scanner, key| {
        match key {
            b"fill_id" => id = Some(read_id(scanner)?),
            b"market" => market = Some(scanner.string()?),
            b"occurred_at" => occurred = Some(read_time(scanner)?),
            _ => trade.member(scanner, key)?,
        }
        Ok::<_, FrameError>(())
    })?;
    let fill = (|| {
        Some(OwnFill {
            id: id?,
            market: market?,
            trade: trade.whole()?,
            occurred_at_ns: occurred?,
        })
    })();
    fill.ok_or_else(|| scanner.error("missing_member", start))
}

fn read_id(scanner: &mut Scanner<'_>) -> Result<u128, FrameError> {
    scanner.peek()?;
    let start = scanner.offset();
    let (span, _) = scanner.string_span()?;
    uuid::parse(&scanner.bytes()[span]).ok_or_else(|| scanner.error("wrong_type", start))
}

fn read_side(scanner: &mut Scanner<'_>) -> Result<Side, FrameError> {
    scanner.peek()?;
    let start = scanner.offset();
    let (span, _) = scanner.string_span()?;
    match &scanner.bytes()[span] {
        b"BUY" => Ok(Side::Bid),
        b"SELL" => Ok(Side::Ask),
        _ => Err(scanner.error("wrong_type", start)),
    }
}

fn read_time(scanner: &mut Scanner<'_>) -> Result<i64, FrameError> {
    scanner.peek()?;
    let start = scanner.offset();
    let (span, _) = scanner.string_span()?;
    time::rfc3339_ns(&scanner.bytes()[span]).ok_or_else(|| scanner.error("wrong_type", start))
}

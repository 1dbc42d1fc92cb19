//! Frames of Exchange (jamxu88), generation P: one JSON object a frame, told apart by `type`.
//!
//! Books and orders are read straight into numbers while they are scanned; members may come in any order, though the
//! venue sends `type` first and only then one pass is enough. Every number is a whole one: `1.0`, `"1"` and `-1` are
//! refused. Source: mintlify.com/jamxu88/exchange, WebSocket pages, and the project's `ws.rs`, read 2026-11-20.

use std::borrow::Cow;

use super::FrameError;
use super::scan::{Scanner, Span};
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

/// Reads one frame; a book goes into `book`.
///
/// # Errors
///
/// Any [`FrameError`]: the frame is not JSON, or a message lacks what makes it one.
pub fn read<'a>(frame: &'a [u8], book: &mut BookBuffer) -> Result<Frame<'a>, FrameError> {
    let mut scanner = Scanner::new(frame)?;
    if scanner.peek()? != b'{' {
        scanner.skip()?;
        scanner.end()?;
        return Ok(Frame::Unrecognised);
    }
    let mut short = Short::default();
    let mut status = Cow::Borrowed("");
    let mut sequence = None;
    let mut start_sequence = None;
    let mut parts: [Option<Span>; 4] = [const { None }; 4];
    scanner.object(|scanner, key| {
        match key {
            b"type" => short.kind = scanner.string()?,
            b"channel" => short.channel = text(scanner)?,
            b"market" => short.market = text(scanner)?,
            b"op" => short.op = text(scanner)?,
            b"code" => short.code = text(scanner)?,
            b"message" | b"reason" => short.message = text(scanner)?,
            b"request_id" => short.request_id = scanner.optional(Scanner::string)?,
            b"status" => status = text(scanner)?,
            b"sequence" => sequence = scanner.optional(Scanner::unsigned)?,
            b"start_sequence" => start_sequence = scanner.optional(Scanner::unsigned)?,
            b"team_number" => {
                short.has_team_number = true;
                scanner.skip()?;
            }
            b"bids" => parts[0] = Some(scanner.skip()?),
            b"asks" => parts[1] = Some(scanner.skip()?),
            b"events" => parts[2] = Some(scanner.skip()?),
            b"order" | b"fill" => parts[3] = Some(scanner.skip()?),
            _ => {
                scanner.skip()?;
            }
        }
        Ok::<_, FrameError>(())
    })?;
    scanner.end()?;
    let part = |at: usize| {
        parts[at]
            .clone()
            .map(|span| Scanner::of_validated(frame, span.start))
            .ok_or_else(|| FrameError::new("missing_member", frame, frame.len()))
    };
    let is_book = short.channel == CHANNEL;
    match &*short.kind {
        "snapshot" | "delta" if is_book => {
            book.market.clear();
            book.market.push_str(&short.market);
            book.start_sequence = start_sequence;
            book.sequence = sequence
                .filter(|_| !short.market.is_empty())
                .ok_or_else(|| FrameError::new("missing_member", frame, frame.len()))?;
            if short.kind == "delta" {
                read_events(&mut part(2)?, &mut book.events)?;
                return Ok(Frame::Delta);
            }
            book.orders.clear();
            read_orders(&mut part(0)?, Side::Bid, &mut book.orders)?;
            read_orders(&mut part(1)?, Side::Ask, &mut book.orders)?;
            Ok(Frame::Snapshot)
        }
        "order_state" => Ok(Frame::OrderState {
            order: read_own_order(&mut part(3)?)?,
            status,
        }),
        "fill" => read_own_fill(&mut part(3)?).map(Frame::Fill),
        "" => Ok(Frame::Unrecognised),
        _ => Ok(Frame::Other(short)),
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
    let start = scanner.offset();
    let mut kind = Cow::Borrowed("");
    let mut order: Option<Span> = None;
    let (mut id, mut side) = (None, None);
    let mut trade = TradeParts::default();
    scanner.object(|scanner, key| {
        match key {
            b"kind" => kind = scanner.string()?,
            b"order" => order = Some(scanner.skip()?),
            b"order_id" => id = Some(scanner.skip()?),
            b"side" => side = Some(scanner.skip()?),
            _ => trade.member(scanner, key)?,
        }
        Ok::<_, FrameError>(())
    })?;
    let missing = || scanner.error("missing_member", start);
    let bytes = scanner.bytes();
    let at = |span: Option<Span>| span.map(|span| Scanner::of_validated(bytes, span.start));
    match &*kind {
        "order_added" => read_order(&mut at(order).ok_or_else(missing)?).map(BookEvent::Added),
        "order_updated" => read_order(&mut at(order).ok_or_else(missing)?).map(BookEvent::Updated),
        "order_removed" => Ok(BookEvent::Removed {
            id: read_id(&mut at(id).ok_or_else(missing)?)?,
            side: read_side(&mut at(side).ok_or_else(missing)?)?,
        }),
        "trade" => trade
            .read(bytes)
            .and_then(|trade| trade.map(BookEvent::Trade).ok_or_else(missing)),
        "" => Err(missing()),
        _ => Ok(BookEvent::Unknown),
    }
}

/// Where the members of a trade stand; they are read once it is known that it is one.
#[derive(Default)]
struct TradeParts([Option<Span>; 4]);

impl TradeParts {
    fn member(&mut self, scanner: &mut Scanner<'_>, key: &[u8]) -> Result<(), FrameError> {
        let span = scanner.skip()?;
        let at = match key {
            b"maker_order_id" => 0,
            b"taker_order_id" => 1,
            b"price" => 2,
            b"quantity" => 3,
            _ => return Ok(()),
        };
        self.0[at] = Some(span);
        Ok(())
    }

    fn read(&self, bytes: &[u8]) -> Result<Option<Trade>, FrameError> {
        let [Some(maker), Some(taker), Some(price), Some(quantity)] = &self.0 else {
            return Ok(None);
        };
        let at = |span: &Span| Scanner::of_validated(bytes, span.start);
        Ok(Some(Trade {
            maker: read_id(&mut at(maker))?,
            taker: read_id(&mut at(taker))?,
            price: at(price).unsigned()?,
            quantity: at(quantity).unsigned()?,
        }))
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
    let trade = trade.read(scanner.bytes())?;
    let fill = (|| {
        Some(OwnFill {
            id: id?,
            market: market?,
            trade: trade?,
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

//! Frames of `TrueX`: one JSON object a frame, told apart by `channel` and `update`.
//!
//! Depth is read straight into levels; everything else is validated whole and handed up as it is. Numbers are decimal
//! texts; `seqnum` too, though a plain number is taken as well. Source: docs.truemarkets.co, WebSocket 1.0.5, and the
//! vendor's sample code, read 2026-11-20.

use std::borrow::Cow;

use super::scan::{Scanner, Span, plain_number};
use super::{FrameError, FrameFault};

/// The channel whose pushes are books.
pub const DEPTH: &str = "DEPTH";

/// Text of one level: where price and size stand in the frame, and how many orders they come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LevelText {
    price: (u32, u32),
    size: (u32, u32),
    /// Number of orders; 0 where the venue does not tell.
    pub orders: u32,
}

impl LevelText {
    /// Returns price, size and number of orders as sent.
    pub fn of<'a>(&self, frame: &'a [u8]) -> (&'a [u8], &'a [u8], u32) {
        let text = |(start, end): (u32, u32)| frame.get(start as usize..end as usize).unwrap_or_default();
        (text(self.price), text(self.size), self.orders)
    }
}

/// A depth push. Reused from frame to frame.
#[derive(Debug, Default)]
pub struct DepthPush {
    /// The market.
    pub symbol: String,
    /// Levels of the bid side, in the order they came.
    pub bids: Vec<LevelText>,
    /// Levels of the ask side.
    pub asks: Vec<LevelText>,
}

/// What `update` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// The whole of something.
    Snapshot,
    /// A change.
    Update,
    /// Every snapshot of an item has been sent.
    Complete,
    /// The first words of the venue.
    Welcome,
    /// Anything else.
    Other,
}

/// One frame.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// `channel`; empty if there is none.
    pub channel: Cow<'a, str>,
    /// `update`.
    pub update: Update,
    /// `seqnum`.
    pub seqnum: Option<u64>,
    /// `status` of the connection.
    pub status: Cow<'a, str>,
    /// `item` of a `SNAPSHOT_COMPLETE`.
    pub item: Cow<'a, str>,
    /// `message` of a `WELCOME`.
    pub message: Cow<'a, str>,
    /// `symbol` of the data, where it has one.
    pub symbol: Cow<'a, str>,
}

impl Frame<'_> {
    fn is_depth(&self) -> bool {
        self.channel == DEPTH && matches!(self.update, Update::Snapshot | Update::Update)
    }
}

/// Reads one frame; a depth push goes into `depth`.
///
/// # Errors
///
/// Any [`FrameError`]: the frame is not JSON, or a depth push lacks what makes it one.
pub fn read<'a>(frame: &'a [u8], depth: &mut DepthPush) -> Result<Frame<'a>, FrameError> {
    let mut scanner = Scanner::new(frame)?;
    let mut found = Frame {
        channel: Cow::Borrowed(""),
        update: Update::Other,
        seqnum: None,
        status: Cow::Borrowed(""),
        item: Cow::Borrowed(""),
        message: Cow::Borrowed(""),
        symbol: Cow::Borrowed(""),
    };
    if scanner.peek()? != b'{' {
        scanner.skip()?;
        scanner.end()?;
        return Ok(found);
    }
    let mut data: Option<Span> = None;
    let mut is_read = false;
    scanner.object(|scanner, key| {
        match key {
            b"channel" => found.channel = text(scanner)?,
            b"update" => found.update = update_of(&text(scanner)?),
            b"seqnum" => found.seqnum = scanner.optional(read_number)?,
            b"status" => found.status = text(scanner)?,
            b"item" => found.item = text(scanner)?,
            b"message" => found.message = text(scanner)?,
            b"data" if found.is_depth() => {
                read_depth(scanner, depth)?;
                is_read = true;
            }
            b"data" => {
                data = Some(scanner.skip()?);
                is_read = false;
            }
            _ => {
                scanner.skip()?;
            }
        }
        Ok::<_, FrameError>(())
    })?;
    scanner.end()?;
    if found.is_depth() {
        if !is_read {
            let Some(span) = data else {
                return Err(FrameError::new(FrameFault::MissingMember, frame, frame.len()));
            };
            read_depth(&mut Scanner::of_validated(frame, span.start), depth)?;
        }
    } else if let Some(span) = data {
        found.symbol = symbol_of(&mut Scanner::of_validated(frame, span.start))?;
    }
    Ok(found)
}

fn update_of(text: &str) -> Update {
    match text {
        "SNAPSHOT" => Update::Snapshot,
        "UPDATE" => Update::Update,
        "SNAPSHOT_COMPLETE" => Update::Complete,
        "WELCOME" => Update::Welcome,
        _ => Update::Other,
    }
}

/// Reads a text; anything else where a text is usual is no text.
fn text<'a>(scanner: &mut Scanner<'a>) -> Result<Cow<'a, str>, FrameError> {
    if scanner.peek()? == b'"' {
        return scanner.string();
    }
    scanner.skip()?;
    Ok(Cow::Borrowed(""))
}

/// Reads a whole number that is not negative, plain or as text.
fn read_number(scanner: &mut Scanner<'_>) -> Result<u64, FrameError> {
    if scanner.peek()? != b'"' {
        return scanner.unsigned();
    }
    let start = scanner.offset();
    let (span, _) = scanner.string_span()?;
    let digits = &scanner.bytes()[span];
    let is_plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits)
        .ok()
        .filter(|_| is_plain)
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| scanner.error(FrameFault::WrongType, start))
}

fn symbol_of<'a>(scanner: &mut Scanner<'a>) -> Result<Cow<'a, str>, FrameError> {
    let mut symbol = Cow::Borrowed("");
    if scanner.peek()? == b'{' {
        scanner.object(|scanner, key| {
            if key == b"symbol" {
                symbol = text(scanner)?;
            } else {
                scanner.skip()?;
            }
            Ok::<_, FrameError>(())
        })?;
    }
    Ok(symbol)
}

fn read_depth(scanner: &mut Scanner<'_>, push: &mut DepthPush) -> Result<(), FrameError> {
    let start = scanner.offset();
    push.symbol.clear();
    push.bids.clear();
    push.asks.clear();
    scanner.object(|scanner, key| {
        match key {
            b"symbol" => push.symbol.push_str(&scanner.string()?),
            b"bids" => read_levels(scanner, &mut push.bids)?,
            b"asks" => read_levels(scanner, &mut push.asks)?,
            _ => {
                scanner.skip()?;
            }
        }
        Ok::<_, FrameError>(())
    })?;
    if push.symbol.is_empty() {
        return Err(scanner.error(FrameFault::MissingMember, start));
    }
    Ok(())
}

fn read_levels(scanner: &mut Scanner<'_>, levels: &mut Vec<LevelText>) -> Result<(), FrameError> {
    levels.clear();
    if scanner.null()? {
        return Ok(());
    }
    scanner.array(|scanner| {
        scanner.peek()?;
        let start = scanner.offset();
        if let Some((level, length)) = plain_level(scanner.rest(), start) {
            levels.push(level);
            scanner.pass(length);
            return Ok(());
        }
        let (mut price, mut size, mut orders) = (None, None, 0);
        scanner.object(|scanner, key| {
            match key {
                b"price" => price = Some(bounds(scanner)?),
                b"qty" => size = Some(bounds(scanner)?),
                b"order_count" => {
                    let count = scanner.optional(read_number)?.unwrap_or_default();
                    orders = u32::try_from(count).unwrap_or(u32::MAX);
                }
                _ => {
                    scanner.skip()?;
                }
            }
            Ok::<_, FrameError>(())
        })?;
        let (Some(price), Some(size)) = (price, size) else {
            return Err(scanner.error(FrameFault::MissingMember, start));
        };
        levels.push(LevelText { price, size, orders });
        Ok(())
    })
}

/// Reads a level spelt as the venue spells it, which stands `start` bytes into the frame; returns it with its length.
///
/// `None` says nothing: whatever else is there must be read the long way, faults included.
fn plain_level(bytes: &[u8], start: usize) -> Option<(LevelText, usize)> {
    const PRICE: &[u8] = br#"{"price":""#;
    const SIZE: &[u8] = br#"","qty":""#;
    const ORDERS: &[u8] = br#"","order_count":""#;
    const MOST_ORDERS_DIGITS: usize = 9;
    let price_at = PRICE.len();
    let price = plain_number(bytes.strip_prefix(PRICE)?)?;
    let size_at = price_at + price + SIZE.len();
    let size = plain_number(bytes[price_at + price..].strip_prefix(SIZE)?)?;
    let orders_at = size_at + size + ORDERS.len();
    let rest = bytes[size_at + size..].strip_prefix(ORDERS)?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=MOST_ORDERS_DIGITS).contains(&digits) || rest.get(digits..digits + 2)? != b"\"}" {
        return None;
    }
    let orders = rest[..digits]
        .iter()
        .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    let bounds = |at: usize, length: usize| ((start + at) as u32, (start + at + length) as u32);
    let level = LevelText {
        price: bounds(price_at, price),
        size: bounds(size_at, size),
        orders,
    };
    Some((level, orders_at + digits + 2))
}

/// Reads where a text without escapes stands.
fn bounds(scanner: &mut Scanner<'_>) -> Result<(u32, u32), FrameError> {
    scanner.peek()?;
    let start = scanner.offset();
    let (span, has_escape) = scanner.string_span()?;
    if has_escape {
        return Err(scanner.error(FrameFault::WrongType, start));
    }
    Ok((span.start as u32, span.end as u32))
}

//! `CoinEx` v2 frames: replies to requests and pushes.
//!
//! Depth is read straight into levels while it is scanned; every other push is validated whole and handed up as it
//! is. Members may come in any order. Source: docs.coinex.com/api/v2, WebSocket pages, read 2026-11-20.

use std::borrow::Cow;

use super::scan::{Scanner, Span};
use super::{FrameError, FrameFault};

/// Text of one level: where price and amount stand in the frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LevelText {
    price: (u32, u32),
    amount: (u32, u32),
}

impl LevelText {
    fn new(price: Span, amount: Span) -> Self {
        let bounds = |span: Span| (span.start as u32, span.end as u32);
        Self {
            price: bounds(price),
            amount: bounds(amount),
        }
    }

    /// Returns price and amount as sent.
    pub fn of<'a>(&self, frame: &'a [u8]) -> (&'a [u8], &'a [u8]) {
        let text = |(start, end): (u32, u32)| frame.get(start as usize..end as usize).unwrap_or_default();
        (text(self.price), text(self.amount))
    }
}

/// A depth push. Reused from frame to frame, so that levels need no allocation.
#[derive(Debug, Default)]
pub struct DepthPush {
    /// The market.
    pub market: String,
    /// The push is the complete book.
    pub is_full: bool,
    /// Levels of the bid side, in the order they came.
    pub bids: Vec<LevelText>,
    /// Levels of the ask side.
    pub asks: Vec<LevelText>,
    /// Last trade price, where the text stands.
    pub last: Option<Span>,
    /// The venue's time of the push, milliseconds.
    pub updated_at_ms: i64,
    /// CRC-32 of the book after this push, modulo 2^32.
    pub checksum: Option<u32>,
    /// Offset of the first level that is not a pair of plain strings.
    pub bad_level: Option<usize>,
}

impl DepthPush {
    /// Returns price and amount of each bid as sent.
    pub fn bids<'a>(&'a self, frame: &'a [u8]) -> impl DoubleEndedIterator<Item = (&'a [u8], &'a [u8])> {
        self.bids.iter().map(|level| level.of(frame))
    }

    /// Returns price and amount of each ask as sent.
    pub fn asks<'a>(&'a self, frame: &'a [u8]) -> impl DoubleEndedIterator<Item = (&'a [u8], &'a [u8])> {
        self.asks.iter().map(|level| level.of(frame))
    }

    fn clear(&mut self) {
        self.market.clear();
        self.is_full = false;
        self.bids.clear();
        self.asks.clear();
        self.last = None;
        self.updated_at_ms = 0;
        self.checksum = None;
        self.bad_level = None;
    }
}

/// What a frame is.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// An answer to a request of ours.
    Reply {
        /// The request's id.
        id: i64,
        /// 0 for success.
        code: i64,
        /// The venue's words.
        message: Cow<'a, str>,
    },
    /// A depth push; its content is in the [`DepthPush`] that was passed in.
    Depth,
    /// Any other push.
    Push {
        /// For instance `deals.update`.
        method: Cow<'a, str>,
        /// The market its data names, empty if none.
        market: Cow<'a, str>,
    },
    /// Valid JSON, but neither.
    Unrecognised,
}

const DEPTH_UPDATE: &str = "depth.update";

/// Reads one frame; a depth push goes into `depth`.
///
/// # Errors
///
/// Any [`FrameError`]: the frame is not JSON, or a depth push lacks what makes it one.
pub fn read<'a>(frame: &'a [u8], depth: &mut DepthPush) -> Result<Frame<'a>, FrameError> {
    let mut scanner = Scanner::new(frame)?;
    let mut method: Option<Cow<'a, str>> = None;
    let mut message = Cow::Borrowed("");
    let mut id = None;
    let mut code = None;
    let mut data: Option<Span> = None;
    let mut has_depth = false;
    if scanner.peek()? != b'{' {
        scanner.skip()?;
        scanner.end()?;
        return Ok(Frame::Unrecognised);
    }
    scanner.object(|scanner, key| {
        match key {
            b"method" => method = scanner.optional(Scanner::string)?,
            b"data" if method.as_deref() == Some(DEPTH_UPDATE) => {
                data = Some(scanner.offset()..scanner.offset());
                read_depth(scanner, depth)?;
                has_depth = true;
            }
            b"data" => data = Some(scanner.skip()?),
            b"id" => id = scanner.optional(Scanner::integer)?,
            b"code" => code = scanner.optional(Scanner::integer)?,
            b"message" => message = scanner.optional(Scanner::string)?.unwrap_or_default(),
            _ => {
                scanner.skip()?;
            }
        }
        Ok::<_, FrameError>(())
    })?;
    scanner.end()?;
    if let Some(id) = id {
        return Ok(match code {
            Some(code) => Frame::Reply { id, code, message },
            None => Frame::Unrecognised,
        });
    }
    let Some(method) = method else {
        return Ok(Frame::Unrecognised);
    };
    if method == DEPTH_UPDATE {
        if !has_depth {
            let Some(span) = data else {
                return Err(FrameError::new(FrameFault::MissingMember, frame, frame.len()));
            };
            read_depth(&mut Scanner::of_validated(frame, span.start), depth)?;
        }
        return Ok(Frame::Depth);
    }
    let market = data.map_or(Ok(Cow::Borrowed("")), |span| market_of(frame, span.start))?;
    Ok(Frame::Push { method, market })
}

/// Returns the `market` of a push's data, empty if it has none or is no object.
fn market_of(frame: &[u8], start: usize) -> Result<Cow<'_, str>, FrameError> {
    let mut scanner = Scanner::of_validated(frame, start);
    let mut market = Cow::Borrowed("");
    if scanner.peek()? == b'{' {
        scanner.object(|scanner, key| {
            if key == b"market" && scanner.peek()? == b'"' {
                market = scanner.string()?;
            } else {
                scanner.skip()?;
            }
            Ok::<_, FrameError>(())
        })?;
    }
    Ok(market)
}

fn read_depth(scanner: &mut Scanner<'_>, push: &mut DepthPush) -> Result<(), FrameError> {
    push.clear();
    let start = scanner.offset();
    let mut has_book = false;
    scanner.object(|scanner, key| {
        match key {
            b"market" => push.market.push_str(&scanner.string()?),
            b"is_full" => push.is_full = scanner.boolean()?,
            b"depth" => {
                has_book = true;
                scanner.object(|scanner, key| read_book_member(scanner, key, push))?;
            }
            _ => {
                scanner.skip()?;
            }
        }
        Ok::<_, FrameError>(())
    })?;
    if push.market.is_empty() || !has_book {
        return Err(scanner.error(FrameFault::MissingMember, start));
    }
    Ok(())
}

fn read_book_member(scanner: &mut Scanner<'_>, key: &[u8], push: &mut DepthPush) -> Result<(), FrameError> {
    match key {
        b"bids" => read_levels(scanner, &mut push.bids, &mut push.bad_level),
        b"asks" => read_levels(scanner, &mut push.asks, &mut push.bad_level),
        b"updated_at" => scanner.integer().map(|time| push.updated_at_ms = time),
        b"checksum" => {
            push.checksum = scanner.optional(read_checksum)?;
            Ok(())
        }
        b"last" if scanner.peek()? == b'"' => scanner.string_span().map(|(span, _)| push.last = Some(span)),
        _ => scanner.skip().map(|_| ()),
    }
}

/// Reads a checksum as sent: a number or a numeric string, signed or unsigned.
fn read_checksum(scanner: &mut Scanner<'_>) -> Result<u32, FrameError> {
    let offset = scanner.offset();
    let number = if scanner.peek()? == b'"' {
        scanner
            .string()?
            .parse()
            .map_err(|_| scanner.error(FrameFault::WrongType, offset))?
    } else {
        scanner.integer()?
    };
    let is_32_bit = (i64::from(i32::MIN)..=i64::from(u32::MAX)).contains(&number);
    if is_32_bit {
        Ok(number as u32)
    } else {
        Err(scanner.error(FrameFault::WrongType, offset))
    }
}

fn read_levels(
    scanner: &mut Scanner<'_>,
    levels: &mut Vec<LevelText>,
    bad_level: &mut Option<usize>,
) -> Result<(), FrameError> {
    levels.clear();
    if scanner.null()? {
        return Ok(());
    }
    scanner.array(|scanner| {
        scanner.peek()?;
        let start = scanner.offset();
        if let Some((price, amount)) = scanner.plain_pair() {
            levels.push(LevelText::new(price, amount));
            return Ok::<_, FrameError>(());
        }
        let mut texts = [(0, 0); 2];
        let mut count = 0;
        let mut is_plain = scanner.bytes().get(start) == Some(&b'[');
        if is_plain {
            scanner.array(|scanner| {
                if scanner.peek()? == b'"' {
                    let (span, has_escape) = scanner.string_span()?;
                    is_plain &= !has_escape;
                    if let Some(text) = texts.get_mut(count) {
                        *text = (span.start as u32, span.end as u32);
                    }
                } else {
                    is_plain = false;
                    scanner.skip()?;
                }
                count += 1;
                Ok::<_, FrameError>(())
            })?;
        } else {
            scanner.skip()?;
        }
        if is_plain && count == 2 {
            levels.push(LevelText {
                price: texts[0],
                amount: texts[1],
            });
        } else {
            bad_level.get_or_insert(start);
        }
        Ok::<_, FrameError>(())
    })
}

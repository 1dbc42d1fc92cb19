//! Frames of Exchange (jamxu88), generation P: one JSON object a frame, told apart by `type`.
//!
//! Books are read in one pass if they are spelt as the venue spells them. Any other spelling, with members in any order, is
//! scanned first and read then. Every number is a whole one: `1.0`, `"1"` and `-1` are refused. Source: mintlify.com/jamxu88/exchange, WebSocket pages, and the project's `ws.rs`, read 2026-11-20.

mod atoms;
mod books;
mod compact;
mod message;
mod own;

use std::borrow::Cow;

use self::books::{read_events, read_orders};
pub use self::message::{BookBuffer, BookEvent, Frame, OwnFill, OwnOrder, Short, Trade};
use self::own::{read_own_fill, read_own_order};
use super::scan::Scanner;
use super::{FrameError, FrameFault};
use crate::book::level3::Side;

/// The one channel of generation P.
pub const CHANNEL: &str = "l3";

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
    let (mut request_id, mut sequence, mut start_sequence) = (Member(None), Member(None), Member(None));
    let (mut bids, mut asks, mut events) = (Member(None), Member(None), Member(None));
    let mut own = Member(None);
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
    let missing = || FrameError::new(FrameFault::MissingMember, frame, frame.len());
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
                events
                    .read(frame, |scanner| read_events(scanner, &mut book.events))?
                    .ok_or_else(missing)?;
                return Ok(Frame::Delta);
            }
            for (member, side) in [(bids, Side::Bid), (asks, Side::Ask)] {
                member
                    .read(frame, |scanner| read_orders(scanner, side, &mut book.orders))?
                    .ok_or_else(missing)?;
            }
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

/// Where a member stands whose meaning depends on others.
struct Member(Option<usize>);

impl Member {
    fn later(scanner: &mut Scanner<'_>) -> Result<Self, FrameError> {
        scanner.skip().map(|span| Self(Some(span.start)))
    }

    fn read<'a, T>(
        self,
        frame: &'a [u8],
        read: impl FnOnce(&mut Scanner<'a>) -> Result<T, FrameError>,
    ) -> Result<Option<T>, FrameError> {
        let start = self.0;
        start
            .map(|start| read(&mut Scanner::of_validated(frame, start)))
            .transpose()
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

//! Orders and events of a book, however they are spelt.

use std::borrow::Cow;

use super::atoms::{TradeParts, read_id, read_side};
use super::message::BookEvent;
use crate::book::level3::{RestingOrder, Side};
use crate::frame::scan::Scanner;
use crate::frame::{FrameError, FrameFault};

pub(super) fn read_orders(
    scanner: &mut Scanner<'_>,
    side: Side,
    orders: &mut Vec<RestingOrder>,
) -> Result<(), FrameError> {
    scanner.array(|scanner| {
        let start = scanner.offset();
        let order = read_order(scanner)?;
        if order.side != side {
            return Err(scanner.error(FrameFault::WrongType, start));
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
        _ => Err(scanner.error(FrameFault::MissingMember, start)),
    }
}

pub(super) fn read_events(scanner: &mut Scanner<'_>, events: &mut Vec<BookEvent>) -> Result<(), FrameError> {
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
                .ok_or_else(|| scanner.error(FrameFault::MissingMember, start))
        }
        b"" => Err(scanner.error(FrameFault::MissingMember, start)),
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
    order.ok_or_else(|| scanner.error(FrameFault::MissingMember, start))
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
        _ => Err(scanner.error(FrameFault::MissingMember, start)),
    }
}

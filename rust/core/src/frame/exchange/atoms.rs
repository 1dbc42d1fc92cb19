//! Values that have a form of their own: ids, sides, times, and the trade that books and fills share.

use super::message::Trade;
use crate::book::level3::Side;
use crate::frame::scan::Scanner;
use crate::frame::{FrameError, FrameFault};
use crate::units::{time, uuid};

pub(super) fn read_id(scanner: &mut Scanner<'_>) -> Result<u128, FrameError> {
    scanner.peek()?;
    let start = scanner.offset();
    let (span, _) = scanner.string_span()?;
    uuid::parse(&scanner.bytes()[span]).ok_or_else(|| scanner.error(FrameFault::WrongType, start))
}

pub(super) fn read_side(scanner: &mut Scanner<'_>) -> Result<Side, FrameError> {
    scanner.peek()?;
    let start = scanner.offset();
    let (span, _) = scanner.string_span()?;
    match &scanner.bytes()[span] {
        b"BUY" => Ok(Side::Bid),
        b"SELL" => Ok(Side::Ask),
        _ => Err(scanner.error(FrameFault::WrongType, start)),
    }
}

pub(super) fn read_time(scanner: &mut Scanner<'_>) -> Result<i64, FrameError> {
    scanner.peek()?;
    let start = scanner.offset();
    let (span, _) = scanner.string_span()?;
    time::rfc3339_ns(&scanner.bytes()[span]).ok_or_else(|| scanner.error(FrameFault::WrongType, start))
}

/// The members of a trade, as far as they have been read.
#[derive(Default)]
pub(super) struct TradeParts {
    maker: Option<u128>,
    taker: Option<u128>,
    price: Option<u64>,
    quantity: Option<u64>,
}

impl TradeParts {
    pub(super) fn member(&mut self, scanner: &mut Scanner<'_>, key: &[u8]) -> Result<(), FrameError> {
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

    pub(super) fn whole(&self) -> Option<Trade> {
        Some(Trade {
            maker: self.maker?,
            taker: self.taker?,
            price: self.price?,
            quantity: self.quantity?,
        })
    }
}

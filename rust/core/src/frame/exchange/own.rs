//! The account's own orders and fills.

use super::atoms::{TradeParts, read_id, read_side, read_time};
use super::message::{OwnFill, OwnOrder};
use crate::frame::scan::Scanner;
use crate::frame::{FrameError, FrameFault};

pub(super) fn read_own_order<'a>(scanner: &mut Scanner<'a>) -> Result<OwnOrder<'a>, FrameError> {
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
    order.ok_or_else(|| scanner.error(FrameFault::MissingMember, start))
}

pub(super) fn read_own_fill<'a>(scanner: &mut Scanner<'a>) -> Result<OwnFill<'a>, FrameError> {
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
    fill.ok_or_else(|| scanner.error(FrameFault::MissingMember, start))
}

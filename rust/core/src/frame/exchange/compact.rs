//! Books spelt as the venue spells them: no white space, no escapes, members in its own order.
//!
//! Knows that one spelling and gives up on any other, however right it is; the scanner then reads the frame, faults
//! included. What is taken here the scanner would take with the same result: a test holds them together.

use super::{BookBuffer, BookEvent, Frame, Trade};
use crate::book::level3::{RestingOrder, Side};
use crate::frame::scan::{leading_number, plain_letters};
use crate::units::uuid;

const ID_LETTERS: usize = 36;

/// What is left of a frame. All that is taken is ASCII but the texts, which are judged one by one.
struct Rest<'a>(&'a [u8]);

/// Reads a snapshot or a delta into the buffer, whose lists must be empty; `None` may leave something in them.
pub fn read(frame: &[u8], book: &mut BookBuffer) -> Option<Frame<'static>> {
    let mut rest = Rest(frame.strip_prefix(br#"{"type":""#)?);
    if rest.take(br#"delta","channel":"l3","#) {
        rest.head(book)?;
        rest.expect(br#","events":["#)?;
        rest.list(|rest| {
            book.events.push(rest.event()?);
            Some(())
        })?;
        rest.end()?;
        return Some(Frame::Delta);
    }
    rest.expect(br#"snapshot","channel":"l3","#)?;
    rest.head(book)?;
    for (name, side) in [(&br#","bids":["#[..], Side::Bid), (br#","asks":["#, Side::Ask)] {
        rest.expect(name)?;
        rest.list(|rest| {
            let order = rest.order()?;
            book.orders.push(order);
            (order.side == side).then_some(())
        })?;
    }
    rest.end()?;
    Some(Frame::Snapshot)
}

impl<'a> Rest<'a> {
    #[inline]
    fn take(&mut self, wanted: &[u8]) -> bool {
        self.expect(wanted).is_some()
    }

    #[inline]
    fn expect(&mut self, wanted: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(wanted)?;
        Some(())
    }

    fn end(&mut self) -> Option<()> {
        (self.0 == b"}").then_some(())
    }

    /// Takes a market and a sequence.
    fn head(&mut self, book: &mut BookBuffer) -> Option<()> {
        self.expect(br#""market":""#)?;
        let market = self.text()?;
        if market.is_empty() {
            return None;
        }
        if book.market.as_bytes() != market {
            book.market.clear();
            book.market.push_str(std::str::from_utf8(market).ok()?);
        }
        self.expect(br#","sequence":"#)?;
        book.sequence = self.number()?;
        book.start_sequence = None;
        Some(())
    }

    /// Takes the items of a list and its end.
    fn list(&mut self, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        if self.take(b"]") {
            return Some(());
        }
        loop {
            item(self)?;
            if !self.take(b",") {
                return self.expect(b"]");
            }
        }
    }

    fn event(&mut self) -> Option<BookEvent> {
        self.expect(br#"{"kind":""#)?;
        let event = if self.take(br#"order_added","order":"#) {
            BookEvent::Added(self.order()?)
        } else if self.take(br#"order_removed","order_id":""#) {
            let id = self.id()?;
            let side = self.side()?;
            self.expect(br#","price":"#)?;
            self.number()?;
            BookEvent::Removed { id, side }
        } else if self.take(br#"order_updated","order":"#) {
            BookEvent::Updated(self.order()?)
        } else {
            self.expect(br#"trade","maker_order_id":""#)?;
            let maker = self.id()?;
            self.expect(br#","taker_order_id":""#)?;
            let taker = self.id()?;
            self.expect(br#","price":"#)?;
            let price = self.number()?;
            self.expect(br#","quantity":"#)?;
            let quantity = self.number()?;
            BookEvent::Trade(Trade {
                maker,
                taker,
                price,
                quantity,
            })
        };
        self.expect(b"}")?;
        Some(event)
    }

    fn order(&mut self) -> Option<RestingOrder> {
        self.expect(br#"{"order_id":""#)?;
        let id = self.id()?;
        let side = self.side()?;
        self.expect(br#","price":"#)?;
        let price = self.number()?;
        self.expect(br#","remaining":"#)?;
        let remaining = self.number()?;
        self.expect(br#","created_at":""#)?;
        let time = self.text()?;
        if !time.is_ascii() {
            return None;
        }
        self.expect(b"}")?;
        Some(RestingOrder {
            id,
            side,
            price,
            remaining,
        })
    }

    /// Takes an id and its closing quote.
    fn id(&mut self) -> Option<u128> {
        let (id, rest) = self.0.split_at_checked(ID_LETTERS)?;
        self.0 = rest.strip_prefix(b"\"")?;
        uuid::parse(id)
    }

    fn side(&mut self) -> Option<Side> {
        self.expect(br#","side":""#)?;
        if self.take(b"BUY\"") {
            Some(Side::Bid)
        } else {
            self.expect(b"SELL\"")?;
            Some(Side::Ask)
        }
    }

    /// Takes a text without escapes, which may not be UTF-8, and its closing quote.
    fn text(&mut self) -> Option<&'a [u8]> {
        let mut length = plain_letters(self.0);
        while *self.0.get(length)? != b'"' {
            if self.0[length] < b' ' || self.0[length] == b'\\' {
                return None;
            }
            length += 1;
        }
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest.strip_prefix(b"\"")?;
        Some(text)
    }

    /// Takes a whole number. A fraction or an exponent, if there is one, is not what comes next.
    fn number(&mut self) -> Option<u64> {
        let (value, digits) = leading_number(self.0)?;
        self.0 = self.0.get(digits..)?;
        Some(value)
    }
}

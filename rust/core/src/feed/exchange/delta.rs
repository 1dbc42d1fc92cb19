//! How a delta continues a book, and the trades it tells.

use super::event::SeenTrade;
use crate::book::level3::Amended;
use crate::book::sequenced::SequencedBook;
use crate::book::trust::{Reason, Status};
use crate::feed::Change;
use crate::frame::exchange::{BookBuffer, BookEvent};

/// Applies a delta; returns what it did and whether it broke the sequence.
///
/// Each event has a number of its own, so a delta continues the book only if its last number is as far from the book's
/// as it has events. An older one is no less a break: the market may have been made again, which restarts its sequence.
pub(super) fn apply(
    book: &mut SequencedBook,
    delta: &BookBuffer,
    now_ns: i64,
    trades: &mut Vec<SeenTrade>,
) -> (Change, bool) {
    let before = delta.sequence.checked_sub(delta.events.len() as u64);
    let says_so = delta
        .start_sequence
        .is_none_or(|start| before.is_some_and(|before| before.checked_add(1) == Some(start)));
    let is_believed = book.trust.status() == Status::Synced;
    let is_next = says_so && before == Some(book.sequence());
    let mut doubt = None;
    for (event, number) in delta.events.iter().zip(before.unwrap_or(0)..) {
        if is_believed && is_next {
            doubt = change(book, event).or(doubt);
        }
        let sequence = number + 1;
        if let BookEvent::Trade(trade) = event
            && sequence > book.last_trade_sequence
        {
            let aggressor = book.orders.aggressor_of(trade.maker);
            trades.push(SeenTrade {
                trade: *trade,
                aggressor,
                sequence,
            });
        }
    }
    book.last_trade_sequence = book.last_trade_sequence.max(delta.sequence);
    if !is_believed {
        return (Change::Ignored, false);
    }
    if !is_next {
        book.trust.mark_suspect(Reason::SequenceGap);
        return (Change::Delta, true);
    }
    book.mark_applied(delta.sequence, doubt, now_ns);
    (Change::Delta, false)
}

/// Applies one event; returns why the book may not be believed after it, if so.
fn change(book: &mut SequencedBook, event: &BookEvent) -> Option<Reason> {
    match *event {
        BookEvent::Added(order) => book.orders.add(order),
        BookEvent::Updated(order) => match book.orders.amend(order) {
            Amended::Done => {}
            Amended::Unknown => book.orders.touch(order.id, order.side),
            Amended::Contradicted => return Some(Reason::ContradictsBook),
        },
        BookEvent::Removed { id, side } => match book.orders.remove(id) {
            Some(order) if order.side != side => return Some(Reason::ContradictsBook),
            Some(_) => {}
            None => book.orders.touch(id, side),
        },
        BookEvent::Trade(_) => {}
        BookEvent::Unknown => return Some(Reason::UnknownEvent),
    }
    None
}

//! How a delta continues a book, and the trades it tells.

use super::event::SeenTrade;
use crate::book::sequenced::SequencedBook;
use crate::book::status::{Status, reason};
use crate::feed::coinex::Change;
use crate::frame::exchange::{BookBuffer, BookEvent};

/// Applies a delta; returns what it did and whether it broke the sequence.
///
/// Each event has a number of its own, so a delta continues the book only if its last number is as far from the book's
/// as it has events. An older one is no less a break: the market may have been made anew, which restarts its sequence.
pub(super) fn apply(
    book: &mut SequencedBook,
    delta: &BookBuffer,
    now_ns: i64,
    told: &mut u64,
    trades: &mut Vec<SeenTrade>,
) -> (Change, bool) {
    let before = delta.sequence.checked_sub(delta.events.len() as u64);
    let says_so = delta
        .start_sequence
        .is_none_or(|start| before.is_some_and(|before| before.checked_add(1) == Some(start)));
    let is_believed = book.status() == Status::Synced;
    let is_next = says_so && before == Some(book.sequence());
    for (event, number) in delta.events.iter().zip(before.unwrap_or(0)..) {
        if is_believed && is_next {
            change(book, event);
        }
        let sequence = number + 1;
        if let BookEvent::Trade(trade) = event
            && sequence > *told
        {
            let aggressor = book.orders.aggressor_of(trade.maker);
            trades.push(SeenTrade {
                trade: *trade,
                aggressor,
                sequence,
            });
        }
    }
    *told = (*told).max(delta.sequence);
    if !is_believed {
        return (Change::Ignored, false);
    }
    if !is_next {
        book.doubt(Status::Suspect, reason::SEQUENCE_GAP);
        return (Change::Delta, true);
    }
    book.settle(delta.sequence, now_ns);
    if delta.events.contains(&BookEvent::Unknown) {
        book.doubt(Status::Suspect, reason::UNKNOWN_EVENT);
    }
    (Change::Delta, false)
}

fn change(book: &mut SequencedBook, event: &BookEvent) {
    match *event {
        BookEvent::Added(order) => book.orders.add(order),
        BookEvent::Updated(order) => {
            if !book.orders.update(order.id, order.remaining) {
                book.orders.touch(order.id, order.side);
            }
        }
        BookEvent::Removed { id, side } => {
            if book.orders.remove(id).is_none() {
                book.orders.touch(id, side);
            }
        }
        BookEvent::Trade(_) | BookEvent::Unknown => {}
    }
}

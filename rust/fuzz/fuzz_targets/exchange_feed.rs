//! No bytes make Exchange's feed panic, and a book moves only by frames that are JSON and continue its sequence.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tradewire_core::book::level3::Side;
use tradewire_core::book::sequenced::SequencedBook;
use tradewire_core::book::trust::{Reason, Status};
use tradewire_core::feed::exchange::{Event, ExchangeFeed};
use tradewire_core::feed::{Change, lock};
use tradewire_core::frame::scan::Scanner;

const SNAPSHOT: &[u8] = br#"{"type":"snapshot","channel":"l3","market":"ABC-USD","sequence":41,
"bids":[{"order_id":"00000000-0000-4000-8000-000000000001","side":"BUY","price":98,"remaining":2}],
"asks":[{"order_id":"00000000-0000-4000-8000-000000000002","side":"SELL","price":100,"remaining":5}]}"#;

/// Accepts what the grammar accepts, which the target `frame` compares with another parser.
fn is_json(frame: &[u8]) -> bool {
    Scanner::new(frame).is_ok_and(|mut scanner| scanner.skip().is_ok() && scanner.end().is_ok())
}

fn extent(book: &SequencedBook) -> (u64, usize) {
    (book.sequence(), book.orders.len())
}

/// Adds the orders up one by one and compares with what the book keeps.
fn assert_adds_up(book: &SequencedBook) {
    let mut count = 0;
    for side in [Side::Bid, Side::Ask] {
        let mut orders = book.orders.orders(side).map(|(order, _)| order);
        for level in book.orders.levels(side) {
            let queue: Vec<_> = orders.by_ref().take(level.orders as usize).collect();
            assert!(!queue.is_empty());
            assert!(
                queue
                    .iter()
                    .all(|order| order.price == level.price && order.side == side)
            );
            assert_eq!(
                queue
                    .iter()
                    .map(|order| u128::from(order.remaining))
                    .sum::<u128>(),
                level.size
            );
            for (ahead, order) in queue.iter().enumerate() {
                let place = book.orders.place(order.id).expect("it rests");
                assert_eq!((place.order, place.orders_ahead as usize), (*order, ahead));
            }
            count += queue.len();
        }
        assert!(orders.next().is_none());
    }
    assert_eq!(count, book.orders.len());
    assert!(book.trust.status() != Status::Synced || !book.orders.is_crossed());
}

// Frames, one a line: JSON needs no line ends.
fuzz_target!(|frames: &[u8]| {
    let mut feed = ExchangeFeed::new(1 << 16);
    let id = feed.add_book("ABC-USD");
    feed.on_frame(SNAPSHOT, 0).expect("a good frame");
    let book = feed.books.get(id).expect("the book was just added").clone();
    for frame in frames.split(|&byte| byte == b'\n') {
        let before = extent(&lock(&book));
        let event = feed.on_frame(frame, 1);
        assert!(event.is_err() || is_json(frame));
        let is_moved = match &event {
            Ok(Event::Book { change, reason, .. }) => {
                *change == Change::Snapshot || *change == Change::Delta && *reason != Reason::SequenceGap
            }
            Ok(_) => false,
            Err(error) => {
                assert!(error.offset() <= frame.len(), "{error}");
                assert_ne!(lock(&book).trust.status(), Status::Synced);
                false
            }
        };
        if !is_moved {
            assert_eq!(before, extent(&lock(&book)));
        }
        assert_adds_up(&lock(&book));
    }
});

//! No bytes make TrueX's feed panic, and a book moves only by depth that is JSON and continues its channel's sequence.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tradewire_core::book::level2::Level2Book;
use tradewire_core::book::side::Level;
use tradewire_core::book::trust::Status;
use tradewire_core::feed::truex::{Event, TruexFeed};
use tradewire_core::feed::{Change, lock};
use tradewire_core::frame::scan::Scanner;

const SNAPSHOT: &[u8] = br#"{"seqnum":"41","channel":"DEPTH","update":"SNAPSHOT","status":"AUTHENTICATED",
"data":{"symbol":"BTC-PYUSD","bids":[{"price":"64000.0","qty":"0.5","order_count":"2"}],
"asks":[{"price":"64005.5","qty":"0.25","order_count":"1"}]}}"#;

/// Accepts what the grammar accepts, which the target `frame` compares with another parser.
fn is_json(frame: &[u8]) -> bool {
    Scanner::new(frame).is_ok_and(|mut scanner| scanner.skip().is_ok() && scanner.end().is_ok())
}

fn texts(book: &Level2Book) -> Vec<String> {
    [true, false]
        .into_iter()
        .flat_map(|is_bid| book.side(is_bid).iter())
        .map(|level| format!("{}:{}", level.price(), level.size()))
        .collect()
}

fn assert_is_book(book: &Level2Book) {
    for is_bid in [true, false] {
        let prices: Vec<_> = book.side(is_bid).iter().map(Level::price).collect();
        assert!(prices.is_sorted_by(|better, worse| if is_bid { better > worse } else { better < worse }));
        assert!(book.side(is_bid).iter().all(|level| !level.size().is_zero()));
    }
    assert!(book.trust.status() != Status::Synced || !book.is_crossed());
}

// Frames, one a line: JSON needs no line ends.
fuzz_target!(|frames: &[u8]| {
    let mut feed = TruexFeed::new(1 << 16, false);
    let id = feed.add_book("BTC-PYUSD");
    feed.on_frame(SNAPSHOT, 0).expect("a good frame");
    let book = feed.books.get(id).expect("the book was just added").clone();
    for frame in frames.split(|&byte| byte == b'\n') {
        let before = texts(&lock(&book));
        let event = feed.on_frame(frame, 1);
        assert!(event.is_err() || is_json(frame));
        let may_move = match &event {
            Ok(Event::Book { change, .. }) => {
                *change == Change::Snapshot || feed.gap().is_none() && *change == Change::Delta
            }
            Ok(_) => false,
            Err(error) => {
                assert!(error.offset() <= frame.len(), "{error}");
                assert_ne!(lock(&book).trust.status(), Status::Synced);
                false
            }
        };
        if !may_move {
            assert_eq!(before, texts(&lock(&book)));
        }
        if feed.gap().is_some() && !may_move && matches!(event, Ok(Event::Book { .. })) {
            assert_ne!(lock(&book).trust.status(), Status::Synced);
        }
        assert_is_book(&lock(&book));
    }
});

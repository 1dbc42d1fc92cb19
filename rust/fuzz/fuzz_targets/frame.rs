//! No bytes make the scanner or a feed panic, and no frame makes a book claim what its checksum denies.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tradewire_core::book::trust::Status;
use tradewire_core::feed::coinex::{CoinexFeed, Event};
use tradewire_core::feed::lock;
use tradewire_core::frame::scan::Scanner;
use tradewire_core::inflate::Limits;

/// Accepts what the grammar accepts, without knowing any venue.
fn is_json(frame: &[u8]) -> bool {
    Scanner::new(frame).is_ok_and(|mut scanner| scanner.skip().is_ok() && scanner.end().is_ok())
}

fuzz_target!(|frame: &[u8]| {
    if serde_json::from_slice::<serde_json::Value>(frame).is_ok() {
        assert!(is_json(frame), "serde reads it, so it is JSON");
    }
    let mut feed = CoinexFeed::new(Limits::default());
    let id = feed.add_book("BTCUSDT", 5);
    let event = feed.on_frame(frame, 1);
    // The bytes may happen to be compressed, so the verdict is on what the feed made of them.
    match &event {
        Ok(_) => assert!(is_json(feed.json())),
        Err(error) => assert!(error.offset() <= feed.json().len().max(frame.len()), "{error}"),
    }
    let book = feed.books.get(id).expect("the book was just added");
    let has_proof = feed.counters.checksums_ok > 0 && matches!(event, Ok(Event::Book { .. }));
    assert!(has_proof || lock(book).trust.status() != Status::Synced);
});

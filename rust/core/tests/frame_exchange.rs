//! Exchange's frames in the venue's own spelling and in any other: the same reading, the same refusals.

use proptest::prelude::*;
use tradewire_core::book::level3::Side;
use tradewire_core::frame::exchange::{BookBuffer, BookEvent, Frame, read};
use tradewire_core::units::uuid::Text;

/// What came out: the kind of frame or of fault, and the book's part of it.
fn reading(frame: &[u8]) -> String {
    let mut book = BookBuffer::default();
    match read(frame, &mut book) {
        Ok(Frame::Snapshot | Frame::Delta) => format!("{book:?}"),
        Ok(other) => format!("{other:?}"),
        Err(error) => error.kind.name().to_owned(),
    }
}

/// The same JSON in a spelling that only the scanner reads.
fn spaced(frame: &[u8]) -> Vec<u8> {
    [b" ", frame].concat()
}

fn order(id: u128, side: &str, price: u64, remaining: u64) -> String {
    format!(
        r#"{{"order_id":"{}","side":"{side}","price":{price},"remaining":{remaining},"created_at":"2026-04-02T09:29:58.000451+00:00"}}"#,
        Text(id)
    )
}

fn delta(sequence: u64, events: &[String]) -> String {
    let events = events.join(",");
    format!(
        r#"{{"type":"delta","channel":"l3","market":"ABC-USD","sequence":{sequence},"events":[{events}]}}"#
    )
}

fn snapshot(sequence: u64, bids: &[String], asks: &[String]) -> String {
    let (bids, asks) = (bids.join(","), asks.join(","));
    format!(
        r#"{{"type":"snapshot","channel":"l3","market":"ABC-USD","sequence":{sequence},"bids":[{bids}],"asks":[{asks}]}}"#
    )
}

fn side() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("BUY"), Just("SELL")]
}

fn event() -> impl Strategy<Value = String> {
    let rested = |kind: &'static str| {
        (any::<u128>(), side(), any::<u64>(), any::<u64>()).prop_map(move |(id, side, price, remaining)| {
            format!(
                r#"{{"kind":"{kind}","order":{}}}"#,
                order(id, side, price, remaining)
            )
        })
    };
    prop_oneof![
        rested("order_added"),
        rested("order_updated"),
        (any::<u128>(), side(), any::<u64>()).prop_map(|(id, side, price)| format!(
            r#"{{"kind":"order_removed","order_id":"{}","side":"{side}","price":{price}}}"#,
            Text(id)
        )),
        (any::<u128>(), any::<u128>(), any::<u64>(), any::<u64>()).prop_map(
            |(maker, taker, price, quantity)| {
                format!(
                    r#"{{"kind":"trade","maker_order_id":"{}","taker_order_id":"{}","price":{price},"quantity":{quantity}}}"#,
                    Text(maker),
                    Text(taker)
                )
            }
        ),
    ]
}

fn frame() -> impl Strategy<Value = String> {
    let orders = |side: &'static str| {
        let one = (any::<u128>(), any::<u64>(), any::<u64>())
            .prop_map(move |(id, price, remaining)| order(id, side, price, remaining));
        prop::collection::vec(one, 0..3)
    };
    prop_oneof![
        3 => (any::<u64>(), prop::collection::vec(event(), 0..3)).prop_map(|(sequence, events)| delta(sequence, &events)),
        1 => (any::<u64>(), orders("BUY"), orders("SELL")).prop_map(|(sequence, bids, asks)| snapshot(sequence, &bids, &asks)),
    ]
}

proptest! {
    #[test]
    fn both_spellings_read_alike(frame in frame()) {
        let found = reading(frame.as_bytes());
        prop_assert!(found.starts_with("BookBuffer"), "{}", found);
        prop_assert_eq!(found, reading(&spaced(frame.as_bytes())));
    }

    #[test]
    fn both_spellings_are_refused_alike(
        frame in frame(), at in any::<prop::sample::Index>(), cut in 0_usize..3,
        put in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..3), Just(b"\"".to_vec()), Just(b"0".to_vec()), Just(b".".to_vec()),
            Just(b"e1".to_vec()), Just(b"\\u0041".to_vec()), Just(b"-".to_vec()), Just(b",".to_vec()), Just(b"]".to_vec()),
        ],
    ) {
        let mut frame = frame.into_bytes();
        let at = at.index(frame.len());
        let end = (at + cut).min(frame.len());
        frame.splice(at..end, put);
        prop_assert_eq!(reading(&frame), reading(&spaced(&frame)));
    }
}

#[test]
fn every_truncation_is_refused_alike() {
    let id = 0x0b6f_7c1e_5a52_4f0a_9b1e_2d6f_1d0c_7a11;
    let added = format!(
        r#"{{"kind":"order_added","order":{}}}"#,
        order(id, "SELL", 205, 7)
    );
    for whole in [
        delta(42, &[added]),
        snapshot(u64::MAX, &[order(id, "BUY", 0, 1)], &[]),
    ] {
        for length in 0..whole.len() {
            let frame = &whole.as_bytes()[..length];
            let found = reading(frame);
            assert!(!found.starts_with("BookBuffer"), "{found}");
            assert_eq!(found, reading(&spaced(frame)), "{length}");
        }
    }
}

#[test]
fn nothing_of_the_frame_before_is_left() {
    let mut book = BookBuffer::default();
    let removed = format!(
        r#"{{"kind":"order_removed","order_id":"{}","side":"BUY","price":1}}"#,
        Text(7)
    );
    let batch =
        delta(42, &[removed.clone(), removed]).replace("\"sequence\"", "\"start_sequence\":41,\"sequence\"");
    assert_eq!(read(batch.as_bytes(), &mut book), Ok(Frame::Delta));
    assert_eq!((book.start_sequence, book.events.len()), (Some(41), 2));
    // This one is given up half way and read again.
    let odd = delta(
        43,
        &[format!(
            r#"{{"kind":"order_removed","order_id":"{}","side":"BUY","price":null}}"#,
            Text(7)
        )],
    );
    assert_eq!(read(odd.as_bytes(), &mut book), Ok(Frame::Delta));
    assert_eq!((book.start_sequence, book.sequence), (None, 43));
    assert_eq!(
        book.events,
        [BookEvent::Removed {
            id: 7,
            side: Side::Bid
        }]
    );
}

#[test]
fn an_order_on_the_wrong_side_is_refused() {
    let wrong = snapshot(1, &[order(1, "SELL", 1, 1)], &[]);
    assert_eq!(reading(wrong.as_bytes()), "wrong_type");
}

#[test]
fn letters_beyond_ascii_are_part_of_a_market() {
    let frame = delta(1, &[]).replace("ABC", "ÄBÇ\u{1F600}");
    let found = reading(frame.as_bytes());
    assert!(found.contains("ÄBÇ"), "{found}");
    assert_eq!(found, reading(&spaced(frame.as_bytes())));
}

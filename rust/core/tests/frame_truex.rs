//! `TrueX`'s depth in the venue's own spelling and in any other: the same reading, the same refusals.

use proptest::prelude::*;
use tradewire_core::frame::truex::{DepthPush, LevelText, Update, read};

/// What came out: the levels as text, the kind of another frame, or of a fault.
fn reading(frame: &[u8]) -> String {
    let mut push = DepthPush::default();
    match read(frame, &mut push) {
        Ok(found) if matches!(found.update, Update::Snapshot | Update::Update) => {
            let texts = |levels: &[LevelText]| {
                let texts = levels.iter().map(|level| level.of(frame));
                texts
                    .map(|(price, size, orders)| {
                        let [price, size] =
                            [price, size].map(|text| String::from_utf8_lossy(text).into_owned());
                        format!("{size}@{price} of {orders}")
                    })
                    .collect::<Vec<_>>()
            };
            let (bids, asks) = (texts(&push.bids), texts(&push.asks));
            format!("{found:?} {} {bids:?} {asks:?}", push.symbol)
        }
        Ok(other) => format!("{other:?}"),
        Err(error) => error.kind.name().to_owned(),
    }
}

/// The same JSON in a spelling that only the scanner reads, level by level.
fn spaced(frame: &[u8]) -> Vec<u8> {
    let mut spaced = Vec::new();
    for (at, byte) in frame.iter().enumerate() {
        spaced.push(*byte);
        if frame[at..].starts_with(b"{\"price\"") {
            spaced.push(b' ');
        }
    }
    spaced
}

fn depth(bids: &[String], asks: &[String]) -> String {
    let (bids, asks) = (bids.join(","), asks.join(","));
    format!(
        r#"{{"seqnum":"41","channel":"DEPTH","update":"UPDATE","status":"AUTHENTICATED","data":{{"symbol":"BTC-PYUSD","bids":[{bids}],"asks":[{asks}]}}}}"#
    )
}

fn level() -> impl Strategy<Value = String> {
    let number = || prop_oneof![4 => "[0-9]{1,6}(\\.[0-9]{1,18})?", 1 => "-?[0-9.]{0,40}"];
    let orders = prop_oneof![4 => "\"[0-9]{1,11}\"", 1 => "[0-9]{1,4}", 1 => "null"];
    (number(), number(), orders).prop_map(|(price, size, orders)| {
        format!(r#"{{"price":"{price}","qty":"{size}","order_count":{orders}}}"#)
    })
}

fn frame() -> impl Strategy<Value = String> {
    let levels = || prop::collection::vec(level(), 0..4);
    (levels(), levels()).prop_map(|(bids, asks)| depth(&bids, &asks))
}

proptest! {
    #[test]
    fn both_spellings_read_alike(frame in frame()) {
        prop_assert_eq!(reading(frame.as_bytes()), reading(&spaced(frame.as_bytes())));
    }

    #[test]
    fn both_spellings_are_refused_alike(
        frame in frame(), at in any::<prop::sample::Index>(), cut in 0_usize..3,
        put in prop_oneof![prop::collection::vec(any::<u8>(), 0..3), Just(b"\"".to_vec()), Just(b"\\u0030".to_vec())],
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
    let whole = depth(
        &[r#"{"price":"64000.0","qty":"0.5","order_count":"2"}"#.to_owned()],
        &[],
    );
    assert!(reading(whole.as_bytes()).contains("0.5@64000.0 of 2"));
    for length in 0..whole.len() {
        let frame = &whole.as_bytes()[..length];
        assert!(read(frame, &mut DepthPush::default()).is_err(), "{length}");
        assert_eq!(reading(frame), reading(&spaced(frame)), "{length}");
    }
}

#[test]
fn depth_is_read_whatever_the_order_of_members() {
    let level = r#"{"price":"1","qty":"2","order_count":"3"}"#;
    let data = format!(r#"{{"asks":[{level}],"bids":null,"symbol":"X"}}"#);
    for frame in [
        format!(r#"{{"channel":"DEPTH","update":"SNAPSHOT","data":{data}}}"#),
        format!(r#"{{"data":{data},"update":"SNAPSHOT","channel":"DEPTH"}}"#),
        format!(r#"{{"channel":"DEPTH","data":{data},"update":"SNAPSHOT"}}"#),
        format!(r#"{{"channel":"DEPTH","update":"SNAPSHOT","data":{{"symbol":7}},"data":{data}}}"#),
    ] {
        let found = reading(frame.as_bytes());
        if frame.contains("symbol\":7") {
            assert_eq!(found, "wrong_type", "no member is skipped unread");
        } else {
            assert!(found.ends_with(r#"X [] ["2@1 of 3"]"#), "{found}");
        }
    }
}

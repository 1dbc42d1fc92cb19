//! The scanner's verdict on JSON against `serde_json`'s, and what it reads from the venue's frames.

use proptest::prelude::*;
use tradewire_core::frame::coinex::{DepthPush, Frame, read};
use tradewire_core::frame::scan::Scanner;

fn verdict(text: &[u8]) -> Result<(), &'static str> {
    let mut scanner = Scanner::new(text).map_err(|error| error.kind.name())?;
    scanner
        .skip()
        .and_then(|_| scanner.end())
        .map_err(|error| error.kind.name())
}

fn oracle(text: &[u8]) -> bool {
    // Skipping accepts lone surrogates as we do, but does not look at the encoding.
    std::str::from_utf8(text).is_ok_and(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok())
}

#[test]
fn refusals_name_kind_and_offset() {
    let cases: [(&[u8], &str, usize); 24] = [
        (b"", "unexpected_end", 0),
        (b"  ", "unexpected_end", 2),
        (b"{", "unexpected_end", 1),
        (b"{\"a\":1", "unexpected_end", 6),
        (b"{\"a\":1,}", "wrong_type", 7),
        (b"{a:1}", "wrong_type", 1),
        (b"[1,]", "unexpected_byte", 3),
        (b"[1 2]", "unexpected_byte", 3),
        (b"\"abc", "unexpected_end", 4),
        (b"\"a\nb\"", "invalid_string", 2),
        (b"\"\\x\"", "invalid_string", 1),
        (b"\"\\u12g4\"", "invalid_string", 1),
        (b"01", "invalid_number", 0),
        (b"-", "invalid_number", 1),
        (b"1.", "invalid_number", 2),
        (b"1e", "invalid_number", 2),
        (b".5", "unexpected_byte", 0),
        (b"+1", "unexpected_byte", 0),
        (b"NaN", "unexpected_byte", 0),
        (b"tru", "unexpected_end", 3),
        (b"nulL", "unexpected_byte", 3),
        (b"{} {}", "trailing_data", 3),
        (b"\xef\xbb\xbf{}", "unexpected_byte", 0),
        (b"\"\xff\"", "invalid_utf8", 1),
    ];
    for (text, kind, offset) in cases {
        let mut scanner = match Scanner::new(text) {
            Ok(scanner) => scanner,
            Err(error) => {
                assert_eq!((error.kind.name(), error.offset), (kind, offset));
                continue;
            }
        };
        let error = scanner.skip().and_then(|_| scanner.end()).expect_err("refused");
        assert_eq!(
            (error.kind.name(), error.offset),
            (kind, offset),
            "{}",
            text.escape_ascii()
        );
        assert!(!oracle(text));
    }
}

#[test]
fn deep_nesting_is_refused_before_the_stack_is_in_danger() {
    assert_eq!(verdict("[".repeat(128).as_bytes()), Err("unexpected_end"));
    assert_eq!(verdict("[".repeat(129).as_bytes()), Err("too_deep"));
    assert_eq!(verdict("{\"a\":".repeat(1_000_000).as_bytes()), Err("too_deep"));
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn valid_json_is_accepted(value in json(), is_pretty in any::<bool>()) {
        let text = if is_pretty { serde_json::to_vec_pretty(&value) } else { serde_json::to_vec(&value) };
        prop_assert_eq!(verdict(&text.expect("serializable")), Ok(()));
    }

    #[test]
    fn damaged_json_gets_the_verdict_of_serde(
        value in json(), at in any::<prop::sample::Index>(), byte in any::<u8>(), how in 0..3,
    ) {
        let mut text = serde_json::to_vec(&value).expect("serializable");
        let at = at.index(text.len());
        match how {
            0 => text[at] = byte,
            1 => { text.remove(at); }
            _ => text.insert(at, byte),
        }
        // serde_json refuses numbers beyond f64, which are valid JSON.
        let is_huge = serde_json::from_slice::<serde_json::Value>(&text)
            .is_err_and(|error| error.to_string().starts_with("number out of range"));
        prop_assert!(is_huge || verdict(&text).is_ok() == oracle(&text), "{}", text.escape_ascii());
    }

    #[test]
    fn strings_are_unescaped_as_serde_does(value in any::<String>()) {
        let text = serde_json::to_vec(&value).expect("serializable");
        let read = Scanner::new(&text).expect("UTF-8").string().expect("a string").into_owned();
        prop_assert_eq!(read, value);
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes, &mut DepthPush::default());
    }
}

const DEPTH: &str = r#"{"method":"depth.update","data":{"market":"BTCUSDT","is_full":true,"depth":{"asks":[["30001","0.7"]],"bids":[["30000.5","0.4"],["30000","1.25"]],"last":"30000.5","updated_at":1763640000000,"checksum":1483791114}},"id":null}"#;

#[test]
fn depth_is_read_whatever_the_order_of_members() {
    let shuffled = r#" { "id" : null , "data" : { "depth" : { "checksum":"-1464012981", "updated_at" : 1763640000000 ,
        "more":[1,{"x":null}], "bids" : [ [ "30000.5" , "0.4" ] , ["30000","1.25"] ] , "asks" : [["30001","0.7"]], "last":"30000.5" } ,
        "is_full" : true , "market" : "BTC\u0055SDT" } , "\u006dethod" : "depth.update" } "#;
    for (text, checksum) in [(DEPTH, 1_483_791_114), (shuffled, 2_830_954_315)] {
        let mut push = DepthPush::default();
        assert_eq!(read(text.as_bytes(), &mut push), Ok(Frame::Depth));
        let bids: Vec<_> = push.bids.iter().map(|level| level.of(text.as_bytes())).collect();
        let asks: Vec<_> = push.asks.iter().map(|level| level.of(text.as_bytes())).collect();
        assert_eq!(bids, [(&b"30000.5"[..], &b"0.4"[..]), (b"30000", b"1.25")]);
        assert_eq!(asks, [(&b"30001"[..], &b"0.7"[..])]);
        assert_eq!(push.bad_level, None);
        assert_eq!(
            (push.market.as_str(), push.is_full, push.updated_at_ms),
            ("BTCUSDT", true, 1_763_640_000_000)
        );
        assert_eq!(push.checksum, Some(checksum));
    }
}

#[test]
fn other_frames_are_told_apart() {
    let mut push = DepthPush::default();
    let mut frame = |text: &'static str| read(text.as_bytes(), &mut push).expect("a good frame");
    let reply = |id, code, message: &'static str| Frame::Reply {
        id,
        code,
        message: message.into(),
    };
    assert_eq!(frame(r#"{"id":7,"code":0,"message":"OK"}"#), reply(7, 0, "OK"));
    assert_eq!(
        frame(r#"{"id":7,"code":0,"data":{"result":"pong"},"message":"OK"}"#),
        reply(7, 0, "OK")
    );
    assert_eq!(
        frame(r#"{"id":7,"code":20001,"message":"invalid argument"}"#),
        reply(7, 20001, "invalid argument")
    );
    let other = |method: &'static str, market: &'static str| Frame::Push {
        method: method.into(),
        market: market.into(),
    };
    let deals = r#"{"method":"deals.update","data":{"market":"BTCUSDT","deal_list":[]},"id":null}"#;
    assert_eq!(frame(deals), other("deals.update", "BTCUSDT"));
    assert_eq!(
        frame(r#"{"method":"state.update","data":{"state_list":[]},"id":null}"#),
        other("state.update", "")
    );
    assert_eq!(
        frame(r#"{"method":"new.update","data":[1],"id":null}"#),
        other("new.update", "")
    );
    for text in ["[]", "1", r#"{"a":1}"#, r#"{"id":3}"#] {
        assert_eq!(frame(text), Frame::Unrecognised, "{text}");
    }
}

#[test]
fn levels_of_another_shape_are_marked_not_guessed() {
    for bad in [
        r#"[30001,"0.7"]"#,
        r#"["30001"]"#,
        r#"["30001","0.7","1"]"#,
        r#""30001""#,
        r#"["3\u0030","1"]"#,
        "{}",
        "null",
    ] {
        let text = DEPTH.replace(r#"["30001","0.7"]"#, bad);
        let mut push = DepthPush::default();
        assert_eq!(read(text.as_bytes(), &mut push), Ok(Frame::Depth));
        assert_eq!(push.bad_level, text.find(bad), "{bad}");
    }
}

#[test]
fn depth_without_its_members_is_refused() {
    let mut push = DepthPush::default();
    let mut kind = |text: &str| read(text.as_bytes(), &mut push).expect_err("refused").kind.name();
    assert_eq!(kind(r#"{"method":"depth.update","id":null}"#), "missing_member");
    assert_eq!(
        kind(r#"{"method":"depth.update","data":{"market":"X"},"id":null}"#),
        "missing_member"
    );
    assert_eq!(
        kind(r#"{"method":"depth.update","data":[],"id":null}"#),
        "wrong_type"
    );
    assert_eq!(kind(&DEPTH.replace("1483791114", "4294967296")), "wrong_type");
    assert_eq!(kind(&DEPTH.replace("1483791114", "1.5")), "wrong_type");
    assert_eq!(kind(&DEPTH.replace("true", "1")), "wrong_type");
    assert_eq!(kind(&format!("{DEPTH}x")), "trailing_data");
}

#[test]
fn whole_numbers_are_read_to_their_limits() {
    let read = |text: &str| Scanner::new(text.as_bytes()).and_then(|mut scanner| scanner.integer());
    for number in [0, 1, -1, 1_763_640_000_000, i64::MAX, i64::MIN] {
        assert_eq!(read(&number.to_string()), Ok(number));
    }
    for text in [
        "9223372036854775808",
        "-9223372036854775809",
        "1.0",
        "1e3",
        "\"1\"",
        "null",
    ] {
        assert_eq!(
            read(text).expect_err("refused").kind.name(),
            "wrong_type",
            "{text}"
        );
    }
}

#[test]
fn a_pair_is_plain_only_if_both_texts_are_digits_and_points() {
    for byte in 0..=u8::MAX {
        for at in 0..12 {
            let mut number = *b"123456789012";
            number[at] = byte;
            let text = [b"[\"1.5\",\"", &number[..], b"\"]"].concat();
            let Ok(mut scanner) = Scanner::new(&text) else {
                continue;
            };
            let is_plain = byte.is_ascii_digit() || byte == b'.';
            let pair = scanner.plain_pair();
            assert_eq!(pair.is_some(), is_plain, "{byte} at {at}");
            assert_eq!(scanner.offset(), if is_plain { text.len() } else { 0 });
        }
    }
}
